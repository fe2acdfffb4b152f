"""The silent-source alarm: when it goes off, what keeps it quiet, and that news always ends it."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.health import SourceDay, Symptom
from tests.days import START, by_day, end, judged, made, on_weekdays, opened, until, without


def test_a_lively_outlet_that_stops_is_noticed_within_two_days() -> None:
    assert opened(made(6, until(40, by_day))) == ["silence"]


def test_the_sentence_says_what_was_found_and_what_was_expected() -> None:
    (change,) = judged(made(6, until(40, by_day)))
    assert change.symptom.sentence == (
        "nothing new since 2012-02-10 23:00 UTC, for 49 hours; expected news in 32 of them, as in the four weeks "
        "before, whose longest pause was 8 hours"
    )
    assert (change.symptom.since, change.symptom.severity) == (end(made(6, by_day)), "warning")


@pytest.mark.parametrize(
    ("why", "days"),
    [
        ("it rests on weekends, and Sunday ends", made(6, on_weekdays)),
        ("it paused longer three weeks ago", made(6, without(range(20, 23), range(40, 42)))),
        ("too short a history", made(1.7, until(10, by_day))),
        ("rare news may stay away for a week", made(7, lambda day, hour: day in range(0, 42, 3) and hour == 9)),
        ("it never brought anything", made(6, lambda day, hour: 0)),
    ],
)  # fmt: skip
def test_what_is_no_silence(why: str, days: list[SourceDay]) -> None:
    assert "silence" not in opened(days), why


def test_a_day_is_no_silence() -> None:
    days = made(6, until(41, by_day))
    assert opened(days, now=end(days) - timedelta(hours=2)) == []
    assert opened(days) == ["silence"]


def test_an_outlet_that_rests_on_weekends_is_missed_on_monday() -> None:
    friday_evening = made(6 + 1 / 7, until(40, on_weekdays))
    assert "silence" not in opened(friday_evening[:-1])
    assert opened(friday_evening) == ["silence"]


def test_a_daily_batch_is_missed_after_four_days() -> None:
    days = made(6, lambda day, hour: 30 if hour == 6 and day < 37 else 0)
    assert opened(days[:40]) == []
    assert opened(days[:41]) == ["silence"]


# --- not its fault ----------------------------------------------------------------------------------------------------


def test_hours_in_which_we_did_not_ask_are_nobodys_silence() -> None:
    days = made(6, by_day, asked=lambda hour: hour < 36 * 24)
    assert opened(days) == []


def test_nor_are_hours_in_which_the_host_failed() -> None:
    days = made(6, by_day, answered=lambda hour: hour < 36 * 24)
    assert opened(days) == ["errors"]


def test_silence_goes_on_after_our_own_outage() -> None:
    """Two days dead, five days in which we were off, then dead again: the sum of the watched hours counts."""
    days = made(7, until(40, by_day), asked=lambda hour: not 42 * 24 <= hour < 47 * 24)
    assert opened(days) == ["silence"]


def test_seldom_polls_watch_the_hours_before_them() -> None:
    days = made(
        6, until(40, lambda day, hour: by_day(day, hour) if hour % 4 == 0 else 0), asked=lambda hour: hour % 4 == 0
    )
    assert opened(days) == ["silence"]  # fmt: skip


def test_a_clock_that_was_ahead_of_time_blames_nobody() -> None:
    days = made(6, by_day)
    assert opened(days, now=end(days) - timedelta(days=1)) == []


# --- declared silence -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("allowed", "kinds"), [(12.0, ["silence"]), (49.0, []), (math.inf, [])])
def test_a_declaration_counts_more_than_its_weeks(allowed: float, kinds: list[str]) -> None:
    assert opened(made(6, until(40, by_day)), allowed=allowed) == kinds


def test_a_declared_silence_needs_no_history() -> None:
    days = made(2 / 7, lambda day, hour: 0)
    assert opened(days, allowed=36.0) == ["silence"]
    assert opened(days, allowed=72.0) == []


# --- told once --------------------------------------------------------------------------------------------------------


def test_it_is_opened_once_and_recovers_once() -> None:
    silent = made(6, until(40, by_day))
    (change,) = judged(silent)
    known = [change.symptom]
    assert judged(silent, known) == []
    back = made(6 + 1 / 7, lambda day, hour: by_day(day, hour) if day != 40 and day != 41 else 0)
    (over,) = [change for change in judged(back, known) if change.symptom.kind == "silence"]
    assert (over.state, over.symptom.since) == ("recovered", known[0].since)
    assert over.symptom.sentence == "news in 16 of the last 24 hours; expected in 16 of them"


@pytest.mark.parametrize(("hours", "states"), [((9,), []), ((9, 10, 11, 12), ["recovered"])])
def test_a_first_entry_is_not_the_end_of_a_silence(hours: tuple[int, ...], states: list[str]) -> None:
    """Else an outlet that shrank to an entry every other day would be called silent, and well, time and again."""
    known = [change.symptom for change in judged(made(6, until(40, by_day)))]
    back = made(6 + 1 / 7, lambda day, hour: by_day(day, hour) if day < 40 else int(day == 42 and hour in hours))
    assert [change.state for change in judged(back, known)] == states


def test_while_we_cannot_tell_an_open_silence_stays_open() -> None:
    known = [Symptom("diario", "silence", START, "nothing new", "warning")]
    assert judged(made(6, until(40, by_day), asked=lambda hour: hour < 41 * 24), known) == []


def test_a_source_that_shrank_is_told_of_once_in_four_weeks() -> None:
    """From 32 entries a day to two, at irregular hours: silent now and then, and never well."""
    news = lambda day, hour: by_day(day, hour) if day < 40 else int(hour == 9 + day * 5 % 7 and day % 3 > 0)  # noqa: E731
    known, told = list[Symptom](), []
    for days in range(40, 70):
        for change in judged(made(days / 7, news), known):
            known += [change.symptom] if change.state == "opened" else []
            told.append(f"{change.symptom.kind} {change.state}")
    assert told == ["silence opened", "drop opened"]


@st.composite
def outlets(draw: st.DrawFn) -> list[int]:
    """Seven weeks of an outlet that may fall silent: new entries by hour."""
    rng, rate, last = random.Random(draw(st.integers())), draw(st.floats(0.01, 1)), draw(st.integers(28, 49)) * 24
    return [rng.randint(1, 3) if hour < last and rng.random() < rate else 0 for hour in range(49 * 24)]


@given(outlets(), st.integers(0, 23))
def test_an_entry_more_never_makes_a_source_silent(hours: list[int], extra: int) -> None:
    """Today's, that is: what a source did weeks ago is what it is measured by."""
    days = made(7, lambda day, hour: hours[day * 24 + hour])
    today = dataclasses.replace(days[-1], hours_news=days[-1].hours_news | 1 << extra)
    if "silence" not in opened(days):
        assert "silence" not in opened([*days[:-1], today])


@given(outlets(), st.integers(2, 50))
def test_silence_is_told_by_when_not_by_how_much(hours: list[int], times: int) -> None:
    once = made(7, lambda day, hour: hours[day * 24 + hour])
    often = made(7, lambda day, hour: times * hours[day * 24 + hour])
    assert ("silence" in opened(once)) == ("silence" in opened(often))
