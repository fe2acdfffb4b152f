"""What a source brought on one day, and what one step of the flow adds to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.types import Entry, FeedDocument, Outcome

#: hours that a feed's clock may run ahead: outlets give local time as GMT
_AHEAD = timedelta(hours=2)
_STALE = timedelta(days=30)
#: so many new entries of one poll with one and the same time, which is none of midnight, were not written then
_BATCH = 3
#: the sign of characters that were lost, and UTF-8 that somebody read as windows-1252
_GARBLED = re.compile(r"�|Ã[\u0080-\u00bf\u0192\u0160\u0178\u2018-\u203a]|â€")


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One source on one UTC day, or what one step adds to it: numbers add up, hours are joined.

    Bit n of the three `hours_` stands for the hour from n:00 UTC.
    """

    source: str
    day: date
    #: we asked a feed of it; a feed of it answered with what we can read; it brought something new
    hours_asked: int = 0
    hours_answered: int = 0
    hours_news: int = 0
    polls: int = 0
    polls_failed: int = 0
    #: bodies read, and those of them whose bytes had to be mended
    reads: int = 0
    reads_mended: int = 0
    #: entries unknown before; those of a feed's first poll are no news and not counted, nor are changes
    entries: int = 0
    #: of these: without a usable date, dated ahead of our clock, a month old, all of one moment, garbled in the title
    undated: int = 0
    ahead: int = 0
    stale: int = 0
    one_moment: int = 0
    garbled: int = 0
    pages: int = 0
    #: entries that ended blocked or disallowed; gone or quarantined; too_short or not_article; stored
    pages_refused: int = 0
    pages_failed: int = 0
    pages_empty: int = 0
    items: int = 0


def of_poll(
    source: str, now: datetime, *, answered: bool, document: FeedDocument | None, news: Sequence[Entry]
) -> SourceDay:
    """What a poll adds. `answered`: it gave what we can read, or said that nothing changed; `news`: see `entries`."""
    hour = 1 << now.hour
    return SourceDay(
        source=source,
        day=now.date(),
        hours_asked=hour,
        hours_answered=hour if answered else 0,
        hours_news=hour if news else 0,
        polls=1,
        polls_failed=int(not answered),
        reads=int(document is not None),
        reads_mended=int(document is not None and document.mended),
        entries=len(news),
        undated=sum(_moment(entry) is None for entry in news),
        ahead=sum(moment > now + _AHEAD for moment in _moments(news)),
        stale=sum(moment < now - _STALE for moment in _moments(news)),
        one_moment=_of_one_moment(news),
        garbled=sum(_GARBLED.search(entry.title) is not None for entry in news),
    )


def of_page(source: str, now: datetime) -> SourceDay:
    """What a fetched page adds."""
    return SourceDay(source, now.date(), pages=1)


def of_ending(source: str, now: datetime, outcome: Outcome) -> SourceDay:
    """What an entry's end adds."""
    return SourceDay(
        source,
        now.date(),
        pages_refused=int(outcome in (Outcome.BLOCKED, Outcome.DISALLOWED)),
        pages_failed=int(outcome in (Outcome.GONE, Outcome.QUARANTINED)),
        pages_empty=int(outcome in (Outcome.TOO_SHORT, Outcome.NOT_ARTICLE)),
        items=int(outcome == Outcome.STORED),
    )


def _moment(entry: Entry) -> datetime | None:
    return entry.claimed_at or entry.updated_at


def _moments(news: Iterable[Entry]) -> list[datetime]:
    return [moment for entry in news if (moment := _moment(entry)) is not None]


def _of_one_moment(news: Sequence[Entry]) -> int:
    """How many, where all claim one moment; a day without a time of day is no moment."""
    moments = _moments(news)
    if len(moments) < _BATCH or len(set(moments)) > 1:
        return 0
    return 0 if (moments[0].hour, moments[0].minute, moments[0].second) == (0, 0, 0) else len(moments)
