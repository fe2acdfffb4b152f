"""How well a text answers a query's words: BM25 with a weight for the headline, the same on every back end.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009): as in BM25F, occurrences are
weighed by where they stand, then damped. How rare a word is, is judged among the candidates: a word that all of them
have tells none from another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from pipeline.query.ast import And, Near, Node, Or, Text

#: one in the headline counts as so many in the body
HEADLINE = 5.0
#: how soon more of the same counts no more, and how far long texts are held back; the usual values
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that meets the query: folded words, each between two spaces."""

    title: str
    text: str


def phrases(node: Node) -> Iterator[str]:
    """Yield the words and phrases that a query looks for in title or text, as they stand in a folded text."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from phrases(part)
    elif isinstance(node, Near):
        yield from phrases(node.left)
        yield from phrases(node.right)
    elif isinstance(node, Text) and node.field != "said":
        yield f" {' '.join(node.words)}{'' if node.prefix else ' '}"


def scores(node: Node, candidates: Sequence[Candidate]) -> list[float]:
    """Score each candidate, in order; higher answers better. All alike where the query has no words to look for."""
    wanted = sorted(set(phrases(node)))
    lengths = [one.text.count(" ") for one in candidates]
    average = sum(lengths) / max(len(lengths), 1) or 1.0
    found = [[_weight(one, phrase) for one in candidates] for phrase in wanted]
    rarities = [_rarity(weights) for weights in found]
    held_back = [_K1 * (1 - _B + _B * length / average) for length in lengths]
    return [
        sum(rarity * weights[i] / (weights[i] + held_back[i]) for rarity, weights in zip(rarities, found, strict=True))
        for i in range(len(candidates))
    ]


def _weight(one: Candidate, phrase: str) -> float:
    # neighbours share the space between them: "ya ya ya" counts twice, which the damping makes little of
    return HEADLINE * one.title.count(phrase) + one.text.count(phrase)


def _rarity(weights: Sequence[float]) -> float:
    having = sum(1 for weight in weights if weight)
    return log(1 + (len(weights) - having + 0.5) / (having + 0.5))
