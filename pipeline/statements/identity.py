"""When two reports are of the same statement.

Exactly: the same folded words by the same speaker (`statement_key`). Nearly: one shortened, cut differently or
punctuated otherwise (`same_statement`); `bands` are look-up keys of which two such texts nearly always share one.
"""

from __future__ import annotations

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
    return len(inner & outer) >= _CONTAINED * len(inner)


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
