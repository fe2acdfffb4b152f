"""How long is the wait for the first page of a search, newest first and best first? On SQLite and on PostgreSQL.

A store of generated items is written in bulk: texts of made-up words as frequent as words are, with topics, countries,
outlets and a statement each. Baselines, in the same run and over the same rows: on SQLite FTS5 sorted by its own rank,
on PostgreSQL ts_rank over every text that has the word, which is what their manuals show. `ratio` is the baseline's
median over ours, for the word that is both frequent and asked for by relevance.

PostgreSQL runs with the settings that docs/databases.md gives for a server of two cores. Times are of the processor's,
client and server together, so that what else the machine does is not in them; `wall` is what one waits.

    python -m benchmarks.search_speed [ITEMS]
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from bisect import bisect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import Connection

from benchmarks.bulk import indexed_afterwards, insert, settle
from pipeline.query import parse
from pipeline.storage import search, spoken
from pipeline.storage.store import Store
from pipeline.storage.words import place_of

ITEMS, REPEATS = 200_000, 15
NOW = datetime(2012, 6, 27, tzinfo=UTC)
#: words, sentences that texts are put together from, words a sentence, sentences a text
_VOCABULARY, _SENTENCES, _LENGTH, _TEXT = 50_000, 40_000, 14, 25
#: as docs/databases.md has them
_SETTINGS = {"shared_buffers": "1GB", "effective_cache_size": "3GB", "work_mem": "16MB", "random_page_cost": "1.1"}
_TOPICS = ("legalization", "eradication", "treatment", "extradition", "precursors", "prevention", "strategy")
_COUNTRIES = ("PE", "CO", "MX", "BO", "BR", "US", "ES", "CL", "AR", "UY")
_SIDES = ("unclear",) * 7 + ("against", "for", "mixed")
_SYLLABLES = tuple(first + second for first in "bcdfglmnprst" for second in "aeiou")
_SPEAKERS, _OUTLETS = 5_000, 300
#: `voz` and the word's rank (spelt otherwise in the store): the 3rd most frequent stands in most texts, the 30,000th
#: in few
QUERIES = {
    "rare word": "voz30000",
    "frequent word": "voz3",
    "two words": "voz40 voz300",
    "phrase": '"voz5 voz9"',
    "rare phrase": '"voz400 voz9"',
    "prefix": "voz123*",
    "title": "title:voz20",
    "topic, country, date": "topic:treatment country:PE published:2012-03",
    "word, topic, country": "voz30 topic:treatment country:PE",
    "speaker": 'speaker:"n17 f3"',
    "frequent word, speaker": 'voz3 speaker:"n17 f3"',
    "stance": "stance:legalization=against",
    "role": "role:minister",
    "said": "said:voz400",
    "not": "voz200 -voz5",
    "only not": "-voz3",
    "near": "voz30 NEAR/5 voz60",
    "or": "voz30000 OR topic:precursors",
    "everything": "",
}


def run(shared: Path, number: int = ITEMS) -> dict[str, Any]:
    """Milliseconds by database, order and kind of query; and how many items and statements meet each."""
    from tests.services import Postgres

    figures: dict[str, Any] = {"items": number}
    with tempfile.TemporaryDirectory() as folder:
        figures["sqlite"] = _measured(f"sqlite:///{folder}/vigia.sqlite", number)
    with Postgres(_SETTINGS) as server:
        figures["postgresql"] = _measured(server.database(), number)
    return figures


def _measured(url: str, number: int) -> dict[str, Any]:
    store = Store(url)
    store.upgrade()
    started = time.perf_counter()
    _write(store, number)
    built = round(time.perf_counter() - started)
    figures = {"seconds_to_build": built, **asked_of(store)}
    store.close()
    return figures


def asked_of(store: Store) -> dict[str, Any]:
    """The figures of a store that is built."""
    figures: dict[str, Any] = {}
    asked = {name: parse(spelt(query)).root for name, query in QUERIES.items()}
    with store.read() as db:
        figures["hits"] = {
            name: [search.count(db, about, query, NOW) for about in ("item", "statement")]
            for name, query in asked.items()
        }
        clock = _clock(db)
        for sort in ("newest", "relevance"):
            figures[f"{sort}_ms"] = {
                name: _timed(clock, lambda q=query, s=sort: search.page(db, q, NOW, search.Wish(s)))
                for name, query in asked.items()
            }
        figures["statements_ms"] = {
            name: _timed(clock, lambda q=query: spoken.find_statements(db, q, NOW, 20)) for name, query in asked.items()
        }
        ours = figures["relevance_ms"]["frequent word"]["median"]
        figures["baseline_ranks_all_ms"] = baseline = _timed(clock, lambda: _baseline(db, spelt("voz3")))
    figures["ratio"] = round(baseline["median"] / ours, 1)
    figures["worst_median_ms"] = max(
        one["median"] for sort in ("newest", "relevance", "statements") for one in figures[f"{sort}_ms"].values()
    )
    return figures


def _timed(clock: Callable[[], float], ask: Callable[[], object]) -> dict[str, float]:
    """Of the processor's time, and the median of what a clock on the wall says."""
    ask()
    taken, waited = [], []
    for _ in range(REPEATS):
        started, looked = clock(), time.perf_counter()
        ask()
        taken.append(clock() - started)
        waited.append(1000 * (time.perf_counter() - looked))
    p95 = round(quantiles(taken, n=20)[-1], 1)
    return {"median": round(median(taken), 1), "p95": p95, "wall": round(median(waited), 1)}


