"""Conditions of a query as SQL: the second reader of the query tree; pipeline/query/match.py is the first.

A condition is of the row itself, or a membership: a subquery names the rows that have it. Names and values are compared
in Python where they are few (speakers that have the word, different roles), since their rules are not SQL's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, and_, false, func, not_, or_, select, true, union
from sqlalchemy.sql import Select

from pipeline.query.ast import (
    And,
    Everything,
    HasStance,
    Last,
    Name,
    Near,
    Node,
    Not,
    Or,
    Text,
    Value,
    Within,
)
from pipeline.query.match import stands_in
from pipeline.query.terms import terms
from pipeline.storage import fulltext
from pipeline.storage.fulltext import ITEMS, STATEMENTS, Condition, Words
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
from pipeline.types import PARENT_TOPIC, Access, Kind

About = Literal["item", "statement"]


@dataclass(frozen=True, slots=True)
class Membership:
    """Rows whose `outer` is among what a subquery selects, which is one column."""

    wanted: Select[Any]
    outer: ColumnElement[Any]

    def among(self) -> Condition:
        """Gather all of them, then look each row up: right for few of them, or for many rows."""
        return self.outer.in_(self.wanted)

    def one_by_one(self) -> Condition:
        """Look for each row by itself: right for many of them, and few rows."""
        (inner,) = self.wanted.selected_columns
        table = self.outer.table
        return self.wanted.where(inner == self.outer).correlate(table).exists()


@dataclass(frozen=True, slots=True)
class Compiler:
    """Turns nodes into conditions on rows of items or statements. None is ever NULL, so that NOT means not."""

    db: Connection
    about: About
    now: datetime
    #: how a membership is asked
    ask: Callable[[Membership], Condition] = Membership.among

    def condition(self, node: Node) -> Condition:
        """Any node as a condition."""
        match node:
            case Everything():
                return true()
            case And(parts):
                return and_(*map(self.condition, parts))
            case Or(parts):
                return or_(*map(self.condition, parts))
            case Not(part):
                return not_(self.condition(part))
            case _:
                found = self.leaf(node)
                return self.ask(found) if isinstance(found, Membership) else found

    def leaf(self, node: Node) -> Condition | Membership:
        """A condition that is made of no others."""
        match node:
            case Within() | Last():
                return self._time(node)
            case Value():
                return self._value(node)
            case Name():
                return self._name(node)
            case HasStance():
                return self._stance(node)
            case Text() | Near():
                return self._words(node)
            case _:
                raise TypeError(f"query: expected a condition, got {type(node).__name__}")

    # --- from an item to its statements, or the other way -------------------------------------------------------------

    def _statements_where(self, condition: Condition) -> Condition | Membership:
        """Statements for which it holds; items that report one."""
        if self.about == "statement":
            return condition
        told = select(reports.c.item_id).join(statements, statements.c.id == reports.c.statement_id)
        return Membership(told.where(reports.c.revision_id.is_(None), condition), items.c.id)

    def _statements_among(self, wanted: Select[Any]) -> Membership:
        """Statements whose id is among those; items that report one."""
        if self.about == "statement":
            return Membership(wanted, statements.c.id)
        told = select(reports.c.item_id).where(reports.c.revision_id.is_(None), reports.c.statement_id.in_(wanted))
        return Membership(told, items.c.id)

    # --- leaves -------------------------------------------------------------------------------------------------------

    def _time(self, node: Within | Last) -> Condition:
        table = items if self.about == "item" else statements
        column = table.c.published_at if node.field == "published" else table.c.first_seen_at
        start, end = bounds(node, self.now)
        limits = [column >= start] if start else []
        limits += [column < end] if end else []
        return and_(column.is_not(None), *limits)

    def _value(self, node: Value) -> Condition | Membership:
        match node.field:
            case "topic":
                return self._topic(node)
            case "source":
                return self._source(node)
            case "country":
                return self._country(node)
            case "lang":
                return self._among(items.c.lang if self.about == "item" else statements.c.lang, node)
            case "access":
                # a statement has none, whatever the items that report it
                return items.c.access.in_(_equal(get_args(Access), node)) if self.about == "item" else false()
            case "kind":
                return self._statements_where(statements.c.kind.in_(_equal(get_args(Kind), node)))
            case "role":
                return self._statements_where(self._among(statements.c.role, node))

    def _topic(self, node: Value) -> Membership:
        table = item_topics if self.about == "item" else statement_topics
        # every topic implies the parent, which is listed nowhere
        meant = true() if _equal([PARENT_TOPIC], node) else self._among(table.c.topic, node)
        if self.about == "item":
            return Membership(select(item_topics.c.item_id).where(meant), items.c.id)
        return Membership(select(statement_topics.c.statement_id).where(meant), statements.c.id)

    def _source(self, node: Value) -> Membership:
        slugs = _equal(self.db.execute(select(sources.c.slug)).scalars(), node)
        if self.about == "item":
            return Membership(select(appearances.c.item_id).where(appearances.c.source.in_(slugs)), items.c.id)
        told = select(reports.c.statement_id).join(appearances, appearances.c.item_id == reports.c.item_id)
        now_told = told.where(reports.c.revision_id.is_(None), appearances.c.source.in_(slugs))
        return Membership(now_told, statements.c.id)

    def _country(self, node: Value) -> Condition | Membership:
        if self.about == "statement":
            return self._among(statements.c.country, node)
        about = select(item_countries.c.item_id).where(self._among(item_countries.c.country, node))
        return Membership(about, items.c.id)

    def _among(self, column: ColumnElement[Any], node: Value) -> Condition:
        """The column has a value that equals the node's when both are folded; such columns hold few different ones."""
        found = _equal(self._distinct(column), node)
        return and_(column.is_not(None), column.in_(found)) if found else false()

    def _distinct(self, column: ColumnElement[Any]) -> list[str]:
        """Every value of an indexed column, by a step in the index for each: not a walk through all rows."""
        step = select(func.min(column).label("value")).cte("steps", recursive=True)
        following = select(func.min(column)).where(column > step.c.value).correlate(step).scalar_subquery()
        steps = step.union_all(select(following).where(step.c.value.is_not(None)))
        return list(self.db.execute(select(steps.c.value).where(steps.c.value.is_not(None))).scalars())

    def _name(self, node: Name) -> Condition | Membership:
        if node.field == "speaker":
            named = self._speakers([node.words], node.prefix, lambda name: _has_all(name, node))
            return self._statements_where(statements.c.speaker_id.in_(named))
        credited = [via for via in self._distinct(reports.c.via) if _has_all(terms(via), node)]
        return self._statements_among(select(reports.c.statement_id).where(reports.c.via.in_(credited)))

    def _speakers(
        self, phrases: Iterable[tuple[str, ...]], prefix: bool, keep: Callable[[list[str]], bool]
    ) -> list[int]:
        """Speakers to be kept, among those in whose folded name the words of the phrases begin somewhere."""
        somewhere = [speakers.c.folded.contains(f" {word}") for phrase in phrases for word in phrase]
        rows = self.db.execute(select(speakers.c.id, speakers.c.folded).where(*somewhere))
        return [row.id for row in rows if keep(row.folded.split())]

    def _stance(self, node: HasStance) -> Membership:
        taken = statement_topics.c.stance == node.stance
        if node.topic is not None:
            taken = and_(taken, self._among(statement_topics.c.topic, Value("topic", node.topic)))
        if self.about == "statement":
            return Membership(select(statement_topics.c.statement_id).where(taken), statements.c.id)
        same = statement_topics.c.statement_id == reports.c.statement_id
        told = select(reports.c.item_id).join(statement_topics, same)
        return Membership(told.where(reports.c.revision_id.is_(None), taken), items.c.id)

    def _words(self, node: Text | Near) -> Condition | Membership:
        field = fulltext.field_of(node)
        if self.about == "item" and field != "said":
            return Membership(self.texts(ITEMS, node), items.c.place)
        if field in ("title", "text"):
            return false()
        said = self._statements_among(self.texts(STATEMENTS, node))
        if self.about == "item" or field == "said":
            return said
        sides = [node] if isinstance(node, Text) else [node.left, node.right]
        named = self._speakers([side.words for side in sides], True, lambda name: stands_in(tuple(name), node))
        if not named:
            return said
        by_name = statements.c.speaker_id.in_(named)
        # as one set of statements, which can be read first; an OR would be asked of every row
        both = union(said.wanted, select(statements.c.id).where(by_name)).subquery()
        return Membership(select(both.c[0]), statements.c.id)

    def texts(self, words: Words, node: Node) -> Select[Any]:
        """Keys of the texts that meet a node of words alone, one that FTS5 can say."""
        if self.db.dialect.name == "sqlite":
            return fulltext.matching(words, node)
        found = select(words.key).where(fulltext.indexed(words, node))
        return found if fulltext.told_by_index(words, node) else found.where(fulltext.standing(words, node))


