"""Finding statements that meet a query, page by page: newest publication first, or as they were first seen.

The latest statements are walked through in order, and each is asked by itself, until the page is full. Where they do
not fill it, what is read next decides how long it takes, as in search.py: rows of a rare condition are gathered whole;
else the walk goes on, stretch by stretch. Where that found too little, as conditions exclude each other, what is left
is gathered after all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, bindparam, case, false, func, literal_column, select, true
from sqlalchemy.sql import Select

from pipeline.query.ast import And, Everything, Node, Not, Or
from pipeline.storage.conditions import Compiler, Looking, Membership
from pipeline.storage.fulltext import Condition
from pipeline.storage.portable import planned_anew
from pipeline.storage.schema import statements
from pipeline.storage.search import Page, is_place, span
from pipeline.storage.words import item_at

#: a condition that fewer statements meet is gathered whole
_FEW = 3_000
#: statements in the first stretch of a walk, how much longer each next one is, and after how many the walk ends
_FIRST, _LONGER, _WALK = 1_000, 4, 21_000
LOW, HIGH = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)
_BOTTOM, _TOP = -(2**63), 2**63 - 1
_place = statements.c.place


@dataclass(frozen=True, slots=True)
class StatementWish:
    """What page of statements is wanted: how long, and after which."""

    limit: int = 20
    #: `after` of the page before
    after: str | None = None


def page(db: Connection, query: Node, now: datetime, wish: StatementWish) -> Page:
    """The next statements that meet a query, newest publication first. What is stored meanwhile moves no later page.

    Raises ValueError for an `after` that no page gave.
    """
    below = None if wish.after is None else place_after(wish.after)
    with planned_anew(db):
        places = newest(db, query, now, wish.limit + 1, below)
    more = len(places) > wish.limit
    return Page(tuple(map(item_at, places[: wish.limit])), str(places[wish.limit - 1]) if more else None)


def find_statements(db: Connection, query: Node, now: datetime, limit: int | None, offset: int = 0) -> list[int]:
    """Ids of the statements that meet a query, newest publication first; all of them for a limit of None."""
    if limit is not None:
        with planned_anew(db):
            return [item_at(place) for place in newest(db, query, now, limit + offset)[offset:]]
    met = Compiler(db, "statement", now).condition(query)
    return list(db.execute(select(statements.c.id).where(met).order_by(_place.desc())).scalars())[offset:]


def place_after(after: str) -> int:
    """The place that a mark stands for. Raises ValueError for one that no page gave."""
    if not is_place(after):
        raise ValueError(f"after: expected what the page before gave, got {after!r}")
    return int(after)


def newest(db: Connection, query: Node, now: datetime, number: int, below: int | None = None) -> list[int]:
    """The first so many places of statements that meet a query, latest first, below a given one."""
    parts = query.parts if isinstance(query, And) else (query,)
    low, high = span(parts, now)
    high = high if below is None else min(high, below)
    finder = _Finder(db, now)
    # what many meet fills a page out of the latest, and nobody need know how many they are
    found, high = finder.walked(query, number, (low, high), _FIRST)
    if len(found) < number and high > low and not any(map(finder.is_rare, parts)):
        more, high = finder.walked(query, number - len(found), (low, high), _WALK)
        found += more
    if len(found) < number and high > low:
        found += finder.gathered(query, number - len(found), low, high)
    return found


@dataclass(frozen=True, slots=True)
class Walking(Looking):
    """Asks each statement by itself, in the order of the walk."""

    def leaf(self, node: Node) -> Condition | Membership:
        """A condition that no index is asked about: a planner would leave the way for it."""
        found = Looking.leaf(self, node)
        return found if isinstance(found, Membership) else case((found, true()), else_=false())


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds places of statements, the latest first."""

    db: Connection
    now: datetime

    def gathered(self, query: Node, number: int, low: int, high: int) -> list[int]:
        """Out of everything that meets the conditions."""
        met = Compiler(self.db, "statement", self.now).condition(query)
        # the sign keeps a planner from walking through all statements in order
        latest = literal_column("+statements.place", Integer).desc()
        found = select(_place).where(met, _place >= low, _place < high).order_by(latest).limit(number)
        return list(self.db.execute(found).scalars())

    def walked(self, query: Node, number: int, within: tuple[int, int], left: int) -> tuple[list[int], int]:
        """Out of so many of the latest statements, one after the other; says down to where that was read."""
        low, high = within
        met = Walking(self.db, "statement", self.now).condition(query)
        stretch = select(_place).where(met, _place >= LOW, _place < HIGH).order_by(_place.desc())
        found: list[int] = []
        length = _FIRST
        while len(found) < number and high > low and left > 0:
            end = max(low, self._end(high, length))
            missing = stretch.limit(number - len(found))
            found += self.db.execute(missing, {LOW.key: end, HIGH.key: high}).scalars()
            high, left, length = end, left - length, _LONGER * length
        return found, high

    def _end(self, high: int, length: int) -> int:
        """Where a stretch of so many statements ends that begins below `high`."""
        earlier = select(_place).where(_place < high).order_by(_place.desc()).offset(length).limit(1)
        end: int | None = self.db.execute(earlier).scalar()
        return _BOTTOM if end is None else end

    def is_rare(self, part: Node) -> bool:
        """Whether few statements can meet the part, so that it is read first."""
        if isinstance(part, And):
            return any(map(self.is_rare, part.parts))
        if isinstance(part, Or):
            return all(map(self.is_rare, part.parts))
        if isinstance(part, Everything | Not):
            return False
        met = Compiler(self.db, "statement", self.now).leaf(part)
        if isinstance(met, Membership):
            return self._few(met.wanted)
        return self._few(select(statements.c.id).where(met))

    def _few(self, wanted: Select[Any]) -> bool:
        some = wanted.limit(_FEW + 1).subquery()
        return int(self.db.execute(select(func.count()).select_from(some)).scalar_one()) <= _FEW
