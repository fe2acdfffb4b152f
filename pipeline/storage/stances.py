"""Where countries and speakers stand on topics, as of any moment: out of the table of positions.

A position is a clear stance (for, against, mixed) of a statement towards a topic. What was said when is the statement's
place: its second of publication, first seen where no date is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, exists, func, select

from pipeline.storage.schema import positions, speakers, statement_topics, statements
from pipeline.storage.statements import UNKNOWN
from pipeline.storage.words import item_at, moment_of, place_of

#: positions count for so long beside the latest
YEAR = timedelta(days=365)
#: newest statements among which movers are looked for
_RECENT = 5_000
_place = positions.c.place


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest clear stance of a country's officials on a topic, and how often each was taken in the year before."""

    country: str
    topic: str
    stance: str
    at: datetime
    statement_id: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """One clear stance towards a topic."""

    topic: str
    stance: str
    at: datetime
    statement_id: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A speaker's latest clear stance on a topic, which is news, and the last one before, which differs."""

    before: Taken
    now: Taken


def of_countries(db: Connection, officials: Collection[str], as_of: datetime) -> list[Standing]:
    """Where each country's officials stand on each topic that they took a clear stance on, by country and topic."""
    recent = func.sum(case((_place > place_of(as_of - YEAR, 0), 1), else_=0))
    query = (
        select(positions.c.country, positions.c.topic, positions.c.stance, func.max(_place).label("last"), recent)
        .where(*_official(officials, as_of), positions.c.country.is_not(None))
        .group_by(positions.c.country, positions.c.topic, positions.c.stance)
    )
    cells: dict[tuple[str, str], list[Any]] = {}
    for row in db.execute(query):
        cells.setdefault((row[0], row[1]), []).append(row)
    return [_standing(cells[cell]) for cell in sorted(cells)]


def _standing(rows: list[Any]) -> Standing:
    country, topic, stance, last, _ = max(rows, key=lambda row: row[3])
    return Standing(country, topic, stance, moment_of(last), item_at(last), {row[2]: int(row[4]) for row in rows})


def behind(
    db: Connection, officials: Collection[str], cell: tuple[str, str], as_of: datetime, limit: int, below: int | None
) -> list[int]:
    """Places of the statements behind a cell, a country's position on a topic, newest first, below a given place."""
    country, topic = cell
    mine = [positions.c.country == country, positions.c.topic == topic, *_official(officials, as_of)]
    query = select(_place).where(*mine).order_by(_place.desc()).limit(limit)
    return list(db.execute(query if below is None else query.where(_place < below)).scalars())


def of_speaker(db: Connection, speaker_id: int) -> list[Taken]:
    """Every clear stance of a speaker, by topic, oldest first."""
    query = select(positions.c.topic, positions.c.stance, _place)
    rows = db.execute(query.where(positions.c.speaker_id == speaker_id).order_by(positions.c.topic, _place))
    return [_taken(row.topic, row.stance, row.place) for row in rows]


def places_of_speaker(db: Connection, speaker_id: int, limit: int, below: int | None) -> list[int]:
    """Places of what a speaker said, newest first, below a given place."""
    place = statements.c.place
    mine = [statements.c.speaker_id == speaker_id, place.is_not(None)]
    query = select(place).where(*mine).order_by(place.desc()).limit(limit)
    return list(db.execute(query if below is None else query.where(place < below)).scalars())


def _taken(topic: str, stance: str, place: int) -> Taken:
    return Taken(topic, stance, moment_of(place), item_at(place))


def counts_of_speaker(db: Connection, speaker_id: int) -> dict[str, dict[str, int]]:
    """Statements of a speaker by topic and stance, unclear ones too."""
    query = (
        select(statement_topics.c.topic, statement_topics.c.stance, func.count())
        .join(statements, statements.c.id == statement_topics.c.statement_id)
        .where(statements.c.speaker_id == speaker_id)
        .group_by(statement_topics.c.topic, statement_topics.c.stance)
        .order_by(statement_topics.c.topic, statement_topics.c.stance)
    )
    found: dict[str, dict[str, int]] = {}
    for topic, stance, number in db.execute(query):
        found.setdefault(topic, {})[stance] = int(number)
    return found


def movers(db: Connection, since: datetime, limit: int) -> list[Moved]:
    """Named speakers whose latest clear stance was first heard since then and differs from the last known before it.

    The latest to move come first. Where more than so many statements are new, the latest of them are looked at.
    """
    seen = statements.c.first_seen_at
    new = select(statements.c.id).where(seen >= since).order_by(seen.desc()).limit(_RECENT)
    later, past, there = positions.alias("later"), positions.alias("past"), statements.alias("there")
    before = (
        select(past.c.place)
        .join(there, there.c.id == past.c.statement_id)
        .where(past.c.speaker_id == positions.c.speaker_id, past.c.topic == positions.c.topic)
        .where(past.c.place < _place, there.c.first_seen_at < since)
        .order_by(past.c.place.desc())
        .limit(1)
        .scalar_subquery()
    )
    superseded = exists().where(
        later.c.speaker_id == positions.c.speaker_id, later.c.topic == positions.c.topic, later.c.place > _place
    )
    query = (
        select(positions.c.topic, positions.c.stance, _place, before.label("before"))
        .join(speakers, speakers.c.id == positions.c.speaker_id)
        .where(positions.c.statement_id.in_(new), speakers.c.key != UNKNOWN, ~superseded)
        .order_by(_place.desc())
    )
    rows: list[Any] = [row for row in db.execute(query) if row.before is not None]
    stances = _stances(db, [item_at(row.before) for row in rows])
    moved = (_moved(row, stances) for row in rows)
    return [one for one in moved if one.before.stance != one.now.stance][:limit]


def _moved(row: Any, stances: dict[tuple[int, str], str]) -> Moved:
    was = stances[item_at(row.before), row.topic]
    return Moved(_taken(row.topic, was, row.before), _taken(row.topic, row.stance, row.place))


def _stances(db: Connection, statement_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    query = select(positions).where(positions.c.statement_id.in_(list(statement_ids)))
    return {(row.statement_id, row.topic): row.stance for row in db.execute(query)}


def _official(officials: Collection[str], as_of: datetime) -> list[Any]:
    # its whole second counts, as dates of publication are of seconds
    until = place_of(as_of + timedelta(seconds=1), 0)
    return [positions.c.role.in_(sorted(officials)), _place < until]
