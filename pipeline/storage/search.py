"""Finding items and statements that meet a query, newest first or best first, page by page.

Items are found in order of their `place`: the second they were published in (first seen, where no date is known), then
their number. A page needs few of them, so what is read first decides how long it takes: rows of the rarest condition,
or full text or all items, newest first, until the page is full.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql import Select

from pipeline.query import rank
from pipeline.query.ast import And, Everything, Last, Near, Node, Not, Or, Text, Within
from pipeline.storage import fulltext
from pipeline.storage.conditions import About, Compiler, Looking, Membership, bounds
from pipeline.storage.fulltext import ITEMS, STATEMENTS, Condition, matching, standing
from pipeline.storage.portable import planned_anew, these
from pipeline.storage.schema import item_words, items, statements
from pipeline.storage.stretches import ALL, HIGH, LOW, Found, Reading, by_words
from pipeline.storage.words import item_at, place_of

Sort = Literal["newest", "relevance"]

#: so many of the newest that meet a query are weighed against each other; so many where it has a NEAR, for which many
#: texts are looked into for each that meets it
RANKED, RANKED_NEAR = 200, 100
#: a condition that fewer rows have is read whole
_FEW = 500
#: on PostgreSQL, where more statements have the words, so many items are looked at before all are gathered
_LOOKED_AT_SAID = 1_000
_BOTTOM, _TOP = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """What was found, by id and in order, and what the next question gives as `after`: None at the end."""

    ids: tuple[int, ...]
    after: str | None


def find_items(db: Connection, query: Node, now: datetime, limit: int | None, offset: int = 0) -> list[int]:
    """Ids of the items that meet a query, newest publication first; all of them for a limit of None."""
    with planned_anew(db):
        found = _Finder(db, now).newest(query, None if limit is None else limit + offset)
    return [item_at(place) for place in found[offset:]]


def count(db: Connection, about: About, query: Node, now: datetime) -> int:
    """How many items or statements meet a query."""
    with planned_anew(db):
        if about == "item":
            return _Finder(db, now).count(query)
        found = select(func.count()).select_from(statements).where(Compiler(db, about, now).condition(query))
        return int(db.execute(found).scalar_one())


# --- pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What page of a search is wanted: in which order, how long, after which, and how many of it are passed over."""

    sort: Sort = "newest"
    limit: int = 20
    #: `after` of the page before
    after: str | None = None
    offset: int = 0


def page(db: Connection, query: Node, now: datetime, wish: Wish) -> Page:
    """A page of the items that meet a query. What is stored meanwhile moves no later page.

    By relevance, the RANKED newest (RANKED_NEAR) are weighed against each other; the rest follows newest first, and so
    do all where the query has no words to weigh. Raises ValueError for an `after` that no page gave.
    """
    with planned_anew(db):
        return _page(_Finder(db, now), query, wish)


