"""Finding any number of patterns in one pass over a text.

One Aho-Corasick automaton holds, for every phrase, its longest run of closed words (or open word's stem) as a key; what
the key does not settle is checked where the key was found. The cost of a pass depends on the text and on what is found
in it, not on how many patterns there are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from pipeline.text import Folded
from pipeline.topics.patterns import Pattern, Phrase
from pipeline.topics.sentences import in_one_sentence
from pipeline.types import Span

#: pattern number -> where it occurs in the folded text, in order of where the occurrences end; outer spaces left out
Found = dict[int, list[Span]]

#: signs for each word that may stand between two phrases, and for two more: nobody writes longer ones
_SIGNS = 24


@dataclass(frozen=True, slots=True)
class _Atom:
    """How to settle, where `key` ended, whether one phrase stands there."""

    key: str
    #: words of the phrase before the key; 0 when the key begins it
    before: int
    #: the whole phrase from its leading space, where the key alone does not settle it
    rest: re.Pattern[str] | None

    def settle(self, text: str, end: int) -> Span | None:
        """Return where the phrase stands, given that its key ends before `end`."""
        assert self.rest  # noqa: S101  # asked only of those that have one
        start = end - len(self.key)
        for _ in range(self.before):
            start = text.rfind(" ", 0, start)
            if start < 0:
                return None
        match = self.rest.match(text, start)
        return (start + 1, match.end()) if match else None


def _atom(phrase: Phrase) -> _Atom:
    """Choose the phrase's longest stretch without an open word inside as the key."""
    stretches, first = [], 0
    for index, word in enumerate(phrase, 1):
        if word.open or index == len(phrase):
            stems = " ".join(w.stem for w in phrase[first:index])
            stretches.append((f" {stems}" + " " * (not word.open), first))
            first = index
    key, before = max(stretches, key=lambda stretch: len(stretch[0]))
    settled = len(stretches) == 1
    whole = " " + " ".join(re.escape(w.stem) + "[^ ]*" * w.open for w in phrase) + "(?= )"
    return _Atom(key, before, None if settled else re.compile(whole))


#: the number of a phrase or its group, its key's length without spaces around, and what settles it; None: the key does
_Settling = tuple[int, int, Callable[[str, int], Span | None] | None]


def _settling(number: int, phrases: Iterable[Phrase], keys: dict[str, int]) -> list[tuple[int, _Settling]]:
    """How to settle the phrases of a group, each with the number of its key. Numbers the keys that are new."""
    atoms = map(_atom, phrases)
    return [(keys.setdefault(a.key, len(keys)), (number, len(a.key) - 2, a.settle if a.rest else None)) for a in atoms]


#: the number of a pattern's other phrase or group, the pattern's, and how many words may stand between the two
_Near = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an automaton found in some texts, whatever patterns are wanted of it."""

    #: the folded texts, one after the other
    text: str
    original: Sequence[Folded]
    #: the last sign of each key that was found, and the key's number
    keys: Sequence[tuple[int, int]]

    def joins(self, end: int, later: Span, within: int) -> bool:
        """Say whether a later phrase begins within so many words of where one ends, and ends in the same sentence."""
        start, stop = later
        few = self.text.count(" ", end, start) <= within + 1
        return few and in_one_sentence(self.original, end, self.text.rindex(" ", 0, stop) + 1)


class Automaton:
    """Patterns by number (their place in the sequence given). Built once; a `View` looks for some of them."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        numbers: dict[tuple[Phrase, ...], int] = {}
        for pattern in patterns:
            for phrases in filter(None, (pattern.phrases, pattern.near)):
                numbers.setdefault(phrases, len(numbers))
        self._numbers = numbers
        self._many = frozenset(number for phrases, number in numbers.items() if len(phrases) > 1)
        keys: dict[str, int] = {}
        self._settling = [_settling(number, phrases, keys) for phrases, number in numbers.items()]
        self._size = len(keys)
        self._keys = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for key, index in keys.items():
            self._keys.add_word(key, index)
        if keys:
            self._keys.make_automaton()

    def read(self, *original: Folded) -> Reading:
        """Pass over folded texts, one after the other; no pattern spans two of them."""
        text = "".join(folded.text for folded in original)
        return Reading(text, original, list(self._keys.iter(text)) if self._size else [])

    def view(self, wanted: Collection[int]) -> View:
        """Look for the `wanted` patterns only."""
        single: dict[int, int] = {}
        near: dict[int, list[_Near]] = {}
        atoms: set[int] = set()
        for number in wanted:
            pattern = self.patterns[number]
            atom = self._numbers[pattern.phrases]
            atoms.add(atom)
            if not pattern.near:
                single[atom] = number
            else:
                other = self._numbers[pattern.near]
                atoms.add(other)
                near.setdefault(atom, []).append((other, number, pattern.within))
        table: list[tuple[_Settling, ...]] = [()] * self._size
        for atom in sorted(atoms):
            for key, settling in self._settling[atom]:
                table[key] = (*table[key], settling)
        return View(table, single, near, self._many & atoms)


class View:
    """Some of an automaton's patterns, ready to be looked for in what the automaton has read."""

    def __init__(
        self,
        table: Sequence[tuple[_Settling, ...]],
        single: dict[int, int],
        near: dict[int, list[_Near]],
        many: frozenset[int],
    ) -> None:
        self._table, self._single, self._near, self._many = table, single, near, many

    def find(self, reading: Reading) -> Found:
        """Find the patterns."""
        spans = self._phrases(reading)
        single = self._single
        found = {single[atom]: where for atom, where in spans.items() if atom in single}
        found.update(self._pairs(reading, spans))
        return found

    def _pairs(self, reading: Reading, spans: Found) -> Iterator[tuple[int, list[Span]]]:
        for first in spans.keys() & self._near.keys():
            for other, pattern, within in self._near[first]:
                if other in spans and (pairs := _within_reach(reading, spans[first], spans[other], within)):
                    yield pattern, pairs

    def _phrases(self, reading: Reading) -> dict[int, list[Span]]:
        spans: dict[int, list[Span]] = {}
        table, text = self._table, reading.text
        for last, key in reading.keys:
            for number, length, settle in table[key]:
                if settle:
                    span = settle(text, last + 1)
                    if span is None:
                        continue
                elif text[last] == " ":
                    span = last - length, last
                else:
                    span = last - length, text.index(" ", last)
                if number in spans:
                    spans[number].append(span)
                else:
                    spans[number] = [span]
        for number in self._many & spans.keys():
            # members of a group overlap (coca, coca leaf), and are found in order of their ends
            spans[number] = sorted(set(spans[number]))
        return spans


def _within_reach(reading: Reading, first: list[Span], second: list[Span], within: int) -> list[Span]:
    """Return the stretches from the rarer of two phrases to the nearest of the other, on either side, within reach."""
    rare, other = (first, second) if len(first) <= len(second) else (second, first)
    far, pairs = _SIGNS * (within + 2), []
    for span in rare:
        start, end = span
        at = bisect_left(other, span)
        if at and 0 <= start - other[at - 1][1] <= far and reading.joins(other[at - 1][1], span, within):
            pairs.append((other[at - 1][0], end))
        while at < len(other) and other[at][0] < end:
            at += 1
        if at < len(other) and other[at][0] - end <= far and reading.joins(end, other[at], within):
            pairs.append((start, other[at][1]))
    return pairs
