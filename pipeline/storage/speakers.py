"""Speakers in the store: listed with what they said, made one with another, renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, bindparam, delete, func, insert, or_, select, update

from pipeline.storage import positions, words
from pipeline.storage.portable import greatest, least
from pipeline.storage.portable import insert as upsert
from pipeline.storage.schema import alerts, reports, speakers, statement_bands, statement_topics, statements
from pipeline.storage.words import DAY, day_of

#: no store has more speakers
_ALL = 2**31


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    """A speaker with how much is stored of them."""

    key: str
    name: str | None
    role: str | None
    country: str | None
    statements: int
    #: when something of theirs was last seen reported
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Words:
    """A stored statement's words."""

    id: int
    key: int
    text: str


@dataclass(frozen=True, slots=True)
class SpeakerWish:
    """Which speakers are wanted: with all these words in name, role or key, of a country, who spoke on a topic.

    On a topic, only what they said on it is counted.
    """

    words: tuple[str, ...] = ()
    country: str | None = None
    topic: str | None = None
    limit: int = 50
    #: `after` of the page before
    after: str | None = None


def lines(db: Connection, wish: SpeakerWish | None = None) -> list[SpeakerLine]:
    """Speakers, who said most first. Raises ValueError for an `after` that no page gave."""
    wish = wish or SpeakerWish(limit=_ALL)
    said = _said(wish.topic)
    number = func.coalesce(said.c.number, 0)
    query = select(speakers, number.label("said"), said.c.last).join(
        said, said.c.speaker_id == speakers.c.id, isouter=True
    )
    query = query.where(*_wanted(wish)).order_by(number.desc(), speakers.c.key).limit(wish.limit)
    if wish.topic is not None:
        query = query.where(number > 0)
    if wish.after is not None:
        most, key = _read(wish.after)
        query = query.where(or_(number < most, and_(number == most, speakers.c.key > key)))
    return [_line(row) for row in db.execute(query)]


def line(db: Connection, speaker_id: int) -> SpeakerLine:
    """One speaker, by row."""
    mine = statements.c.speaker_id == speakers.c.id
    number = select(func.count()).where(mine).scalar_subquery().label("said")
    last = select(func.max(statements.c.last_seen_at)).where(mine).scalar_subquery().label("last")
    return _line(db.execute(select(speakers, number, last).where(speakers.c.id == speaker_id)).one())