@dataclass(frozen=True, slots=True)
class Looking(Compiler):
    """Asks each row by itself, words included: an index of full text is quick for all that has a word only."""

    ask: Callable[[Membership], Condition] = Membership.one_by_one

    def texts(self, words: Words, node: Node) -> Select[Any]:
        """Keys of the texts that meet a node of words alone, where each is looked at."""
        if fulltext.can_look(self.db.dialect.name, node):
            return select(words.key).where(fulltext.standing(words, node))
        # FTS5 is slow to look for one text: all that have it are listed once
        return select(words.key).where(words.key.in_(Compiler.texts(self, words, node)))


def bounds(node: Within | Last, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when and until when a time may be; None leaves the side open."""
    return (now - node.span, None) if isinstance(node, Last) else (node.start, node.end)


def _equal(values: Iterable[str], node: Value) -> list[str]:
    """Those that equal the node's once both are folded."""

    def meant(value: str) -> bool:
        folded = " ".join(terms(value))
        return folded.startswith(node.value) if node.prefix else folded == node.value

    return [value for value in values if meant(value)]


def _has_all(name: Collection[str], node: Name) -> bool:
    whole = node.words[:-1] if node.prefix else node.words
    if not all(word in name for word in whole):
        return False
    return not node.prefix or any(word.startswith(node.words[-1]) for word in name)
