"""The silent-source alarm: nothing new for longer than the source's own weeks let expect.

Not the outlet's fault, and so not counted: hours that no answered poll looked back on, be it that our engine stood
still, that our network was down or that the host failed (which is a symptom of its own).
"""

from __future__ import annotations

import math
from datetime import date

from pipeline.health.sign import Sign
from pipeline.health.timeline import Timeline, span
from pipeline.wording import Worded, joined, worded

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


def silence(hours: Timeline, allowed: float | None, since: date | None) -> Sign:
    """Is the source silent? `allowed` are hours of silence that its declaration expects, if it says so.

    `since`: the day on which a silence was noticed that is still open; what came after it is no yardstick.
    """
    last = hours.news.bit_length() - 1 if hours.news else _watched_since(hours) - 1
    quiet = hours.covered & span(last + 1, hours.hours)
    length = quiet.bit_count()
    if allowed is not None:
        return _by_declaration(hours, last, length, allowed)
    if not hours.news:
        return Sign("silence", None)
    start = last + 1 - _BEFORE
    before = hours.covered & span(start, last + 1)
    if before.bit_count() < _LEAST_COVERED or (hours.news & before).bit_count() < _LEAST_NEWS:
        return Sign("silence", None)
    overdue = _overdue(hours, last, quiet, length) if length >= _LEAST_HOURS else None
    return overdue or _speaking(hours, since)


def _overdue(hours: Timeline, last: int, quiet: int, length: int) -> Sign | None:
    """The sign of a silence, if this is one, by the source's own weeks before its last news."""
    start = last + 1 - _BEFORE
    expected = hours.expected(quiet, start, last + 1)
    longest = hours.longest_quiet(start, last + 1)
    if not (expected >= _OVERDUE and length > longest) and length <= _TIMES * max(longest, 1):
        return None
    words = joined(
        _nothing_new(hours, last, length),
        worded(
            "expected news in {expected} of them, as in the four weeks before, whose longest pause was {longest} hours",
            expected=f"{expected:.0f}",
            longest=longest,
        ),
    )
    return Sign("silence", True, words, "warning")


def _speaking(hours: Timeline, since: date | None) -> Sign:
    """Is it well? A first entry after a silence is not yet its end, where a day brings many."""
    start = hours.hours - _DAY
    day = hours.covered & span(start, hours.hours)
    edge = min(start, hours.day(since)) if since else start
    came = (hours.news & day).bit_count()
    expected = hours.expected(day, edge - _BEFORE, edge)
    well = came >= max(1.0, _SPEAKING * expected)
    words = joined(
        worded("news in {came} of the last {length} hours", came=came, length=_DAY),
        worded("expected in {expected} of them", expected=f"{expected:.0f}"),
    )
    return Sign("silence", False if well else None, words)


def _by_declaration(hours: Timeline, last: int, length: int, allowed: float) -> Sign:
    if math.isinf(allowed):
        return Sign("silence", False, str(worded("its declaration expects any silence")))
    declared = worded("its declaration expects at most {allowed} hours of silence", allowed=f"{allowed:g}")
    words = joined(_nothing_new(hours, last, length), declared)
    return Sign("silence", length > allowed, words, "warning")


def _watched_since(hours: Timeline) -> int:
    """The first covered hour."""
    return (hours.covered & -hours.covered).bit_length() - 1 if hours.covered else hours.hours


def _nothing_new(hours: Timeline, last: int, length: int) -> Worded:
    moment = f"{hours.moment(last + 1):%Y-%m-%d %H:%M}"
    return worded("nothing new since {moment} UTC, for {length} hours", moment=moment, length=length)
