"""Rewriting a query by one condition: what the links do that narrow a search or widen it again.

As much as can be stays as its author wrote it; what cannot is written anew by `unparse`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.errors import QueryError
from pipeline.query.ast import And, Everything, Last, Node, Or, TimeField, Within, all_of
from pipeline.query.parse import parse
from pipeline.query.unparse import grouped, unparse

#: longer queries are written by programs, and nobody takes them apart by hand
MOST = 40
#: what stands between spaces, quotation marks and brackets held together
_PIECE = re.compile(r'(?:["“”][^"“”]*["“”]|\([^()]*\)|[^\s"“”()])+')


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions that must all hold."""

    node: Node
    #: as a query
    written: str
    #: the query without it
    without: str


def conditions(query: str) -> tuple[Condition, ...]:
    """The conditions of a query that must all hold, in order; none of one with more than MOST. Raises QueryError."""
    parts = _parts(parse(query))
    if len(parts) > MOST:
        return ()
    return tuple(
        Condition(part, unparse(part), _without(query, part, parts[:place] + parts[place + 1 :]))
        for place, part in enumerate(parts)
    )


def narrowed(query: str, node: Node) -> str:
    """The query with one more condition; as it was if it has it already. Raises QueryError."""
    root = parse(query)
    parts = _parts(root)
    if node in parts:
        return query
    if not parts:
        return unparse(node)
    written = query.strip()
    return f"{f'({written})' if isinstance(root, Or) else written} {grouped(node)}"


def between(query: str, period: Within) -> str:
    """The query with this period in place of any other that it must lie in by the same field. Raises QueryError."""
    for part in _parts(parse(query)):
        if _is_time(part, period.field):
            return between(_without(query, part, tuple(one for one in _parts(parse(query)) if one != part)), period)
    return narrowed(query, period)


def _parts(root: Node) -> tuple[Node, ...]:
    if isinstance(root, Everything):
        return ()
    return root.parts if isinstance(root, And) else (root,)


def _is_time(node: Node, field: TimeField) -> bool:
    return isinstance(node, Within | Last) and node.field == field


def _without(query: str, part: Node, rest: tuple[Node, ...]) -> str:
    """Cut the condition out where it stands in one piece; else write the rest anew."""
    left = all_of(rest) if rest else Everything()
    for piece in _PIECE.finditer(query):
        if _reads_as(piece[0], part):
            cut = f"{query[: piece.start()].rstrip()} {query[piece.end() :].lstrip()}".strip()
            if _reads_as(cut, left):
                return cut
    return unparse(left)


def _reads_as(query: str, node: Node) -> bool:
    try:
        return parse(query) == node
    except QueryError:
        return False
