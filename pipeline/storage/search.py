"""Queries of the query language as SQL: the second reader of the query tree; pipeline/query/match.py is the first.

Full text is asked of SQLite's FTS5, whose folding (unicode61, diacritics removed) is that of pipeline/text.py. Names
and roles are compared in Python, over the speakers' table: it is small, and their rules are not SQL's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, false, func, not_, or_, select, text, true
from sqlalchemy.sql import Select

from pipeline.errors import StoreError
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
from pipeline.text import words
from pipeline.types import PARENT_TOPIC

About = Literal["item", "statement"]
Condition = ColumnElement[bool]


def find_items(db: Connection, query: Node, now: datetime, limit: int, offset: int = 0) -> list[int]:
    """Ids of the items that meet a query, newest publication first."""
    when = func.coalesce(items.c.published_at, items.c.first_seen_at)
    found = select(items.c.id).where(_Compiler(db, "item", now).condition(query))
    return list(db.execute(found.order_by(when.desc(), items.c.id.desc()).limit(limit).offset(offset)).scalars())


def find_statements(db: Connection, query: Node, now: datetime, limit: int, offset: int = 0) -> list[int]:
    """Ids of the statements that meet a query, newest publication first."""
    when = func.coalesce(statements.c.published_at, statements.c.first_seen_at)
    found = select(statements.c.id).where(_Compiler(db, "statement", now).condition(query))
    return list(db.execute(found.order_by(when.desc(), statements.c.id.desc()).limit(limit).offset(offset)).scalars())


def count(db: Connection, about: About, query: Node, now: datetime) -> int:
    """How many items or statements meet a query."""
    table = items if about == "item" else statements
    found = select(func.count()).select_from(table).where(_Compiler(db, about, now).condition(query))
    return int(db.execute(found).scalar_one())


@dataclass(frozen=True, slots=True)
class _Compiler:
    db: Connection
    about: About
    now: datetime

    def condition(self, node: Node) -> Condition:
        """Turn a tree into a condition on items.id or statements.id; never NULL, so that NOT means not."""
        match node:
            case Everything():
                return true()
            case And(parts):
                return and_(*map(self.condition, parts))
            case Or(parts):
                return or_(*map(self.condition, parts))
            case Not(part):
                return not_(self.condition(part))
            case Within() | Last():
                return self._time(node)
            case Value():
                return self._value(node)
            case Name():
                return self._name(node)
            case HasStance():
                return self._statements_with(self._stance(node))
            case Text() | Near():
                return self._words(node)

    # --- from an item to its statements, or the other way -------------------------------------------------------------

    def _statements_with(self, wanted: Select[Any]) -> Condition:
        """Statements whose id is among `wanted`; items that report one."""
        if self.about == "statement":
            return statements.c.id.in_(wanted)
        now_reported = reports.c.revision_id.is_(None)
        return items.c.id.in_(select(reports.c.item_id).where(reports.c.statement_id.in_(wanted), now_reported))

    def _reports_where(self, condition: Condition) -> Condition:
        now_reported = and_(reports.c.revision_id.is_(None), condition)
        if self.about == "statement":
            return statements.c.id.in_(select(reports.c.statement_id).where(now_reported))
        return items.c.id.in_(select(reports.c.item_id).where(now_reported))

    def _speakers_where(self, keep: Callable[[Any], bool], column: ColumnElement[Any]) -> list[int]:
        rows = self.db.execute(select(speakers.c.id, column.label("value")).where(column.is_not(None)))
        return [row.id for row in rows if keep(row.value)]

    # --- leaves -------------------------------------------------------------------------------------------------------

    def _time(self, node: Within | Last) -> Condition:
        table = items if self.about == "item" else statements
        column = table.c.published_at if node.field == "published" else table.c.first_seen_at
        if isinstance(node, Last):
            bounds = [column >= self.now - node.span]
        else:
            bounds = [column >= node.start] if node.start else []
            bounds += [column < node.end] if node.end else []
        return and_(column.is_not(None), *bounds)

    def _value(self, node: Value) -> Condition:
        match node.field:
            case "topic":
                return self._topic(node)
            case "source":
                return self._source(node)
            case "country":
                return self._country(node)
            case "lang":
                column = items.c.lang if self.about == "item" else statements.c.lang
                return self._among(column, node)
            case "access":
                # a statement has none, whatever the items that report it
                return self._among(items.c.access, node) if self.about == "item" else false()
            case "kind":
                return self._statements_with(select(statements.c.id).where(self._among(statements.c.kind, node)))
            case "role":
                return self._statements_with(select(statements.c.id).where(self._among(statements.c.role, node)))

    def _topic(self, node: Value) -> Condition:
        table = item_topics if self.about == "item" else statement_topics
        # every topic implies the parent, which is listed nowhere
        meant = true() if _equal(PARENT_TOPIC, node) else self._among(table.c.topic, node)
        if self.about == "item":
            return items.c.id.in_(select(item_topics.c.item_id).where(meant))
        return statements.c.id.in_(select(statement_topics.c.statement_id).where(meant))

    def _source(self, node: Value) -> Condition:
        slugs = self._values_like(sources.c.slug, node)
        shown = select(appearances.c.item_id).where(appearances.c.source.in_(slugs))
        if self.about == "item":
            return items.c.id.in_(shown)
        return self._reports_where(reports.c.item_id.in_(shown))

    def _country(self, node: Value) -> Condition:
        if self.about == "item":
            return items.c.id.in_(select(item_countries.c.item_id).where(self._among(item_countries.c.country, node)))
        return self._among(statements.c.country, node)

    def _among(self, column: ColumnElement[Any], node: Value) -> Condition:
        """The column has a value that equals the node's when both are folded; such columns hold few different ones."""
        found = self._values_like(column, node)
        return and_(column.is_not(None), column.in_(found)) if found else false()

    def _values_like(self, column: ColumnElement[Any], node: Value) -> list[str]:
        known = self.db.execute(select(column).where(column.is_not(None)).distinct()).scalars()
        return [value for value in known if _equal(value, node)]

    def _name(self, node: Name) -> Condition:
        def named(name: str) -> bool:
            return _has_all(words(name), node)

        if node.field == "speaker":
            ids = self._speakers_where(named, speakers.c.name)
            return self._statements_with(select(statements.c.id).where(statements.c.speaker_id.in_(ids)))
        credited = self.db.execute(select(reports.c.via).where(reports.c.via.is_not(None)).distinct()).scalars()
        return self._reports_where(reports.c.via.in_([name for name in credited if named(name)]))

    def _stance(self, node: HasStance) -> Select[Any]:
        taken = select(statement_topics.c.statement_id).where(statement_topics.c.stance == node.stance)
        if node.topic is None:
            return taken
        return taken.where(self._among(statement_topics.c.topic, Value("topic", node.topic)))

    def _words(self, node: Text | Near) -> Condition:
        if self.db.dialect.name != "sqlite":
            raise StoreError("search by words: expected a store on SQLite, got one on PostgreSQL, which cannot yet")
        field = node.field if isinstance(node, Text) else node.left.field
        if field == "said":
            return self._statements_with(_full_text("statements_fts", _match(node)))
        if self.about == "item":
            columns = {"any": "{title text}", "title": "title", "text": "text"}[field]
            return items.c.id.in_(_full_text("items_fts", f"{columns} : {_match(node)}"))
        if field != "any":
            return false()
        said = statements.c.id.in_(_full_text("statements_fts", _match(node)))
        ids = self._speakers_where(lambda name: _stands_in(words(name), node), speakers.c.name)
        return or_(said, statements.c.speaker_id.in_(ids))


