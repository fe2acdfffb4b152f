"""How long does the desk take for each part of a page? On a store of 200,000 items and 500,000 statements.

Every method of the read side that a page or the API asks, with easy and with hard queries; milliseconds, median and
95th percentile. The baseline, in the same run: the newest statements of a frequent topic the way they were found
before there were places, sorted out of all that have it; `ratio` is its median over that of `statement_page`.

    python -m benchmarks.desk_speed [URL]       # a store made by benchmarks.desk_store; makes one, on SQLite, without
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.desk_store import ITEMS, NOW, SOURCES, make
from pipeline.bootstrap.configuration import shipped_config
from pipeline.clock import Clock
from pipeline.desk import Desk, Reference, SpeakerWish, StatementWish, Wish
from pipeline.query import parse
from pipeline.settings import Settings
from pipeline.storage import spoken
from pipeline.storage.store import Store

REPEATS = 15
#: milliseconds after which something is asked no more
_LONG = 2_000
#: what is looked for, among items and among statements
ITEM_QUERIES = {
    "everything": "",
    "frequent word": "voz3",
    "rare word": "voz30000",
    "phrase": '"voz5 voz9"',
    "frequent topic": "topic:interdiction",
    "rare topic": "topic:traditional-use",
    "topic, country, year": "topic:legalization country:CO published:2011",
    "word, topic": "voz30 topic:legalization",
    "outlet": "source:outlet-3",
    "speaker": 'speaker:"n17 f3"',
    "stance": "stance:legalization=against",
    "not": "-voz3",
    "nothing": "topic:legalization stance:eradication=against lang:pt country:PA role:judge",
}
STATEMENT_QUERIES = {
    "everything": "",
    "frequent word": "voz3",
    "rare word": "voz30000",
    "phrase": '"voz5 voz9"',
    "frequent topic": "topic:interdiction",
    "rare topic": "topic:traditional-use",
    "topic, country, stance": "topic:legalization country:CO stance:legalization=against",
    "word, topic": "voz30 topic:legalization",
    "outlet": "source:outlet-3",
    "speaker": 'speaker:"n17 f3"',
    "loud speaker": 'speaker:"n1 f0"',
    "role": "role:minister",
    "exclusive": "role:minister -country:PE -country:CO -country:MX -country:BO -country:US -country:BR country:PA",
    "not": "-voz3",
}


class Still(Clock):
    """A clock that stands."""

    def now(self) -> Any:
        return NOW


def run(shared: Path, url: str = "") -> dict[str, Any]:
    """Milliseconds by method and query."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(url or f"sqlite:///{folder}/vigia.sqlite")
        if not url:
            store.upgrade()
            make(store, ITEMS)
        figures = measured(store)
        store.close()
    return figures


def measured(store: Store) -> dict[str, Any]:
    """The figures of one store."""
    config = shipped_config()
    desk = Desk(store, Still(), Settings(), SOURCES, Reference(config, config))
    figures = {name: _timed(ask) for name, ask in questions(desk)}
    with store.read() as db:
        asked = parse("topic:interdiction").root
        figures["baseline: sorted out of all"] = _timed(lambda: spoken.find_statements(db, asked, NOW, None)[:20])
    on_sqlite = store.engine.dialect.name == "sqlite"
    baseline, ours = figures["baseline: sorted out of all"], figures["statement_page: frequent topic"]
    slow = {name: one for name, one in figures.items() if one["cpu" if on_sqlite else "median"] > 100}
    return {"ms": figures, "ratio": round(baseline["cpu"] / ours["cpu"], 1), "over_100_ms": sorted(slow)}


def questions(desk: Desk) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is asked, by name."""
    for name, query in ITEM_QUERIES.items():
        yield f"page: {name}", lambda q=query: desk.page(q, Wish())
        yield f"timeline of items: {name}", lambda q=query: desk.timeline(q)
        yield f"facets of items: {name}", lambda q=query: desk.facets(q)
    for name, query in STATEMENT_QUERIES.items():
        yield f"statement_page: {name}", lambda q=query: desk.statement_page(q, StatementWish())
        yield f"timeline of statements: {name}", lambda q=query: desk.timeline(q, "statement")
        yield f"facets of statements: {name}", lambda q=query: desk.facets(q, "statement")
    yield from _of_noun(desk)


def _of_noun(desk: Desk) -> Iterator[tuple[str, Callable[[], object]]]:
    day, week, month = (NOW - timedelta(days=days) for days in (1, 7, 31))
    yield "items_seen: from the beginning", lambda: desk.items_seen("topic:traditional-use voz40")
    yield "statements_seen: from the beginning", lambda: desk.statements_seen("topic:traditional-use voz40")
    yield "item", lambda: desk.item(150_000)
    yield "statement", lambda: desk.statement(400_000)
    yield "speaker: loud", lambda: desk.speaker("n1-f0")
    yield "speaker: quiet", lambda: desk.speaker("n17-f60")
    yield "speaker_page", lambda: desk.speaker_page(SpeakerWish())
    yield "speaker_page: topic", lambda: desk.speaker_page(SpeakerWish(topic="interdiction"))
    yield "speaker_page: words, country", lambda: desk.speaker_page(SpeakerWish(("f3",), "CO"))
    yield "positions: now", lambda: desk.positions()
    yield "positions: a year ago", lambda: desk.positions(NOW - timedelta(days=365))
    yield "position", lambda: desk.position("PE", "legalization")
    yield "movers: a week", lambda: desk.movers(week)
    yield "today: a day", lambda: desk.today(day)
    yield "today: a month", lambda: desk.today(month)
    yield "alerts", lambda: desk.alerts()
    yield "status", lambda: desk.status()
    yield "topic_views", lambda: desk.topic_views()
    yield "source_views", lambda: desk.source_views()
    yield "source", lambda: desk.source("outlet-3")
    yield "stream_items: 5000", lambda: list(islice(desk.stream_items(""), 5_000))
    yield "stream_statements: 5000", lambda: list(islice(desk.stream_statements(""), 5_000))


def _timed(ask: Callable[[], object]) -> dict[str, float]:
    """Milliseconds by the clock, and of this process alone: on SQLite that is all there is, whoever else is busy."""
    ask()
    taken, used = [], []
    for _ in range(REPEATS):
        started, began = time.perf_counter(), time.process_time()
        ask()
        taken.append(1000 * (time.perf_counter() - started))
        used.append(1000 * (time.process_time() - began))
        if sum(taken) > _LONG:
            break
    p95 = quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
    return {"median": round(median(taken), 1), "p95": round(p95, 1), "cpu": round(median(used), 1)}


if __name__ == "__main__":
    print(json.dumps(run(Path(), sys.argv[1] if len(sys.argv) > 1 else ""), indent=1))
