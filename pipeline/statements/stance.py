"""For, against, mixed or unclear: where a statement stands towards each of its topics.

The words said are cut into pieces at signs, contrasts and joints such as "instead of". In a piece that touches a
topic, what is *done* has a direction: doing what the topic names is 1, and each act away from it ("stop", "ban") turns
that round; of topics that name a problem only an act against it counts for it. What the speaker *asks* (a modal, "we
will", "I oppose", a reporting verb such as "rejected") and how he *judges* ("a failure") are votes: direction times
ask, direction times judgement. Negations turn the first cue after them; a negated reproach votes for nothing.

A side is told only if there are votes and all agree. Facts, questions, debates called for and what others are said to
think have no vote: unclear rather than wrong. The cues stand in [stance.*] of the lexicons, docs/statements.md tells
of what kinds they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from pipeline.statements.leanings import APART, GENERAL, Cues, Mark, alternatives
from pipeline.statements.schema import LexiconFile, StanceCues
from pipeline.text import words
from pipeline.types import Span, Stance

#: topics that name a problem: for means for acting against it. Interdiction names the acts and is none of them here.
PROBLEMS = frozenset(
    ("cultivation", "organized-crime", "corruption", "synthetic-drugs", "precursors", "money-laundering")
)
#: topics that name a field in which one acts either way: without a cue of their own nothing is known
_FIELDS = frozenset(("sentencing",))
#: what turns another cue round
_TURNS = ("negations", "doubts")
#: a negation turns the first cue within so many words after it
_REACH = 6
#: a judgement on what was named before stands within so many words of its piece's beginning
_OPENING = 4
#: a piece of a list ("clinics, syringes, naloxone") has no more words
_LISTED = 5


@dataclass(frozen=True, slots=True)
class StanceWords:
    """One language's cues."""

    cues: Cues
    #: reporting verbs that ask or refuse ("urged", "rejected"), and those that deny
    verbs: Cues
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
    small, joints = file.small, file.stance_joints
    sections = {name: _sides(cues) for name, cues in file.stance.items()}
    apart = {name: Cues({name: sections.pop(name, {})}) for name in APART}
    sections["neutral"] = {"favour": small.neutral}
    persons = alternatives(small.persons)
    contrast = alternatives(small.contrast)
    sign = r"[.;:!?…,—–]+\s"
    swap = rf"\b(?:{alternatives(joints.swap)})\b[^.;:!?,]{{1,60}}?\b(?P<swap>{alternatives(joints.swapped)})\b"
    kinds = (
        ("question", r"\?[\"'»”’]*(?=\s|$)"),
        ("sign", sign),
        ("instead", rf"\b(?:{alternatives(joints.instead)})\b"),
        ("than", rf"\b(?:{alternatives(joints.than)})\b"),
        ("reason", rf"\b(?:{alternatives(joints.reasons)})\b"),
        ("person", rf"\b(?:{persons})\b"),
        ("contrast", rf"\b(?:{contrast})\b"),
        ("and", rf"\b(?:{alternatives(joints.coordinators)})\b"),
    )
    return StanceWords(
        Cues(sections),
        apart["verbs"],
        apart["denials"],
        apart["imperatives"],
        frozenset(small.diminishers),
        frozenset(word for each in small.complementizers for word in words(each)),
        re.compile(rf"{sign}|\b(?:{contrast}|{persons})\b", re.IGNORECASE),
        re.compile("|".join([swap, *(f"(?P<{kind}>{pattern})" for kind, pattern in kinds)]), re.IGNORECASE),
    )


def _sides(cues: StanceCues) -> dict[str, list[str]]:
    return {"favour": cues.favour, "oppose": cues.oppose, "toward": cues.toward, "away": cues.away}


# --- the words said, in pieces ----------------------------------------------------------------------------------------


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


# --- who asks for what ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """How the reporting verb takes sides."""

    #: 1 asks for what follows, -1 refuses it, 0 neither
    lean: int = 0
    denies: bool = False
    #: a that-clause follows, which may judge for itself; else an object
    clause: bool = False


def told_by(stance_words: StanceWords, verb: str, between: str) -> Told:
    """What a reporting verb and the words `between` it and the words said make of these."""
    folded = words(verb)
    leans = [mark.sign for mark in stance_words.verbs.marks(folded)]
    clause = not stance_words.complementizers.isdisjoint(words(between))
    return Told(leans[0] if leans else 0, bool(stance_words.denials.marks(folded)), clause)


@dataclass(slots=True)
class _Ballot:
    """The votes on one topic, and what holds on from piece to piece."""

    topic: str
    votes: list[int] = field(default_factory=list)
    #: an ask that pieces joined by "and" share
    ask: int = 0
    touched: bool = False
    direction: int = 0

    def stance(self) -> Stance:
        """The side taken, if every vote agrees."""
        if not self.votes:
            return "unclear"
        if min(self.votes) < 0 < max(self.votes):
            return "mixed"
        return "for" if self.votes[0] > 0 else "against"


