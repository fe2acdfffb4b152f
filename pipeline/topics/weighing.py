"""What one topic's patterns weigh where they were found: pure arithmetic, without a word of its own.

Kinds of pattern, their weights, and that words count once: of two patterns that overlap the stronger counts.
`pipeline.topics.scan` tells the whole of the score.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.topics.automaton import Found
from pipeline.types import Span

TITLE, LEAD, TAIL = 2.0, 1.5, 1.0
_REPEAT, _REPEATS_MAX = 0.1, 5
#: occurrences of one pattern that are weighed; a text that repeats a word ten thousand times says no more
OCCURRENCES_MAX = 20


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Which list of a topic's file a pattern stands in. There are the five below, compared by identity."""

    label: str
    weight: float


SURE, LIKELY = Kind("sure", 1.0), Kind("likely", 0.5)
IN_CONTEXT, CUE, NOT = Kind("in_context", 0.92), Kind("cues", 0.34), Kind("not", 0.0)
_WAITING = (IN_CONTEXT, CUE)
#: why a pattern adds nothing whose words a stronger one of the topic took
_OVERLAPPED = "overlaps a stronger pattern"


@dataclass(frozen=True, slots=True)
class Use:
    """One topic's use of a pattern. `topic` numbers the topic; 0 is the parent."""

    topic: int
    kind: Kind
    pattern: int
    #: (-weight, -words of the pattern, place in its list): of patterns that overlap, the first in this order takes the
    #: words they share, whatever patterns other topics and languages have
    rank: tuple[float, int, int]


def is_telling(use: Use) -> bool:
    """Whether it says that a text is about drugs, or that it is not: what is asked of every text, before all else."""
    return use.kind is SURE or use.kind is NOT or (use.kind is LIKELY and not use.topic)


def by_topic(uses: Iterable[Use]) -> dict[int, list[Use]]:
    """The uses of each topic, in their order."""
    held: dict[int, list[Use]] = {}
    for use in uses:
        held.setdefault(use.topic, []).append(use)
    return held


class Weighed(NamedTuple):
    """One pattern's part in one topic's sum, or why it has none."""

    use: Use
    value: float
    spans: list[Span]
    #: empty when it counts
    reason: str = ""


def needed(threshold: float) -> float:
    """Return the sum whose score is `threshold`."""
    return threshold / (1 - threshold)


def score(total: float) -> float:
    """Map a sum in 0..inf to 0..1."""
    return total / (total + 1)


class Cover:
    """Stretches of text that are spoken for, in order and disjoint."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for start, end in sorted(spans):
            if self._spans and start < self._spans[-1][1]:
                self._spans[-1] = self._spans[-1][0], max(end, self._spans[-1][1])
            else:
                self._spans.append((start, end))

    def __len__(self) -> int:
        return len(self._spans)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def overlaps(self, span: Span) -> bool:
        """Say whether any of `span` is spoken for."""
        spans = self._spans
        index = bisect_left(spans, (span[1],))
        return index > 0 and spans[index - 1][1] > span[0]

    def take_free(self, spans: list[Span]) -> list[Span]:
        """Speak for those of `spans` that are free, one after the other, and return them; the first few of many."""
        if not self._spans and len(spans) == 1:
            self._spans = spans[:]
            return spans
        free = []
        for span in spans[:OCCURRENCES_MAX]:
            if not self.overlaps(span):
                insort(self._spans, span)
                free.append(span)
        return free


NOWHERE = Cover()


def weigh(
    uses: Sequence[Use], found: Found, never: Cover, in_context: bool, place: Callable[[int], float]
) -> list[Weighed]:
    """Weigh one topic's patterns, in order of rank, where they were found.

    The strongest take the words they overlap with others.
    """
    taken = Cover()
    weighed = []
    for use in uses:
        kind, spans = use.kind, found[use.pattern]
        standing = [span for span in spans if not never.overlaps(span)] if never else spans
        reason = _why_not(use, standing, in_context) if kind is not SURE or not standing else ""
        free = [] if reason else taken.take_free(standing)
        if not free:
            weighed.append(Weighed(use, 0.0, spans[:OCCURRENCES_MAX], reason or _OVERLAPPED))
        else:
            where = TAIL if kind is CUE else place(min(free)[0])
            repetition = 1 + _REPEAT * min(len(free) - 1, _REPEATS_MAX)
            weighed.append(Weighed(use, kind.weight * where * repetition, free))
    return weighed


def _why_not(use: Use, standing: list[Span], in_context: bool) -> str:
    if use.kind is NOT:
        return "strikes what it overlaps"
    if not standing:
        return "overlaps a `not` pattern"
    if use.kind in _WAITING and not in_context and use.topic:
        return "the text is not about drugs otherwise"
    return ""


def total(weighed: Iterable[Weighed]) -> float:
    """Return the sum of what was weighed."""
    return sum(line.value for line in weighed)
