"""Where a query's words stand in a text, and the stretch of it that shows most of them.

Words are looked for as the query compares them (pipeline.query.terms), each by itself: what NEAR or brackets ask of
them is not asked again. What must not be there is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pipeline.query.ast import And, Name, Near, Node, Or, Text
from pipeline.text import Folded, fold
from pipeline.types import Span

#: of a text, so many characters are looked at
LOOKED_AT = 20_000
#: an excerpt shows so many characters before its first match
_LEAD = 60
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an excerpt."""

    text: str
    #: whether the query asks for it
    found: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a text; its pieces make it up, on one line."""

    pieces: tuple[Piece, ...]
    #: whether something stands before and after it
    opens: bool = False
    goes_on: bool = False


def found(node: Node, text: str, fields: Collection[str]) -> list[Span]:
    """Where the words and phrases that a query looks for in these fields stand, in order and apart from each other."""
    folded = fold(text[:LOOKED_AT])
    spans = sorted({span for phrase in set(_phrases(node, fields)) for span in _standing(folded, phrase)})
    apart: list[Span] = []
    for start, end in spans:
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], end))
        else:
            apart.append((start, end))
    return apart


def marked(node: Node, text: str, fields: Collection[str]) -> Excerpt:
    """The whole text, with what was found in it."""
    return Excerpt(_pieces(text, 0, len(text), found(node, text, fields)))


def excerpt(node: Node, text: str, fields: Collection[str], length: int = 240) -> Excerpt:
    """The stretch of so many characters, to the nearest words, that shows most matches; else how the text begins."""
    spans = found(node, text, fields)
    start = max(0, _best(spans, length) - _LEAD) if spans else 0
    end = min(len(text), start + length)
    start, end = _to_words(text, start, end)
    return Excerpt(_pieces(text, start, end, spans), start > 0, end < len(text))


def _phrases(node: Node, fields: Collection[str]) -> Iterator[str]:
    """As they stand in a folded text: `" word "`, or `" wor"` of one that is open at its end."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _phrases(part, fields)
    elif isinstance(node, Near):
        yield from _phrases(node.left, fields)
        yield from _phrases(node.right, fields)
    elif isinstance(node, Text) and node.field in fields:
        yield f" {' '.join(node.words)}{'' if node.prefix else ' '}"
    elif isinstance(node, Name) and node.field in fields:
        yield from (f" {word} " for word in node.words)


def _standing(folded: Folded, phrase: str) -> Iterator[Span]:
    at = folded.text.find(phrase)
    while at >= 0:
        # the word that is open at its end is shown whole
        end = folded.text.find(" ", at + len(phrase) - 1)
        yield folded.span(at + 1, end)
        at = folded.text.find(phrase, at + 1)


def _best(spans: Sequence[Span], length: int) -> int:
    """Where the first match stands of those that most others follow closely; of equals, the first."""
    reach = length - _LEAD
    return max(spans, key=lambda one: (sum(one[0] <= start < one[0] + reach for start, _ in spans), -one[0]))[0]


def _to_words(text: str, start: int, end: int) -> Span:
    """Leave out words that are cut at either end, if a cut leaves any."""
    if start > 0 and (space := _SPACE.search(text, start, min(end, start + _LEAD))):
        start = space.end()
    if end < len(text):
        spaces = [space.start() for space in _SPACE.finditer(text, max(start, end - _LEAD), end + 1)]
        end = spaces[-1] if spaces else end
    return start, end


def _pieces(text: str, start: int, end: int, spans: Sequence[Span]) -> tuple[Piece, ...]:
    pieces, at = [], start
    for first, last in spans:
        first, last = max(first, at), min(last, end)
        if first < last:
            pieces += [Piece(text[at:first]), Piece(text[first:last], found=True)]
            at = last
    pieces.append(Piece(text[at:end]))
    return tuple(Piece(_SPACE.sub(" ", piece.text), piece.found) for piece in pieces if piece.text)