def stance_of(
    stance_words: StanceWords, told: Told, pieces: Sequence[Piece], topics: Iterable[str]
) -> dict[str, Stance]:
    """Stance towards each topic, from the pieces of the words said and the verb that reports them."""
    return {topic: _ballot(stance_words, told, pieces, topic).stance() for topic in topics}


def _ballot(stance_words: StanceWords, told: Told, pieces: Sequence[Piece], topic: str) -> _Ballot:
    ballot = _Ballot(topic, ask=told.lean)
    everywhere = not any(topic in piece.topics for piece in pieces)
    for number, piece in enumerate(pieces):
        named = everywhere or topic in piece.topics
        _read(stance_words, told, ballot, piece, named, first=number == 0)
        following = pieces[number + 1].joint if number + 1 < len(pieces) else ""
        if named and following == "than" and ballot.direction and topic not in PROBLEMS:
            ballot.votes.append(ballot.direction)
    return ballot


def _read(stance_words: StanceWords, told: Told, ballot: _Ballot, piece: Piece, named: bool, *, first: bool) -> None:
    """Add one piece's votes."""
    view = _View.of(stance_words, piece, ballot.topic, told)
    about = named or (ballot.touched and _goes_on(piece, ballot.topic))
    ask = view.ask
    if ask is None and (first or _shares_ask(piece)):
        ask = -ballot.ask if piece.joint == "instead" else ballot.ask
    ballot.ask = ask or 0
    if about and not (piece.asked or view.has("others")):
        direction = view.direction()
        if named:
            ballot.direction = direction
        if piece.joint == "than":  # "treatment is better than prison"
            ballot.votes += [-direction] if direction and named else []
        ballot.votes += view.votes(ask or 0, direction if named else ballot.direction * (view.acts() or 1), first=first)
    ballot.touched = about


def _goes_on(piece: Piece, topic: str) -> bool:
    """ "..., and is a mistake": no topic of its own, and a cue at its beginning that speaks of what was named before."""
    if piece.topics or piece.joint in ("person", "reason"):
        return False
    return any(mark.first < _OPENING and mark.section in ("worth", "modals", "doubts", topic) for mark in piece.marks)


def _shares_ask(piece: Piece) -> bool:
    return piece.joint in ("and", "instead", "swap") or (piece.joint == "sign" and len(piece.said) <= _LISTED)


