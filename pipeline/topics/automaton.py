"""Finding any number of patterns in one pass over a text.

One Aho-Corasick automaton holds, for every phrase, its longest run of closed words (or open word's stem) as a key; what
the key does not settle is checked where the key was found. The cost of a pass depends on the text and on what is found
in it, not on how many patterns there are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from pipeline.text import Folded
from pipeline.topics.patterns import Pattern, Phrase
from pipeline.types import Span

#: pattern number -> where it occurs in the folded text, in order of where the occurrences end; outer spaces left out
Found = dict[int, list[Span]]

#: begins with one set of characters so that the search can skip to the next of them
_SENTENCE_END = re.compile(
    r"""[\n.!?…] (?: (?<=\n) | ["'”’»)\]]*\s+(?=["'“‘«(\[¿¡—-]*[^\W_a-zß-öø-ÿ]) )""",
    re.VERBOSE,
)
_ABBREVIATED = re.compile(
    r"(?:\b[A-ZÁÉÍÓÚÑ]|\b(?:[DS]ra?s?|Lic|Gral|Cnel|Ing|Mrs?|Ms|Gen|Col|Gov|Sen|Rep|EE|UU|No|Nº|vs|Exmo?))\.$"
)
_ABBREVIATION_MAX = 5


@dataclass(frozen=True, slots=True)
class _Atom:
    """How to settle, where `key` ended, whether one phrase stands there. Phrases of a group share a number."""

    number: int
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


def _atom(number: int, phrase: Phrase) -> _Atom:
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
    return _Atom(number, key, before, None if settled else re.compile(whole))


#: the number of a phrase or its group, its key's length without spaces around, and what settles it; None: the key does
_Settling = tuple[int, int, Callable[[str, int], Span | None] | None]


@dataclass(frozen=True, slots=True)
class _Near:
    """A pattern of two phrases, seen from the pair of them."""

    pattern: int
    within: int


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
        self._atoms_of_key: dict[str, list[_Atom]] = {}
        for phrases, number in numbers.items():
            for phrase in phrases:
                atom = _atom(number, phrase)
                self._atoms_of_key.setdefault(atom.key, []).append(atom)
        self._keys = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for index, key in enumerate(self._atoms_of_key):
            self._keys.add_word(key, index)
        if self._atoms_of_key:
            self._keys.make_automaton()

    def view(self, wanted: Collection[int]) -> View:
        """Look for the `wanted` patterns only."""
        single: dict[int, int] = {}
        near: dict[int, dict[int, list[_Near]]] = {}
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
                near.setdefault(atom, {}).setdefault(other, []).append(_Near(number, pattern.within))
        table = [
            tuple((a.number, len(a.key) - 2, a.settle if a.rest else None) for a in held if a.number in atoms)
            for held in self._atoms_of_key.values()
        ]
        return View(self._keys, table, single, near, self._many & atoms)


class View:
    """Some of an automaton's patterns, ready to be looked for."""

    def __init__(
        self,
        keys: ahocorasick.Automaton,
        table: Sequence[tuple[_Settling, ...]],
        single: dict[int, int],
        near: dict[int, dict[int, list[_Near]]],
        many: frozenset[int],
    ) -> None:
        self._keys, self._table, self._single, self._near, self._many = keys, table, single, near, many

    def find(self, text: str, original: Sequence[Folded]) -> Found:
        """Find the patterns in `text`, the folded texts of `original` one after the other; none spans two of them."""
        if not self._table:
            return {}
        spans = self._phrases(text)
        single = self._single
        found = {single[atom]: where for atom, where in spans.items() if atom in single}
        found.update(self._pairs(text, original, spans))
        return found

    def _pairs(self, text: str, original: Sequence[Folded], spans: Found) -> Iterator[tuple[int, list[Span]]]:
        candidates = [
            (first, other, nears)
            for first in spans.keys() & self._near.keys()
            for other, nears in self._near[first].items()
            if other in spans
        ]
        if not candidates:
            return
        breaks = _sentence_breaks(original)
        # Most candidates never share a sentence, and sets of them, as bits of a number, say so at once.
        asked = {atom for first, other, _ in candidates for atom in (first, other)}
        sentences = {atom: _sentences(breaks, spans[atom]) for atom in asked}
        for first, other, nears in candidates:
            if sentences[first] & sentences[other]:
                for near in nears:
                    if pairs := _within_reach(text, breaks, spans[first], spans[other], near.within):
                        yield near.pattern, pairs

    def _phrases(self, text: str) -> dict[int, list[Span]]:
        spans: dict[int, list[Span]] = {}
        table = self._table
        for last, key in self._keys.iter(text):
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


def _sentences(breaks: list[int], spans: list[Span]) -> int:
    """Return the sentences that the spans end in, each a bit."""
    if len(spans) == 1:
        return 1 << bisect_left(breaks, spans[0][1])
    bits = 0
    for _, end in spans:
        bits |= 1 << bisect_left(breaks, end)
    return bits


def _within_reach(text: str, breaks: list[int], first: list[Span], second: list[Span], within: int) -> list[Span]:
    """Return the stretches from the rarer of two phrases to the nearest of the other, on either side, within reach.

    The two share a sentence somewhere.
    """
    if len(first) == 1 == len(second):
        (start, end), (there, beyond) = (first[0], second[0]) if first < second else (second[0], first[0])
        return [(start, beyond)] if end <= there and text.count(" ", end, there) <= within + 1 else []
    rare, other = (first, second) if len(first) <= len(second) else (second, first)
    pairs = []
    for span in rare:
        after = bisect_left(other, (span[1],))
        before = bisect_left(other, span) - 1
        if before >= 0 and other[before][1] <= span[0] and _are_near(text, breaks, other[before][1], span[0], within):
            pairs.append((other[before][0], span[1]))
        if after < len(other) and _are_near(text, breaks, span[1], other[after][0], within):
            pairs.append((span[0], other[after][1]))
    return pairs


def _are_near(text: str, breaks: list[int], end: int, there: int, within: int) -> bool:
    # The sentence is asked first: counting is dear where the two are far apart.
    return breaks[bisect_left(breaks, end)] >= there and text.count(" ", end, there) <= within + 1


def _sentence_breaks(original: Sequence[Folded]) -> list[int]:
    """Return where, in the folded texts one after the other, the last word before each end of a sentence ends."""
    breaks: list[int] = []
    shift = 0
    for folded in original:
        ends = [end.end() for end in _SENTENCE_END.finditer(folded.original) if not _is_abbreviation(folded, end)]
        breaks.extend([position - 1 + shift for position in folded.positions(ends)])
        shift += len(folded.text)
        breaks.append(shift - 1)
    return breaks


def _is_abbreviation(folded: Folded, end: re.Match[str]) -> bool:
    stop = end.start()
    if folded.original[max(stop - _ABBREVIATION_MAX, 0) : stop].isalpha():
        return False  # the word before is longer than any abbreviation
    return bool(_ABBREVIATED.search(folded.original, max(stop - _ABBREVIATION_MAX - 1, 0), stop + 1))
