"""Hours as bits, against hours in a list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.health.timeline import Timeline, bits, span, timeline
from tests.days import START, made

HOURS = 3 * 168
heard = st.integers(0, 2**HOURS - 1).map(lambda drawn: [bool(drawn >> hour & 1) for hour in range(HOURS)])


def line(asked: list[bool], news: list[bool], reach: float = 0.0) -> Timeline:
    days = made(HOURS / 168, lambda day, hour: news[day * 24 + hour], asked=lambda hour: asked[hour])
    return timeline(days, START + timedelta(hours=HOURS - 1), START.date(), reach)


@given(heard, heard, st.integers(1, HOURS))
def test_what_the_same_hours_of_the_week_let_expect(asked: list[bool], news: list[bool], until: int) -> None:
    window = range(until, HOURS)
    known = [(hour % 168, news[hour]) for hour in range(until) if asked[hour]]
    mean = sum(came for _, came in known) / max(len(known), 1)
    expected = 0.0
    for hour in window:
        same = [came for place, came in known if place == hour % 168]
        expected += sum(same) / len(same) if same else mean
    assert abs(line(asked, news).expected(span(until, HOURS), 0, until) - expected) < 1e-6


@given(heard, heard)
def test_the_longest_pause_in_hours_that_were_watched(asked: list[bool], news: list[bool]) -> None:
    longest, pause = 0, None
    for hour in range(HOURS):
        if asked[hour] and news[hour]:
            longest, pause = max(longest, pause or 0), 0
        elif asked[hour] and pause is not None:
            pause += 1
    assert line(asked, news).longest_quiet(0, HOURS) == longest


def test_a_poll_covers_the_hours_that_it_looks_back_on() -> None:
    asked = [hour in (2, 9) for hour in range(HOURS)]
    assert list(bits(line(asked, asked, 3 * 3600.0).covered)) == [0, 1, 2, 6, 7, 8, 9]
    assert list(bits(line(asked, asked, 3 * 3600.0 + 1).covered)) == [0, 1, 2, 5, 6, 7, 8, 9]


def test_hours_to_come_are_left_out() -> None:
    days = made(1, lambda day, hour: 1)
    seen = timeline(days, START + timedelta(days=2, hours=5, minutes=59), START.date(), 0.0)
    assert (seen.hours, seen.news, seen.covered) == (54, span(0, 54), span(0, 54))


def test_bits_are_hours_of_utc() -> None:
    seen = line([True] * HOURS, [True] * HOURS)
    moment = datetime(2012, 1, 3, 4, 30, tzinfo=UTC)
    assert seen.moment(28) == moment.replace(minute=0)
