"""The pattern language of config/topics: what a person writes, and what it means.

```
legalizacion de las drogas    these words, next to each other, whatever their case, accents or hyphens
legaliz* de* drogas           a word's end left open
legaliz* ~4 cocaina           at most 4 words between the two, in either order, within one sentence
legaliz* ~4 <drug>            any word of a group that config/topics/drug-policy.toml names so
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from pipeline.text import words

_NEAR = re.compile(r"~(\d+)")
_STEM_MIN = 2
_WITHIN_MAX = 30
_GROUP = re.compile(r"<([a-z]+)>")


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
#: phrases of which any will do, by the group's name
Groups = Mapping[str, tuple[Phrase, ...]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Any of some phrases, or with `near` one of each side with at most `within` words between, in one sentence."""

    phrases: tuple[Phrase, ...]
    near: tuple[Phrase, ...] = ()
    within: int = 0
    #: as a person wrote it
    written: str = field(default="", compare=False)

    @property
    def length(self) -> int:
        """Number of words asked for, at least."""
        return min(map(len, self.phrases)) + min(map(len, self.near), default=0)

    def __str__(self) -> str:
        return self.written


def parse_group(phrases: Sequence[str]) -> tuple[Phrase, ...]:
    """Read the members of a group, each a phrase without `~`. Raises PatternError."""
    return tuple(phrase for text in phrases for phrase in _phrases(text.split(), text, {}))


def parse_pattern(text: str, groups: Groups = {}) -> Pattern:  # noqa: B006  # never changed
    """Read one pattern. Raises PatternError."""
    tokens = text.split()
    written = " ".join(tokens)
    marks = [index for index, token in enumerate(tokens) if token.startswith("~")]
    if not marks:
        return Pattern(_phrases(tokens, text, groups), written=written)
    if len(marks) > 1:
        raise PatternError("at most one ~N", text)
    mark = tokens[marks[0]]
    distance = _NEAR.fullmatch(mark)
    if not distance or not 0 <= int(distance[1]) <= _WITHIN_MAX:
        raise PatternError(f"a number from 0 to {_WITHIN_MAX} after ~", mark)
    first, second = tokens[: marks[0]], tokens[marks[0] + 1 :]
    return Pattern(_phrases(first, text, groups), _phrases(second, text, groups), int(distance[1]), written)


def _phrases(tokens: list[str], text: str, groups: Groups) -> tuple[Phrase, ...]:
    """Every phrase that the tokens stand for: one, but for groups."""
    if not tokens:
        raise PatternError("words (on both sides of ~N)", text)
    choices = [_choices(token, groups) for token in tokens]
    return tuple(tuple(word for phrase in chosen for word in phrase) for chosen in product(*choices))


def _choices(token: str, groups: Groups) -> tuple[Phrase, ...]:
    if not token.startswith("<"):
        return (_words(token),)
    name = _GROUP.fullmatch(token)
    if not name or name[1] not in groups:
        raise PatternError(f"a group of this language ({', '.join(sorted(groups)) or 'there is none'})", token)
    return groups[name[1]]


@lru_cache(maxsize=1 << 14)  # the same few thousand tokens stand in all patterns
def _words(token: str) -> tuple[Word, ...]:
    bare = token.removesuffix("*")
    if "*" in bare:
        raise PatternError("* only at a word's end", token)
    stems = words(bare)
    if not stems:
        raise PatternError("a word", token)
    if bare == token:
        return tuple(map(Word, stems))
    if len(stems[-1]) < _STEM_MIN:
        raise PatternError(f"at least {_STEM_MIN} letters before *", token)
    return *map(Word, stems[:-1]), Word(stems[-1], open=True)
