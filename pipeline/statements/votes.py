"""How one piece of the words said votes on one topic; stance.py says what the votes are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from pipeline.statements.leanings import GENERAL, Mark
from pipeline.statements.pieces import Piece, StanceWords
from pipeline.text import words

#: topics that name a problem: for means for acting against it. Interdiction names the acts and is none of them here.
PROBLEMS = frozenset(
    ("cultivation", "organized-crime", "corruption", "synthetic-drugs", "precursors", "money-laundering")
)
#: topics that name a field in which one acts either way: without a cue of their own nothing is known
_FIELDS = frozenset(("sentencing",))
#: topics that name a government's line: for means for the one there is
_LINES = frozenset(("strategy", "us-policy"))
#: what turns another cue round
_TURNS = ("negations", "doubts")
#: a negation turns the first cue within so many words after it
_REACH = 6
#: a judgement on what was named before stands within so many words of its piece's beginning
OPENING = 4


@dataclass(frozen=True, slots=True)
class Told:
    """How the reporting verb takes sides."""

    #: 1 asks for what follows, -1 refuses it, 0 neither
    lean: int = 0
    #: speaks well of what is there
    approves: bool = False
    denies: bool = False
    #: a that-clause follows, which may judge for itself; else an object
    clause: bool = False
    #: words that are quoted may order; "calls to legalise" does not
    orders: bool = True


def told_by(stance_words: StanceWords, verb: str, between: str, *, orders: bool = True) -> Told:
    """What a reporting verb and the words `between` it and the words said make of these."""
    folded = words(verb)
    leans = [mark.sign for mark in stance_words.verbs.marks(folded)]
    clause = not stance_words.complementizers.isdisjoint(words(between))
    approves, denies = stance_words.approvals.marks(folded), stance_words.denials.marks(folded)
    return Told(leans[0] if leans else 0, bool(approves), bool(denies), clause, orders)


@dataclass(slots=True)
class View:
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
    def of(cls, stance_words: StanceWords, piece: Piece, topic: str, told: Told) -> View:
        """The piece's cues that matter to this topic, negations applied."""
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
        opens = piece.joint in ("sign", "and", "contrast") or (told.orders and piece.joint == "")
        imperative = opens and stance_words.imperatives.opens(piece.said)
        return cls(topic, piece.said, told, signs, turned, imperative, stance_words.diminishers)

    def has(self, section: str) -> bool:
        """Does a cue of this section stand here?"""
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
        piece or follows an ask ("extradition must stop for good"). Acts against a problem heap up without turning it
        twice ("harsher laws against").
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
        if (
            ask
            and direction
            and not (self.told.denies or self.opens() or (led and judged) or bare or self._wishes(ask))
        ):
            yield ask * direction

    def opens(self) -> bool:
        """Is a debate or an insight what is asked for?"""
        asked = [0, *(mark.beyond for mark in self.signs if mark.section in ("modals", "needs"))]
        opening = [mark.first for mark in self.signs if mark.section == "open"]
        return any(0 <= at - start < OPENING for at in opening for start in asked)

    def _wishes(self, ask: int) -> bool:
        """Is it another line that is asked for? A strategy that is needed is not the one there is."""
        return self.topic in _LINES and ask > 0 and self.direction() > 0 and not self.told.approves

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