def _page(finder: _Finder, query: Node, wish: Wish) -> Page:
    mark = _mark(wish.after)
    if wish.sort == "relevance" and any(rank.phrases(query)) and (mark is None or mark.taken is not None):
        return _ranked(finder, query, wish, mark)
    end = wish.offset + wish.limit
    places = finder.newest(query, end + 1, mark.place if mark else None)
    following = str(places[end - 1]) if len(places) > end else None
    return Page(tuple(map(item_at, places[wish.offset : end])), following)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a page begins: below this place; or, ranked, among those below it once so many were taken."""

    place: int
    taken: int | None = None


def _mark(after: str | None) -> _Mark | None:
    if after is None:
        return None
    place, dot, taken = after.partition(".")
    if not (is_place(place) and (is_place(taken) or not dot)):
        raise ValueError(f"after: expected what the page before gave, got {after!r}")
    return _Mark(int(place), int(taken) if dot else None)


def is_place(written: str) -> bool:
    """Whether this is a number that either database can hold."""
    whole = written.isascii() and written.removeprefix("-").isdigit() and len(written) <= 20
    return whole and abs(int(written)) <= _TOP


def _ranked(finder: _Finder, query: Node, wish: Wish, mark: _Mark | None) -> Page:
    below, taken = (mark.place, mark.taken or 0) if mark else (None, 0)
    most = RANKED_NEAR if _asks_near(query) else RANKED
    places = finder.newest(query, most, below)
    start, end = taken + wish.offset, taken + wish.offset + wish.limit
    ids = tuple(map(item_at, finder.best_first(query, places)[start:end]))
    if end < len(places):
        return Page(ids, f"{places[0] + 1 if below is None else below}.{end}")
    return Page(ids, str(places[-1]) if len(places) == most else None)


# --- what is read first -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Finder:
    """Finds places of items, the latest first."""

    db: Connection
    now: datetime

    def newest(self, query: Node, number: int | None, below: int | None = None) -> list[int]:
        """The first so many places that meet a query, below a given one; all for a number of None."""
        if number is None:
            everything = select(items.c.place).where(*self._all(query)).order_by(items.c.place.desc())
            return list(self.db.execute(everything).scalars())
        if isinstance(query, Or) and not ITEMS.answers(query):
            each = (self.newest(part, number, below) for part in query.parts)
            return list(islice(_merged(each), number))
        parts = _parts(query)
        low, high = span(parts, self.now)
        high = high if below is None else min(high, below)
        reading = self._reading(parts)
        if reading.stretch is not None:
            return self._by_stretches(reading, reading.stretch, number, low, high)
        assert reading.whole is not None  # noqa: S101  # a reading has the one or the other
        whole = reading.whole.where(reading.place >= low, reading.place < high).limit(number)
        return list(self.db.execute(whole).scalars())

    def _by_stretches(self, reading: Reading, stretch: Select[Any], number: int, low: int, high: int) -> list[int]:
        """What stretch after stretch turns up, until that is enough or there is no more."""
        found = Found(number, low, high)
        length = reading.first
        self._read(found, stretch, length)
        with self._by_index(reading.gathered is not None):
            while found.missing and found.high > low:
                length = reading.following(length, found.gained, found.missing)
                self._read(found, stretch if reading.gathered is None else reading.gathered, length)
        return found.places

    def _read(self, found: Found, stretch: Select[Any], length: int) -> None:
        end = max(found.low, self._end(found.high, length)) if length < ALL else found.low
        between = {LOW.key: end, HIGH.key: found.high}
        found.add(end, self.db.execute(stretch.limit(found.missing), between).scalars())

    @contextmanager
    def _by_index(self, wanted: bool) -> Iterator[None]:
        """PostgreSQL reads the index of texts even for a word that most have: it would work their words out anew."""
        if wanted:
            self.db.exec_driver_sql("SET LOCAL enable_seqscan = off")
        yield
        if wanted:
            self.db.exec_driver_sql("SET LOCAL enable_seqscan = on")

    def _end(self, high: int, length: int) -> int:
        """Where a stretch of so many items ends that begins below `high`."""
        earlier = select(items.c.place).where(items.c.place < high).order_by(items.c.place.desc())
        end: int | None = self.db.execute(earlier.offset(length).limit(1)).scalar()
        return _BOTTOM if end is None else end

    def best_first(self, query: Node, places: Sequence[int]) -> list[int]:
        """Those places, best answer first; of equals, the latest."""
        columns = (item_words.c.place, item_words.c.title, item_words.c.text)
        rows = self.db.execute(select(*columns).where(item_words.c.place.in_(these(self.db, places))))
        texts = {row.place: rank.Candidate(row.title, row.text) for row in rows}
        scores = rank.scores(query, [texts[place] for place in places])
        return [place for _, place in sorted(zip(scores, places, strict=True), key=lambda one: (-one[0], -one[1]))]

    def count(self, query: Node) -> int:
        """How many items meet a query."""
        return int(self.db.execute(select(func.count()).select_from(items).where(*self._all(query))).scalar_one())

    def _all(self, query: Node) -> list[Condition]:
        low, high = span(_parts(query), self.now)
        return [items.c.place >= low, items.c.place < high, self._compiler().condition(query)]

    def _reading(self, parts: Sequence[Node]) -> Reading:
        wording = [part for part in parts if ITEMS.answers(part)]
        rest = [part for part in parts if not ITEMS.answers(part)]
        return self._on_sqlite(wording, rest) if self.db.dialect.name == "sqlite" else self._on_postgres(wording, rest)

    # --- SQLite: full text comes in order of place, and what joins it is looked up row by row -------------------------

    def _on_sqlite(self, wording: list[Node], rest: list[Node]) -> Reading:
        text = And(tuple(wording)) if wording else None
        if text is not None and not fulltext.positive(text):
            text, rest = None, [*wording, *rest]
        if any(self._is_rare(part) for part in rest):
            return self._rare_first(rest if text is None else [*rest, *wording])
        found = select(items.c.place).where(items.c.place.is_not(None)) if text is None else matching(ITEMS, text)
        place: ColumnElement[int] = found.selected_columns[0]
        conditions = [self._compiler(self._in_stretch).condition(part) for part in rest]
        if conditions and text is not None:
            conditions.append(items.c.place == place)
        found = found.where(*conditions).order_by(place.desc())
        if any(map(_asks_texts, rest)):
            return Reading(place, stretch=found.where(place >= LOW, place < HIGH))
        return Reading(place, found)

    def _rare_first(self, parts: Sequence[Node]) -> Reading:
        conditions = [self._compiler(self._in_few_rows).condition(part) for part in parts]
        # the sign keeps SQLite from walking through all items in order
        latest = literal_column("+items.place", Integer).desc()
        found = select(items.c.place).where(*conditions, items.c.place.is_not(None)).order_by(latest)
        return Reading(items.c.place, found)

    def _compiler(self, ask: Callable[[Membership], Condition] = Membership.among) -> Compiler:
        return Compiler(self.db, "item", self.now, ask)

    def _is_rare(self, part: Node) -> bool:
        """Whether few rows can meet the part, so that it is read first."""
        if isinstance(part, And):
            return any(map(self._is_rare, part.parts))
        if isinstance(part, Or):
            return all(map(self._is_rare, part.parts))
        if isinstance(part, Everything | Not | Within | Last):
            return False
        if _asks_said(part):
            # with what joins them, a planner would read all reports until enough were found
            return self._few(self._compiler().texts(STATEMENTS, part), _FEW)
        found = self._compiler().leaf(part)
        return isinstance(found, Membership) and self._few(found.wanted, _FEW)

    def _in_few_rows(self, membership: Membership) -> Condition:
        return membership.among() if self._few(membership.wanted, _FEW) else membership.one_by_one()

    def _in_stretch(self, membership: Membership) -> Condition:
        if membership.outer is not items.c.place or self._few(membership.wanted, _FEW):
            return self._in_few_rows(membership)
        # FTS5 is slow to look for one text, and quick to list those of a stretch
        place = membership.wanted.selected_columns[0]
        return Membership(membership.wanted.where(place >= LOW, place < HIGH), membership.outer).among()

    def _few(self, wanted: Select[Any], most: int) -> bool:
        some = wanted.limit(most + 1).subquery()
        return int(self.db.execute(select(func.count()).select_from(some)).scalar_one()) <= most

    # --- PostgreSQL: its planner knows how frequent things are, except in texts ---------------------------------------

    def _on_postgres(self, wording: list[Node], rest: list[Node]) -> Reading:
        conditions = [self._compiler().condition(part) for part in rest]
        if not wording and any(map(_asks_said, rest)):
            return self._by_said(rest)
        if not wording:
            found = select(items.c.place).where(*conditions, items.c.place.is_not(None))
            return Reading(items.c.place, found.order_by(items.c.place.desc()))
        if any(self._is_rare(part) for part in rest):
            place, rare = item_words.c.place, select(items.c.place).where(*conditions).cte("rare")
            looked_at = select(place).where(standing(ITEMS, And(tuple(wording))))
            found = looked_at.join(rare.prefix_with("MATERIALIZED"), rare.c.place == place)
            return Reading(place, found.order_by(place.desc()))
        return by_words(wording, conditions)

    def _by_said(self, rest: list[Node]) -> Reading:
        """Without statistics that it could trust, the planner would go through all statements found, item by item."""
        place = items.c.place
        between = select(place).where(place >= LOW, place < HIGH)
        gathered = between.where(*map(self._compiler().condition, rest)).cte("gathered").prefix_with("MATERIALIZED")
        latest = select(gathered.c.place).order_by(gathered.c.place.desc())
        if any(map(self._is_rare, rest)):
            return Reading(place, stretch=latest, first=ALL)
        looked_at = between.where(*map(Looking(self.db, "item", self.now).condition, rest)).order_by(place.desc())
        return Reading(place, stretch=looked_at, gathered=latest, first=_LOOKED_AT_SAID, least=ALL)


def _parts(query: Node) -> tuple[Node, ...]:
    return query.parts if isinstance(query, And) else (query,)


def _asks_texts(part: Node) -> bool:
    """Whether full text of items has a say in it."""
    if isinstance(part, And | Or):
        return any(map(_asks_texts, part.parts))
    return _asks_texts(part.part) if isinstance(part, Not) else ITEMS.answers(part)


def _asks_said(part: Node) -> bool:
    """Whether full text of statements has a say in it."""
    if isinstance(part, And | Or):
        return any(map(_asks_said, part.parts))
    if isinstance(part, Not):
        return _asks_said(part.part)
    return isinstance(part, Text | Near) and fulltext.field_of(part) == "said"


def _asks_near(node: Node) -> bool:
    if isinstance(node, And | Or):
        return any(map(_asks_near, node.parts))
    return _asks_near(node.part) if isinstance(node, Not) else isinstance(node, Near)


def _merged(found: Iterator[list[int]]) -> Iterator[int]:
    """Several lists of places, each from the latest on, as one without repetition."""
    last = None
    for place in heapq.merge(*found, reverse=True):
        if place != last:
            yield place
        last = place


def span(parts: Sequence[Node], now: datetime) -> tuple[int, int]:
    """Where in the order of publication the parts allow an item to stand: from the first place to below the second."""
    low, high = _BOTTOM, _TOP
    for part in parts:
        if isinstance(part, Within | Last) and part.field == "published":
            start, end = bounds(part, now)
            low = low if start is None else max(low, place_of(start, 0))
            # of the second in which it ends, some are in
            high = high if end is None else min(high, place_of(end + timedelta(seconds=1), 0))
    return low, high
