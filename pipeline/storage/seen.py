"""Items and statements in the order in which they were first seen, oldest first: for those who ask again and again.

A mark is a moment and a row number. What is stored later stands after every mark given before: on SQLite one writer
follows the other, and on PostgreSQL the last moments, in which a transaction may not have committed yet, are held back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Row, Table, and_, bindparam, or_, select
from sqlalchemy.sql import Select

from pipeline.query.ast import Everything, Node
from pipeline.storage.conditions import About, Compiler, Membership
from pipeline.storage.fulltext import Condition
from pipeline.storage.schema import Instant, items, statements
from pipeline.storage.spoken import Walking

#: how long a transaction on PostgreSQL may take to commit what it saw
_UNDER_WAY = timedelta(minutes=1)
#: so many rows are looked at before an answer is given, however little was found
_LOOKED_AT = 10_000
#: the highest number that a row of either database has
ROW_MAX = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where somebody has come to."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.id}"

    @classmethod
    def read(cls, written: str) -> Mark:
        """The mark that was given out so. Raises ValueError for what is none."""
        moment, dot, row = written.partition(".")
        digits = dot and written.isascii() and moment.isdigit() and row.isdigit() and len(written) <= 38
        try:
            mark = cls(_EPOCH + timedelta(microseconds=int(moment)), int(row)) if digits else None
        except OverflowError:
            mark = None
        if mark is None or mark.id > ROW_MAX:
            raise ValueError(f"after: expected what the page before gave, got {written!r}")
        return mark


_BEGINNING = Mark(_EPOCH, 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found, by id and in order; where the next question begins; whether there is more already."""

    ids: tuple[int, ...]
    after: str
    more: bool


def after(db: Connection, about: About, query: Node, now: datetime, mark: str | None, limit: int) -> Seen:
    """What meets a query and was first seen after a mark (None: from the beginning). Raises ValueError for no mark.

    Where little meets it, an answer may hold less than `limit`, or nothing, and say that there is more.
    """
    table = items if about == "item" else statements
    begin = _BEGINNING if mark is None else Mark.read(mark)
    if isinstance(query, Everything):
        return _next(db, table, begin, _horizon(db, now), limit)
    end, whole = _end(db, table, begin, _horizon(db, now))
    found = _stretch(table, begin, end).where(_condition(db, about, query, now)).limit(limit + 1)
    rows: Sequence[Row[Any]] = db.execute(found).all()
    if len(rows) > limit:
        return Seen(tuple(row.id for row in rows[:limit]), str(_mark(rows[limit - 1])), True)
    return Seen(tuple(row.id for row in rows), str(end), not whole)


def _next(db: Connection, table: Table, begin: Mark, horizon: datetime, limit: int) -> Seen:
    """What follows, whatever it is."""
    asked = {"at": begin.at, "id": begin.id, "horizon": horizon, "number": limit + 1}
    rows: Sequence[Row[Any]] = db.execute(_FOLLOWING[table.name], asked).all()
    told = rows[:limit]
    return Seen(tuple(row.id for row in told), str(_mark(told[-1]) if told else begin), len(rows) > limit)


def _following(table: Table) -> Select[Any]:
    seen, at = table.c.first_seen_at, bindparam("at", type_=Instant)
    later = and_(seen >= at, or_(seen > at, table.c.id > bindparam("id", type_=BigInteger)))
    found = select(seen, table.c.id).where(later, seen <= bindparam("horizon", type_=Instant))
    return found.order_by(seen, table.c.id).limit(bindparam("number", type_=Integer))


#: by table, made once: those who follow what comes in ask nothing else
_FOLLOWING = {table.name: _following(table) for table in (items, statements)}


def _horizon(db: Connection, now: datetime) -> datetime:
    return now if db.dialect.name == "sqlite" else now - _UNDER_WAY


def _end(db: Connection, table: Table, begin: Mark, horizon: datetime) -> tuple[Mark, bool]:
    """Down to where one answer looks, and whether that is all there is."""
    seen = table.c.first_seen_at
    there = select(seen, table.c.id).where(_later(table, begin), seen <= horizon)
    beyond: Any = db.execute(there.order_by(seen, table.c.id).offset(_LOOKED_AT - 1).limit(1)).first()
    if beyond is not None:
        return _mark(beyond), False
    last: Any = db.execute(there.order_by(seen.desc(), table.c.id.desc()).limit(1)).first()
    return (begin if last is None else _mark(last)), True


def _stretch(table: Table, begin: Mark, end: Mark) -> Select[Any]:
    seen = table.c.first_seen_at
    upto = and_(seen <= end.at, or_(seen < end.at, table.c.id <= end.id))
    return select(seen, table.c.id).where(_later(table, begin), upto).order_by(seen, table.c.id)


def _later(table: Table, mark: Mark) -> Condition:
    seen = table.c.first_seen_at
    return and_(seen >= mark.at, or_(seen > mark.at, table.c.id > mark.id))


def _mark(row: Row[Any]) -> Mark:
    return Mark(row.first_seen_at, row.id)


def _condition(db: Connection, about: About, query: Node, now: datetime) -> Condition:
    if about == "statement":
        return Walking(db, about, now).condition(query)
    return Compiler(db, about, now, _asked).condition(query)


def _asked(membership: Membership) -> Condition:
    # full text gives all texts that have a word sooner than it says of many, one by one, whether they do
    return membership.among() if membership.outer is items.c.place else membership.one_by_one()