def _full_text(table: str, match: str) -> Select[Any]:
    found = text(f"SELECT rowid AS id FROM {table} WHERE {table} MATCH :match")  # noqa: S608 - one of two constants
    return select(found.bindparams(match=match).columns(statements.c.id).subquery().c.id)


def _match(node: Text | Near) -> str:
    """The node in FTS5's own language; folded words hold no quotation marks."""
    if isinstance(node, Near):
        return f"NEAR({_match(node.left)} {_match(node.right)}, {node.within})"
    return f'"{" ".join(node.words)}"' + (" *" if node.prefix else "")


def _equal(value: str, node: Value) -> bool:
    folded = " ".join(words(value))
    return folded.startswith(node.value) if node.prefix else folded == node.value


def _has_all(name: Collection[str], node: Name) -> bool:
    whole = node.words[:-1] if node.prefix else node.words
    if not all(word in name for word in whole):
        return False
    return not node.prefix or any(word.startswith(node.words[-1]) for word in name)


def _stands_in(name: list[str], node: Text | Near) -> bool:
    """Whether the phrase, or both phrases near each other, stand in a name."""
    if isinstance(node, Text):
        return bool(_places(name, node))
    return any(
        0 <= max(a, b) - (min(a, b) + length) <= node.within or max(a, b) < min(a, b) + length
        for a in _places(name, node.left)
        for b in _places(name, node.right)
        for length in [len(node.left.words) if a <= b else len(node.right.words)]
    )


def _places(name: list[str], node: Text) -> list[int]:
    size = len(node.words)
    return [start for start in range(len(name) - size + 1) if _begins(name[start : start + size], node)]


def _begins(stretch: list[str], node: Text) -> bool:
    if not node.prefix:
        return tuple(stretch) == node.words
    return tuple(stretch[:-1]) == node.words[:-1] and stretch[-1].startswith(node.words[-1])
