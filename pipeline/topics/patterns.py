"""The pattern language of config/topics: what a person writes, and what it means.

```
legalizacion de las drogas    these words, next to each other, whatever their case, accents or hyphens
legaliz* de* drogas           a word's end left open
legaliz* ~4 cocaina           at most 4 words between the two, in either order, within one sentence
```
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.text import words

_NEAR = re.compile(r"~(\d+)")
_STEM_MIN = 2
_WITHIN_MAX = 30


class PatternError(ValueError):
    """A pattern cannot be read; says what was expected and what was there."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got!r}")
        self.expected, self.got = expected, got


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word, or with `open` all words that begin with `stem`."""

    stem: str
    open: bool = False

    def __str__(self) -> str:
        return self.stem + "*" * self.open


Phrase = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase, or with `near` two phrases with at most `within` words between them in one sentence."""

    phrase: Phrase
    near: Phrase | None = None
    within: int = 0

    @property
    def length(self) -> int:
        """Number of words asked for."""
        return len(self.phrase) + len(self.near or ())

    def __str__(self) -> str:
        first = " ".join(map(str, self.phrase))
        return first if self.near is None else f"{first} ~{self.within} {' '.join(map(str, self.near))}"


def parse_pattern(text: str) -> Pattern:
    """Read one pattern. Raises PatternError."""
    tokens = text.split()
    marks = [index for index, token in enumerate(tokens) if token.startswith("~")]
    if not marks:
        return Pattern(_phrase(tokens, text))
    if len(marks) > 1:
        raise PatternError("at most one ~N", text)
    mark = tokens[marks[0]]
    distance = _NEAR.fullmatch(mark)
    if not distance or not 0 <= int(distance[1]) <= _WITHIN_MAX:
        raise PatternError(f"a number from 0 to {_WITHIN_MAX} after ~", mark)
    first, second = _phrase(tokens[: marks[0]], text), _phrase(tokens[marks[0] + 1 :], text)
    return Pattern(first, second, int(distance[1]))


def _phrase(tokens: list[str], text: str) -> Phrase:
    phrase = tuple(word for token in tokens for word in _words(token))
    if not phrase:
        raise PatternError("words (on both sides of ~N)", text)
    return phrase


def _words(token: str) -> list[Word]:
    bare = token.removesuffix("*")
    if "*" in bare:
        raise PatternError("* only at a word's end", token)
    stems = words(bare)
    if not stems:
        raise PatternError("a word", token)
    if bare == token:
        return [Word(stem) for stem in stems]
    if len(stems[-1]) < _STEM_MIN:
        raise PatternError(f"at least {_STEM_MIN} letters before *", token)
    return [*map(Word, stems[:-1]), Word(stems[-1], open=True)]
