"""How well and how fast pages are read, against trafilatura's own default, on real pages.

The pages and their truth lie beside a maintainer's checkout (../shared); without them this says so and stops. Run as a
script, it prints JSON. Scores are means over pages: `f1` of four-word shingles of the body; `snippets_f1` of phrases
that must and must not be in the text; `title` and `authors` right after folding, whoever joined two names or added a
degree; `date` the right day of publication, in UTC or where it was printed; `date_or_change` the same, but a truth that
is the day of the last change counts, too. `turned_away_pages_per_s` is of pages as the flow turns them away: decoding,
triage, the topics' automaton.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trafilatura

from pipeline.errors import Never
from pipeline.extract import extract, triage
from pipeline.text import words
from pipeline.topics import Topics
from pipeline.types import Page

ROOT = Path(__file__).resolve().parent.parent
SETS = ("aeb", "fundus", "trafilatura")
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
#: zones lie at most so far from UTC
_ZONES = (timedelta(hours=-14), timedelta(hours=12))
_REPEATS = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader got out of a page; `published` is a moment or, from the library, a day."""

    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    changed: datetime | None = None


def run(shared: Path) -> dict[str, Any]:
    """Score ours and the library's default on every set: {set: {reader: {measure: figure}}}, and pages a second."""
    folder = shared / "data" / "extraction"
    if not folder.is_dir():
        return {"skipped": f"no {folder.name} pages beside the checkout"}
    readers = {"vigia": by_us, "library": by_library}
    figures: dict[str, Any] = {
        name: {who: _figures(list(pages(folder / name)), reader) for who, reader in readers.items()} for name in SETS
    }
    both = [case for name in SETS[1:] for case in pages(folder / name)]
    figures["both"] = {who: said([(truth, reader(page)) for truth, page in both]) for who, reader in readers.items()}
    return figures


def pages(folder: Path) -> Iterator[tuple[dict[str, Any], Page]]:
    """Each page of a set and its truth."""
    for line in (folder / "pages.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        body = gzip.decompress((folder / truth["html_path"]).read_bytes())
        yield truth, Page(truth["url"], truth["url"], body, "text/html", FETCHED_AT)


def by_us(page: Page) -> Reading:
    """Read a page as the flow does."""
    try:
        article = extract(page, max_chars=1_000_000, min_words=1)
    except Never:
        return Reading()
    return Reading(article.text, article.title, article.authors, article.published_at, article.modified_at)


def by_library(page: Page) -> Reading:
    """Read a page by trafilatura's default, with its metadata."""
    found = trafilatura.bare_extraction(page.body, url=page.final_url, with_metadata=True)
    if not isinstance(found, trafilatura.settings.Document):
        return Reading()
    day = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
    return Reading(found.text or "", found.title or "", authors, day)


def _figures(cases: list[tuple[dict[str, Any], Page]], reader: Callable[[Page], Reading]) -> dict[str, Any]:
    found = [page for _, page in cases]
    figures: dict[str, Any] = {"pages": len(cases), "pages_per_s": _speed(found, reader)}
    if reader is by_us:
        topics = Topics.load(ROOT / "config")
        figures["triage_pages_per_s"] = _speed(found, triage)
        figures["turned_away_pages_per_s"] = _speed(found, lambda page: topics.on_topic(triage(page)))
    return figures | scores([(truth, reader(page)) for truth, page in cases])


def scores(readings: list[tuple[dict[str, Any], Reading]]) -> dict[str, float]:
    """Score what a reader made of pages against the truth, in every measure that the truth allows."""
    figures: dict[str, float] = {}
    bodies = [shingle_scores(truth["body_text"], got.text) for truth, got in readings if truth["body_text"]]
    if bodies:
        figures |= {name: _mean(score[at] for score in bodies) for at, name in enumerate(("precision", "recall", "f1"))}
    if any(truth.get("with") for truth, _ in readings):
        figures |= _snippets(readings)
    return figures | said(readings)


def said(readings: list[tuple[dict[str, Any], Reading]]) -> dict[str, float]:
    """Score what a reader made of what pages say of themselves, in every field that the truth has."""
    figures: dict[str, float] = {}
    checks = {
        "title": ("title", _same_title),
        "date": ("publishing_date", _same_day),
        "date_or_change": ("publishing_date", _same_day_or_change),
        "authors": ("authors", _same_authors),
    }
    for name, (field, check) in checks.items():
        known = [check(truth[field], got) for truth, got in readings if truth.get(field)]
        if known:
            figures[name] = _mean(known)
    return figures


def _speed(cases: list[Page], reader: Callable[[Page], Any]) -> float:
    """Pages a second of processor time, from the quickest of a few readings of each page."""
    seconds = 0.0
    for page in cases:
        taken = []
        for _ in range(_REPEATS):
            began = time.process_time()
            reader(page)
            taken.append(time.process_time() - began)
        seconds += min(taken)
    return round(len(cases) / seconds, 1)


def _mean(values: Any) -> float:
    listed = list(values)
    return round(sum(listed) / len(listed), 4)


def shingle_scores(truth: str, got: str, size: int = 4) -> tuple[float, float, float]:
    """Precision, recall and F1 of runs of four words, as in scrapinghub's article-extraction-benchmark."""
    wanted, found = _shingles(truth, size), _shingles(got, size)
    shared = sum((wanted & found).values())
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / sum(found.values()), shared / sum(wanted.values())
    return precision, recall, 2 * precision * recall / (precision + recall)


def _shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    tokens = re.findall(r"\w+", text)
    return Counter(tuple(tokens[at : at + size]) for at in range(max(1, len(tokens) - size + 1)))


def _snippets(readings: list[tuple[dict[str, Any], Reading]]) -> dict[str, float]:
    wanted = [phrase in got.text for truth, got in readings for phrase in truth["with"] or ()]
    unwanted = [phrase in got.text for truth, got in readings for phrase in truth["without"] or ()]
    precision, recall = sum(wanted) / (sum(wanted) + sum(unwanted)), sum(wanted) / len(wanted)
    return {"snippets_f1": round(2 * precision * recall / (precision + recall), 4)}


def _same_title(truth: str, got: Reading) -> bool:
    return words(truth) == words(got.title)


#: how truths join two people, and what they print behind a name
_JOINED = re.compile(r"\s*;\s*|\s+(?:and|y|e|&)\s+", re.I)
_BEHIND = re.compile(r",?\s+(?:ph\.?d|m\.?d)\b\.?$|\s+for the .*$", re.I)


def _same_authors(truth: list[str], got: Reading) -> bool:
    return _people(truth) == _people(got.authors)


def _people(names: Iterable[str]) -> set[str]:
    single = (one for name in names for one in _JOINED.split(name))
    return {" ".join(words(_BEHIND.sub("", one.strip()))) for one in single}


def _same_day(truth: str, got: Reading) -> bool:
    return _is_on(truth, got.published)


def _same_day_or_change(truth: str, got: Reading) -> bool:
    return _is_on(truth, got.published) or _is_on(truth, got.changed)


def _is_on(truth: str, at: datetime | None) -> bool:
    """Whether it is the day in UTC; a truth without a zone may be the day of any zone."""
    if at is None:
        return False
    wanted = datetime.fromisoformat(truth)
    if wanted.tzinfo is not None:
        return at.date() in (wanted.astimezone(UTC).date(), wanted.date())
    day = wanted.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    return day + _ZONES[0] <= at < day + timedelta(days=1) + _ZONES[1]


if __name__ == "__main__":
    print(json.dumps(run(ROOT.parent / "shared"), indent=1))
    sys.exit(0)
