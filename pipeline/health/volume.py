"""The 28-day band: a week of much less, or much more, than the four weeks before it.

Media Cloud's rule (sources/alerts.py): the mean of seven days against mean - 1.5 sigma and mean + 2 sigma of the 28
days before. Two things differ. Sigma is what is left once each weekday's own mean is taken off, so that an outlet that
rests on Sundays is not thought erratic; and it is never less than that of a Poisson process of the same mean, so that
rare news is not blamed for being irregular. Days that we did not watch whole, and days after them, which bring what had
piled up, are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.health.sign import Sign
from pipeline.health.timeline import Timeline, span
from pipeline.wording import joined, worded

_WEEK, _BEFORE = 7, 28
#: watched days needed: of the week, of the four weeks before
_LEAST_WEEK, _LEAST_BEFORE = 4, 14
#: hours of a day that must have been watched
_WHOLE = 20
_LOW, _HIGH = 1.5, 2.0
#: within so many sigma it is well again
_WELL = 1.0
#: a day is low below this share of the usual, and a week when so many days are, or all that there are
_LOW_DAY, _LOW_DAYS = 0.75, 6
#: entries in a week that a jump must bring beyond the band's middle: rare news doubles easily
_LEAST_JUMP = 20


@dataclass(frozen=True, slots=True)
class _Week:
    """Days against the weeks before: entries a day as they are and as expected, and sigma of the mean of a week."""

    mean: float
    expected: float
    sigma: float
    days: int
    #: days well below what is usual on their weekday
    low: int

    def words(self) -> str:
        return joined(
            worded("{mean} new entries a day in the last {days} watched days", mean=f"{self.mean:.1f}", days=self.days),
            worded(
                "expected {expected}, give or take {sigma}, as in the four weeks before",
                expected=f"{self.expected:.1f}",
                sigma=f"{self.sigma:.1f}",
            ),
        )


def volume(counts: Mapping[date, int], hours: Timeline, today: date, since: date | None) -> tuple[Sign, Sign]:
    """Is there much less, is there much more? `counts` are new entries by day.

    `since`: the day on which a symptom was noticed that is still open; what came after it is no yardstick.
    """
    edge = min(today - timedelta(days=_WEEK), since or today)
    before = _watched(counts, hours, edge - timedelta(days=_BEFORE), edge)
    week = _watched(counts, hours, today - timedelta(days=_WEEK), today)
    if len(before) < _LEAST_BEFORE:
        return Sign("drop", None), Sign("jump", None)
    # days without anything are the silence's business, lest its end be taken for a drop
    some = {day: number for day, number in week.items() if number}
    return _drop(_compared(some, before)), _jump(_compared(week, before))


def _drop(week: _Week | None) -> Sign:
    if week is None:
        return Sign("drop", None)
    # a holiday makes a thin week too, but not of every day in it
    throughout = week.low >= min(week.days, _LOW_DAYS)
    if throughout and week.mean < week.expected - _LOW * week.sigma:
        return Sign("drop", True, week.words(), "warning")
    well = not throughout or week.mean >= week.expected - _WELL * week.sigma
    return Sign("drop", False if well else None, week.words())


def _jump(week: _Week | None) -> Sign:
    if week is None:
        return Sign("jump", None)
    if week.mean > week.expected + _HIGH * week.sigma and (week.mean - week.expected) * _WEEK >= _LEAST_JUMP:
        return Sign("jump", True, week.words())
    well = week.mean <= week.expected + _WELL * week.sigma
    return Sign("jump", False if well else None, week.words())


def _compared(week: Mapping[date, int], before: Mapping[date, int]) -> _Week | None:
    if len(week) < _LEAST_WEEK:
        return None
    usual = _by_weekday(before)
    expected = {day: usual[day.weekday()] for day in week}
    return _Week(
        mean=_mean(list(week.values())),
        expected=_mean(list(expected.values())),
        # fewer days than a week scatter more
        sigma=_sigma(before, usual) * math.sqrt(_WEEK / len(week)),
        days=len(week),
        low=sum(week[day] < _LOW_DAY * expected[day] for day in week),
    )


def _watched(counts: Mapping[date, int], hours: Timeline, since: date, until: date) -> dict[date, int]:
    """New entries of the days that were watched whole, as was the day before them."""
    found = {}
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        if _whole(hours, day) and _whole(hours, day - timedelta(days=1)):
            found[day] = counts.get(day, 0)
    return found


def _whole(hours: Timeline, day: date) -> bool:
    start = hours.day(day)
    return start >= 0 and (hours.covered & span(start, start + 24)).bit_count() >= _WHOLE


def _by_weekday(days: Mapping[date, int]) -> dict[int, float]:
    """Mean by weekday; a weekday that was never watched counts like the mean of the others."""
    overall = _mean(list(days.values()))
    grouped = {weekday: [n for day, n in days.items() if day.weekday() == weekday] for weekday in range(7)}
    return {weekday: _mean(numbers) if numbers else overall for weekday, numbers in grouped.items()}


def _sigma(days: Mapping[date, int], usual: Mapping[int, float]) -> float:
    squares = sum((n - usual[day.weekday()]) ** 2 for day, n in days.items())
    freedom = len(days) - len({day.weekday() for day in days})
    return math.sqrt(max(squares / max(freedom, 1), _mean(list(days.values()))))


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / max(len(numbers), 1)
