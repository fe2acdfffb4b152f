"""Near copies: what texts share, whatever their titles, and what one text is to another.

`fingerprint` makes what is stored: a one-permutation MinHash signature (Li, Owen and Zhang, "One Permutation Hashing",
2012) and lookup keys under which the store finds texts worth comparing. `resemblance` compares two signatures.
`relation` reads both texts and decides. Knows no language and no storage; docs/duplicates.md has the measurements.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from struct import pack
from typing import Literal

from xxhash import xxh3_64_intdigest

from pipeline.text import words as folded_words
from pipeline.types import Fingerprint

Relation = Literal["same", "copy", "trimmed", "extended"]

BINS = 64
#: bins in one band key; of sixteen keys at least one agrees in 98.8 % of pairs that resemble each other by .7
_ROWS = 4
_EMPTY = 1 << 64
#: keys fit a signed BIGINT
_KEY_MASK = (1 << 63) - 1

#: an anchor spans eight words, as three words in a row are too common to be worth looking up
_ANCHOR_SPAN = 6
#: shingles of the lead; a trimmed copy is mostly the first paragraphs, so anchors are dense there
_LEAD = 120
_LEAD_SAMPLE = _EMPTY // 8
_BODY_SAMPLE = _EMPTY // 16
_BODY_ANCHORS = 32

#: least share of its three-word shingles that the shorter text has in common with the longer one; with a tenth of its
#: words edited a text keeps .73
_CONTAINED = 0.6
#: texts whose lengths differ by more than this are no mere copies: the shorter one is trimmed
_LENGTHS = 0.75
#: fewer shared shingles prove nothing: a quotation or a stock phrase is that long
_SHARED_LEAST = 16
#: shingles of a text's opening; the next day's story repeats paragraphs of yesterday's, never how it began
_OPENING = 18
#: an opening is shared if this share of it stands anywhere in the other text; edited by a tenth, it keeps .73
_OPENING_SHARED = 0.5
#: a text of less than this share of the longer one must be how that begins: else it is a brief quoted in a round-up
_QUOTED = 0.3


def fingerprint(title: str, text: str) -> Fingerprint:
    """Make what near copies share, from the text alone: a reprint under another title is a copy."""
    words = folded_words(text)
    shingles = _shingles(words)
    signature = _signature(shingles)
    keys = dict.fromkeys(chain(_bands(signature), _anchors(shingles))) if shingles else {}
    return Fingerprint(_hash(" ".join(words)) & _KEY_MASK, signature, tuple(keys), len(words))


def resemblance(a: Fingerprint, b: Fingerprint) -> float:
    """Estimate from the signatures what share of three-word shingles two texts have in common (Jaccard, 0..1)."""
    if not (a.words and b.words):
        return 0.0
    return sum(x == y for x, y in zip(a.signature, b.signature, strict=True)) / BINS


def _hash(text: str) -> int:
    return xxh3_64_intdigest(text.encode())


def _shingles(words: Sequence[str]) -> list[int]:
    """Hash each run of three words, in order; a shorter text is one shingle, an empty one has none."""
    if len(words) < 3:
        return [_hash(" ".join(words))] if words else []
    digest = xxh3_64_intdigest
    return [digest(f"{a} {b} {c}".encode()) for a, b, c in zip(words, words[1:], words[2:], strict=False)]


def _signature(shingles: Sequence[int]) -> tuple[int, ...]:
    """Keep the least hash of each bin; an empty bin takes what the next full one has (all 0 for an empty text)."""
    bins = [_EMPTY] * BINS
    for value in shingles:
        slot = value & 63
        if value < bins[slot]:
            bins[slot] = value
    if _EMPTY not in bins:
        return tuple(bins)
    last = next((value for value in bins if value != _EMPTY), 0)
    for slot in reversed(range(BINS)):
        last = bins[slot] = last if bins[slot] == _EMPTY else bins[slot]
    return tuple(bins)


def _bands(signature: Sequence[int]) -> Iterator[int]:
    for band in range(BINS // _ROWS):
        rows = signature[band * _ROWS : (band + 1) * _ROWS]
        yield xxh3_64_intdigest(pack("<5Q", band, *rows)) & _KEY_MASK


def _anchors(shingles: Sequence[int]) -> list[int]:
    """Keys of sampled runs of eight words. Chosen by content alone, so a part has the same ones as the whole.

    One run in eight of the lead, one in sixteen after it (at most 32).
    """
    last = len(shingles) - _ANCHOR_SPAN + 1
    lead = [at for at, value in enumerate(shingles[: min(_LEAD, last)]) if value < _LEAD_SAMPLE] if last > 0 else []
    body = [(value, at) for at, value in enumerate(shingles[_LEAD:last], _LEAD) if value < _BODY_SAMPLE]
    if len(body) > _BODY_ANCHORS:
        body = sorted(body)[:_BODY_ANCHORS]
    return [
        xxh3_64_intdigest(pack("<3Q", shingles[at], shingles[at + 3], shingles[at + 5])) & _KEY_MASK
        for at in chain(lead, (at for _, at in body))
    ]


@lru_cache(maxsize=128)
def _compared(text: str) -> tuple[tuple[str, ...], frozenset[int]]:
    """Give words and shingles of a text; remembered, as one new text is compared with several old ones in a row."""
    found = tuple(folded_words(text))
    return found, frozenset(_shingles(found))


def relation(new_text: str, old_text: str) -> Relation | None:
    """Decide what the new text is to the old one; None: another text, be it on the same event.

    "same": equal words; "copy": most of both is shared; "trimmed": the new one is part of the old; "extended": the old
    one is part of the new. Texts that share their wording but not their facts (a form filled in again) are not copies.
    Swapping the arguments swaps "trimmed" and "extended" and changes nothing else.
    """
    (new, new_shingles), (old, old_shingles) = _compared(new_text), _compared(old_text)
    if new == old:
        return "same" if new else None
    shared, shorter = len(new_shingles & old_shingles), min(len(new_shingles), len(old_shingles))
    if shared < max(_SHARED_LEAST, _CONTAINED * shorter) or _only_quotes(new_text, old_text, shared):
        return None
    if _other_facts(new_text, old_text, min(len(new), len(old))):
        return None
    if shorter >= _LENGTHS * max(len(new_shingles), len(old_shingles)):
        return "copy"
    return "trimmed" if len(new_shingles) == shorter else "extended"


def _only_quotes(a: str, b: str, shared: int) -> bool:
    """Whether the longer text merely repeats paragraphs of the shorter one: tomorrow's story, or a round-up.

    Where neither opening stands in the other text, most of both must be common: each may have a paragraph of its own in
    front. A much shorter text must be how the longer one begins.
    """
    (of_a, in_a), (of_b, in_b) = _compared(a), _compared(b)
    short, long = (in_a, in_b) if len(in_a) <= len(in_b) else (in_b, in_a)
    a_opens, b_opens = _opens(of_a, in_b), _opens(of_b, in_a)
    if not (a_opens or b_opens):
        return shared < _CONTAINED * len(long)
    long_opens = max(a_opens, b_opens) if len(in_a) == len(in_b) else (b_opens if long is in_b else a_opens)
    return len(short) < _QUOTED * len(long) and not long_opens


def _opens(words: Sequence[str], other: frozenset[int]) -> bool:
    """Whether a text's opening stands in the other one."""
    opening = _shingles(words[: _OPENING + 2])
    return sum(shingle in other for shingle in opening) >= _OPENING_SHARED * len(opening)


