"""The 28-day band: what is much less, much more, and what only looks like it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.health import SourceDay
from tests.days import by_day, judged, made, on_weekdays, opened, until


def from_day(
    first: int, before: Callable[[int, int], int], after: Callable[[int, int], int]
) -> Callable[[int, int], int]:
    return lambda day, hour: (before if day < first else after)(day, hour)  # fmt: skip


def thin(day: int, hour: int) -> int:
    return 1 if hour in (8, 12, 16, 20) else 0


def thick(day: int, hour: int) -> int:
    return 5 * by_day(day, hour)


def test_a_week_of_an_eighth_is_a_drop() -> None:
    (change,) = judged(made(6, from_day(34, by_day, thin)))
    assert change.symptom.kind == "drop"
    assert change.symptom.sentence == (
        "4.0 new entries a day in the last 7 watched days; expected 32.0, give or take 5.7, as in the four weeks before"
    )


def test_a_week_of_five_times_as_much_is_a_jump() -> None:
    assert opened(made(6, from_day(34, by_day, thick))) == ["jump"]


@pytest.mark.parametrize(
    ("why", "days"),
    [
        ("like the weeks before", made(6, by_day)),
        ("a rest on weekends is usual", made(6, on_weekdays)),
        ("three thin days of seven", made(6, from_day(38, by_day, thin))),
        (
            "rare news doubles easily",
            made(6, from_day(34, lambda d, h: h == 9, lambda d, h: h in (9, 11, 13) or (h == 15 and d % 2))),
        ),
        ("rare news may stay away for a week", made(6, lambda day, hour: day % 3 == 0 and hour == 9 and day < 35)),
        ("too short a history", made(3, from_day(14, by_day, thin))),
    ],
)
def test_what_is_no_change_of_volume(why: str, days: list[SourceDay]) -> None:
    assert opened(days) == [], why


def test_what_piled_up_while_we_were_off_is_no_jump() -> None:
    """Three days off; the feed still lists what it published, and brings it all in the first hour."""
    asked = lambda hour: not 35 * 24 <= hour < 38 * 24 + 1  # noqa: E731
    days = made(6, lambda day, hour: 400 if (day, hour) == (38, 1) else by_day(day, hour), asked=asked)
    assert opened(days) == []


def test_days_of_half_our_attention_are_no_drop() -> None:
    days = made(6, by_day, asked=lambda hour: hour < 34 * 24 or hour % 24 < 9)
    assert opened(days) == []


def test_a_week_watched_on_weekdays_only_is_measured_by_weekdays() -> None:
    asked = lambda hour: hour // 24 not in (33, 34, 40)  # noqa: E731
    assert opened(made(6, lambda day, hour: 5 * on_weekdays(day, hour), asked=asked)) == []


def test_nothing_at_all_is_told_as_silence_only() -> None:
    assert opened(made(7, until(40, by_day))) == ["silence"]


def test_the_days_after_a_silence_are_no_drop() -> None:
    for resumed in range(42, 48):
        days = made((resumed + 1) / 7, lambda day, hour, on=resumed: by_day(day, hour) if not 38 <= day < on else 0)
        assert "drop" not in opened(days), resumed


def test_a_drop_is_over_when_the_days_are_as_before() -> None:
    low = made(6, from_day(34, by_day, thin))
    known = [change.symptom for change in judged(low)]
    still = made(6 + 5 / 7, lambda day, hour: (thin if 34 <= day < 43 else by_day)(day, hour))
    over = made(8, lambda day, hour: (thin if 34 <= day < 43 else by_day)(day, hour))
    assert judged(still[:-4], known) == []
    assert [(change.symptom.kind, change.state) for change in judged(over, known)] == [("drop", "recovered")]


def test_a_new_level_is_normal_after_four_weeks() -> None:
    """While a symptom is young, what came after it is no yardstick; then it is how the source is."""
    low = made(6, from_day(34, by_day, thin))
    known = [change.symptom for change in judged(low)]
    for weeks in (7, 8, 9):
        assert judged(made(weeks, from_day(34, by_day, thin)), known) == []
    assert [change.state for change in judged(made(11, from_day(34, by_day, thin)), known)] == ["recovered"]


counts = st.lists(st.integers(0, 60), min_size=42, max_size=42)


@given(counts, st.integers(35, 41))
def test_more_today_never_makes_a_drop_of_what_is_none(numbers: list[int], extra: int) -> None:
    days = made(6, lambda day, hour: numbers[day] if hour == 9 else 0)
    more = [dataclasses.replace(day, entries=day.entries + 5) if n == extra else day for n, day in enumerate(days)]
    if numbers[extra] and "drop" not in opened(days):
        assert "drop" not in opened(more)