def _clock(db: Connection) -> Callable[[], float]:
    """Milliseconds of processor time so far, of this process and of the server's that answers it."""
    if db.dialect.name == "sqlite":
        return lambda: 1000 * time.process_time()
    # all of it in one process
    db.exec_driver_sql("SET max_parallel_workers_per_gather = 0")
    spent = Path(f"/proc/{db.exec_driver_sql('SELECT pg_backend_pid()').scalar_one()}/schedstat")
    return lambda: 1000 * time.process_time() + int(spent.read_text().split()[0]) / 1e6


def _baseline(db: Any, word: str) -> list[Any]:
    if db.dialect.name == "sqlite":
        asked = "SELECT rowid FROM item_words_fts WHERE item_words_fts MATCH ? ORDER BY rank LIMIT 20"
        return list(db.exec_driver_sql(asked, (word,)).all())
    vector = "vigia_words(title, text)"
    ranked = f"ts_rank({vector}, %s::tsquery)"
    asked = f"SELECT place FROM item_words WHERE {vector} @@ %s::tsquery ORDER BY {ranked} DESC LIMIT 20"
    return list(db.exec_driver_sql(asked, (word, word)).all())


# --- a store in bulk --------------------------------------------------------------------------------------------------

_BATCH = 2_000
_COLUMNS = {
    "items": (
        "id", "source", "url", "title", "text", "lang", "authors", "countries", "access", "published_at",
        "first_seen_at", "text_hash", "words", "signature", "place",
    ),
    "item_words": ("place", "item_id", "title", "text"),
    "item_topics": ("item_id", "topic", "score", "evidence"),
    "item_countries": ("item_id", "country"),
    "entries": (
        "id", "source", "key", "url", "url_key", "version", "host", "title", "summary", "first_seen_at", "quiet",
        "state", "attempts", "next_try_at", "item_id",
    ),
    "appearances": ("id", "item_id", "entry_id", "source", "url", "url_key", "title", "relation", "first_seen_at"),
    "statements": (
        "id", "speaker_id", "key", "text", "kind", "lang", "role", "country", "confidence", "published_at",
        "first_seen_at", "last_seen_at", "place",
    ),
    "statement_words": ("statement_id", "said"),
    "statement_topics": ("statement_id", "topic", "stance"),
    "reports": ("id", "statement_id", "item_id", "where", "parts", "text", "kind", "via", "confidence", "seen_at"),
    "sources": ("slug", "name", "country", "homepage", "enabled", "reason"),
    "speakers": ("id", "key", "name", "folded"),
}  # fmt: skip
_ROLES = ("minister", "president", "senator", "police", "expert", None)


