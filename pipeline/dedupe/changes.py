"""What a publisher changed: a word diff of two texts, and whether it is worth keeping.

Patience diff (Bram Cohen): what both sides have in common at their ends is set aside, runs of words that stand once on
either side are matched in order, and what lies between them is compared again. Gaps without such runs are compared
word by word if they are small, else replaced as a whole: so the time grows with the length of the texts, whatever they
are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

from pipeline.text import words
from pipeline.types import Change

#: a word with its punctuation and the space after it, or a break between lines
_TOKEN = re.compile(r"\S+[^\S\n]*|\s+")
#: product of two gaps' words up to which they are compared word by word
_SMALL = 10_000
#: tokens of the runs that are matched where they stand once; shorter ones are tried if there are none
_SPANS = (4, 1)
#: gaps within gaps; deeper ones are small or hopeless
_DEEPEST = 12
#: a line of so many words at most may be a stamp ("Updated at 14:35", "1,204 views"); it does not end like a sentence
_STAMP = 8
_NUMBER = re.compile(r"\d+")
_CLOCK_OR_DATE = re.compile(r"\d{1,2}(?:[:h.]\d{2}|[/-]\d{1,2})")
_SENTENCE_ENDS = (".", "!", "?", "”", "»", '"')

#: one run of tokens: (the same?, from, to) on both sides
_Block = tuple[int, int, int, int]


def changes(old: str, new: str) -> tuple[Change, ...]:
    """Give the way from `old` to `new`: what stayed, was deleted, was inserted; joined, each side is whole again."""
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    found: list[Change] = []
    at_a = at_b = 0
    for start_a, start_b, length in [*_joined(_matches(a, b), a, b), (len(a), len(b), 0)]:
        for op, piece in (
            ("deleted", a[at_a:start_a]),
            ("inserted", b[at_b:start_b]),
            ("same", a[start_a : start_a + length]),
        ):
            if piece:
                found.append(Change(op, "".join(piece)))  # type: ignore[arg-type]
        at_a, at_b = start_a + length, start_b + length
    return tuple(found)


def is_trivial(old: str, new: str) -> bool:
    """Whether nothing changed but stamps: a clock, "updated at", a counter on a short line that is no sentence."""
    return _told(old) == _told(new)


def _told(text: str) -> list[str]:
    return [word for line in text.split("\n") if not _is_stamp(line) for word in words(line)]


def _is_stamp(line: str) -> bool:
    """A short line with a figure, and hardly more than that and a label."""
    line = line.strip()
    short = len(words(line)) <= _STAMP and not line.endswith(_SENTENCE_ENDS)
    return short and (_CLOCK_OR_DATE.search(line) is not None or (bool(_NUMBER.search(line)) and len(words(line)) <= 4))


# --- matching -----------------------------------------------------------------------------------------------------


def _matches(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Runs that both sides have in common, in order: (from in `a`, from in `b`, length)."""
    pairs = [(0, len(a), 0, len(b), 0)]
    found: list[tuple[int, int, int]] = []
    while pairs:
        low_a, high_a, low_b, high_b, depth = pairs.pop()
        ahead = _common(a, b, low_a, high_a, low_b, high_b, 1)
        found.append((low_a, low_b, ahead))
        low_a, low_b = low_a + ahead, low_b + ahead
        behind = _common(a, b, low_a, high_a, low_b, high_b, -1)
        found.append((high_a - behind, high_b - behind, behind))
        gap = (low_a, high_a - behind, low_b, high_b - behind)
        pairs.extend((*inner, depth + 1) for inner in _inside(a, b, gap, depth, found))
    return sorted(run for run in found if run[2])


def _common(a: Sequence[str], b: Sequence[str], low_a: int, high_a: int, low_b: int, high_b: int, step: int) -> int:
    """How many tokens both gaps have in common from their beginning (step 1) or from their end (-1)."""
    most, length = min(high_a - low_a, high_b - low_b), 0
    first_a, first_b = (low_a, low_b) if step == 1 else (high_a - 1, high_b - 1)
    while length < most and a[first_a + step * length] == b[first_b + step * length]:
        length += 1
    return length


def _inside(
    a: Sequence[str], b: Sequence[str], gap: _Block, depth: int, found: list[tuple[int, int, int]]
) -> Iterator[_Block]:
    """The gaps within a gap, still to be compared; a small one is compared here."""
    low_a, high_a, low_b, high_b = gap
    if low_a == high_a or low_b == high_b:
        return
    if (high_a - low_a) * (high_b - low_b) <= _SMALL:
        matcher = SequenceMatcher(None, a[low_a:high_a], b[low_b:high_b], autojunk=False)
        found.extend((low_a + i, low_b + j, size) for i, j, size in matcher.get_matching_blocks())
        return
    anchors = _anchors(a, b, gap) if depth < _DEEPEST else []
    if not anchors:
        return
    for i, j in [*anchors, (high_a, high_b)]:
        yield low_a, i, low_b, j
        low_a, low_b = i, j


def _anchors(a: Sequence[str], b: Sequence[str], gap: _Block) -> list[tuple[int, int]]:
    """Runs that stand once in either gap: as many as come in one order on both sides (patience sorting)."""
    pairs: list[tuple[int, int]] = []
    for span in _SPANS:
        once_a, once_b = _once(a, gap[0], gap[1], span), _once(b, gap[2], gap[3], span)
        pairs = pairs or [(i, once_b[run]) for run, i in once_a.items() if run in once_b]
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for place, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1], piles[pile : pile + 1] = [j], [place]
    chosen = []
    place = piles[-1] if piles else -1
    while place >= 0:
        chosen.append(pairs[place])
        place = before[place]
    return chosen[::-1]


def _once(tokens: Sequence[str], low: int, high: int, span: int) -> dict[tuple[str, ...], int]:
    """Where each run of `span` tokens begins that stands once in a gap, in order."""
    runs = [tuple(tokens[at : at + span]) for at in range(low, high - span + 1)]
    counts = Counter(runs)
    return {run: at for at, run in enumerate(runs, low) if counts[run] == 1}


def _joined(runs: Sequence[tuple[int, int, int]], a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Join runs that follow on each other, and drop lone small words between two changes: they tie nothing together."""
    joined: list[tuple[int, int, int]] = []
    for _, group in groupby(_offsets(runs), key=lambda run: run[0]):
        same = [run[1] for run in group]
        joined.append((same[0][0], same[0][1], sum(run[2] for run in same)))
    return [run for run in joined if _ties(run, a, b)]


def _ties(run: tuple[int, int, int], a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether a run is at an end of both sides, is long, or holds a figure, a break or a word of some length."""
    i, j, size = run
    if (i, j) == (0, 0) or (i + size, j + size) == (len(a), len(b)) or size > 2:
        return True
    return any(len(token.strip()) > 4 or token[0].isdigit() or "\n" in token for token in a[i : i + size])


def _offsets(runs: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Number the runs so that those which touch on both sides have one number."""
    number, end = 0, (0, 0)
    for i, j, size in runs:
        number += (i, j) != end
        end = (i + size, j + size)
        yield number, (i, j, size)
