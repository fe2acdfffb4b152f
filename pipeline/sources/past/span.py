"""The stretch of time that is asked for, and what belongs into it. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pipeline.types import Entry

_Y, _M, _D = r"(?<!\d)((?:19|20)\d\d)", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])(?!\d)"
#: 2012-06-27, 2012/6/27; 2012-06, 2012/6
_DAY = re.compile(rf"{_Y}([-/_.]){_M}\2{_D}")
_MONTH = re.compile(rf"{_Y}[-/_.]{_M}(?!\d)")
#: 20120627, 201206, 2012: in the name of a sitemap; in the address of an article these are numbers of anything
_DAY_NAME = re.compile(rf"{_Y}()(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH_NAME = re.compile(rf"{_Y}(0[1-9]|1[0-2])(?!\d)")
_YEAR_NAME = re.compile(rf"{_Y}(?!\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` to `until`, both included, UTC."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies inside."""
        return self.since <= moment <= self.until

    def touches(self, first: date, last: date) -> bool:
        """Whether days from `first` to `last` have any part inside."""
        return self.since.date() <= last and first <= self.until.date()


@dataclass(frozen=True, slots=True)
class Turn:
    """What one page of the past brought, and where to go on."""

    #: those inside the span
    entries: tuple[Entry, ...]
    #: all that the page had
    seen: int
    #: entries left out because nothing says when they are of
    undated: int = 0
    note: str = ""


def period_of(url: str) -> tuple[date, date] | None:
    """First and last day of the date written in the path of an article's address, a month at least."""
    text = _tail(url)
    return _day(_DAY.search(text)) or _month(_MONTH.search(text))


def period_named(url: str) -> tuple[date, date] | None:
    """First and last day of the date in the name of a sitemap: a day, a month or a year."""
    text = _tail(url)
    year = _YEAR_NAME.search(text)
    return (
        period_of(url)
        or _day(_DAY_NAME.search(text))
        or _month(_MONTH_NAME.search(text))
        or ((date(int(year[1]), 1, 1), date(int(year[1]), 12, 31)) if year else None)
    )


def _tail(url: str) -> str:
    """Path and query: hosts have years in their names, and ports look like some."""
    return url.partition("://")[2].partition("/")[2]


def _day(found: re.Match[str] | None) -> tuple[date, date] | None:
    try:
        day = date(int(found[1]), int(found[3]), int(found[4])) if found else None
    except ValueError:
        return None
    return (day, day) if day else None


def _month(found: re.Match[str] | None) -> tuple[date, date] | None:
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def belongs(entry: Entry, span: Span) -> bool | None:
    """Whether an entry is of the span; None where nothing tells.

    The time of the last change tells only that a page is no younger: what was published inside the span may have been
    edited after it.
    """
    if entry.claimed_at is not None:
        return span.holds(entry.claimed_at)
    if (period := period_of(entry.url)) is not None:
        return span.touches(*period)
    if entry.updated_at is not None:
        return entry.updated_at >= span.since
    return None


def sift(entries: tuple[Entry, ...], span: Span, *, keep_undated: bool = False, note: str = "") -> Turn:
    """Those of the entries that belong into the span."""
    told = [(entry, belongs(entry, span)) for entry in entries]
    kept = tuple(entry for entry, inside in told if inside or (inside is None and keep_undated))
    undated = 0 if keep_undated else sum(inside is None for _, inside in told)
    return Turn(kept, len(entries), undated, note)


def start_of(day: date) -> datetime:
    """Midnight, UTC."""
    return datetime.combine(day, time(), UTC)