def _write(store: Store, number: int) -> None:
    rng = random.Random(5)
    outlets = [(f"o{one}", f"Outlet {one}", "PE", "", True, "") for one in range(_OUTLETS)]
    people = [(one, f"p{one}", f"N{one % 70} F{one // 70}") for one in range(1, _SPEAKERS + 1)]
    speakers = [(one, key, name, f" {name.lower()} ") for one, key, name in people]
    insert(store, _COLUMNS, {"sources": outlets, "speakers": speakers})
    sentences = _sentences(rng)
    stories = iter(range(1, number + 1))
    with indexed_afterwards(store):
        while batch := list(islice(stories, _BATCH)):
            rows: dict[str, list[Any]] = {table: [] for table in _COLUMNS if table not in ("sources", "speakers")}
            for one in batch:
                _story(rng, sentences, one, number, rows)
            insert(store, _COLUMNS, rows)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    settle(store)


def _sentences(rng: random.Random) -> list[str]:
    """Sentences of words whose frequency falls with their rank, as Zipf says."""
    weights = list(accumulate(1 / (rank + 2) for rank in range(_VOCABULARY)))
    total = weights[-1]
    words = [_word(rank) for rank in range(_VOCABULARY)]
    return [" ".join(words[bisect(weights, rng.random() * total)] for _ in range(_LENGTH)) for _ in range(_SENTENCES)]


def _word(rank: int) -> str:
    """A word of syllables, the more of them the rarer it is; did all begin alike, no pattern would soon be done."""
    rank, last = divmod(rank, len(_SYLLABLES))
    return (_word(rank - 1) if rank else "") + _SYLLABLES[last]


def spelt(query: str) -> str:
    """A query of `QUERIES` in the words of the store."""
    return re.sub(r"voz(\d+)", lambda ranked: _word(int(ranked[1])), query)


def _story(rng: random.Random, sentences: list[str], one: int, number: int, rows: dict[str, list[Any]]) -> None:
    """An item with all that hangs on it; nine in ten are stored as they appear, the others are back-fill."""
    age = 1 - one / number if rng.random() < 0.9 else rng.random()
    at = NOW - timedelta(days=365 * age, seconds=rng.randrange(3600))
    place, outlet, address = place_of(at, one), f"o{rng.randrange(_OUTLETS)}", f"https://o.example/{one}"
    title, text = rng.choice(sentences), "\n".join(rng.choices(sentences, k=_TEXT))
    lang, when, topics = rng.choice(("es", "es", "en", "pt")), _written(at), _some(rng, _TOPICS)
    rows["items"].append(
        (one, outlet, address, title, text, lang, "[]", "[]", "open", when, when, one, 350, bytes(512), place)
    )
    rows["item_words"].append((place, one, f" {title} ", f" {text} ".replace("\n", " ")))
    rows["item_topics"] += [(one, topic, 0.5, "[]") for topic in topics]
    rows["item_countries"] += [(one, country) for country in _some(rng, _COUNTRIES)]
    rows["entries"].append(
        (one, outlet, address, address, address, "", "o.example", title, "", when, False, "ended", 0, when, one)
    )
    rows["appearances"].append((one, one, one, outlet, address, address, title, "original", when))
    for told in _numbers(one):
        _statement(rng, told, rng.choice(sentences), one, lang, at, rng.choice(topics), rows)


def _statement(
    rng: random.Random, one: int, said: str, item: int, lang: str, at: datetime, topic: str, rows: dict[str, list[Any]]
) -> None:
    speaker, role = int(_SPEAKERS * rng.random() ** 3) + 1, rng.choice(_ROLES)
    place, when = place_of(at, one), _written(at)
    rows["statements"].append((one, speaker, one, said, "direct", lang, role, "PE", 0.9, when, when, when, place))
    rows["statement_words"].append((one, f" {said} "))
    rows["statement_topics"].append((one, topic, rng.choice(_SIDES)))
    rows["reports"].append((one, one, item, "text", "[]", said, "direct", None, 0.9, when))


def _written(at: datetime) -> str:
    """A time as SQLite holds it."""
    return at.isoformat(" ").removesuffix("+00:00") + (".000000" if not at.microsecond else "")


def _numbers(item: int) -> range:
    """Of the statements of an item: two, or three in every other, so that there are 500,000 to 200,000 items."""
    return range(item * 5 // 2 - 2, (item + 1) * 5 // 2 - 2)


def _some(rng: random.Random, among: tuple[str, ...]) -> list[str]:
    """One or two, the first of them most often."""
    return list({among[int(len(among) * rng.random() ** 2)] for _ in range(2)})


if __name__ == "__main__":
    print(json.dumps(run(Path(), int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS), indent=1))
