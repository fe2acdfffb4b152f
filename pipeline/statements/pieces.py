"""The words said, cut into pieces in which cues are read, and one language's cues of stance."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.statements.leanings import APART, Cues, Mark, alternatives
from pipeline.statements.schema import LexiconFile, StanceCues
from pipeline.text import words
from pipeline.types import Span


@dataclass(frozen=True, slots=True)
class StanceWords:
    """One language's cues."""

    cues: Cues
    #: reporting verbs that ask or refuse ("urged", "rejected"), those that approve, and those that deny
    verbs: Cues
    approvals: Cues
    denials: Cues
    #: verbs that are orders at the beginning of a sentence
    imperatives: Cues
    diminishers: frozenset[str]
    complementizers: frozenset[str]
    #: signs and contrasts
    cut: re.Pattern[str]
    #: signs, contrasts and all other joints; the group's name tells which
    joints: re.Pattern[str]


def compile_stance(file: LexiconFile) -> StanceWords:
    """Make look-up tables of the [stance.*] sections; `*` at a word's end or beginning stands for any letters."""
    small = file.small
    sections = {name: _sides(cues) for name, cues in file.stance.items()}
    apart = {name: Cues({name: sections.pop(name, {})}) for name in APART}
    sections["neutral"] = {"favour": small.neutral}
    contrast, persons = alternatives(small.contrast), alternatives(small.persons)
    sign = r"[.;:!?…,—–]+\s"
    return StanceWords(
        Cues(sections),
        apart["verbs"],
        apart["approvals"],
        apart["denials"],
        apart["imperatives"],
        frozenset(small.diminishers),
        frozenset(word for each in small.complementizers for word in words(each)),
        re.compile(rf"{sign}|\b(?:{contrast}|{persons})\b", re.IGNORECASE),
        re.compile(rf"(?P<question>\?[\"'»”’]*(?=\s|$))|(?P<sign>{sign})|\b(?:{_joining(file)})\b", re.IGNORECASE),
    )


def _joining(file: LexiconFile) -> str:
    """Words that join pieces, a named group for each kind; of "replace A with B" the group is the second joint."""
    joints = file.stance_joints
    kinds = {
        "instead": joints.instead,
        "than": joints.than,
        "reason": joints.reasons,
        "person": file.small.persons,
        "contrast": file.small.contrast,
        "and": joints.coordinators,
    }
    swap = rf"(?:{alternatives(joints.swap)})\b[^.;:!?,]{{1,60}}?\b(?P<swap>{alternatives(joints.swapped)})"
    words_alone = [rf"(?P<{kind}>{alternatives(phrases)})" for kind, phrases in kinds.items()]
    return "|".join([swap, *words_alone])


def _sides(cues: StanceCues) -> dict[str, list[str]]:
    return {"favour": cues.favour, "oppose": cues.oppose, "toward": cues.toward, "away": cues.away}


@dataclass(frozen=True, slots=True)
class Piece:
    """Words said between two joints."""

    said: tuple[str, ...]
    topics: tuple[str, ...]
    #: what stands before it: the name of a group of `StanceWords.joints`, or nothing
    joint: str
    marks: tuple[Mark, ...]
    #: the sentence goes on to a question mark
    asked: bool = False


def cut_stretches(text: str, start: int, cut: re.Pattern[str]) -> list[Span]:
    """Stretches of `text` (which begins at offset `start`) between signs and contrasts."""
    spans: list[Span] = []
    at = 0
    for sign in cut.finditer(text):
        if sign.start() > at:
            spans.append((start + at, start + sign.start()))
        at = sign.end()
    if at < len(text):
        spans.append((start + at, start + len(text)))
    return spans


def pieces_of(
    text: str,
    start: int,
    stance_words: StanceWords,
    topics_at: Callable[[int, int], tuple[str, ...]],
    topics: Sequence[str],
) -> list[Piece]:
    """The pieces of `text`, which begins at offset `start` of its field; `topics_at` gives the topics of a span there.

    "and" joins two nouns as often as two clauses: it cuts only where a cue follows at once.
    """
    sections = {*topics, "problem"}
    cuts: list[tuple[int, int, str]] = []
    at, joint = 0, ""
    for found in stance_words.joints.finditer(text):
        kind = found.lastgroup or "sign"
        first, last = found.span(kind)
        if kind == "and" and not _begins_with_cue(stance_words, text[last : last + 40]):
            continue
        if kind == "person" and not topics_at(start + at, start + first):
            continue  # "officers who take money": the people are the topic
        cuts.append((at, first, joint))
        at, joint = last, kind
        if kind == "question":
            cuts[-1] = (*cuts[-1][:2], f"{cuts[-1][2]}?")
    cuts.append((at, len(text), joint))
    pieces = []
    for first, last, before in cuts:
        said = tuple(words(text[first:last]))
        if said:
            touched = topics_at(start + first, start + last)
            marks = tuple(stance_words.cues.marks(said, sections))
            pieces.append(Piece(said, touched, before.rstrip("?"), marks, before.endswith("?")))
    return pieces


def _begins_with_cue(stance_words: StanceWords, following: str) -> bool:
    said = words(following)[:3]
    if stance_words.imperatives.opens(said):
        return True
    return any(
        mark.first <= 1 and mark.section in ("modals", "needs", "acts", "combat", "worth")
        for mark in stance_words.cues.marks(said)
    )
