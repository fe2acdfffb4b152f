"""What a query finds, counted: by day, and by topic, country, outlet and whatever else a search can be narrowed by.

Days are counted to the last row. By value, the NEWEST that were found are counted: of more, the answer says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, distinct, func, select
from sqlalchemy.sql import Select

from pipeline.query.ast import And, Everything, Node, Not
from pipeline.storage import search, spoken
from pipeline.storage.conditions import About, Compiler
from pipeline.storage.fulltext import ITEMS, positive
from pipeline.storage.portable import these
from pipeline.storage.schema import (
    appearances,
    item_countries,
    item_topics,
    items,
    reports,
    sources,
    speakers,
    statement_topics,
    statements,
)
from pipeline.storage.words import DAY, day_of, item_at

#: of what was found, so many are counted by value
NEWEST = 2_000
#: values of a field that are told
_VALUES = 15


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a field, what people call it, and how many of those counted have it."""

    value: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Tally:
    """By field, its most frequent values."""

    fields: dict[str, tuple[Value, ...]]
    #: how many were counted, the newest; and whether that is all there is
    looked_at: int
    complete: bool


def by_day(db: Connection, about: About, query: Node, now: datetime) -> dict[date, int]:
    """How many of what meets a query were published (first seen, where no date is known) on each day, UTC."""
    if isinstance(query, Not):
        # of what few lack, those that have it are sooner counted
        without = by_day(db, about, query.part, now)
        days = by_day(db, about, Everything(), now)
        return {day: number - without.get(day, 0) for day, number in days.items() if number > without.get(day, 0)}
    place = _places(db, about, query, now)
    (column,) = place.selected_columns
    day = (column // DAY).label("day")
    counted = place.with_only_columns(day, func.count()).group_by(day).order_by(day)
    return {day_of(int(number)): int(many) for number, many in db.execute(counted)}


def _places(db: Connection, about: About, query: Node, now: datetime) -> Select[Any]:
    parts = query.parts if isinstance(query, And) else (query,)
    table = items if about == "item" else statements
    if about == "item" and ITEMS.answers(query) and positive(query):
        # full text keeps places itself
        return Compiler(db, about, now).texts(ITEMS, query)
    low, high = search.span(parts, now)
    place = table.c.place
    met = Compiler(db, about, now).condition(query)
    return select(place).where(place >= low, place < high, met)


def by_value(db: Connection, about: About, query: Node, now: datetime) -> Tally:
    """The newest that meet a query, by each field that it can be narrowed by."""
    if about == "item":
        found = search.find_items(db, query, now, NEWEST + 1)
    else:
        found = [item_at(place) for place in spoken.newest(db, query, now, NEWEST + 1)]
    ids = found[:NEWEST]
    count = _of_items if about == "item" else _of_statements
    return Tally(count(db, ids), len(ids), len(found) <= NEWEST)


def _of_items(db: Connection, ids: Collection[int]) -> dict[str, tuple[Value, ...]]:
    return {
        "topic": _counted(db, item_topics.c.topic, item_topics.c.item_id, ids),
        "country": _counted(db, item_countries.c.country, item_countries.c.item_id, ids),
        "source": _named_sources(db, _counted(db, appearances.c.source, appearances.c.item_id, ids)),
        "lang": _counted(db, items.c.lang, items.c.id, ids),
    }


def _of_statements(db: Connection, ids: Collection[int]) -> dict[str, tuple[Value, ...]]:
    own = {name: _counted(db, statements.c[name], statements.c.id, ids) for name in ("country", "lang", "role", "kind")}
    return {
        "topic": _counted(db, statement_topics.c.topic, statement_topics.c.statement_id, ids),
        "stance": _counted(db, statement_topics.c.stance, statement_topics.c.statement_id, ids),
        "speaker": _speakers(db, ids),
        "source": _named_sources(db, _sources(db, ids)),
        **own,
    }


def _counted(db: Connection, value: ColumnElement[Any], of: Column[int], ids: Collection[int]) -> tuple[Value, ...]:
    return _told(db, select(value, func.count(distinct(of))).where(of.in_(these(db, ids)), value.is_not(None)), value)


def _told(db: Connection, counted: Select[Any], value: ColumnElement[Any]) -> tuple[Value, ...]:
    number = list(counted.selected_columns)[1]
    rows = db.execute(counted.group_by(value).order_by(number.desc(), value).limit(_VALUES))
    return tuple(Value(str(row[0]), str(row[0]), int(row[1])) for row in rows)


def _sources(db: Connection, ids: Collection[int]) -> tuple[Value, ...]:
    """Outlets that carry an item which reports the statement."""
    number = func.count(distinct(reports.c.statement_id))
    carried = select(appearances.c.source, number).join(reports, reports.c.item_id == appearances.c.item_id)
    told = carried.where(reports.c.statement_id.in_(these(db, ids)), reports.c.revision_id.is_(None))
    return _told(db, told, appearances.c.source)


def _named_sources(db: Connection, found: tuple[Value, ...]) -> tuple[Value, ...]:
    slugs = [one.value for one in found]
    names = {
        row.slug: row.name
        for row in db.execute(select(sources.c.slug, sources.c.name).where(sources.c.slug.in_(slugs)))
    }
    return tuple(Value(one.value, names.get(one.value, one.value), one.number) for one in found)


def _speakers(db: Connection, ids: Collection[int]) -> tuple[Value, ...]:
    """Speakers with a name: nobody can be asked for without."""
    said = _counted(db, statements.c.speaker_id, statements.c.id, ids)
    named = select(speakers.c.id, speakers.c.key, speakers.c.name).where(speakers.c.name.is_not(None))
    query = named.where(speakers.c.id.in_([int(one.value) for one in said]))
    known = {str(row.id): row for row in db.execute(query)}
    return tuple(Value(known[one.value].key, known[one.value].name, one.number) for one in said if one.value in known)