def days(db: Connection, speaker_id: int) -> dict[date, int]:
    """How many statements of a speaker were published on each day."""
    day = (statements.c.place // DAY).label("day")
    query = select(day, func.count()).where(statements.c.speaker_id == speaker_id, day.is_not(None)).group_by(day)
    return {day_of(int(number)): int(many) for number, many in db.execute(query)}


def mark_of(last: SpeakerLine) -> str:
    """What a question gives as `after` to go on behind a speaker."""
    return f"{last.statements}.{last.key}"


def _read(mark: str) -> tuple[int, str]:
    most, dot, key = mark.partition(".")
    if not (dot and most.isascii() and most.isdigit() and len(most) <= 18):
        raise ValueError(f"after: expected what the page before gave, got {mark!r}")
    return int(most), key


def _said(topic: str | None) -> Subquery:
    """How much each speaker said, and when it was last heard."""
    columns = (statements.c.speaker_id, func.count().label("number"), func.max(statements.c.last_seen_at).label("last"))
    query = select(*columns)
    if topic is not None:
        same = statement_topics.c.statement_id == statements.c.id
        query = query.join(statement_topics, same).where(statement_topics.c.topic == topic)
    return query.group_by(statements.c.speaker_id).subquery()


def _wanted(wish: SpeakerWish) -> list[ColumnElement[bool]]:
    names = func.coalesce(speakers.c.folded, "")
    others = " " + func.coalesce(func.lower(speakers.c.role), "") + " " + func.replace(speakers.c.key, "-", " ") + " "
    asked = [or_(names.contains(f" {word} "), others.contains(f" {word} ")) for word in wish.words]
    return asked if wish.country is None else [*asked, speakers.c.country == wish.country]


def _line(row: Any) -> SpeakerLine:
    return SpeakerLine(row.key, row.name, row.role, row.country, row.said, row.last)


def find(db: Connection, key: str) -> int | None:
    """The row of a speaker, by key."""
    return db.execute(select(speakers.c.id).where(speakers.c.key == key)).scalar()


def name_of(db: Connection, key: str) -> str | None:
    """What a speaker is called; None for one that is not in the store, or has no name."""
    return db.execute(select(speakers.c.name).where(speakers.c.key == key)).scalar()


def rename(db: Connection, names: Mapping[str, str]) -> int:
    """Call speakers by other names; returns how many were called otherwise."""
    changed = 0
    for key, name in names.items():
        wrong = (speakers.c.key == key) & (speakers.c.name.is_(None) | (speakers.c.name != name))
        changed += db.execute(update(speakers).where(wrong).values(name=name, folded=words.spaced(name))).rowcount
    return changed


def enter_like(db: Connection, key: str, other: int) -> int:
    """Make a speaker with the role and country of another; returns the row."""
    like = db.execute(select(speakers).where(speakers.c.id == other)).one()
    row = insert(speakers).values(key=key, name=like.name, role=like.role, country=like.country, folded=like.folded)
    return int(db.execute(row.returning(speakers.c.id)).scalar_one())


def words_of(db: Connection, speaker_id: int) -> list[Words]:
    """Everything a speaker said, oldest first."""
    query = select(statements.c.id, statements.c.key, statements.c.text).where(statements.c.speaker_id == speaker_id)
    return [Words(*row) for row in db.execute(query.order_by(statements.c.id))]


def hand_over(db: Connection, statement_id: int, speaker_id: int, key: int, bands: Sequence[int]) -> None:
    """A statement is another speaker's: it keeps its id, reports and alerts, and is found under their keys."""
    db.execute(update(statements).where(statements.c.id == statement_id).values(speaker_id=speaker_id, key=key))
    db.execute(delete(statement_bands).where(statement_bands.c.statement_id == statement_id))
    rows = [{"band": band, "statement_id": statement_id} for band in sorted(set(bands))]
    if rows:
        db.execute(insert(statement_bands), rows)
    positions.follow(db, [statement_id])


def fold(db: Connection, statement_id: int, into: int) -> None:
    """Two statements are one: reports and alerts of the first go to the second, which keeps the best of both."""
    _widen(db, statement_id, into)
    _side_with(db, statement_id, into)
    # an item reports a statement once
    twice = select(reports.c.item_id).where(reports.c.statement_id == into)
    db.execute(delete(reports).where(reports.c.statement_id == statement_id, reports.c.item_id.in_(twice)))
    db.execute(update(reports).where(reports.c.statement_id == statement_id).values(statement_id=into))
    db.execute(update(alerts).where(alerts.c.statement_id == statement_id).values(statement_id=into))
    for table in (statement_topics, statement_bands):
        db.execute(delete(table).where(table.c.statement_id == statement_id))
    words.forget(db, statements=[statement_id])
    positions.forget(db, [statement_id])
    db.execute(delete(statements).where(statements.c.id == statement_id))
    positions.follow(db, [into])


def _widen(db: Connection, statement_id: int, into: int) -> None:
    """Dates and confidence of the one that stays cover both."""
    one = db.execute(select(statements).where(statements.c.id == statement_id)).one()
    there = statements.c
    values = {
        "first_seen_at": least(there.first_seen_at, bindparam("first", one.first_seen_at, there.first_seen_at.type)),
        "last_seen_at": greatest(there.last_seen_at, bindparam("last", one.last_seen_at, there.last_seen_at.type)),
        "confidence": greatest(there.confidence, one.confidence),
    }
    if one.published_at is not None:
        at = bindparam("at", one.published_at, there.published_at.type)
        values["published_at"] = func.coalesce(least(there.published_at, at), there.published_at, at)
    db.execute(update(statements).where(there.id == into).values(values))


def _side_with(db: Connection, statement_id: int, into: int) -> None:
    """Topics of both; an unclear stance never replaces a clear one."""
    query = select(statement_topics.c.topic, statement_topics.c.stance)
    rows = db.execute(query.where(statement_topics.c.statement_id == statement_id)).all()
    if rows:
        new = upsert(statement_topics)
        db.execute(
            new.on_conflict_do_update(
                index_elements=["statement_id", "topic"],
                set_={"stance": new.excluded.stance},
                where=statement_topics.c.stance == "unclear",
            ),
            [{"statement_id": into, "topic": row.topic, "stance": row.stance} for row in rows],
        )


def forget(db: Connection, speaker_id: int) -> None:
    """Drop a speaker who has no statements left."""
    db.execute(delete(speakers).where(speakers.c.id == speaker_id))
