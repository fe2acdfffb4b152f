"""One query language for search, alert rules and saved searches; docs/query.md shows it.

`parse(text)` reads it, `query.explain("es")` says it in a sentence, `matches(query, record, now)` asks it of a record
in memory. The tree under `query.root` is described in `pipeline.query.ast`, for whoever compiles it to something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.query import match as _match
from pipeline.query import parse as _parse
from pipeline.query.ast import Node
from pipeline.query.explain import explain
from pipeline.query.index import Index
from pipeline.query.match import Record
from pipeline.query.unparse import unparse


@dataclass(frozen=True, slots=True)
class Query:
    """A query that could be read."""

    text: str
    root: Node

    def explain(self, lang: str = "en") -> str:
        """Say in one sentence what it matches, in English or Spanish ("es")."""
        return explain(self.root, lang)

    def __str__(self) -> str:
        return unparse(self.root)


def parse(text: str) -> Query:
    """Read a query; the empty one matches everything. Raises QueryError, which points at the character."""
    return Query(text, _parse.parse(text))


def matches(query: Query, record: Record, now: datetime) -> bool:
    """Say whether `record` meets `query`. `now` (UTC) is what `last:` counts back from."""
    return _match.matches(query.root, record, now)


__all__ = ["Index", "Node", "Query", "Record", "explain", "matches", "parse", "unparse"]
