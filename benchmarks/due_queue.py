"""How soon does a queue of a million feeds give a batch? On SQLite and on PostgreSQL, as the engine asks for it.

Baseline, in the same run: the same question of a queue of a thousand feeds. `ratio` is how many times longer the full
queue takes: near 1 where an index answers.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text

from pipeline.storage import feeds, sources
from pipeline.storage.schema import feeds as table
from pipeline.storage.store import Store, Transaction
from tests.services import Postgres

FEEDS, FEW, ROUNDS = 1_000_000, 1_000, 9
NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)
OF_A_HOST = 3
#: seconds over which they come due
SPREAD = 4 * 3600
#: share of the feeds that are due: as after a minute without polls, and after an outage of hours
DUE = {"one_in_a_hundred_due": 0.01, "all_due": 1.0}
BATCH, PER_HOST, LEASE = 128, 2, 600.0


def run(shared: Path, number: int = FEEDS) -> dict[str, Any]:
    """Measure; milliseconds to take one batch, and to say when the next one is due."""
    with tempfile.TemporaryDirectory() as folder, Postgres() as server:
        return {
            "feeds": number,
            "sqlite": _compared(lambda name: f"sqlite:///{folder}/{name}.sqlite", number),
            "postgresql": _compared(lambda name: server.database(), number),
        }


def _compared(url_of: Any, number: int) -> dict[str, Any]:
    few, many = _measured(url_of("few"), FEW), _measured(url_of("many"), number)
    ratios = {share: round(many[share]["take_ms"] / few[share]["take_ms"], 2) for share in DUE}
    return {**many, "baseline_thousand_feeds": few, "ratio": ratios}


def _measured(url: str, number: int) -> dict[str, dict[str, float]]:
    with closing(Store(url)) as store:
        store.upgrade()
        with store.write() as db:
            _fill(db, number)
        store.vacuum()
        with store.write() as db:
            db.execute(text("ANALYZE"))
        return {name: _asked(store, share) for name, share in DUE.items()}


def _asked(store: Store, due: float) -> dict[str, float]:
    taking, asking = [], []
    for turn in range(ROUNDS):
        now = NOW + timedelta(seconds=SPREAD * due + turn)
        taking.append(_timed(lambda now=now: _take(store, now)))
        with store.write() as db:
            feeds.release(db)
        asking.append(_timed(lambda now=now: _ask(store, now)))
    names = ("take_ms", "take_worst_ms", "next_due_ms")
    return dict(zip(names, (round(each, 2) for each in (median(taking), max(taking), median(asking))), strict=True))


def _fill(db: Transaction, number: int) -> None:
    sources.ensure(db, "s")
    common = {"source": "s", "kind": "rss", "state": "active", "interval": 300.0, "standing": "well"}
    counts = dict.fromkeys(("key_rung", "polls", "reads", "moved_seen", "not_modified"), 0)
    common |= counts | dict.fromkeys(("failures", "arrivals", "pace"), 0.0) | {"skip_hours": [], "skip_days": []}
    for start in range(0, number, 10_000):
        db.execute(insert(table), [_feed(n, number, common) for n in range(start, min(start + 10_000, number))])


def _feed(n: int, number: int, common: dict[str, Any]) -> dict[str, Any]:
    host = f"h{n // OF_A_HOST}.example"
    # spread over four hours, in an order that has nothing to do with that of the rows
    place = (n * 7_919) % number / number
    due = NOW + timedelta(seconds=SPREAD * place)
    url = f"http://{host}/{n}"
    return {**common, "url": url, "declared_url": url, "host": host, "next_due_at": due}


def _take(store: Store, now: datetime) -> None:
    with store.write() as db:
        taken = feeds.take_due(db, now, BATCH, LEASE, per_host=PER_HOST)
    assert len(taken) > 0


def _ask(store: Store, now: datetime) -> None:
    with store.read() as db:
        assert feeds.next_due(db, None, now) is not None


def _timed(call: Any) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    print(json.dumps(run(Path(), int(sys.argv[1]) if len(sys.argv) > 1 else FEEDS), indent=1))
