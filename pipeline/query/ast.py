"""What a query means, as a tree. `parse` makes it; `matches`, `explain`, `unparse` and the store's compiler walk it.

Rules every reader of the tree keeps:

- A record is an item or a statement. Fields can hold several values (an item's topics, an item's speakers); a
  condition holds when one value meets it, and each condition looks for its own: `speaker:x stance:against` on an item
  may be met by two statements. Statements have no `title` and no `text`.
- Words are folded as by `pipeline.text.words` and compared whole; with `prefix` the last one is open at its end.
- Logic has two values: a condition on something absent (no date, no speaker) is false, and its Not is true.
- `And` and `Or` have at least two parts, none of their own kind. `Everything` stands only at the root.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from pipeline.types import Stance

TextField = Literal["any", "title", "text", "said"]
ValueField = Literal["topic", "source", "country", "lang", "role", "kind", "access"]
NameField = Literal["speaker", "via"]
TimeField = Literal["published", "seen"]
Unit = Literal["h", "d", "w"]

#: every field name a query may write before a colon, in the order in which help lists them
FIELDS = (
    *get_args(ValueField),
    *get_args(NameField),
    "stance",
    "title",
    "text",
    "said",
    *get_args(TimeField),
    "after",
    "before",
    "last",
)
_HOURS: dict[Unit, int] = {"h": 1, "d": 24, "w": 168}


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty query."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words stand next to each other, in order, in one value of the field.

    `any` is the title or the text of an item; what was said or the speaker's name of a statement. An item's `said` has
    a value per statement.
    """

    field: TextField
    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Both stand in one value of their (common) field, in either order, with at most `within` words between.

    From the end of the one that begins first to the beginning of the other; they may overlap (SQLite FTS5's NEAR).
    """

    left: Text
    right: Text
    within: int


@dataclass(frozen=True, slots=True)
class Value:
    """The field has this value: equal once both are folded, words joined by one space; with `prefix`, begins so."""

    field: ValueField
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """All the words are among the folded words of one name, in any order; with `prefix` the last is open at its end."""

    field: NameField
    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class HasStance:
    """A statement takes this stance towards `topic` (folded, words joined by one space), or towards any topic."""

    stance: Stance
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """start <= time < end; None leaves that side open. At least one is set; both are UTC."""

    field: TimeField
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Last:
    """Time >= now - amount units."""

    field: TimeField
    amount: int
    unit: Unit

    @property
    def span(self) -> timedelta:
        """How far back it reaches."""
        return timedelta(hours=self.amount * _HOURS[self.unit])


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Node, ...]


Node = Everything | Text | Near | Value | Name | HasStance | Within | Last | Not | And | Or


def all_of(parts: Iterable[Node]) -> Node:
    """Join by And, flat."""
    flat = tuple(leaf for part in parts for leaf in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Node]) -> Node:
    """Join by Or, flat."""
    flat = tuple(leaf for part in parts for leaf in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat)
