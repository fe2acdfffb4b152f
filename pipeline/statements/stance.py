"""For, against, mixed or unclear: where a statement stands towards each of its topics.

The words said are cut into stretches at signs and contrasts. In each stretch that touches a topic, cues of the topic
and general ones are counted, turned round by a negation before them; a reporting verb that takes sides ("rejected")
counts for the whole. Nothing found, or a negated reproach, is `unclear`: rather that than wrong. The words stand in
[stance.*] of the lexicons.

What `for` means depends on the topic: for the measure; for acting against a problem; for the hard line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.statements.schema import LexiconFile
from pipeline.text import words
from pipeline.types import Stance

#: topics that name a problem: for means for acting against it
PROBLEMS = frozenset(
    (
        "cultivation",
        "organized-crime",
        "corruption",
        "synthetic-drugs",
        "precursors",
        "money-laundering",
        "interdiction",
    )
)
_NEVER = re.compile(r"(?!)")
_BEFORE = 4


@dataclass(frozen=True)
class Sides:
    """Compiled cues of one section."""

    favour: re.Pattern[str]
    oppose: re.Pattern[str]


@dataclass(frozen=True)
class StanceWords:
    """One language's cues."""

    sides: Mapping[str, Sides]
    negations: frozenset[str]
    diminishers: frozenset[str]
    #: phrases that hold a cue and take no side: "the fight against", "harm reduction"
    neutral: re.Pattern[str]
    cut: re.Pattern[str]


def compile_stance(file: LexiconFile) -> StanceWords:
    """Make patterns of the [stance.*] sections; `*` at a word's end stands for any ending."""
    sides = {name: Sides(_pattern(cues.favour), _pattern(cues.oppose)) for name, cues in file.stance.items()}
    negations = frozenset(folded for word in file.small.negations for folded in (" ".join(words(word)),))
    contrast = "|".join(re.escape(word) for word in (*file.small.contrast, *file.small.persons))
    cut = re.compile(rf"[.;:!?…,—–]+\s|\b(?:{contrast})\b" if contrast else r"[.;:!?…,—–]+\s", re.IGNORECASE)
    return StanceWords(sides, negations, frozenset(file.small.diminishers), _pattern(file.small.neutral), cut)


def _pattern(cues: Iterable[str]) -> re.Pattern[str]:
    phrases = []
    for cue in cues:
        parts = [re.escape(" ".join(words(word))) + (r"\w*" if word.endswith("*") else "") for word in cue.split()]
        phrases.append(" ".join(parts))
    return re.compile(rf"(?<= )(?:{'|'.join(sorted(phrases, key=len, reverse=True))})(?= )") if phrases else _NEVER


@dataclass(slots=True)
class Tally:
    """How often a statement spoke for and against one topic."""

    favour: int = 0
    oppose: int = 0

    def stance(self) -> Stance:
        """The side taken."""
        if self.favour and self.oppose:
            return "mixed"
        return "for" if self.favour else "against" if self.oppose else "unclear"


@dataclass(slots=True)
class Stretch:
    """A piece of the words said and the topics it touches."""

    text: str
    topics: tuple[str, ...]


@dataclass(slots=True)
class Weighing:
    """Counts while a statement's stretches are read."""

    words: StanceWords
    tallies: dict[str, Tally] = field(default_factory=dict)

    def read(self, stretch: Stretch) -> None:
        """Count one stretch's cues for each of its topics."""
        folded = self.words.neutral.sub("", f" {' '.join(words(stretch.text))} ")
        for topic in stretch.topics:
            tally = self.tallies.setdefault(topic, Tally())
            own = self._count(topic, folded)
            judged = self._count("problem" if topic in PROBLEMS else "general", folded)
            if judged.oppose and not judged.favour and not own.oppose:
                # "lighter terms would be a mistake" names the measure and then judges it
                own.favour = 0
            tally.favour += own.favour + judged.favour
            tally.oppose += own.oppose + judged.oppose

    def _count(self, section: str, folded: str) -> Tally:
        tally = Tally()
        sides = self.words.sides.get(section)
        if sides is None:
            return tally
        for found in sides.favour.finditer(folded):
            before = _before(folded, found.start())
            following = folded[found.end() :].split(maxsplit=1)[:1]
            if self._negated(before) or not self.words.negations.isdisjoint(following):
                tally.oppose += 1
            elif not self.words.diminishers.intersection(before):
                tally.favour += 1
        for found in sides.oppose.finditer(folded):
            if not self._negated(_before(folded, found.start())):
                tally.oppose += 1
        return tally

    def _negated(self, before: list[str]) -> bool:
        """Is there a negation among the words before a cue? "shouldn't" folds to "shouldn t"."""
        contracted = any(word == "t" and before[place].endswith("n") for place, word in enumerate(before[1:]))
        return contracted or not self.words.negations.isdisjoint(before)


def _before(folded: str, at: int) -> list[str]:
    """The last words before a position."""
    return folded[max(0, at - 48) : at].split()[-_BEFORE:]


def stance_of(
    stance_words: StanceWords, verb: str, stretches: Iterable[Stretch], topics: Iterable[str]
) -> dict[str, Stance]:
    """Stance towards each topic, from the stretches of the words said and the verb that reports them."""
    weighing = Weighing(stance_words)
    for stretch in stretches:
        weighing.read(stretch)
    lean = _lean(stance_words, verb)
    result: dict[str, Stance] = {}
    for topic in topics:
        tally = weighing.tallies.get(topic, Tally())
        side = tally.stance()
        if lean and topic not in PROBLEMS:
            side = _with_verb(lean, tally)
        result[topic] = side
    return result


def _lean(stance_words: StanceWords, verb: str) -> int:
    sides = stance_words.sides.get("verbs")
    folded = f" {' '.join(words(verb))} "
    if sides is None:
        return 0
    return bool(sides.favour.search(folded)) - bool(sides.oppose.search(folded))


def _with_verb(lean: int, tally: Tally) -> Stance:
    """ "rejected legalization" is against it, "rejected the ban" for it: the verb turns what its object leans to."""
    if tally.favour and tally.oppose:
        return "mixed"
    inner = -1 if tally.oppose else 1
    return "for" if lean * inner > 0 else "against"


def cut_stretches(text: str, start: int, cut: re.Pattern[str]) -> list[tuple[int, int]]:
    """Stretches of `text` (which begins at offset `start`) between signs and contrasts."""
    spans: list[tuple[int, int]] = []
    at = 0
    for sign in cut.finditer(text):
        if sign.start() > at:
            spans.append((start + at, start + sign.start()))
        at = sign.end()
    if at < len(text):
        spans.append((start + at, start + len(text)))
    return spans