# --- facts --------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"(?P<number>\d+(?:[.,:]\d+)*)|(?P<word>\w+)|(?P<stop>[.!?…:;\n\"“”«»—–-])")
#: one changed fact in so many words makes a form filled in again; an updated toll in a long report does not
_WORDS_PER_CHANGE = 60


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["number", "name", "word"]
    text: str

    @property
    def mask(self) -> str:
        return self.text if self.kind == "word" else self.kind


def _tokens(text: str) -> Iterator[_Token]:
    """Words, numbers and names (a run of capitalised words that does not open a sentence is one name)."""
    opening, name = True, list[str]()
    for match in _TOKEN.finditer(text):
        token, group = match.group(), match.lastgroup
        capital = group == "word" and token[0].isupper() and not opening
        if name and not capital:
            yield _Token("name", " ".join(name))
            name = []
        opening = group == "stop"
        if capital:
            name.append(token.casefold())
        elif group == "number":
            yield _Token("number", token)
        elif group == "word":
            yield _Token("word", token.casefold())
    if name:
        yield _Token("name", " ".join(name))


def _facts(text: str) -> dict[tuple[str, ...], set[str]]:
    """Numbers and names by their place: the two words on either side (numbers and names among these masked)."""
    edge = _Token("word", "")
    tokens = [edge, edge, *_tokens(text), edge, edge]
    facts = defaultdict[tuple[str, ...], set[str]](set)
    for at, token in enumerate(tokens):
        if token.kind != "word":
            facts[tuple(near.mask for near in tokens[at - 2 : at + 3])].add(token.text)
    return facts


def _other_facts(a: str, b: str, words: int) -> bool:
    """Whether texts of like wording tell of different facts, `words` being the length of the shorter one."""
    of_a, of_b = _facts(a), _facts(b)
    changed, kept = {"number": 0, "name": 0}, {"number": 0, "name": 0}
    for place in of_a.keys() & of_b.keys():
        counts = changed if of_a[place].isdisjoint(of_b[place]) else kept
        counts[place[2]] += 1
    total = sum(changed.values())
    if total * _WORDS_PER_CHANGE < words or total == 0:
        return False
    return changed["number"] > kept["number"] or total > sum(kept.values())
