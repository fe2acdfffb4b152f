"""A source's hours as three numbers whose bits are hours: cheap to join, to count and to compare week by week."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

from pipeline.health.day import SourceDay

_WEEK = 168


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bit n is the hour that begins n hours after midnight UTC of the day `first`; `hours` end with the present one."""

    first: date
    hours: int
    asked: int
    answered: int
    #: hours that an answered poll looked back on: what was published in them was seen
    covered: int
    news: int

    def day(self, day: date) -> int:
        """The bit of a day's first hour; negative for a day before `first`."""
        return (day - self.first).days * 24

    def moment(self, hour: int) -> datetime:
        """When the hour of a bit begins."""
        return self._start + timedelta(hours=hour)

    @property
    def _start(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    def expected(self, window: int, since: int, until: int) -> float:
        """How many hours of the mask `window` should bring news, as the same hours of the week did in since..until.

        Hours of the week that were not covered then count like the others' mean.
        """
        covered = self.covered & span(since, until)
        news = self.news & covered
        mean = news.bit_count() / max(covered.bit_count(), 1)
        total = 0.0
        for comb in _combs(self.hours // _WEEK + 1):
            if wanted := (window & comb).bit_count():
                known = (covered & comb).bit_count()
                total += wanted * ((news & comb).bit_count() / known if known else mean)
        return total

    def longest_quiet(self, since: int, until: int) -> int:
        """The most covered hours between two hours with news in since..until."""
        hours = list(bits(self.news & span(since, until)))
        between = (self.covered & span(left + 1, right) for left, right in pairwise(hours))
        return max((hours.bit_count() for hours in between), default=0)


def timeline(days: Iterable[SourceDay], now: datetime, first: date, reach: float) -> Timeline:
    """Join days from `first` on; a poll looks back `reach` seconds. Hours after `now` are a clock's slip: left out."""
    asked = answered = news = 0
    for day in days:
        shift = (day.day - first).days * 24
        if shift >= 0:
            asked |= day.hours_asked << shift
            answered |= day.hours_answered << shift
            news |= day.hours_news << shift
    hours = ((now.date() - first).days * 24) + now.hour + 1
    past = span(0, hours)
    answered &= past
    covered = answered
    for back in range(1, math.ceil(reach / 3600) + 1):
        covered |= answered >> back
    return Timeline(first, hours, asked & past, answered, covered, news & past)


def span(since: int, until: int) -> int:
    """The mask of the hours from `since` up to but not with `until`."""
    since = max(since, 0)
    return ((1 << (until - since)) - 1) << since if until > since else 0


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@cache
def _combs(weeks: int) -> tuple[int, ...]:
    """For each hour of a week, the mask of that hour in every week."""
    every = sum(1 << (week * _WEEK) for week in range(weeks))
    return tuple(every << hour for hour in range(_WEEK))
