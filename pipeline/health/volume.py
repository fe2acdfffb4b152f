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

_WEEK, _BEFORE = 7, 28
#: watched days needed: of the week, of the four weeks before
_LEAST_WEEK, _LEAST_BEFORE = 4, 14
#: hours of a day that must have been watched
_WHOLE = 20
_LOW, _HIGH = 1.5, 2.0
#: within so many sigma it is well again
_WELL = 1.0
#: entries in a week that a jump must bring beyond the band's middle: rare news doubles easily
_LEAST_JUMP = 20


@dataclass(frozen=True, slots=True)
class _Band:
    """A week against the weeks before: entries a day as they are and as expected, sigma, and the days it rests on."""

    mean: float
    expected: float
    sigma: float
    days: int
    #: the last two days, as they are and as expected
    lately: tuple[float, float]


def volume(counts: Mapping[date, int], hours: Timeline, today: date, since: date | None) -> tuple[Sign, Sign]:
    """Is there much less, is there much more? `counts` are new entries by day.

    `since`: the day on which a symptom was noticed that is still open; what came after it is no yardstick.
    """
    band = _band(counts, hours, today, since)
    if band is None:
        return Sign("drop", None), Sign("jump", None)
    return _drop(band), _jump(band)


def _drop(band: _Band) -> Sign:
    low = band.expected - _LOW * band.sigma
    # after a silence or a fault that has ended, the week is thin but the days are not
    still = band.lately[0] < band.lately[1]
    if band.mean < low and still:
        return Sign("drop", True, _words(band))
    well = band.mean >= band.expected - _WELL * band.sigma or not still
    return Sign("drop", False if well else None, _words(band))


def _jump(band: _Band) -> Sign:
    high = band.expected + _HIGH * band.sigma
    if band.mean > high and (band.mean - band.expected) * _WEEK >= _LEAST_JUMP:
        return Sign("jump", True, _words(band))
    well = band.mean <= band.expected + _WELL * band.sigma
    return Sign("jump", False if well else None, _words(band))


def _words(band: _Band) -> str:
    return (
        f"{band.mean:.1f} new entries a day in the last {band.days} watched days; expected {band.expected:.1f}, "
        f"give or take {band.sigma:.1f}, as in the four weeks before"
    )


def _band(counts: Mapping[date, int], hours: Timeline, today: date, since: date | None) -> _Band | None:
    week = _watched(counts, hours, today - timedelta(days=_WEEK), today)
    edge = min(today - timedelta(days=_WEEK), since or today)
    before = _watched(counts, hours, edge - timedelta(days=_BEFORE), edge)
    if len(week) < _LEAST_WEEK or len(before) < _LEAST_BEFORE:
        return None
    usual = _by_weekday(before)
    expected = {day: usual[day.weekday()] for day in week}
    lately = sorted(week)[-2:]
    return _Band(
        mean=_mean(list(week.values())),
        expected=_mean(list(expected.values())),
        # fewer days than a week scatter more
        sigma=_sigma(before, usual) * math.sqrt(_WEEK / len(week)),
        days=len(week),
        lately=(sum(week[day] for day in lately), sum(expected[day] for day in lately)),
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
    start = (day - hours.first).days * 24
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
