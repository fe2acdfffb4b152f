"""How long does it take to try a rule on the past, in a store of 500,000 statements? On SQLite and on PostgreSQL.

The store is that of search_speed, in which every article says two and a half things. The baseline, in the same run and
over the same rows, is the same trial without its bound: everything that meets the rule is looked at. `ratio` is the
baseline over ours, for the rule that most statements meet. Processor time of this process, and time on the wall, which
has the database's in it.

    python -m benchmarks.backtest_speed [ITEMS]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.search_speed import ITEMS, NOW, _write
from pipeline import trial
from pipeline.settings import Settings
from pipeline.storage.store import Store
from pipeline.types import AlertRule

_RULES = {
    "a topic, 30 days": (AlertRule("a", "topic:legalization"), 30),
    "a topic, a year": (AlertRule("a", "topic:legalization"), 365),
    "a role and a topic, a year": (AlertRule("a", "role:minister topic:treatment"), 365),
    "one speaker, a year": (AlertRule("a", 'speaker:"n17 f3"', new="position"), 365),
    "a change of side, 7 days": (AlertRule("a", "topic:legalization", new="change"), 7),
    "realert of 12 hours, 7 days": (AlertRule("a", "topic:legalization", realert=43_200.0), 7),
    "items with a word, a year": (AlertRule("a", "voz300", about="item"), 365),
}
_BASELINE = "a topic, a year"
_EVERYTHING = 100_000_000


def run(shared: Path, number: int = ITEMS) -> dict[str, Any]:
    """Seconds by database and rule, with how much was looked at."""
    from tests.services import Postgres

    figures: dict[str, Any] = {"items": number, "statements": 5 * number // 2}
    with tempfile.TemporaryDirectory() as folder:
        figures["sqlite"] = _measured(f"sqlite:///{folder}/vigia.sqlite", number)
    with Postgres() as server:
        figures["postgresql"] = _measured(server.database(), number)
    return figures


def _measured(url: str, number: int) -> dict[str, Any]:
    store = Store(url)
    store.upgrade()
    _write(store, number)
    _say_more(store, number)
    ours = {name: _timed(store, rule, days, trial.MOST) for name, (rule, days) in _RULES.items()}
    rule, days = _RULES[_BASELINE]
    baseline = _timed(store, rule, days, _EVERYTHING)
    store.close()
    ratio = round(baseline["seconds"] / ours[_BASELINE]["seconds"], 1)
    return {**ours, "baseline_without_bound": baseline, "ratio": ratio}


def _say_more(store: Store, number: int) -> None:
    """Every article says once more what it says, and every second one a third time, as statements of their own."""
    words = 'text, kind, via, confidence, seen_at, "where", parts'
    with store.write() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("SET LOCAL statement_timeout = 0")
        for offset, last in ((number, number), (2 * number, number // 2)):
            for into, what in (
                (
                    "statements (id, speaker_id, key, text, kind, lang, role, country, confidence, published_at,"
                    " first_seen_at, last_seen_at)",
                    f"id + {offset}, speaker_id, key + {offset}, text, kind, lang, role, country, confidence,"
                    f" published_at, first_seen_at, last_seen_at FROM statements WHERE id <= {last}",
                ),
                (
                    "statement_topics (statement_id, topic, stance)",
                    f"statement_id + {offset}, topic, stance FROM statement_topics WHERE statement_id <= {last}",
                ),
                (
                    f"reports (id, statement_id, item_id, {words})",
                    f"id + {offset}, statement_id + {offset}, item_id, {words} FROM reports WHERE id <= {last}",
                ),
            ):
                db.exec_driver_sql(f"INSERT INTO {into} SELECT {what}")  # numbers of ours
        db.exec_driver_sql("ANALYZE")


def _timed(store: Store, rule: AlertRule, days: int, most: int) -> dict[str, Any]:
    bound, trial.MOST = trial.MOST, most
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        with store.read() as db:
            if db.dialect.name == "postgresql":
                db.exec_driver_sql("SET LOCAL statement_timeout = 0")
            found = trial.try_rule(db, Settings(), rule, NOW, NOW - timedelta(days=days), live=False)
    finally:
        trial.MOST = bound
    return {
        "seconds": round(time.process_time() - cpu, 2),
        "on_the_wall": round(time.perf_counter() - wall, 2),
        "looked_at": found.looked_at,
        "found": found.found,
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(), int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS), indent=1))
