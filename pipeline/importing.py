"""Imports: articles that others collected, through the same settling as those we fetch.

lines of JSON -> analyzed in reading processes, several at once -> settled one after the other, in input order
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pipeline import claims
from pipeline.errors import Never, Retry
from pipeline.flow import Flow
from pipeline.reading import PagePool, result_of
from pipeline.settling import settle_analysis
from pipeline.storage import entries, locks, sources
from pipeline.storage.entries import Announcement
from pipeline.storage.store import Transaction
from pipeline.types import Analysis, Article, Ending, Entry, Outcome

#: no page of the web is older
_EARLIEST = 1990
#: lines analyzed ahead of the one being settled, for each reading process
_AHEAD = 8


class _Written(msgspec.Struct, frozen=True):
    """One line of an import file, as written; the date in ISO 8601, a day at least."""

    url: str
    title: str
    text: str
    source: str
    published_at: str | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an import file."""

    url: str
    title: str
    text: str
    source: str
    published_at: datetime | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one line. `error` is set for a line that is none; it has no outcome then."""

    number: int
    url: str | None
    ending: Ending | None
    error: str = ""


def import_lines(flow: Flow, pool: PagePool, lines: Iterable[bytes], *, quiet: bool = True) -> Iterator[Imported]:
    """Import JSONL, yielding what became of each line in input order.

    Safe to run again: known lines keep their ending, but for the quarantined, which are read again. Alerts stay quiet
    unless `quiet` is False.
    """
    ahead: deque[tuple[int, Line | str, Future[Any] | None]] = deque()
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        line = _line(raw)
        ahead.append((number, line, pool.analyze(_article(line)) if isinstance(line, Line) else None))
        if len(ahead) > _AHEAD * pool.workers:
            yield _import(flow, *ahead.popleft(), quiet)
    while ahead:
        yield _import(flow, *ahead.popleft(), quiet)


def _line(raw: bytes) -> Line | str:
    """Read one line; a string says what is wrong with it."""
    try:
        return _meant(msgspec.json.decode(raw, type=_Written))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        return str(error)


def _meant(line: _Written) -> Line:
    published = datetime.fromisoformat(line.published_at) if line.published_at else None
    if published is not None:
        published = published.replace(tzinfo=published.tzinfo or UTC)
        # impossible dates are dropped, not clamped
        published = published.astimezone(UTC) if published.year >= _EARLIEST else None
    if not urlsplit(line.url).hostname:
        raise ValueError(f"url: expected an address with a host, got {line.url!r}")
    return Line(line.url, line.title, line.text, line.source, published, line.lang or None)


def _article(line: Line) -> Article:
    return Article(
        line.url, line.url, line.title.strip(), line.text.strip(), published_at=line.published_at, lang=line.lang
    )


def _import(flow: Flow, number: int, line: Line | str, future: Future[Any] | None, quiet: bool) -> Imported:
    if isinstance(line, str) or future is None:
        return Imported(number, None, None, str(line))
    found = result_of(future, line.url)
    return Imported(number, line.url, settle_article(flow, line, found, quiet=quiet))


def settle_article(flow: Flow, line: Line, found: Analysis | Retry | Never, *, quiet: bool = True) -> Ending:
    """Announce and settle an article in one transaction; the same text at the same address keeps its first outcome.

    Unless that was quarantined, as the process that read it died: then it is settled as if it had not been there.
    """
    return flow.store.transact(lambda db: _settle(flow, db, line, found, quiet=quiet))


def _settle(flow: Flow, db: Transaction, line: Line, found: Analysis | Retry | Never, *, quiet: bool) -> Ending:
    now, url_key = flow.clock.now(), flow.url_keys.key(line.url)
    text_hash = hashlib.sha1(f"{line.title}\n{line.text}".encode(), usedforsecurity=False).hexdigest()
    entry = Entry(line.url, line.title, claimed_at=line.published_at, lang=line.lang)
    locks.hold(db, (claims.of_address(url_key), *(claims.of_analysis(found) if isinstance(found, Analysis) else ())))
    sources.ensure(db, line.source)
    announced = Announcement(entry, text_hash, url_key, text_hash, host=flow.hosts.key(line.url))
    entries.announce(db, line.source, None, [announced], now, quiet=quiet)
    work = entries.announced(db, url_key, text_hash)
    if work.outcome == Outcome.QUARANTINED and entries.import_again(db, work.id, quiet=quiet):
        work = entries.announced(db, url_key, text_hash)
    if work.outcome is not None:
        return Ending(work.outcome, "imported before", work.item_id)
    ending = settle_analysis(flow, db, work, found) if isinstance(found, Analysis) else _refused(found)
    entries.end(db, work.id, ending, now)
    return ending


def _refused(error: Retry | Never) -> Ending:
    return Ending(error.outcome if isinstance(error, Never) else Outcome.QUARANTINED, str(error))
