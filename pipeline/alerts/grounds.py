"""Why a rule fired: which of its conditions the record met, with what; and whose sides count for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pipeline.query import Query, Record
from pipeline.query import match as matching
from pipeline.query.ast import And, Everything, HasStance, Last, Node, Not, Or, Value
from pipeline.text import words
from pipeline.types import PARENT_TOPIC, Stance


def met(query: Query, record: Record, now: datetime) -> tuple[Node, ...]:
    """The query's conditions that the record meets; what must not be is none."""
    return tuple(leaf for leaf in _wanted(query.root) if matching.matches(leaf, record, now))


def sides_of(query: Query, sides: Mapping[str, Stance]) -> dict[str, Stance]:
    """Those stances that are towards topics the query asks for by name; all where it asks for any topic."""
    named = [one for leaf in _wanted(query.root) if (one := _topic(leaf))]
    if not named or (_folded(PARENT_TOPIC), False) in named:
        return dict(sides)
    return {topic: side for topic, side in sides.items() if any(_fits(_folded(topic), *one) for one in named)}


def _topic(leaf: Node) -> tuple[str, bool] | None:
    """A topic that a condition names, folded, and whether it is open at its end."""
    if isinstance(leaf, Value) and leaf.field == "topic":
        return _folded(leaf.value), leaf.prefix
    if isinstance(leaf, HasStance) and leaf.topic:
        return _folded(leaf.topic), False
    return None


def _fits(topic: str, named: str, prefix: bool) -> bool:
    return topic == named or (prefix and topic.startswith(named))


def _folded(topic: str) -> str:
    return " ".join(words(topic))


def widened(node: Node) -> Node:
    """A query without what counts back from the moment it is asked: it finds all that this finds at any, and more."""
    match node:
        case Last():
            return Everything()
        case Not(part):
            return Everything() if any(isinstance(leaf, Last) for leaf in _leaves(part)) else node
        case And(parts):
            left = [wide for wide in map(widened, parts) if not isinstance(wide, Everything)]
            return And(tuple(left)) if len(left) > 1 else left[0] if left else Everything()
        case Or(parts):
            wide = tuple(map(widened, parts))
            return Everything() if Everything() in wide else Or(wide)
        case _:
            return node


def _wanted(node: Node) -> Iterator[Node]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _wanted(part)
    elif not isinstance(node, Not):
        yield node


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _leaves(part)
    elif isinstance(node, Not):
        yield from _leaves(node.part)
    else:
        yield node
