"""How fast are copies found? Fingerprints a second, decisions a second, and lookups in stores of different sizes.

Texts have 450 words. Baseline of fingerprints, in the same run: MinHash as the textbook has it, 64 permutations of the
same shingles, in Python. The stores are SQLite, filled by the row with keys as random as hashes are, KEYS for each
item; among them lie real items, and what is timed is what settling asks: `items.candidates` of edited copies of these,
and of texts that are nowhere. As a script, it takes the sizes: `python -m benchmarks.copies_speed 10000 1000000`.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import dedupe
from pipeline.dedupe.prints import shingles_of
from pipeline.storage import items, sources
from pipeline.storage.store import Store, Transaction
from pipeline.text import words
from pipeline.types import Analysis, Article, Entry, Fingerprint, Work
from samples.newsroom.generate import texts

WORDS, TEXTS, ROUNDS = 450, 300, 5
SIZES = (10_000, 100_000)
#: lookup keys of an item of 450 words
KEYS = 50
REAL = 200
NOW = datetime(2012, 6, 27, tzinfo=UTC)
_PRIME, _SPAN = (1 << 61) - 1, 1 << 63


def run(_: Path) -> dict[str, Any]:
    """Measure at SIZES: {"fingerprints_per_s", "lookup": {items: milliseconds}, ...}."""
    return measure(SIZES)


def measure(sizes: Sequence[int]) -> dict[str, Any]:
    """Fingerprints and decisions a second of processor time; lookups in stores of these sizes."""
    told = articles(TEXTS)
    copies = [edited(text, random.Random(at)) for at, text in enumerate(told)]
    ours = _rate(told, lambda text: dedupe.fingerprint("", text))
    textbook = _rate(told[:10], _textbook)
    return {
        "fingerprints_per_s": ours,
        "baseline_textbook_minhash_per_s": textbook,
        "ratio": round(ours / textbook, 1),
        "decisions_per_s": {
            "copies": _rate(range(TEXTS), lambda at: dedupe.relation(f"{copies[at]} ", told[at])),
            "other texts": _rate(range(1, TEXTS), lambda at: dedupe.relation(f"{told[at]} ", told[at - 1])),
        },
        "lookup_ms": {str(size): lookups(size, told[:REAL], copies[:REAL]) for size in sizes},
    }


def articles(number: int) -> list[str]:
    """Texts of WORDS words, none like another: each is the newsroom's generated press with words of its own."""
    made = []
    for at, (_, text, _) in enumerate(texts(number, seed=5)):
        found = (text.split() * 3)[:WORDS]
        dice = random.Random(at)
        made.append(" ".join(f"{word}{at}" if dice.random() < 0.3 else word for word in found))
    return made


def edited(text: str, dice: random.Random) -> str:
    """The text with one word in twenty replaced, and a paragraph of its own."""
    found = [f"otra{dice.randrange(999)}" if dice.random() < 0.05 else word for word in text.split()]
    return " ".join([*found, *(f"local{dice.randrange(9999)}" for _ in range(40))])


def _rate(given: Sequence[Any], ask: Callable[[Any], object]) -> int:
    """The best of some rounds, in processor time: other work on the machine is not ours."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for one in given:
            ask(one)
        best = min(best, time.process_time() - began)
    return round(len(given) / best)


def _textbook(text: str) -> tuple[int, ...]:
    dice = random.Random(1)
    factors = [(dice.randrange(1, _PRIME), dice.randrange(_PRIME)) for _ in range(64)]
    shingles = set(shingles_of(words(text)))
    return tuple(min((a * value + b) % _PRIME for value in shingles) for a, b in factors)


# --- lookups ----------------------------------------------------------------------------------------------------------


def lookups(size: int, originals: Sequence[str], copies: Sequence[str]) -> dict[str, float]:
    """Milliseconds of one lookup in a store of `size` items, and its MB.

    `first`: the median by the clock as the keys are asked for the first time, from the file; `median` and `processor`
    (the mean): asked again, when the pages that hold them are in memory.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite"
        store = Store(f"sqlite:///{file}")
        store.prepare()
        store.close()
        _fill(file, size)
        store = Store(f"sqlite:///{file}")
        _add(store, originals)
        found = {
            "copies": _timed(store, copies, hit=True),
            "nowhere": _timed(store, [text[::-1] for text in originals], hit=False),
        }
        megabytes = round(file.stat().st_size / 1e6)
        store.close()
    return {f"{name} {figure}": value for name, figures in found.items() for figure, value in figures.items()} | {
        "store_mb": megabytes
    }


def _timed(store: Store, asked: Sequence[str], *, hit: bool) -> dict[str, float]:
    prints = [dedupe.fingerprint("", text) for text in asked]
    with store.read() as db:
        first = [_one(db, each, hit) for each in prints]
        began = time.process_time()
        again = [_one(db, each, hit) for each in prints]
        spent = time.process_time() - began
    return {
        "first": round(1000 * statistics.median(first), 3),
        "median": round(1000 * statistics.median(again), 3),
        "processor": round(1000 * spent / len(prints), 3),
    }


def _one(db: Transaction, asked: Fingerprint, hit: bool) -> float:
    began = time.perf_counter()
    if bool(items.candidates(db, asked)) != hit:
        raise ValueError(f"lookup: expected {'a' if hit else 'no'} candidate, got the contrary")
    return time.perf_counter() - began


def _fill(file: Path, size: int) -> None:
    """Insert items and their keys past the store, in the order in which their index wants them; it has 1 row a key."""
    db = sqlite3.connect(file)
    db.executescript(
        "PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; DROP INDEX ix_item_bands_item_id;"
        "INSERT INTO sources VALUES ('s', 'S', 'PE', '', 1, '')"
    )
    text, signature = "x" * 2700, bytes(512)
    db.executemany(
        "INSERT INTO items (id, text, text_hash, signature, first_seen_at, source, url, title, authors, countries, "
        "words) VALUES (?, ?, ?, ?, '2012-06-27 00:00:00', 's', '', '', '[]', '[]', 450)",
        ((at, text if size <= SIZES[-1] else "", at, signature) for at in range(1, size + 1)),
    )
    db.executemany("INSERT INTO item_bands (band, item_id) VALUES (?, ?)", _keys(size))
    db.commit()
    db.close()


def _keys(size: int) -> Iterator[tuple[int, int]]:
    """KEYS keys for each item, spread as evenly as hashes are, in ascending order."""
    dice, total = random.Random(size), size * KEYS
    step = _SPAN // total
    for at in range(total):
        yield at * step + int(dice.random() * step), at * 7919 % size + 1


def _add(store: Store, originals: Sequence[str]) -> None:
    with store.write() as db:
        sources.ensure(db, "s")
        work = Work(0, "s", "", "", "", Entry(""), NOW, True, "to_process", 0)
        for at, text in enumerate(originals):
            article = Article(f"http://s.example/{at}", "", "", text)
            analysis = Analysis(article, "es", (), (), (), dedupe.fingerprint("", text))
            items.add(db, replace(work, id=at), analysis, NOW)


if __name__ == "__main__":
    json.dump(measure([int(size) for size in sys.argv[1:]] or SIZES), sys.stdout, indent=1)
    print()
