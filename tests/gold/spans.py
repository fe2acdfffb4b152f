"""When two spans of a text are the same words. Pure.

Spans are compared as sets of words, so that marks and spaces at their edges do not matter. One leading word that only
ties the clause to its cue (that, que, if) is dropped, as the guideline leaves it out. The share of words two spans have
in common (intersection over union) is the usual measure on quotation corpora: 0.8 forgives an adverb at the edge but no
neighbour swallowed whole, 0.5 is the right statement with ragged edges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")
_TIES = {"that", "if", "whether", "que", "si", "se"}

Parts = Sequence[Sequence[int]]
#: where words begin
Words = frozenset[int]


def words(text: str, parts: Parts) -> Words:
    """The words of `text` that lie wholly or partly in the parts, by the code point they begin at."""
    found = [
        word for word in _WORD.finditer(text) if any(word.start() < end and start < word.end() for start, end in parts)
    ]
    if len(found) > 1 and found[0][0].lower() in _TIES:
        found = found[1:]
    return frozenset(word.start() for word in found)


def overlap(one: Words, other: Words) -> float:
    """Share of the words of both that are in each, 0..1."""
    return len(one & other) / len(one | other) if one | other else 0.0


def matched(gold: Sequence[Words], found: Sequence[Words], least: float) -> dict[int, int]:
    """Pairs {index in gold: index in found}, one to one, the best overlap first, none under `least`."""
    ranked = sorted(
        ((overlap(one, other), i, j) for i, one in enumerate(gold) for j, other in enumerate(found)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    return _greedy((i, j) for share, i, j in ranked if share >= least)


def _greedy(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for i, j in pairs:
        if i not in chosen and j not in taken:
            chosen[i] = j
            taken.add(j)
    return chosen
