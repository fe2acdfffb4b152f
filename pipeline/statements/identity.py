"""When two reports are of the same statement.

Exactly: the same folded words by the same speaker (`statement_key`). Nearly: one shortened, cut differently or
punctuated otherwise (`same_statement`); `bands` are look-up keys of which two such texts nearly always share one.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

import xxhash

from pipeline.text import words
from pipeline.types import Report

_63 = (1 << 63) - 1
#: the part of a lookup key that tells of the words; the rest tells of the speaker
_WORDS = (1 << 32) - 1
_SHINGLE = 3
_BANDS = 8
_MOST = 96
#: share of the shorter text's shingles that must be in the longer one
_CONTAINED = 0.8
#: below so many words only exact equality counts: short texts agree by chance
_LEAST = 5
#: words up to which two texts are compared word by word
_ALIGNED = 800
#: words that a slip or a correction may change at one place; more is a cut
_SLIP = 3
#: letters up to which a word tells nothing by itself: "the", "una"
_SMALL = 3
#: letters that forms of one word share
_STEM = 4
#: folded; without them the words say the opposite. They stand here and not in config/: they decide what is one
#: statement in the store, which must not change with a word list
_DENIALS = frozenset(
    (
        # "t" is what folding leaves of "won't"
        "no", "not", "t", "never", "nobody", "nothing", "none", "neither", "nor", "without", "cannot", "hardly",
        "unless",
        "nunca", "jamas", "nadie", "nada", "ninguno", "ninguna", "ningun", "tampoco", "ni", "sin",
        "nao", "ninguem", "nenhum", "nenhuma", "nem", "tampouco", "sem",
    )
)  # fmt: skip


def statement_words(text: str) -> tuple[str, ...]:
    """Folded words of a statement: case, accents, marks and punctuation do not tell two statements apart."""
    return tuple(words(text))


def statement_key(speaker_key: str | None, text: str) -> int:
    """63-bit identity of these words by this speaker."""
    joined = f"{speaker_key or ''}\x00{' '.join(words(text))}"
    return xxhash.xxh3_64_intdigest(joined.encode()) & _63


def _shingles(folded: tuple[str, ...]) -> frozenset[int]:
    if len(folded) < _SHINGLE:
        return frozenset((xxhash.xxh3_64_intdigest(" ".join(folded).encode()) & _63,)) if folded else frozenset()
    return frozenset(
        xxhash.xxh3_64_intdigest(" ".join(folded[at : at + _SHINGLE]).encode()) & _63
        for at in range(len(folded) - _SHINGLE + 1)
    )


def bands(text: str) -> tuple[int, ...]:
    """Look-up keys: the lowest shingle hashes (a bottom-k sketch), so that a part shares some with the whole.

    Source: Broder, "On the resemblance and containment of documents", 1997.
    """
    shingles = sorted(_shingles(statement_words(text)))
    return tuple(shingles[: min(_BANDS + len(shingles) // 6, _MOST)])


def same_statement(a_text: str, b_text: str) -> bool:
    """Are these the same words, one perhaps shortened, cut differently or punctuated otherwise?"""
    first, second = statement_words(a_text), statement_words(b_text)
    if first == second:
        return bool(first)
    short, long = sorted((first, second), key=len)
    if len(short) < _LEAST:
        return False
    if _figures(short) - _figures(long):
        return False
    inner, outer = _shingles(short), _shingles(long)
    return len(inner & outer) >= _CONTAINED * len(inner) and not _turned(short, long)


def _turned(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Does a small difference inside make it another statement: a negation, a figure, one word for another?

    Long gaps are cuts: whole sentences may be left out, whatever stands in them.
    """
    if len(long) > _ALIGNED:
        return sum(map(_denies, short)) > sum(map(_denies, long))
    blocks = SequenceMatcher(None, short, long, autojunk=False).get_matching_blocks()
    gaps = [
        (short[one.a + one.size : other.a], long[one.b + one.size : other.b])
        for one, other in pairwise(block for block in blocks if block.size or block is blocks[-1])
    ]
    first = blocks[0]
    opening = short[: first.a][-1:], long[: first.b][-1:]
    return any(map(_differs, gaps[:-1])) or _denial(opening) or (gaps != [] and _denial_alone(gaps[-1]))


def _differs(gap: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    mine, theirs = gap
    if max(len(mine), len(theirs)) > _SLIP:
        return False
    if _denial(gap) or _figures(mine) != _figures(theirs):
        return True
    if not mine or not theirs or max(map(len, (*mine, *theirs))) <= _SMALL:
        return False
    return not all(any(_akin(word, other) for other in theirs) for word in mine)


def _denial(gap: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    """One side denies and the other does not."""
    return sum(map(_denies, gap[0])) != sum(map(_denies, gap[1]))


def _denial_alone(gap: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    """ "... we will do" and "... we will do nothing": a denial is all that one side has more at its end."""
    return max(map(len, gap)) == 1 and _denial(gap)


def denies(text: str) -> bool:
    """Does a text deny anything, in any of our languages?"""
    return any(map(_denies, statement_words(text)))


def _denies(word: str) -> bool:
    return word in _DENIALS


def _akin(word: str, other: str) -> bool:
    """Forms of one word, or a slip of the pen."""
    common = next(
        (at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    return common >= min(_STEM, len(word), len(other)) and abs(len(word) - len(other)) <= _STEM


def _figures(folded: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for word in folded if word[0].isdigit())


def keys_of(speaker_key: str | None, text: str) -> tuple[int, tuple[int, ...]]:
    """Give the identity of these words by this speaker, and the lookup keys of the words."""
    speaker = xxhash.xxh3_64_intdigest((speaker_key or "").encode()) & _63 & ~_WORDS
    return statement_key(speaker_key, text), tuple(speaker | band & _WORDS for band in bands(text))


def of(report: Report) -> tuple[int, tuple[int, ...]]:
    """Give the identity of the statement that a report tells of, and the lookup keys of its words.

    The keys begin with the speaker: the same words of others are no candidates, however many say them, and the keys of
    one speaker lie together in the store's index, which makes a statement cost one page of it instead of eight.
    """
    return keys_of(report.speaker.key, report.text)
