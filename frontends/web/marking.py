"""A text cut into pieces that nest: paragraphs, in them runs of what somebody said, in them evidence of topics.

Spans overlap as they like; pieces do not. Nothing of the text is lost: a paragraph's pieces make it up, and paragraphs
are joined by one newline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from typing import Generic, TypeVar

from pipeline.types import Span

Named = TypeVar("Named", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch with the same topics' evidence all along."""

    text: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a paragraph that belongs to the same statements all along; mostly to one or to none."""

    pieces: tuple[Piece, ...]
    #: numbers of the statements
    said: tuple[int, ...] = ()
    #: those of them whose words begin here, and those whose words end here
    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


Paragraph = tuple[Run, ...]


def paragraphs(
    text: str, evidence: Iterable[tuple[str, Span]], said: Iterable[tuple[int, Span]]
) -> tuple[Paragraph, ...]:
    """Cut a text by topics' evidence and by statements' words. What spans reach beyond it is ignored."""
    topics, statements = _Cover(evidence, len(text)), _Cover(said, len(text))
    breaks = [place for place, char in enumerate(text) if char == "\n"]
    cuts = sorted({0, len(text), *topics.cuts, *statements.cuts, *breaks, *(place + 1 for place in breaks)})
    stretches = [(start, end, topics.to(start), statements.to(start)) for start, end in pairwise(cuts)]
    lines = [list(_runs(text, line)) for line in _lines(text, stretches)]
    runs = [run for line in lines for run in line]
    first = {number: place for place, run in reversed([*enumerate(runs)]) for number in run.said}
    last = {number: place for place, run in enumerate(runs) for number in run.said}
    told = iter(
        replace(run, begins=_at(place, first, run), ends=_at(place, last, run)) for place, run in enumerate(runs)
    )
    return tuple(tuple(islice(told, len(line))) for line in lines)


_Stretch = tuple[int, int, tuple[str, ...], tuple[int, ...]]


def _lines(text: str, stretches: Sequence[_Stretch]) -> Iterator[list[_Stretch]]:
    line: list[_Stretch] = []
    for stretch in stretches:
        if text[stretch[0]] == "\n":
            yield line
            line = []
        else:
            line.append(stretch)
    yield line


def _runs(text: str, line: Sequence[_Stretch]) -> Iterator[Run]:
    for said, stretches in groupby(line, key=lambda stretch: stretch[3]):
        yield Run(tuple(Piece(text[start:end], topics) for start, end, topics, _ in stretches), said)


def _at(place: int, places: Mapping[int, int], run: Run) -> tuple[int, ...]:
    return tuple(number for number in run.said if places[number] == place)


class _Cover(Generic[Named]):
    """Which names cover a place of a text, asked from left to right."""

    def __init__(self, spans: Iterable[tuple[Named, Span]], length: int) -> None:
        clipped = [(name, max(start, 0), min(end, length)) for name, (start, end) in spans]
        kept = [one for one in clipped if one[1] < one[2]]
        self.cuts = {place for _, start, end in kept for place in (start, end)}
        self._changes = sorted(
            [(start, 1, name) for name, start, _ in kept] + [(end, -1, name) for name, _, end in kept],
            key=lambda one: one[0],
        )
        self._next = 0
        self._open: Counter[Named] = Counter()

    def to(self, place: int) -> tuple[Named, ...]:
        """The names that cover the character at this place, those that began first first."""
        while self._next < len(self._changes) and self._changes[self._next][0] <= place:
            _, change, name = self._changes[self._next]
            self._open[name] += change
            if not self._open[name]:
                del self._open[name]
            self._next += 1
        return tuple(self._open)
