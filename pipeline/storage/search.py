"""Finding items and statements that meet a query, newest first or best first, page by page.

Items are found in order of their `place`: the second they were published in (first seen, where no date is known), then
their number. A page needs few of them, so what is read first decides how long it takes: rows of the rarest condition,
or full text or all items, newest first, until the page is full.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Integer, func, literal_column, select
from sqlalchemy.sql import Select

from pipeline.query import rank
from pipeline.query.ast import And, Everything, Last, Node, Not, Or, Within
from pipeline.storage import fulltext
from pipeline.storage.conditions import About, Compiler, Membership, bounds
from pipeline.storage.fulltext import ITEMS, Condition
from pipeline.storage.schema import item_words, items, statements
from pipeline.storage.words import item_at, place_of

Sort = Literal["newest", "relevance"]

#: so many of the newest that meet a query are weighed against each other
RANKED = 500
#: a condition that fewer rows have is read whole
_FEW = 500
#: PostgreSQL reads so many out of its full text and sorts them, sooner than walking through all items by date
_FEW_TEXTS = 4000


@dataclass(frozen=True, slots=True)
class Page:
    """What was found, by id and in order, and what the next question gives as `after`: None at the end."""

    ids: tuple[int, ...]
    after: str | None


def find_items(db: Connection, query: Node, now: datetime, limit: int | None, offset: int = 0) -> list[int]:
    """Ids of the items that meet a query, newest publication first; all of them for a limit of None."""
    found = _Finder(db, now).newest(query, None if limit is None else limit + offset)
    return [item_at(place) for place in found[offset:]]


def find_statements(db: Connection, query: Node, now: datetime, limit: int | None, offset: int = 0) -> list[int]:
    """Ids of the statements that meet a query, newest publication first; all of them for a limit of None."""
    when = func.coalesce(statements.c.published_at, statements.c.first_seen_at)
    found = select(statements.c.id).where(Compiler(db, "statement", now).condition(query))
    found = found.order_by(when.desc(), statements.c.id.desc()).offset(offset)
    return list(db.execute(found if limit is None else found.limit(limit)).scalars())


def count(db: Connection, about: About, query: Node, now: datetime) -> int:
    """How many items or statements meet a query."""
    table = items if about == "item" else statements
    found = select(func.count()).select_from(table).where(Compiler(db, about, now).condition(query))
    return int(db.execute(found).scalar_one())


# --- pages ------------------------------------------------------------------------------------------------------------


def page(
    db: Connection, query: Node, now: datetime, *, sort: Sort = "newest", limit: int = 20, after: str | None = None
) -> Page:
    """A page of the items that meet a query. What is stored meanwhile moves no later page.

    By relevance, the RANKED newest are weighed against each other; the rest follows newest first. Raises ValueError for
    an `after` that no page gave.
    """
    mark = _mark(after)
    finder = _Finder(db, now)
    if sort == "relevance" and (mark is None or mark.taken is not None):
        return _ranked(finder, query, limit, mark)
    places = finder.newest(query, limit + 1, mark.place if mark else None)
    following = str(places[limit - 1]) if len(places) > limit else None
    return Page(tuple(map(item_at, places[:limit])), following)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a page begins: below this place; or, ranked, among those below it once so many were taken."""

    place: int
    taken: int | None = None


def _mark(after: str | None) -> _Mark | None:
    if after is None:
        return None
    place, dot, taken = after.partition(".")
    if not (_is_number(place) and (_is_number(taken) or not dot)):
        raise ValueError(f"after: expected what the page before gave, got {after!r}")
    return _Mark(int(place), int(taken) if dot else None)


def _is_number(written: str) -> bool:
    return written.isascii() and written.removeprefix("-").isdigit() and len(written) <= 19


def _ranked(finder: _Finder, query: Node, limit: int, mark: _Mark | None) -> Page:
    below, taken = (mark.place, mark.taken or 0) if mark else (None, 0)
    places = finder.newest(query, RANKED, below)
    best = finder.best_first(query, places)[taken : taken + limit]
    ids = tuple(map(item_at, best))
    if taken + limit < len(places):
        return Page(ids, f"{places[0] + 1 if below is None else below}.{taken + limit}")
    return Page(ids, str(places[-1]) if len(places) == RANKED else None)


