"""How much of everything the store holds: for status pages, reports and the demo's summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from pipeline.storage.portable import these
from pipeline.storage.schema import (
    alerts,
    appearances,
    deliveries,
    entries,
    feeds,
    item_countries,
    item_topics,
    items,
    reports,
    revisions,
    sources,
    speakers,
    statements,
)
from pipeline.storage.words import place_of

_TABLES = (sources, feeds, entries, items, appearances, revisions, speakers, statements, reports, alerts, deliveries)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the store holds. Mappings go from a name to a number of rows."""

    #: rows by table
    rows: dict[str, int]
    #: feeds by state
    feeds: dict[str, int]
    #: active feeds whose last poll failed
    failing: int
    #: entries that ended, by outcome
    outcomes: dict[str, int]
    #: entries that are work still to do, by state
    waiting: dict[str, int]
    #: when the entry that has waited longest was first seen
    oldest_waiting: datetime | None
    #: deliveries by state
    deliveries: dict[str, int]


def totals(db: Connection) -> Totals:
    """Count everything."""
    failing = select(func.count()).select_from(feeds).where(feeds.c.state == "active", feeds.c.failures > 0)
    oldest = select(func.min(entries.c.first_seen_at)).where(entries.c.outcome.is_(None))
    return Totals(
        rows={table.name: _count(db, table) for table in _TABLES},
        feeds=_by(db, feeds, "state"),
        failing=int(db.execute(failing).scalar_one()),
        outcomes={name: n for name, n in _by(db, entries, "outcome").items() if name},
        waiting={state: n for state, n in _by(db, entries, "state").items() if state != "ended"},
        oldest_waiting=db.execute(oldest).scalar(),
        deliveries=_by(db, deliveries, "state"),
    )


def by_topic(db: Connection) -> dict[str, int]:
    """Items by topic, most first."""
    return _by(db, item_topics, "topic")


def by_topic_since(db: Connection, moment: datetime) -> dict[str, int]:
    """Items published since then, by topic."""
    # asked apart: a planner that knows no numbers would look every topic of every item up
    lately = db.execute(select(items.c.id).where(items.c.place >= place_of(moment, 0))).scalars().all()
    query = select(item_topics.c.topic, func.count()).where(item_topics.c.item_id.in_(these(db, lately)))
    return {str(row[0]): int(row[1]) for row in db.execute(query.group_by(item_topics.c.topic))}


def of_source(db: Connection, source: str) -> int:
    """Items whose original appearance is of a source."""
    return int(db.execute(select(func.count()).select_from(items).where(items.c.source == source)).scalar_one())


def by_country(db: Connection) -> dict[str, int]:
    """Items by country they are about, most first."""
    return _by(db, item_countries, "country")


def _count(db: Connection, table: Table) -> int:
    return int(db.execute(select(func.count()).select_from(table)).scalar_one())


def _by(db: Connection, table: Table, column: str) -> dict[str, int]:
    name, number = table.c[column], func.count().label("number")
    query = select(name, number).group_by(name).order_by(number.desc(), name)
    return {str(row[0] or ""): int(row[1]) for row in db.execute(query)}
