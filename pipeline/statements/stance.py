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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.statements.pieces import Piece, StanceWords
from pipeline.statements.votes import OPENING, PROBLEMS, Told, View
from pipeline.types import Stance

#: a piece of a list ("clinics, syringes, naloxone") has no more words
_LISTED = 5


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
    view = View.of(stance_words, piece, ballot.topic, told)
    about = named or (ballot.touched and _goes_on(piece, ballot.topic))
    ask = view.ask
    if ask is None and (first or _shares_ask(piece)):
        ask = -ballot.ask if piece.joint == "instead" else ballot.ask
    ballot.ask = 0 if view.opens() else ask or 0
    if about and not (piece.asked or view.has("others")):
        direction = view.direction()
        if named:
            ballot.direction = direction
        if piece.joint == "than":  # "treatment is better than prison"
            ballot.votes += [-direction] if direction and named else []
        ballot.votes += view.votes(ask or 0, direction if named else ballot.direction * (view.acts() or 1), first=first)
    ballot.touched = about


def _goes_on(piece: Piece, topic: str) -> bool:
    """No topic of its own, and a cue at its beginning that speaks of what was named before: "..., and is a mistake"."""
    if piece.topics or piece.joint in ("person", "reason"):
        return False
    return any(mark.first < OPENING and mark.section in ("worth", "modals", "doubts", topic) for mark in piece.marks)


def _shares_ask(piece: Piece) -> bool:
    return piece.joint in ("and", "instead", "swap") or (piece.joint == "sign" and len(piece.said) <= _LISTED)
