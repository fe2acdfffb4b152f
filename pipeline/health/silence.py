"""The silent-source alarm: nothing new for longer than the source's own weeks let expect.

Not the outlet's fault, and so not counted: hours that no answered poll looked back on, be it that our engine stood
still, that our network was down or that the host failed (which is a symptom of its own).
"""

from __future__ import annotations

import math

from pipeline.health.sign import Sign
from pipeline.health.timeline import Timeline, span

#: hours of history that a source is compared with
_BEFORE = 28 * 24
#: covered hours and hours with news in them, before anything is expected of a source
_LEAST_COVERED, _LEAST_NEWS = 14 * 24, 8
#: no silence is shorter
_LEAST_HOURS = 24
#: a silence is over when a day has this share of the hours with news that it should have
_DAY, _SPEAKING = 24, 0.25
#: hours with news that are overdue: were they independent, e^-15 is the chance of none of them
_OVERDUE = 15.0
#: a silence so many times as long as the longest before, where news is too rare for the first rule
_TIMES = 4.0


def silence(hours: Timeline, allowed: float | None) -> Sign:
    """Is the source silent? `allowed` are hours of silence that its declaration expects, if it says so."""
    last = hours.news.bit_length() - 1 if hours.news else _watched_since(hours) - 1
    quiet = hours.covered & span(last + 1, hours.hours)
    length = quiet.bit_count()
    if allowed is not None:
        return _by_declaration(hours, last, length, allowed)
    if not hours.news:
        return Sign("silence", None)
    since = last + 1 - _BEFORE
    before = hours.covered & span(since, last + 1)
    if before.bit_count() < _LEAST_COVERED or (hours.news & before).bit_count() < _LEAST_NEWS:
        return Sign("silence", None)
    if length < _LEAST_HOURS:
        return _speaking(hours)
    return _by_its_own_weeks(hours, last, quiet, length)


def _by_its_own_weeks(hours: Timeline, last: int, quiet: int, length: int) -> Sign:
    since = last + 1 - _BEFORE
    expected = hours.expected(quiet, since, last + 1)
    longest = hours.longest_quiet(since, last + 1)
    overdue = expected >= _OVERDUE and length > longest
    ill = overdue or length > _TIMES * max(longest, 1)
    words = (
        f"{_nothing_new(hours, last, length)}; expected news in {expected:.0f} of them, as in the four weeks before, "
        f"whose longest pause was {longest} hours"
    )
    return Sign("silence", ill, words, "warning")


def _speaking(hours: Timeline) -> Sign:
    """Something is new; a first entry after a silence is not yet its end, where a day brings many."""
    since = hours.hours - _DAY
    day = hours.covered & span(since, hours.hours)
    came = (hours.news & day).bit_count()
    expected = hours.expected(day, since - _BEFORE, since)
    well = came >= max(1.0, _SPEAKING * expected)
    words = f"news in {came} of the last {_DAY} hours; expected in {expected:.0f} of them"
    return Sign("silence", False if well else None, words)


def _by_declaration(hours: Timeline, last: int, length: int, allowed: float) -> Sign:
    if math.isinf(allowed):
        return Sign("silence", False, "its declaration expects any silence")
    words = f"{_nothing_new(hours, last, length)}; its declaration expects at most {allowed:g} hours of silence"
    return Sign("silence", length > allowed, words, "warning")


def _watched_since(hours: Timeline) -> int:
    """The first covered hour."""
    return (hours.covered & -hours.covered).bit_length() - 1 if hours.covered else hours.hours


def _nothing_new(hours: Timeline, last: int, length: int) -> str:
    return f"nothing new since {hours.moment(last + 1):%Y-%m-%d %H:%M} UTC, for {length} hours"
