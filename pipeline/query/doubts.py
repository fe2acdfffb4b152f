"""What a query asks for that nobody knows: a mistyped topic finds nothing, and says nothing of why.

A doubt is no error: a topic may be taken out of the configuration while its items are still there, and a rule may wait
for a source that is yet to come.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pipeline.query.ast import And, HasStance, Node, Not, Or, Value

#: by field: the values that are known, folded as queries are
Known = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A condition on a value that is not known; `nearest` are known ones that look like it, best first."""

    field: str
    value: str
    nearest: tuple[str, ...]

    def __str__(self) -> str:
        meant = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        return f"{self.field}:{self.value}: no such {self.field} is known{meant}"


def doubts(root: Node, known: Known) -> tuple[Doubt, ...]:
    """Every condition of a query on a value that is not known, in order, each once. Fields not in `known` pass."""
    asked = dict.fromkeys(_asked(root))
    return tuple(
        Doubt(field, value, tuple(difflib.get_close_matches(value, sorted(known[field]), n=2, cutoff=0.7)))
        for field, value in asked
        if field in known and value not in known[field]
    )


def _asked(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _asked(part)
    elif isinstance(node, Not):
        yield from _asked(node.part)
    elif isinstance(node, Value) and not node.prefix:
        yield node.field, node.value
    elif isinstance(node, HasStance) and node.topic is not None:
        yield "topic", node.topic
