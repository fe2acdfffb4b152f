"""When publishers ask us not to come, and how far we let them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.poll.hints import open_moment

#: a Wednesday
NOON = datetime(2012, 6, 27, 12, 20, tzinfo=UTC)
HOURS = st.frozensets(st.integers(0, 23))
DAYS = st.frozensets(st.integers(0, 6))


def test_closed_hours_are_waited_for_and_the_minute_is_kept() -> None:
    assert open_moment(NOON, (12, 13), ()) == NOON + timedelta(hours=2)
    assert open_moment(NOON, (1, 2), ()) == NOON


def test_closed_days_are_waited_for_a_day_at_most() -> None:
    assert open_moment(NOON, (), (2,)) == datetime(2012, 6, 28, 0, 20, tzinfo=UTC)
    assert open_moment(NOON, (), (2, 3, 4)) == NOON + timedelta(days=1)


def test_who_is_always_closed_is_not_believed() -> None:
    assert open_moment(NOON, range(24), ()) == NOON
    assert open_moment(NOON, (), range(7)) == NOON


@given(HOURS, DAYS)
def test_nobody_keeps_us_away_for_more_than_a_day(hours: frozenset[int], days: frozenset[int]) -> None:
    moment = open_moment(NOON, hours, days)
    assert timedelta() <= moment - NOON <= timedelta(days=1)
    if moment - NOON < timedelta(days=1):
        closed = len(hours) < 24 and len(days) < 7
        assert not closed or (moment.hour not in hours and moment.weekday() not in days)
