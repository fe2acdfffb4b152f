"""How the places of items are read, the latest first: at once, or stretch by stretch, until a page is full.

On PostgreSQL, whose index gives what it finds in no order, a few are looked at, which is enough for what many items
have. What has fewer is gathered from the index, of so much of the store as should do, going by what was found so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, select, true
from sqlalchemy.sql import Select

from pipeline.query.ast import And, Near, Node, Not, Or, Text, any_of
from pipeline.storage import fulltext
from pipeline.storage.fulltext import ITEMS, Condition, standing, told_by_index
from pipeline.storage.schema import item_words, items

#: where full text is looked into for items that are read in order, so many are read first
_FIRST_STRETCH, _LONGER = 1000, 4
#: on PostgreSQL so many are looked at first (so many where headlines will do); then the index is asked of so many at
#: least (of so many where it finds what lacks a word); and where more than so many would be needed, of all
_LOOKED_AT, _LOOKED_AT_TITLES, _GATHERED, _LACKING, _MOST = 200, 4_000, 4_000, 6_400, 50_000
#: to the end
ALL = 1 << 62
LOW, HIGH = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read places, the latest first: `whole`, or stretch by stretch of all items, between LOW and HIGH each.

    Where there is `gathered`, only the first stretch is read by `stretch`, which looks at each item and ends as soon as
    it has found enough; the others by that, which gathers what the index has.
    """

    place: ColumnElement[int]
    whole: Select[Any] | None = None
    stretch: Select[Any] | None = None
    gathered: Select[Any] | None = None
    #: so many items are read by the first stretch, so many by `gathered` at least; whether few are soon gathered by
    #: that, however much of the store is read
    first: int = field(default_factory=lambda: _FIRST_STRETCH)
    least: int = _GATHERED
    soon: bool = False

    def following(self, length: int, gained: int, missing: int) -> int:
        """How long the next stretch is, after one of that length that gained so many and left so many missing."""
        if self.gathered is None:
            return _LONGER * length
        # what should do, and half as much again
        needed = 3 * missing * length // (2 * gained) if gained else ALL
        if length < self.least:
            # too few to go by
            return max(self.least, min(needed, 5 * self.least, _MOST))
        few = self.soon and 100 * gained < length
        return ALL if few or needed > _MOST else max(needed, self.least)


@dataclass(slots=True)
class Found:
    """Places found so far, the latest first: down to `high`, on the way to `low`."""

    number: int
    low: int
    high: int
    places: list[int] = field(default_factory=list)
    #: by the last stretch
    gained: int = 0

    @property
    def missing(self) -> int:
        """So many more are wanted."""
        return self.number - len(self.places)

    def add(self, end: int, places: Iterable[int]) -> None:
        """Take what is from `end` to where the last stretch ended."""
        before = len(self.places)
        self.places += places
        self.high, self.gained = end, len(self.places) - before


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def by_words(wording: Sequence[Node], conditions: Sequence[Condition]) -> Reading:
    """On PostgreSQL, how to read items by parts of a query that are words alone, and conditions on items."""
    text, place = And(tuple(wording)), item_words.c.place
    between = select(place).where(place >= LOW, place < HIGH)
    if fulltext.positive(text):
        having, least = fulltext.indexed(ITEMS, text), _GATHERED
        told = soon = told_by_index(ITEMS, text)
    else:
        having, least = _lacking(wording), _LACKING
        told, soon = all(map(_is_told_lack, wording)), False
    return Reading(
        place,
        stretch=joined(between.where(standing(ITEMS, text)), place, conditions),
        gathered=_gathered(between.where(having), conditions, None if told else text),
        first=_LOOKED_AT_TITLES if _only_titles(text) else _LOOKED_AT,
        least=least,
        soon=soon,
    )


def joined(found: Select[Any], place: ColumnElement[int], conditions: Sequence[Condition]) -> Select[Any]:
    """The items of those places that meet the conditions, the latest first."""
    if conditions:
        found = found.join(items, items.c.place == place).where(*conditions)
    return found.order_by(place.desc())


def _only_titles(node: Node) -> bool:
    """Whether no text has to be read, which stand apart from headlines."""
    if isinstance(node, And | Or):
        return all(map(_only_titles, node.parts))
    if isinstance(node, Not):
        return _only_titles(node.part)
    return isinstance(node, Text | Near) and fulltext.field_of(node) == "title"


def _is_told_lack(part: Node) -> bool:
    """Whether the index tells who meets it, by who does not."""
    return isinstance(part, Not) and fulltext.positive(part.part) and told_by_index(ITEMS, part)


def _lacking(wording: Sequence[Node]) -> Condition:
    """What the index knows of parts none of which says what is there, between LOW and HIGH."""
    unwanted = [part.part for part in wording if isinstance(part, Not) and _is_told_lack(part)]
    if not unwanted:
        return true()
    place = item_words.c.place
    having = select(place).where(place >= LOW, place < HIGH, fulltext.indexed(ITEMS, any_of(unwanted)))
    return place.not_in(having.correlate(None))


def _gathered(having: Select[Any], conditions: Sequence[Condition], text: Node | None) -> Select[Any]:
    """What the index has, before anything else: the planner would rather look at every text than sort that.

    Texts are looked at in order, one by one, so that no more of them are than it takes to find enough.
    """
    gathered = having.cte("gathered").prefix_with("MATERIALIZED")
    found = joined(select(gathered.c.place), gathered.c.place, conditions)
    if text is None:
        return found
    # the offset keeps the planner from looking at texts before it has sorted
    ordered = found.offset(0).subquery("ordered")
    stands = select(standing(ITEMS, text)).where(item_words.c.place == ordered.c.place).scalar_subquery()
    return select(ordered.c.place).where(stands).order_by(ordered.c.place.desc())
