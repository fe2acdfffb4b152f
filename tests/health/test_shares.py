"""Failing polls, garbled titles, odd dates, refused pages: what is new trouble, and what is how the source is."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from pipeline.health import Ruling, SourceDay, Symptom, judge
from tests.days import REACH, by_day, end, judged, made, opened


def with_numbers(before: dict[str, int], now: dict[str, int], recent: int = 3) -> list[SourceDay]:
    """Six weeks in which each day has the numbers of `before`, the last ones those of `now`."""
    days = made(6, by_day)
    first = len(days) - recent
    return [dataclasses.replace(day, **(before if place < first else now)) for place, day in enumerate(days)]


# --- errors -----------------------------------------------------------------------------------------------------------


def answering(share: float, since: int = 41 * 24, before: float = 1.0) -> list[SourceDay]:
    """Polled every hour; of ten hours so many brought an answer, before and since."""
    return made(6, by_day, answered=lambda hour: hour * 7 % 10 < 10 * (share if hour >= since else before))


@pytest.mark.parametrize(
    ("share", "before", "kinds"),
    [
        (0.0, 1.0, ["errors"]),
        (0.5, 1.0, ["errors"]),
        (0.5, 0.5, ["errors"]),
        (0.7, 1.0, ["errors"]),
        (0.7, 0.8, []),
        (0.9, 1.0, []),
    ],
)
def test_polls_that_fail(share: float, before: float, kinds: list[str]) -> None:
    assert opened(answering(share, before=before)) == kinds


def test_the_sentence_tells_how_often_we_asked() -> None:
    (change,) = judged(answering(0.0))
    assert change.symptom.sentence == (
        "no readable answer in 24 of the 24 hours in which we asked it, of the last 24; "
        "expected 0%, as in the week before"
    )


def test_a_source_that_we_back_off_from_is_looked_at_for_longer() -> None:
    days = made(6, by_day, asked=lambda hour: hour % 20 == 0, answered=lambda hour: hour < 39 * 24)
    assert opened(days) == ["errors"]


def test_it_is_well_again_when_it_answers_and_in_between_nothing_is_said() -> None:
    (change,) = judged(answering(0.0))
    known = [change.symptom]
    assert judged(answering(0.8), known) == []
    assert [change.state for change in judged(answering(1.0), known)] == ["recovered"]


def test_too_few_polls_say_nothing() -> None:
    assert opened(made(6, by_day, asked=lambda hour: hour % 48 == 0, answered=lambda hour: False)) == []


# --- our own outage ---------------------------------------------------------------------------------------------------


def press(number: int, answered_until: int) -> list[SourceDay]:
    return [
        day
        for n in range(number)
        for day in made(6, by_day, answered=lambda hour: hour < answered_until, source=f"diario-{n}")
    ]


def test_when_nobody_answers_it_is_us() -> None:
    (change,) = judged(press(5, 41 * 24))
    assert (change.symptom.source, change.symptom.kind, change.state) == ("", "outage", "opened")


def test_three_dead_sources_of_five_are_no_outage_though_often_asked_alone() -> None:
    dead = press(3, 41 * 24)
    alive = [day for n in range(2) for day in made(6, by_day, asked=lambda hour: hour % 4 == 0, source=f"gaceta-{n}")]
    assert [change.symptom.kind for change in judged(dead + alive)] == ["errors"] * 3


def test_of_many_sources_one_may_answer_in_an_outage() -> None:
    days = press(11, 41 * 24) + made(6, by_day, source="gaceta")
    assert [change.symptom.kind for change in judged(days)] == ["outage"]


def test_sources_that_are_asked_in_turn_show_an_outage_together() -> None:
    days = [
        day
        for n in range(4)
        for day in made(
            6, by_day, asked=lambda hour, n=n: hour % 4 == n, answered=lambda hour: hour < 41 * 24, source=f"diario-{n}"
        )
    ]
    assert [change.symptom.kind for change in judged(days)] == ["outage"]


def test_our_outage_lasts_until_somebody_answers() -> None:
    days = press(5, 41 * 24)
    (change,) = judged(days)
    watched = dict.fromkeys(day.source for day in days)
    assert judge(days, watched, [change.symptom], end(days), reach=REACH) == Ruling(())


def test_of_two_sources_each_may_fail_by_itself() -> None:
    assert [change.symptom.kind for change in judged(press(2, 41 * 24))] == ["errors", "errors"]


def test_one_source_that_answers_shows_that_it_is_not_us() -> None:
    days = press(4, 41 * 24) + made(6, by_day, source="gaceta")
    assert [change.symptom.source for change in judged(days)] == [f"diario-{n}" for n in range(4)]


def test_when_the_network_is_back_nobody_is_blamed_for_the_hours_without() -> None:
    (change,) = judged(press(5, 41 * 24))
    back = [
        day
        for n in range(5)
        for day in made(6, by_day, answered=lambda hour: hour < 41 * 24 or hour >= 41 * 24 + 20, source=f"diario-{n}")
    ]
    assert [(change.symptom.kind, change.state) for change in judged(back, [change.symptom])] == [
        ("outage", "recovered")
    ]


# --- charset, dates, pages --------------------------------------------------------------------------------------------

CASES = [
    ("garbled titles", {"garbled": 0}, {"garbled": 20}, ["charset"]),
    ("a garbled title now and then", {"garbled": 0}, {"garbled": 2}, []),
    ("titles that were always garbled", {"garbled": 30}, {"garbled": 32}, []),
    ("bodies that need mending", {"reads": 9, "reads_mended": 0}, {"reads": 9, "reads_mended": 9}, ["charset"]),
    ("bodies that always did", {"reads": 9, "reads_mended": 9}, {"reads": 9, "reads_mended": 9}, []),
    ("dates gone", {"undated": 1}, {"undated": 32}, ["dates"]),
    ("never a date", {"undated": 32}, {"undated": 32}, []),
    ("dates ahead", {"ahead": 0}, {"ahead": 16}, ["dates"]),
    ("an old archive", {"stale": 0}, {"stale": 31}, ["dates"]),
    ("all of one moment", {"one_moment": 0}, {"one_moment": 30}, ["dates"]),
    ("refused pages", {"pages": 30, "pages_refused": 1}, {"pages": 0, "pages_refused": 30}, ["pages"]),
    ("a paywall as ever", {"pages": 1, "pages_refused": 30}, {"pages": 0, "pages_refused": 30}, []),
    ("pages gone", {"pages": 30}, {"pages": 10, "pages_failed": 20}, ["pages"]),
    ("a new layout", {"pages": 30, "pages_empty": 1}, {"pages": 30, "pages_empty": 28}, ["pages"]),
]


@pytest.mark.parametrize(("what", "before", "now", "kinds"), CASES, ids=[case[0] for case in CASES])
def test_shares_that_rose(what: str, before: dict[str, int], now: dict[str, int], kinds: list[str]) -> None:
    assert opened(with_numbers(before, now)) == kinds


def test_every_share_that_rose_is_told() -> None:
    (change,) = judged(with_numbers({"undated": 0, "ahead": 0}, {"undated": 16, "ahead": 16}, recent=2))
    assert change.symptom.sentence == (
        "32 of 64 new entries have no usable date; expected 0%, as before; "
        "32 of 64 new entries are dated hours ahead; expected 0%, as before"
    )


def test_a_share_that_falls_back_is_told_once() -> None:
    (change,) = judged(with_numbers({"undated": 0}, {"undated": 32}))
    assert judged(with_numbers({"undated": 0}, {"undated": 10}), [change.symptom]) == []
    (over,) = judged(with_numbers({"undated": 0}, {"undated": 1}), [change.symptom])
    assert (over.state, over.symptom.since) == ("recovered", change.symptom.since)


@pytest.mark.parametrize(("ago", "states"), [(25, []), (32, ["recovered"])])
def test_trouble_is_no_yardstick_for_itself_until_it_is_how_the_source_is(ago: int, states: list[str]) -> None:
    days = with_numbers({"undated": 0}, {"undated": 32}, recent=ago + 1)
    known = Symptom("diario", "dates", end(days) - timedelta(days=ago), "no dates", "notice")
    assert [change.state for change in judged(days, [known])] == states
