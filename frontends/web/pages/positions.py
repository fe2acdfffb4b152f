"""Positions: where each country's officials stand on each topic, on a map and as a table, and the words behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request

from frontends.web import sheets
from frontends.web.languages import Interface
from frontends.web.office import InterfaceHere, Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from frontends.web.world import VIEWS, atlas
from pipeline.desk import Position, PositionHistory, Positions, StatementWish
from pipeline.exporting import Sheet

pages = Pages()

Part = Literal["world", "americas", "europe"]
Mark = Annotated[str | None, Query(max_length=80)]
Code = Annotated[str, Path(min_length=2, max_length=8)]
#: in the order in which they are told
_STANCES = ("for", "against", "mixed")
_PAGE = 30


@pages.page("/positions")
def positions(
    request: Request,
    office: OfficeHere,
    interface: InterfaceHere,
    topic: Annotated[str, Query(max_length=80)] = "",
    on: date | None = None,
    view: Part = "world",
) -> Shown:
    """Countries by topics as of a day; one topic of them on the map."""
    expect_topic(office, topic)
    found = office.desk.positions(moment_of(on, office.clock.now()))
    chosen = topic or most_told(found)
    return Shown("positions.html", found, positions_sheet, beside(found, interface, chosen, on, view))


@pages.page("/positions/{country}/{topic}")
def position(
    request: Request, office: OfficeHere, country: Code, topic: str, on: date | None = None, after: Mark = None
) -> Shown:
    """The dated statements behind a country's position on a topic, newest first."""
    expect_topic(office, topic, missing=404)
    now = office.clock.now()
    try:
        found = office.desk.position(country.upper(), topic, moment_of(on, now), StatementWish(_PAGE, after))
    except ValueError as error:
        raise Problem(400, str(error)) from None
    days = {"on": on, "first": after is None, "latest": latest(found)}
    return Shown("position.html", found, history_sheet, days)


# --- deciding ---------------------------------------------------------------------------------------------------------


def expect_topic(office: Office, topic: str, missing: int = 400) -> None:
    """Raise a Problem for a topic that is not watched."""
    known = [one.slug for one in office.topics.all]
    if topic and topic not in known:
        raise Problem(missing, f"topic: expected one of {', '.join(known)}, got {topic!r}")


def moment_of(on: date | None, now: datetime) -> datetime:
    """The end of a day, but nothing that has not happened yet; now for no day."""
    if on is None or on >= now.date():
        return now
    return datetime.combine(on, time.max, UTC)


def most_told(found: Positions) -> str:
    """The topic on which most countries stand somewhere; of several, the first."""
    told = [cell.topic for cell in found.cells]
    return max(found.topics, key=told.count, default="")


def month_beside(day: date, step: Literal[-1, 1]) -> date:
    """The same day of the month before or after, or that month's last one."""
    months = day.year * 12 + day.month - 1 + step
    first = date(months // 12, months % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(last, first.replace(day=min(day.day, last.day)))


def latest(found: PositionHistory) -> str | None:
    """The stance of the newest statement that takes one, of a first page."""
    stances = (one.stance.get(found.topic, "unclear") for one in found.statements)
    return next((stance for stance in stances if stance in _STANCES), None)


# --- showing ----------------------------------------------------------------------------------------------------------


def beside(found: Positions, interface: Interface, topic: str, on: date | None, view: Part) -> dict[str, Any]:
    """What the map and the table are drawn from."""
    day = on or found.as_of.date()
    later = month_beside(day, 1)
    here = {cell.country: cell for cell in found.cells if cell.topic == topic}
    return {
        "topic": topic,
        "on": on,
        "view": view,
        "views": VIEWS,
        "atlas": atlas(),
        "here": here,
        "sides": {stance: _named(interface, stance, here) for stance in _STANCES},
        "cells": {(cell.country, cell.topic): cell for cell in found.cells},
        "rows": sorted(found.countries, key=lambda code: interface.country(code).casefold()),
        "earlier": month_beside(day, -1) if day.year > 1 else None,
        "later": later if on else None,
    }


def _named(interface: Interface, stance: str, here: Mapping[str, Position]) -> list[str]:
    codes: Iterable[str] = (code for code, cell in here.items() if cell.stance == stance)
    return sorted(codes, key=lambda code: interface.country(code).casefold())


# --- as rows ----------------------------------------------------------------------------------------------------------


def positions_sheet(found: Positions) -> Sheet:
    """A row a country and topic."""
    columns = (
        "country", "topic", "stance", "date", "speaker", "role", "statement", "text",
        "for_in_a_year", "against_in_a_year", "mixed_in_a_year",
    )  # fmt: skip
    rows = (
        (
            one.country, one.topic, one.stance, one.at, one.speaker.name, one.speaker.role, one.statement_id, one.text,
            *(one.counts.get(stance, 0) for stance in _STANCES),
        )
        for one in found.cells
    )  # fmt: skip
    return Sheet(columns, rows)


def history_sheet(found: PositionHistory) -> Sheet:
    """A row a statement."""
    return sheets.statements(found.statements)