# --- what is read first -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Finder:
    """Finds places of items, the latest first."""

    db: Connection
    now: datetime

    def newest(self, query: Node, number: int | None, below: int | None = None) -> list[int]:
        """The first so many places that meet a query, below a given one; all for a number of None."""
        if number is not None and isinstance(query, Or) and not ITEMS.answers(query):
            found = (self.newest(part, number, below) for part in query.parts)
            return list(islice(_merged(found), number))
        selected = self._all(query) if number is None else self._select(query)
        place = selected.selected_columns[0]
        if below is not None:
            selected = selected.where(place < below)
        return list(self.db.execute(selected if number is None else selected.limit(number)).scalars())

    def best_first(self, query: Node, places: Sequence[int]) -> list[int]:
        """Those places, best answer first; of equals, the latest."""
        columns = (item_words.c.place, item_words.c.title, item_words.c.text)
        rows = self.db.execute(select(*columns).where(item_words.c.place.in_(places)))
        texts = {row.place: rank.Candidate(row.title, row.text) for row in rows}
        scores = rank.scores(query, [texts[place] for place in places])
        return [place for _, place in sorted(zip(scores, places, strict=True), key=lambda one: (-one[0], -one[1]))]

    def _all(self, query: Node) -> Select[Any]:
        found = Compiler(self.db, "item", self.now).condition(query)
        return select(items.c.place).where(found, items.c.place.is_not(None)).order_by(items.c.place.desc())

    def _select(self, query: Node) -> Select[Any]:
        parts = query.parts if isinstance(query, And) else (query,)
        wording = [part for part in parts if ITEMS.answers(part)]
        rest = [part for part in parts if not ITEMS.answers(part)]
        plan = self._on_sqlite if self._is_sqlite else self._on_postgres
        selected = plan(wording, rest)
        place = selected.selected_columns[0]
        return selected.where(*_span(parts, place, self.now))

    @cached_property
    def _is_sqlite(self) -> bool:
        return self.db.dialect.name == "sqlite"

    # --- SQLite: full text comes in order of place, and what joins it is looked up row by row -------------------------

    def _on_sqlite(self, wording: list[Node], rest: list[Node]) -> Select[Any]:
        text = And(tuple(wording)) if wording else None
        if text is not None and not fulltext.positive(text):
            text, rest = None, [*wording, *rest]
        compiler = Compiler(self.db, "item", self.now, self._ask)
        conditions = [compiler.condition(part) for part in rest]
        if any(self._is_rare(compiler, part) for part in rest):
            if text is not None:
                conditions.append(self._ask(Membership(fulltext.matching(ITEMS, text), items.c.place)))
            # the sign keeps SQLite from walking through all items in order
            latest = literal_column("+items.place", Integer).desc()
            return select(items.c.place).where(*conditions, items.c.place.is_not(None)).order_by(latest)
        if text is None:
            found = select(items.c.place).where(*conditions, items.c.place.is_not(None))
            return found.order_by(items.c.place.desc())
        found = fulltext.matching(ITEMS, text)
        (place,) = found.selected_columns
        if conditions:
            found = found.where(items.c.place == place, *conditions)
        return found.order_by(place.desc())

    def _is_rare(self, compiler: Compiler, part: Node) -> bool:
        """Whether few rows can meet the part, so that it is read first."""
        if isinstance(part, And):
            return any(self._is_rare(compiler, one) for one in part.parts)
        if isinstance(part, Or):
            return all(self._is_rare(compiler, one) for one in part.parts)
        if isinstance(part, Everything | Not | Within | Last):
            return False
        found = compiler.leaf(part)
        return isinstance(found, Membership) and self._few(found.wanted, _FEW)

    def _ask(self, membership: Membership) -> Condition:
        return membership.among() if self._few(membership.wanted, _FEW) else membership.one_by_one()

    def _few(self, wanted: Select[Any], most: int) -> bool:
        some = wanted.limit(most + 1).subquery()
        return int(self.db.execute(select(func.count()).select_from(some)).scalar_one()) <= most

    # --- PostgreSQL: its planner knows how frequent things are, except in texts ---------------------------------------

    def _on_postgres(self, wording: list[Node], rest: list[Node]) -> Select[Any]:
        compiler = Compiler(self.db, "item", self.now)
        conditions = [compiler.condition(part) for part in rest]
        if not wording:
            return select(items.c.place).where(*conditions, items.c.place.is_not(None)).order_by(items.c.place.desc())
        text = And(tuple(wording))
        by_index = fulltext.standing(ITEMS, text, indexed=True)
        few = fulltext.positive(text) and self._few(select(item_words.c.place).where(by_index), _FEW_TEXTS)
        found = select(item_words.c.place).where(by_index if few else fulltext.standing(ITEMS, text, indexed=False))
        if conditions:
            found = found.join(items, items.c.place == item_words.c.place).where(*conditions)
        return found.order_by(item_words.c.place.desc())


def _merged(found: Iterator[list[int]]) -> Iterator[int]:
    """Several lists of places, each from the latest on, as one without repetition."""
    last = None
    for place in heapq.merge(*found, reverse=True):
        if place != last:
            yield place
        last = place


def _span(parts: Sequence[Node], place: ColumnElement[Any], now: datetime) -> Iterator[Condition]:
    """Where in the order of publication the parts allow an item to stand: a stretch that is read instead of all."""
    for part in parts:
        if isinstance(part, Within | Last) and part.field == "published":
            start, end = bounds(part, now)
            if start is not None:
                yield place >= place_of(start, 0)
            if end is not None:
                # of the second in which it ends, some are in
                yield place < place_of(end + timedelta(seconds=1), 0)
