"""A sentence as a row of units: a word, a sign, or a whole quotation. Cues and noun phrases are found on units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.statements.lexicon import (
    ADV,
    BE,
    CAP,
    CLITIC,
    COLON,
    COMMA,
    COMP,
    COORD,
    DASH,
    DET,
    FUNC,
    HAVE,
    JOIN,
    MODAL,
    NEG,
    NOUN,
    NUM,
    PARTICLE,
    PAUSE,
    PREP,
    PRON,
    REL,
    SEMI,
    TIME,
    TIMEMOD,
    TITLE,
    WORD,
    Lexicon,
)  # fmt: skip
from pipeline.statements.segment import Sentence, Tokens

QUOTE = 1 << 60
_NP_LONGEST = 24
_BRACKET_LONGEST = 12
_NEVER_INSIDE = COMP | PRON | BE | HAVE | NEG | MODAL | CLITIC
_EDGE = COMMA | DASH | SEMI | COLON | QUOTE


@dataclass(slots=True)
class Clause:
    """Parallel lists, one entry a unit: its tokens (first, beyond), lower-case form, bits."""

    tokens: Tokens
    lexicon: Lexicon
    sentence: Sentence
    first: list[int]
    beyond: list[int]
    low: list[str]
    bits: list[int]

    def __len__(self) -> int:
        return len(self.first)

    def at(self, unit: int) -> int:
        """Bits of a unit; 0 outside the clause."""
        return self.bits[unit] if 0 <= unit < len(self.bits) else 0

    def word_at(self, unit: int) -> str:
        """Lower-case form of a unit; empty outside the clause."""
        return self.low[unit] if 0 <= unit < len(self.low) else ""


def clause_of(tokens: Tokens, sentence: Sentence, closes: Mapping[int, int], lexicon: Lexicon) -> Clause:
    """Cut a sentence into units."""
    clause = Clause(tokens, lexicon, sentence, [], [], [], [])
    at = sentence.first
    while at < sentence.beyond:
        closed = closes.get(at)
        beyond = at + 1 if closed is None else min(closed + 1, sentence.beyond)
        clause.first.append(at)
        clause.beyond.append(beyond)
        clause.low.append(tokens.low[at] if closed is None else "")
        clause.bits.append(tokens.bits[at] if closed is None else QUOTE)
        at = beyond
    return clause


def is_edge(clause: Clause, unit: int) -> bool:
    """Nothing that could be a subject stands at `unit`: the clause begins there, or a sign or quotation does."""
    return (
        unit < 0
        or bool(clause.at(unit) & _EDGE)
        or (not clause.at(unit) & (WORD | QUOTE) and clause.low[unit] not in ")]'’")
    )


def skip_time(clause: Clause, unit: int) -> int:
    """First unit at or after `unit` that is not an adverb or an expression of time ("late on Monday" counts as one)."""
    at = unit
    while at < len(clause):
        bits = clause.bits[at]
        if (bits & TIME and not (bits & MODAL and not bits & CAP)) or (bits & ADV and not bits & (CAP | DET)):
            at += 1
        elif bits & (TIMEMOD | PREP) and _leads_to_time(clause, at + 1):
            at += 2 if clause.at(at + 1) & TIME else 3
        elif bits & NUM and at > unit and clause.at(at - 1) & TIME:
            at += 1
        else:
            break
    return at


def _leads_to_time(clause: Clause, unit: int) -> bool:
    bits = clause.at(unit)
    return bool(bits & TIME or (bits & (TIMEMOD | NUM | DET) and clause.at(unit + 1) & TIME))


def phrase_left(clause: Clause, unit: int) -> tuple[int, int] | None:
    """The noun phrase that ends at `unit`, read leftwards: (first, beyond) or None.

    "On Friday the head of the agency" gives "the head of the agency"; a phrase with an apposition before the verb
    ("Ruiz, the minister,") gives "Ruiz". Stops at anything that a noun phrase cannot hold.
    """
    if clause.at(unit) & COMMA:
        return _before_apposition(clause, unit)
    if unit < 0 or (not clause.at(unit) & WORD and clause.low[unit] not in ")]"):
        return None
    if clause.at(unit) & REL and not clause.at(unit) & DET:
        before = unit - 1 if not clause.at(unit - 1) & COMMA else unit - 2
        if clause.at(before) & (PREP | DET):
            return None
        return phrase_left(clause, before) if before >= 0 and clause.at(before) & WORD else None
    if (clause.at(unit) & PRON and not clause.at(unit) & CAP) or (clause.at(unit) & PRON and is_edge(clause, unit - 1)):
        return unit, unit + 1
    first = _leftmost(clause, unit)
    return (first, unit + 1) if first <= unit else None


def _leftmost(clause: Clause, unit: int) -> int:
    """First unit of the noun phrase that ends at `unit`; unit + 1 when nothing there can be one."""
    at = _before_bracket(clause, unit)
    lowest = max(0, at - _NP_LONGEST)
    first = at + 1
    while at >= lowest:
        if not is_abbreviation(clause, at):
            if not _belongs_left(clause, at):
                break
            first = at
            if clause.bits[at] & DET and not _joined_before(clause, at):
                break
        at -= 1
    while first <= unit and clause.at(first) & (PREP | COORD) and not clause.at(first) & (CAP | DET):
        first += 1
    return first


def _before_bracket(clause: Clause, unit: int) -> int:
    """The unit before a bracket that closes at `unit`: "Ana Ruiz (Lima) said"."""
    if clause.low[unit] not in ")]":
        return unit
    at = unit
    while at > 0 and unit - at < _BRACKET_LONGEST and clause.low[at] not in "([":
        at -= 1
    return at - 1


def _belongs_left(clause: Clause, at: int) -> bool:
    """Can the unit be inside a noun phrase, seen from its right?"""
    bits, before = clause.bits[at], clause.at(at - 1)
    if not bits & WORD or (bits & _NEVER_INSIDE and not bits & (DET | CAP | PARTICLE)):
        return False
    if bits & TIME and not bits & PARTICLE:
        return False
    if bits & DET:
        return True
    if bits & COORD:
        return at > 0 and bool(before & CAP and clause.at(at + 1) & CAP)
    if bits & (PREP | JOIN) and not bits & CAP:
        return bool(bits & JOIN and before & WORD) and not before & (PREP | TIME)
    return not bits & FUNC or bool(at > 0 and before & WORD and bits & CAP)


def _joined_before(clause: Clause, at: int) -> bool:
    """The determiner at `at` follows "of" or "de": the phrase goes on to its left."""
    return bool(clause.at(at - 1) & JOIN and clause.at(at - 2) & WORD) and not clause.at(at - 2) & (PREP | TIME)


def is_abbreviation(clause: Clause, at: int) -> bool:
    """The point belongs to a title or an initial inside a name: "Mr. Ruiz", "Ana B. Ruiz"."""
    if clause.word_at(at) != ".":
        return False
    before = clause.at(at - 1)
    return bool(before & TITLE or (before & CAP and len(clause.low[at - 1]) == 1)) and bool(clause.at(at + 1) & CAP)


def _before_apposition(clause: Clause, comma: int) -> tuple[int, int] | None:
    """ "Ruiz, the minister of health, said": from the comma before the verb back to the phrase before the first."""
    at = comma - 1
    lowest = max(-1, comma - 40)
    while at > lowest and not clause.at(at) & (COMMA | QUOTE | SEMI | DASH):
        at -= 1
    while at > lowest and clause.at(at) & COMMA and _list_like(clause, at):
        at -= 1
        while at > lowest and not clause.at(at) & COMMA:
            at -= 1
    if at <= 0 or not clause.at(at) & COMMA:
        return None
    if clause.at(at - 1) & NUM and clause.at(at - 2) & COMMA:
        at -= 2  # "Ana Ruiz, 21, a junior from Lima, said"
    return phrase_left(clause, at - 1) or _all_name(clause, at + 1, comma)


def _all_name(clause: Clause, first: int, beyond: int) -> tuple[int, int] | None:
    """ "The official who saw her, Ana Ruiz, promised ...": between the commas stands the name."""
    named = beyond - first >= 2 and all(clause.bits[at] & (CAP | PARTICLE) for at in range(first, beyond))
    return (first, beyond) if named else None


def _list_like(clause: Clause, comma: int) -> bool:
    """The comma stands inside an apposition: "a broker based in Tampa, Fla., who ..."."""
    following = clause.at(comma + 1)
    return bool(following & (REL | NUM)) or bool(
        following & CAP and not following & DET and clause.at(comma + 2) & COMMA and clause.at(comma - 2) & PREP
    )


def phrase_right(clause: Clause, unit: int, limit: int | None = None) -> tuple[int, int] | None:
    """The noun phrase that begins at `unit`: (first, beyond) or None. "de/of" phrases belong to it, others do not."""
    end = min(len(clause) if limit is None else limit, unit + _NP_LONGEST)
    if unit >= end or not clause.bits[unit] & WORD:
        return None
    opening = clause.bits[unit]
    if opening & PRON and not opening & DET:
        return unit, unit + 1
    if opening & (PREP | COMP | COORD | BE | HAVE | NEG) and not opening & (DET | CAP):
        return None
    at = unit if opening & (JOIN | COORD) else unit + 1
    while at < end and _belongs_right(clause, at):
        at += 1
    while at > unit and clause.bits[at - 1] & (PREP | DET | COORD) and not clause.bits[at - 1] & (CAP | PRON):
        at -= 1
    return (unit, at) if at > unit else None


def _belongs_right(clause: Clause, at: int) -> bool:
    """Can the unit be inside a noun phrase, seen from its left?"""
    bits, before = clause.bits[at], clause.at(at - 1)
    if not bits & WORD:
        return bool(bits & QUOTE and before & DET) or is_abbreviation(clause, at) or _is_apostrophe(clause, at)
    if (bits & (_NEVER_INSIDE | REL) & ~CLITIC and not bits & (DET | CAP | PARTICLE)) or bits & ADV:
        return False
    if bits & TIME and not before & (DET | JOIN):
        return False
    if (
        clause.lexicon.null_subject
        and bits & DET
        and bits & PARTICLE
        and not (before | bits) & (CAP | DET | PREP | JOIN)
    ):
        return False  # "a los periodistas el ministro": an article after a noun opens another phrase
    if bits & COORD:
        return bool(before & CAP and clause.at(at + 1) & CAP)
    if bits & JOIN:
        return _of_phrase(clause, at)
    return not bits & PREP or bool(bits & PARTICLE and before & CAP and clause.at(at + 1) & CAP)


def _is_apostrophe(clause: Clause, at: int) -> bool:
    """ "the residents' spokesman": the sign belongs to the word before it."""
    signs = clause.word_at(at) in ("'", "’") and clause.word_at(at - 1).endswith("s")
    return signs and clause.tokens.end[clause.beyond[at - 1] - 1] == clause.tokens.start[clause.first[at]]


def _of_phrase(clause: Clause, at: int) -> bool:
    return clause.low[at] in clause.lexicon.of and bool(clause.at(at + 1) & WORD)


def ends_phrase(clause: Clause, unit: int) -> bool:
    """Could the unit be the last word of a subject?"""
    bits = clause.at(unit)
    if clause.word_at(unit) in (")", "]"):
        return True
    if not bits & WORD:
        return False
    if bits & (PRON | REL | CAP | NOUN):
        return True
    return not bits & (DET | PREP | COORD | COMP | BE | HAVE | NEG | FUNC | MODAL)


def trim(clause: Clause, first: int, beyond: int) -> tuple[int, int]:
    """Cut signs off both ends of a run of units; quotations and brackets stay."""
    keep = WORD | QUOTE
    while first < beyond and not clause.bits[first] & keep and clause.low[first] not in "([¿¡$€£":
        first += 1
    while beyond > first and not clause.bits[beyond - 1] & keep and clause.low[beyond - 1] not in ")]%":
        beyond -= 1
    return first, beyond


def has_words(clause: Clause, first: int, beyond: int, least: int) -> bool:
    """Are there at least so many words (a quotation counts as many)?"""
    count = 0
    for unit in range(max(first, 0), min(beyond, len(clause))):
        count += 99 if clause.bits[unit] & QUOTE else bool(clause.bits[unit] & WORD)
        if count >= least:
            return True
    return False


def next_pause(clause: Clause, unit: int) -> int:
    """First unit at or after `unit` that is a sign of pause or a quotation; the clause's end if there is none."""
    at = unit
    while at < len(clause) and not clause.bits[at] & (PAUSE | QUOTE):
        at += 1
    return at
