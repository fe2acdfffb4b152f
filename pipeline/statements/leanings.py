"""The cues of stance: words and phrases that ask, refuse, act or judge, and where they stand in the words said.

`Cues.marks(words)` reads folded words once, from the left, the longest phrase first. General cues do not overlap: in
"no es la solución" the negation belongs to the judgement and turns nothing else. A topic's own are found beside them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.text import words

#: sections of [stance.*] whose marks may not overlap; every other section is a topic
GENERAL = frozenset(("modals", "acts", "combat", "worth", "negations", "doubts", "open", "others", "needs", "neutral"))
#: sections with a table of their own: of the reporting verb, of a sentence's first word
APART = ("verbs", "approvals", "denials", "imperatives")
_REMEMBERED = 4096


class Mark(NamedTuple):
    """A cue in the words said: words `first` to `beyond`, its section and the side it leans to."""

    first: int
    beyond: int
    section: str
    #: 1 towards what the topic names, -1 away from it
    sign: int
    #: names what is done ("harsher terms") without taking a side by itself
    names: bool


class _Phrase(NamedTuple):
    rest: tuple[str, ...]
    section: str
    sign: int
    names: bool
    general: bool


class Cues:
    """Phrases by their first word, which may be whole, a beginning ("legali*") or an ending ("*aremos")."""

    def __init__(self, sections: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self._whole: dict[str, list[_Phrase]] = {}
        self._begun: dict[str, list[_Phrase]] = {}
        self._ended: dict[str, list[_Phrase]] = {}
        for section, sides in sections.items():
            for side, phrases in sides.items():
                for phrase in phrases:
                    self._add(phrase, section, 1 if side in ("favour", "toward") else -1, side in ("toward", "away"))
        self._stems = sorted({len(stem) for stem in self._begun})
        self._endings = sorted({len(ending) for ending in self._ended})
        self._starting = lru_cache(_REMEMBERED)(self._look_up)

    def _add(self, phrase: str, section: str, sign: int, names: bool) -> None:
        first, *rest = _patterns(phrase)
        entry = _Phrase(tuple(rest), section, sign, names, section in GENERAL or section in APART)
        if phrase.startswith("*"):
            self._ended.setdefault(first, []).append(entry)
        elif first.endswith("*"):
            self._begun.setdefault(first[:-1], []).append(entry)
        else:
            self._whole.setdefault(first, []).append(entry)

    def _look_up(self, word: str) -> tuple[_Phrase, ...]:
        """Phrases that this word may open, longest first."""
        found = list(self._whole.get(word, ()))
        for size in self._stems:
            found += self._begun.get(word[:size], ()) if size <= len(word) else ()
        for size in self._endings:
            found += self._ended.get(word[-size:], ()) if size < len(word) else ()
        return tuple(sorted(found, key=lambda phrase: -len(phrase.rest)))

    def marks(self, said: Sequence[str], topics: Collection[str] = ()) -> list[Mark]:
        """Every general mark in folded words, and those of these topics' own sections, by position."""
        marks: list[Mark] = []
        free = 0
        for at, word in enumerate(said):
            seen: list[tuple[str, bool]] = []
            following = said[at + 1] if at + 1 < len(said) else ""
            for rest, section, sign, names, general in self._starting(word):
                if rest and rest[0] != following and rest[0][-1] != "*":
                    continue
                kind = ("" if general else section, names)
                if kind in seen or (at < free if general else section not in topics):
                    continue
                if not _fits(rest, said, at + 1):
                    continue
                beyond = at + 1 + len(rest)
                marks.append(Mark(at, beyond, section, sign, names))
                seen.append(kind)
                free = beyond if general else free
        return marks

    def opens(self, said: Sequence[str]) -> bool:
        """Does a phrase stand at the very beginning?"""
        return bool(said) and any(_fits(phrase.rest, said, 1) for phrase in self._starting(said[0]))


def _patterns(phrase: str) -> list[str]:
    """Folded words of a phrase, a trailing `*` kept: "weren't enough" is three of them."""
    patterns: list[str] = []
    for word in phrase.split():
        patterns += words(word)
        if word.endswith("*"):
            patterns[-1] += "*"
    return patterns


def _fits(rest: Sequence[str], said: Sequence[str], at: int) -> bool:
    if at + len(rest) > len(said):
        return False
    for offset, wanted in enumerate(rest):
        word = said[at + offset]
        if word != wanted and not (wanted[-1] == "*" and word.startswith(wanted[:-1])):
            return False
    return True


def alternatives(phrases: Iterable[str]) -> str:
    """A pattern of the phrases as they are written, longest first; `*` at a word's end stands for any ending."""
    spelt = sorted(phrases, key=len, reverse=True)
    return "|".join(re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for phrase in spelt) or r"(?!)"
