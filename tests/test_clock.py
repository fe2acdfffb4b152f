"""Clocks tell aware times in UTC; a shifted one ticks on from its start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from pipeline.clock import ShiftedClock, SystemClock


def test_the_system_clock_tells_an_aware_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_a_shifted_clock_starts_where_it_is_told_in_utc() -> None:
    lima = timezone(timedelta(hours=-5))
    clock = ShiftedClock(datetime(2012, 6, 25, 10, tzinfo=lima))
    assert clock.now().tzinfo is UTC
    assert timedelta() <= clock.now() - datetime(2012, 6, 25, 15, tzinfo=UTC) < timedelta(seconds=5)


def test_a_shifted_clock_ticks_as_its_monotonic_does() -> None:
    clock = ShiftedClock(datetime(2012, 6, 25, tzinfo=UTC))
    told, ticked = clock.now(), clock.monotonic()
    while clock.monotonic() - ticked < 0.01:
        pass
    assert 0.009 < (clock.now() - told).total_seconds() < 5


def test_monotonic_clocks_never_go_back() -> None:
    for clock in (SystemClock(), ShiftedClock(datetime(2012, 6, 25, tzinfo=UTC))):
        ticks = [clock.monotonic() for _ in range(100)]
        assert ticks == sorted(ticks)
