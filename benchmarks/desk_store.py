"""A store as large as years make it: 200,000 items and 500,000 statements of invented people, over three years.

Words are made up and as frequent as words are; outlets, speakers and topics are as unevenly talked of as they are in
the press. Rows are written in bulk, in minutes. Made at a given address, it serves benchmarks of pages and of the API.

    python -m benchmarks.desk_store sqlite:////tmp/desk.sqlite [ITEMS]
"""

from __future__ import annotations

import random
import sys
import time
from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, count, islice
from typing import Any

from benchmarks.bulk import indexed_afterwards, insert, settle
from pipeline.storage.store import Store
from pipeline.storage.words import place_of
from pipeline.types import FeedAddress, Source

ITEMS, DAYS = 200_000, 1_096
NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)
TOPICS = (
    "interdiction", "organized-crime", "legalization", "enforcement-policy", "eradication", "cultivation", "strategy",
    "international-cooperation", "decriminalization", "corruption", "medical-cannabis", "prevention", "treatment",
    "money-laundering", "extradition", "sentencing", "us-policy", "alternative-development", "synthetic-drugs",
    "harm-reduction", "precursors", "traditional-use",
)  # fmt: skip
COUNTRIES = ("PE", "CO", "MX", "BO", "US", "BR", "EC", "UY", "GT", "AR", "CL", "ES", "VE", "PY", "HN", "SV", "CR", "PA")
ROLES = (
    "minister", "president", "head of drug agency", "senator", "deputy", "police", "expert", "government", "official",
    "governor", "activist", "prosecutor", "judge", None,
)  # fmt: skip
SOURCES = {
    f"outlet-{one}": Source(
        f"outlet-{one}", f"Outlet {one}", COUNTRIES[one % 18], ("es",), f"https://outlet-{one}.example",
        (FeedAddress(f"https://outlet-{one}.example/rss"), FeedAddress(f"https://outlet-{one}.example/politica")),
    )
    for one in range(100)
}  # fmt: skip
#: words, sentences that texts are put together from, words a sentence, sentences a text
_VOCABULARY, _SENTENCES, _LENGTH, _TEXT = 50_000, 40_000, 14, 12
_SPEAKERS, _ALERTS, _BATCH = 5_000, 4_000, 2_000
_SIDES = ("unclear",) * 14 + ("against",) * 3 + ("for",) * 2 + ("mixed",)
_COLUMNS = {
    "sources": ("slug", "name", "country", "homepage", "enabled", "reason"),
    "feeds": (
        "id", "source", "url", "declared_url", "kind", "state", "next_due_at", "interval", "key_rung", "polls", "reads",
        "failures", "host", "not_modified", "moved_seen", "arrivals", "pace", "skip_hours", "skip_days", "standing",
    ),
    "source_days": (
        "source", "day", "hours_asked", "hours_answered", "hours_news", "polls", "reads", "entries", "items",
    ),
    "speakers": ("id", "key", "name", "role", "country", "folded"),
    "items": (
        "id", "source", "url", "title", "text", "lang", "authors", "countries", "access", "published_at",
        "first_seen_at", "text_hash", "words", "signature", "place",
    ),
    "item_words": ("place", "item_id", "title", "text"),
    "item_topics": ("item_id", "topic", "score", "evidence"),
    "item_countries": ("item_id", "country"),
    "entries": (
        "id", "source", "key", "url", "url_key", "version", "host", "title", "summary", "first_seen_at", "quiet",
        "state", "attempts", "next_try_at", "item_id", "outcome", "ended_at",
    ),
    "appearances": ("id", "item_id", "entry_id", "source", "url", "url_key", "title", "relation", "first_seen_at"),
    "statements": (
        "id", "speaker_id", "key", "text", "kind", "lang", "role", "country", "confidence", "published_at",
        "first_seen_at", "last_seen_at", "place",
    ),
    "statement_words": ("statement_id", "said"),
    "statement_topics": ("statement_id", "topic", "stance"),
    "positions": ("statement_id", "topic", "stance", "speaker_id", "role", "country", "place"),
    "reports": ("id", "statement_id", "item_id", "where", "parts", "text", "kind", "via", "confidence", "seen_at"),
    "alerts": (
        "id", "key", "rule", "subject", "item_id", "statement_id", "fired_at", "title", "body", "url", "fields",
    ),
    "deliveries": ("alert_id", "channel", "state", "attempts", "next_try_at", "sent_at"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Speaker:
    id: int
    role: str | None
    country: str


def make(store: Store, number: int = ITEMS) -> None:
    """Fill an empty store with so many items, two and a half times as many statements, and what goes with them."""
    press = _Press(random.Random(5), number)
    insert(store, _COLUMNS, press.outlets())
    insert(store, _COLUMNS, press.people())
    stories = iter(range(1, number + 1))
    with indexed_afterwards(store):
        while batch := list(islice(stories, _BATCH)):
            insert(store, _COLUMNS, press.articles(batch))
    insert(store, _COLUMNS, press.fired())
    settle(store)


class _Press:
    """Makes it all up."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self._rng, self._number = rng, number
        self._sentences = _sentences(rng)
        self._speakers = [
            _Speaker(one, rng.choice(ROLES), COUNTRIES[_skewed(rng, len(COUNTRIES))]) for one in range(1, _SPEAKERS + 1)
        ]
        self._statements, self._reports = count(1), count(1)

    def outlets(self) -> dict[str, list[Any]]:
        """Outlets, two feeds of each, and their last 90 days."""
        rows: dict[str, list[Any]] = {"sources": [], "feeds": [], "source_days": []}
        feed = count(1)
        for slug, one in SOURCES.items():
            rows["sources"].append((slug, one.name, one.country, one.homepage, True, ""))
            for address in one.feeds:
                due = _written(NOW + timedelta(seconds=self._rng.randrange(3600)))
                state = ("active", due, 900.0, 0, 500, 400, 0.0)
                rest = (f"{slug}.example", 0, 0, 0.5, 3.0, "[]", "[]", "well")
                rows["feeds"].append((next(feed), slug, address.url, address.url, "rss", *state, *rest))
            for back in range(90):
                rows["source_days"].append(
                    (slug, _day(back), 2**24 - 1, 2**24 - 1, 511, 96, 60, self._rng.randrange(5, 60), 2)
                )
        return rows

    def people(self) -> dict[str, list[Any]]:
        """Speakers; the first are heard most."""
        return {
            "speakers": [
                (one.id, f"n{one.id % 70}-f{one.id // 70}", f"N{one.id % 70} F{one.id // 70}", one.role, one.country,
                 f" n{one.id % 70} f{one.id // 70} ")
                for one in self._speakers
            ]
        }  # fmt: skip

    def articles(self, batch: list[int]) -> dict[str, list[Any]]:
        """Items with their topics, countries, entries, appearances and statements."""
        early = ("sources", "feeds", "source_days", "speakers", "alerts", "deliveries")
        rows: dict[str, list[Any]] = {table: [] for table in _COLUMNS if table not in early}
        for one in batch:
            self._article(one, rows)
        return rows

    def _article(self, one: int, rows: dict[str, list[Any]]) -> None:
        """Nine in ten are stored as they appear, the others are back-fill."""
        rng = self._rng
        seen = NOW - timedelta(days=DAYS * (1 - one / self._number), seconds=rng.randrange(3600))
        at = seen if rng.random() < 0.9 else NOW - timedelta(days=DAYS * rng.random())
        place, address = place_of(at, one), f"https://o.example/{one}"
        outlet = f"outlet-{_skewed(rng, len(SOURCES))}"
        title, text = rng.choice(self._sentences), "\n".join(rng.choices(self._sentences, k=_TEXT))
        lang, published, first = rng.choice(("es", "es", "en", "pt")), _written(at), _written(seen)
        topics = self._some(TOPICS)
        rows["items"].append(
            (one, outlet, address, title, text, lang, "[]", "[]", "open", published, first, one, 170, bytes(512), place)
        )
        rows["item_words"].append((place, one, f" {title} ", f" {text} ".replace("\n", " ")))
        rows["item_topics"] += [(one, topic, 0.5, '[{"in": "title", "span": [0, 4]}]') for topic in topics]
        rows["item_countries"] += [(one, country) for country in self._some(COUNTRIES)]
        rows["entries"].append(
            (one, outlet, address, address, address, "", "o.example", title, "", first, False, "ended", 0, first, one,
             "stored", first)
        )  # fmt: skip
        rows["appearances"].append((one, one, one, outlet, address, address, title, "original", first))
        for _ in range(rng.choice((1, 2, 2, 3, 3, 4))):
            self._statement(one, lang, (at, seen), topics, rows)

    def _statement(
        self, item: int, lang: str, when: tuple[datetime, datetime], topics: list[str], rows: dict[str, list[Any]]
    ) -> None:
        rng, one = self._rng, next(self._statements)
        published, first = map(_written, when)
        who = self._speakers[int(_SPEAKERS * rng.random() ** 3)]
        said, sure, place = rng.choice(self._sentences), rng.choice((0.5, 0.8, 0.9, 0.95)), place_of(when[0], one)
        rows["statements"].append(
            (one, who.id, one, said, "direct", lang, who.role, who.country, sure, published, first, first, place)
        )
        rows["statement_words"].append((one, f" {said} "))
        for topic in topics:
            stance = rng.choice(_SIDES)
            rows["statement_topics"].append((one, topic, stance))
            if stance != "unclear":
                rows["positions"].append((one, topic, stance, who.id, who.role, who.country, place))
        # one in five is told by an earlier item, too
        for told_by in {item, rng.randrange(1, item + 1) if rng.random() < 0.2 else item}:
            report = (next(self._reports), one, told_by, "text", "[[0, 40]]", said, "direct", None, sure, first)
            rows["reports"].append(report)

    def fired(self) -> dict[str, list[Any]]:
        """Alerts of the last items, each told to one channel."""
        rows: dict[str, list[Any]] = {"alerts": [], "deliveries": []}
        for one in range(1, _ALERTS + 1):
            item = self._number - (_ALERTS - one) * self._number // (10 * _ALERTS)
            fired = _written(NOW - timedelta(minutes=20 * (_ALERTS - one)))
            told = (fired, "A title", "A body", "https://o.example", "{}")
            rows["alerts"].append((one, f"k{one}", f"rule-{one % 20}", f"item {one}", item, None, *told))
            rows["deliveries"].append((one, "file", "sent", 0, fired, fired))
        return rows

    def _some(self, among: tuple[str, ...]) -> list[str]:
        """One or two, the first of them most often."""
        return sorted({among[_skewed(self._rng, len(among))] for _ in range(2)})


def _skewed(rng: random.Random, number: int) -> int:
    return int(number * rng.random() ** 2)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _day(back: int) -> date | str:
    return (NOW - timedelta(days=back)).date().isoformat()


def _sentences(rng: random.Random) -> list[str]:
    """Sentences of words whose frequency falls with their rank, as Zipf says."""
    weights = list(accumulate(1 / (rank + 2) for rank in range(_VOCABULARY)))
    total = weights[-1]
    return [" ".join(f"voz{bisect(weights, rng.random() * total)}" for _ in range(_LENGTH)) for _ in range(_SENTENCES)]


if __name__ == "__main__":
    made = Store(sys.argv[1])
    made.upgrade()
    started = time.perf_counter()
    make(made, int(sys.argv[2]) if len(sys.argv) > 2 else ITEMS)
    print(f"{made.size() / 2**20:.0f} MB in {time.perf_counter() - started:.0f} s")
