"""Dates as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.dates import When, parse_date, possible, url_date

NOON = datetime(2024, 3, 9, 12, 5, tzinfo=UTC)
DAY = datetime(2024, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-09T12:05:00Z",
        "2024-03-09T12:05:00.123Z",
        "2024-03-09T07:05:00-05:00",
        "2024-03-09T07:05-0500",
        "2024-03-09 09:05:00 -03",
        "2024/03/09 12:05 UTC",
        "20240309T120500Z",
        "Sat, 09 Mar 2024 12:05:00 GMT",
        "Sat, 9 Mar 2024 07:05:00 -0500",
        "March 9, 2024 12:05 pm UTC",
        "Mar. 9th, 2024, 12:05 PM GMT",
        "9 March 2024 at 12:05 GMT",
        "Sábado 9 de marzo de 2024, 07:05 COT",
        "9 de marzo del 2024 - 7:05 a. m. PET",
        "09 mar 2024 | 09:05 BRT",
        "sábado, 9 de março de 2024 às 09h05 BRT",
        "09/03/2024 12:05 UTC",
        "1709985900",
        "1709985900000",
        "Actualizado el 9 de marzo de 2024, 12:05 GMT",
        "2024-03-09T07:05:00 UTC-5",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    assert parse_date(text) == When(NOON, exact=True)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-09",
        "2024-3-9",
        "20240309",
        "9 de marzo de 2024",
        "9 de março de 2024",
        "March 9, 2024",
        "9-3-2024",
        "09.03.2024",
        "9º de marzo de 2024",
        "Mar 9 2024",
    ],
)
def test_one_day_in_many_forms(text: str) -> None:
    assert parse_date(text) == When(DAY, exact=False)


def test_a_time_without_its_zone_is_not_exact() -> None:
    assert parse_date("2024-03-09T12:05:00") == When(NOON, exact=False)
    assert parse_date("9 de marzo de 2024, 12:05 h") == When(NOON, exact=False)


def test_midnight_and_noon_of_the_twelve_hour_clock() -> None:
    hours = [parse_date(f"March 9, 2024 12:30 {half}") for half in ("am", "p.m.")]
    assert [when.at.hour for when in hours if when] == [0, 12]


def test_month_first_only_where_told_and_possible() -> None:
    told = [parse_date(text, month_first=True) for text in ("03/09/2024", "13/09/2024")]
    assert [(when.at.month, when.at.day) for when in told if when] == [(3, 9), (9, 13)]


@pytest.mark.parametrize(
    "text", ["", "ayer", "hace 3 horas", "2024", "31/02/2024", "2024-13-45", "mayo", "teléfono 555-0199", "99999999"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2024/03/09/nota", (2024, 3, 9)),
        ("https://a.example/nota-2024-03-09.html", (2024, 3, 9)),
        ("https://a.example/politica/20240309-nota", (2024, 3, 9)),
        ("https://a.example/world/2024/mar/9/story", (2024, 3, 9)),
        ("https://a.example/2024/3/9/", (2024, 3, 9)),
        ("https://a.example/2024/13/09/nota", None),
        ("https://a.example/nota-1234567890", None),
        ("https://a.example/2024/03/nota", None),
        ("https://a.example/id/120240309999", None),
    ],
)
def test_the_day_in_an_address(url: str, day: tuple[int, int, int] | None) -> None:
    found = url_date(url)
    assert (found and found.at) == (datetime(*day, tzinfo=UTC) if day else None)


def test_dates_before_1990_and_more_than_a_day_ahead_are_impossible() -> None:
    def at(*when: int) -> When:
        return When(datetime(*when, tzinfo=UTC), exact=True)

    assert possible(at(1989, 12, 31), NOON) is None
    assert possible(at(2024, 3, 10, 12, 6), NOON) is None
    assert possible(at(2024, 3, 10, 12, 5), NOON) is not None
    assert possible(None, NOON) is None


@given(st.text(max_size=60))
def test_any_text_is_a_date_in_utc_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.at.tzinfo is UTC


@given(st.integers(min_value=631_200_000, max_value=3_786_912_000), st.timezones())
def test_iso_dates_come_back(seconds: int, zone: tzinfo) -> None:
    moment = datetime.fromtimestamp(seconds, zone)
    found = parse_date(moment.isoformat())
    assert found is not None
    assert abs(found.at - moment).total_seconds() < 60
