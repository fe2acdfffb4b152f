"""What one text is to another: decided on both texts, in whatever order they came. Knows no language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from pipeline.dedupe.facts import other_facts
from pipeline.dedupe.prints import shingles_of
from pipeline.text import words as folded_words

Relation = Literal["same", "copy", "trimmed", "extended"]

#: least share of its three-word shingles that the shorter text has in common with the longer one; with a tenth of its
#: words edited a text keeps .73
_CONTAINED = 0.6
#: texts whose lengths differ by more than this are no mere copies: the shorter one is trimmed
_LENGTHS = 0.75
#: fewer shared shingles prove nothing: a quotation or a stock phrase is that long
_SHARED_LEAST = 16
#: words of its own that a copy may have before what it shares: a standfirst, a dateline, a paragraph of the province
_OWN_OPENING = 60
#: a text that shares from so near its beginning is a part of the other one, wherever it stands there
_AT_ONCE = 8
#: sharing begins where half of so many shingles in a row are shared; with a tenth of its words edited, .73 are
_RUN = 10
#: a text of less than this share of the longer one must be how that begins: else it is quoted in a round-up
_QUOTED = 0.5


@lru_cache(maxsize=128)
def _compared(text: str) -> tuple[tuple[str, ...], tuple[int, ...], frozenset[int]]:
    """Give words and shingles of a text; remembered, as one new text is compared with several old ones in a row."""
    found = tuple(folded_words(text))
    shingles = tuple(shingles_of(found))
    return found, shingles, frozenset(shingles)


def relation(new_text: str, old_text: str) -> Relation | None:
    """Decide what the new text is to the old one; None: another text, be it on the same event.

    "same": equal words; "copy": most of both is shared; "trimmed": the new one is part of the old; "extended": the old
    one is part of the new. Texts that share their wording but not their facts (a form filled in again) are not copies.
    Swapping the arguments swaps "trimmed" and "extended" and changes nothing else.
    """
    (new, _, new_shingles), (old, _, old_shingles) = _compared(new_text), _compared(old_text)
    if new == old:
        return "same" if new else None
    shared, shorter = len(new_shingles & old_shingles), min(len(new_shingles), len(old_shingles))
    if shared < max(_SHARED_LEAST, _CONTAINED * shorter) or _only_quotes(new_text, old_text, shared):
        return None
    if other_facts(new_text, old_text, min(len(new), len(old))):
        return None
    if shorter >= _LENGTHS * max(len(new_shingles), len(old_shingles)):
        return "copy"
    return "trimmed" if len(new_shingles) == shorter else "extended"


def _only_quotes(a: str, b: str, shared: int) -> bool:
    """Whether the longer text merely repeats paragraphs of the shorter one: tomorrow's story, or a round-up.

    What does not begin alike must have most of both in common. A much shorter text must be how the longer one begins.
    """
    (_, of_a, in_a), (_, of_b, in_b) = _compared(a), _compared(b)
    before_a, before_b = _own_opening(of_a, in_b), _own_opening(of_b, in_a)
    short, long = sorted((len(in_a), len(in_b)))
    if min(before_a, before_b) > _AT_ONCE and max(before_a, before_b) > _OWN_OPENING:
        return shared < _CONTAINED * long
    return short < _QUOTED * long and (before_b if len(in_b) == long else before_a) > _OWN_OPENING


def _own_opening(shingles: Sequence[int], other: frozenset[int]) -> int:
    """How many words a text has before what it shares with the other one."""
    found = [shingle in other for shingle in shingles]
    run = min(_RUN, len(found))
    within = sum(found[:run])
    for at in range(len(found) - run):
        if 2 * within >= run:
            return at
        within += found[at + run] - found[at]
    return len(found) - run if 2 * within >= run else len(found)