# --- one piece, as one topic sees it ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _View:
    """A piece's cues for one topic, each with its sign as negations leave it; 0 where they leave nothing."""

    topic: str
    said: tuple[str, ...]
    told: Told
    #: of each mark, how it leans once negated or not
    signs: dict[Mark, int]
    #: a negation with no cue after it turns what is done
    turned: int
    imperative: bool
    #: "less", "hardly": the judgement after it says nothing
    diminishers: frozenset[str]

    @classmethod
    def of(cls, stance_words: StanceWords, piece: Piece, topic: str, told: Told) -> _View:
        sections = (topic, "problem") if topic in PROBLEMS else (topic,)
        own = [mark for mark in piece.marks if mark.section in sections]
        rest = [mark for mark in piece.marks if mark.section in GENERAL and not _covered(mark, own, topic)]
        cues = sorted([*own, *(mark for mark in rest if mark.section not in _TURNS and mark.section != "neutral")])
        # "no se puede resolver" asks for nothing: it is a negation before a judgement
        turns = [mark for mark in rest if mark.section in _TURNS or _only_negates(mark, cues)]
        cues = [mark for mark in cues if mark not in turns]
        signs = {mark: mark.sign for mark in cues}
        turned = 1
        for turn in turns:
            target = _target(turn, cues)
            if target is None:
                # at the end it only agrees with another: "no resuelve nada"
                turned = turned if turn.beyond == len(piece.said) else -turned
            else:
                signs[target] = -signs[target]
        imperative = piece.joint in ("", "sign", "and", "contrast") and stance_words.imperatives.opens(piece.said)
        return cls(topic, piece.said, told, signs, turned, imperative, stance_words.diminishers)

    def has(self, section: str) -> bool:
        return any(mark.section == section for mark in self.signs)

    @property
    def ask(self) -> int | None:
        """What the speaker wants done: 1 what is named, -1 not that; nothing where no cue of it stands here."""
        named = [mark.first for mark in self.signs if mark.names]
        asks = [
            sign
            for mark, sign in self.signs.items()
            if mark.section == "modals" or (mark.section == "needs" and (not named or mark.first < named[-1]))
        ]
        return prod(asks) if asks or self.imperative else None

    def direction(self, before: int | None = None) -> int:
        """Which way the acts named here go (those before a word, if given): 1 with the topic, -1 away, 0 unknown."""
        names = [sign for mark, sign in self.signs.items() if mark.names and (before is None or mark.first < before)]
        acts = self.acts(before)
        base = names[0] if names else self._base(acts is not None)
        return base * (acts or 1) * self.turned

    def acts(self, before: int | None = None) -> int | None:
        """Whether acts turn what they are done to; nothing where none stands here.

        After the topic's own words an act is done to something else ("treatment that stops deaths") unless it ends the
        piece or follows an ask ("extradition must stop for good"). Acts against a problem heap up without turning it twice ("harsher laws against").
        """
        named = min((mark.first for mark in self.signs if mark.names), default=len(self.said))
        done: dict[str, list[int]] = {"acts": [], "combat": []}
        for mark, sign in self.signs.items():
            late = mark.first > named and not (mark.section == "acts" and self._closes(mark))
            if mark.section in done and not late and (before is None or mark.first < before):
                done[mark.section].append(sign)
        if done["combat"]:
            done["acts"].append(max(done["combat"]))
        return prod(done["acts"]) if done["acts"] else None

    def _closes(self, act: Mark) -> bool:
        asked = any(mark.section == "modals" and 0 <= act.first - mark.beyond < 2 for mark in self.signs)
        return asked or act.beyond >= len(self.said) - 1

    def _base(self, acted: bool) -> int:
        if self.topic in PROBLEMS:
            return -1 if acted else 0
        return 0 if self.topic in _FIELDS else 1

    def votes(self, ask: int, direction: int, *, first: bool) -> Iterator[int]:
        """Every vote of this piece."""
        judged, stood = list(self._judgements(ask, direction)), list(self._stands())
        yield from judged
        yield from stood
        led = first and self.told.clause and self.ask is None
        # "has to be tried at home" asks for what it stands for
        bare = stood and not self.acts() and not any(mark.names for mark in self.signs)
        if ask and direction and not (self.told.denies or self._opens() or (led and judged) or bare):
            yield ask * direction

    def _opens(self) -> bool:
        """Is a debate or an insight what is asked for?"""
        asked = [0, *(mark.beyond for mark in self.signs if mark.section in ("modals", "needs"))]
        opening = [mark.first for mark in self.signs if mark.section == "open"]
        return any(0 <= at - start < _OPENING for at in opening for start in asked)

    def _stands(self) -> Iterator[int]:
        """Cues of the topic that take a side by themselves; negated, those against say nothing."""
        if self.told.lean < 0 and not self.told.clause:
            return  # what is refused may name either side
        for mark, sign in self.signs.items():
            if mark.section in (self.topic, "problem") and not mark.names and (sign == mark.sign or mark.sign > 0):
                yield -sign if self.told.denies else sign

    def _judgements(self, ask: int, direction: int) -> Iterator[int]:
        refuses = self.told.lean < 0
        for mark, sign in self.signs.items():
            if mark.section != "worth" or (refuses and not self.told.clause) or self._diminished(mark):
                continue
            if sign > 0 > mark.sign:
                continue  # "is no failure" praises nothing
            done = self._judged(mark) or direction
            if ask and done < 0:
                continue  # "an end to the disastrous war": the adjective is the war's, not the end's
            if self.topic in PROBLEMS and (sign < 0 or not done):
                continue  # that a problem is bad is news to nobody
            if done:
                yield sign * done * (-1 if self.told.denies or refuses else 1)

    def _judged(self, mark: Mark) -> int:
        """Which way goes what is judged: what stands before the judgement, else what follows ("a mistake to ...")."""
        before = any(each.first < mark.first and (each.names or each.section == "acts") for each in self.signs)
        return self.direction(mark.first if before else None)

    def _diminished(self, mark: Mark) -> bool:
        return not self.diminishers.isdisjoint(self.said[max(0, mark.first - 2) : mark.first])


def _covered(mark: Mark, own: Sequence[Mark], topic: str) -> bool:
    """Is a general cue part of the topic's own ("crop substitution" substitutes nothing), or none of its matter?"""
    if mark.section == "combat" and topic not in PROBLEMS:
        return True
    hiding = own if mark.section in _TURNS else [each for each in own if each.names]
    return any(mark.first < each.beyond and each.first < mark.beyond for each in hiding)


def _only_negates(mark: Mark, cues: Sequence[Mark]) -> bool:
    target = _target(mark, cues) if mark.section == "modals" and mark.sign < 0 else None
    return target is not None and target.section == "worth"


def _target(turn: Mark, cues: Sequence[Mark]) -> Mark | None:
    """The cue that a negation or a doubt turns: the first after it, within reach."""
    for mark in cues:
        if mark.first >= turn.beyond:
            near = turn.section == "doubts" or mark.first - turn.beyond < _REACH
            return mark if near else None
    return None
