"""Dates as outlets write them, in three languages; an impossible one is dropped, never bent into a possible one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.dates import possible, read_date
from tests.fakes import NOW

DAY = datetime(2006, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2006-03-15", DAY),
        ("20060315", DAY),
        ("2006-03-15T10:30", DAY.replace(hour=10, minute=30)),
        ("2006-03-15T10:30:00Z", DAY.replace(hour=10, minute=30)),
        ("2006-03-15T10:30:00-05:00", DAY.replace(hour=15, minute=30)),
        ("2006-03-15T10:30:00.123456-05:00", DAY.replace(hour=15, minute=30, microsecond=123456)),
        ("2006-03-15 10:30:00 -0500", DAY.replace(hour=15, minute=30)),
        ("2006-03-15 10:30:00", DAY.replace(hour=10, minute=30)),
        ("2006-03-15 10:30:00 UTC", DAY.replace(hour=10, minute=30)),
        ("Wed, 15 Mar 2006 10:30:00 GMT", DAY.replace(hour=10, minute=30)),
        ("Wed, 15 Mar 2006 10:30:00 -0500", DAY.replace(hour=15, minute=30)),
        ("15 Mar 2006 10:30:00 EST", DAY.replace(hour=15, minute=30)),
        ("Wed, 15 Mar 2006 10:30:00 GMT-5", DAY.replace(hour=15, minute=30)),
        ("15 de marzo de 2006", DAY),
        ("15 de Marzo del 2006", DAY),
        ("miércoles, 15 de marzo de 2006, 10:30", DAY.replace(hour=10, minute=30)),
        ("mié, 15 mar 2006 10:30:00 -0500", DAY.replace(hour=15, minute=30)),
        ("15 de março de 2006 às 10h30", DAY),
        ("15 de março de 2006", DAY),
        ("March 15, 2006", DAY),
        ("15 March 2006", DAY),
        ("15th March 2006", DAY),
        ("March 15, 2006 3:05 p.m.", DAY.replace(hour=15, minute=5)),
        ("Mar. 15, 2006 12:05 AM", DAY.replace(minute=5)),
        ("15 mar. 2006 14:05", DAY.replace(hour=14, minute=5)),
        ("miércoles 15 de marzo de 2006", DAY),
        ("Mié, 15 Mar 2006 10:30:00 -0500", DAY.replace(hour=15, minute=30)),
        ("qua, 15 mar 2006 10:30:00 -0300", DAY.replace(hour=13, minute=30)),
        ("2006-03-15T14:00", DAY.replace(hour=14)),
        ("15/03/2006 14:05", DAY.replace(hour=14, minute=5)),
        ("15-03-2006", DAY),
        ("15.3.2006, 10:30", DAY.replace(hour=10, minute=30)),
        ("3/15/2006 3:05 PM", DAY.replace(hour=15, minute=5)),
    ],
)
def test_dates_are_read(written: str, moment: datetime) -> None:
    assert read_date(written, NOW) == moment


SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
PORTUGUESE = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
ENGLISH = "January February March April May June July August September October November December"


@pytest.mark.parametrize("names", [SPANISH, PORTUGUESE, ENGLISH])
def test_every_month_is_known_whole_and_short(names: str) -> None:
    for number, name in enumerate(names.split(), 1):
        for written in (name, name[:3], name[:3].upper() + "."):
            assert read_date(f"9 de {written} de 2010", NOW) == datetime(2010, number, 9, tzinfo=UTC), written


def test_setiembre_is_how_peru_writes_it() -> None:
    assert read_date("15 de setiembre de 2006", NOW) == datetime(2006, 9, 15, tzinfo=UTC)
    assert read_date("15 set 2006", NOW) == datetime(2006, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "   ",
        "ayer",
        "hace 5 minutos",
        "2006",
        "2006-13-01",
        "2006-02-30",
        "31 de febrero de 2006",
        "32 de enero de 2006",
        "5/6/2006",
        "15/13/2006",
        "15/03-2006",
        "15 de brumario de 2006",
        "Mon, 32 Foo 2006 10:00:00 GMT",
        "0000-00-00 00:00:00",
        "1989-12-31",
        "1970-01-01T00:00:00Z",
        "2012-06-28T12:00:01Z",
        "2099-01-01",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "Mon, 99999999999999999999 Jan 2006 00:00:00 GMT",
        "1 " * 100_000,
    ],
)
def test_what_is_no_possible_date_is_dropped(written: str | None) -> None:
    assert read_date(written, NOW) is None


def test_the_same_number_twice_is_no_riddle() -> None:
    assert read_date("6/6/2006", NOW) == datetime(2006, 6, 6, tzinfo=UTC)


def test_up_to_a_day_ahead_is_possible() -> None:
    """Outlets give local time as GMT, and sit east of us."""
    assert possible(NOW + timedelta(days=1), NOW) == NOW + timedelta(days=1)
    assert possible(NOW + timedelta(days=1, seconds=1), NOW) is None
    assert possible(datetime(1990, 1, 1, tzinfo=UTC), NOW) == datetime(1990, 1, 1, tzinfo=UTC)


@given(st.integers(0, 22 * 365 * 86_400), st.integers(-840, 840))
def test_any_moment_survives_iso_and_rfc_822(seconds: int, offset: int) -> None:
    zone = timezone(timedelta(minutes=offset))
    moment = (datetime(1990, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)
    assert read_date(moment.isoformat(), NOW) == moment
    assert read_date(moment.strftime("%a, %d %b %Y %H:%M:%S %z"), NOW) == moment


@given(st.text(max_size=80) | st.text(alphabet="0123456789 :-+TZdeabrmy,.", max_size=60))
def test_any_text_is_a_possible_date_or_none(written: str) -> None:
    found = read_date(written, NOW)
    assert found is None or (found.tzinfo is UTC and 1990 <= found.year <= 2012)
