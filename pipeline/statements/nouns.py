"""Nouns of saying that lead to the words.

"Ruiz's call to ...", "la advertencia de Ruiz de que ...", "o apelo de Ruiz para ...".
"""

from __future__ import annotations

from pipeline.statements.clause import QUOTE, Clause, phrase_right, trim
from pipeline.statements.draft import Draft, Range, can_speak, first_phrase
from pipeline.statements.extent import without_tail
from pipeline.statements.lexicon import (
    ADV,
    BE,
    CAP,
    CLITIC,
    COMMA,
    COMP,
    COORD,
    CUE,
    DET,
    FUNC,
    HAVE,
    MODAL,
    NEG,
    NOMINAL,
    NUM,
    POSSESSIVE,
    PREP,
    PRON,
    REL,
    ROLE,
    SAYING,
    TIME,
    TITLE,
    TO,
    WORD,
)

#: words that may stand between the noun and whose it is
_QUALIFIED = 3


def called_for(clause: Clause, drafts: list[Draft]) -> list[Draft]:
    """The statements that nouns of saying report, outside the words of those found already."""
    made = []
    for unit in [unit for unit, bits in enumerate(clause.bits) if bits & SAYING]:
        if not any(_within(draft, unit) for draft in drafts):
            draft = _of_noun(clause, unit)
            if draft is not None:
                made.append(draft)
    return made


def past_noun(clause: Clause, first: int) -> int | None:
    """Where the words begin in "repeated her warning that ...": after the noun of saying, if one opens at `first`."""
    for noun in range(first, min(first + _QUALIFIED, len(clause))):
        if clause.bits[noun] & SAYING:
            opening = _opening(clause, noun, noun + 1)
            return opening[0] if opening is not None else None
        if not clause.bits[noun] & WORD or clause.bits[noun] & (PREP & ~DET | COMP | CUE | CAP):
            return None
    return None


def _within(draft: Draft, unit: int) -> bool:
    return draft.cue[0] <= unit < max(draft.cue[1], draft.parts[0][0]) or any(
        first <= unit < beyond for first, beyond in draft.parts
    )


def _of_noun(clause: Clause, noun: int) -> Draft | None:
    owner, at = _owner(clause, noun)
    opening = _opening(clause, noun, at)
    if opening is None or (owner is not None and not can_speak(clause, owner)):
        return None
    begins = min(noun, owner[0]) if owner else noun
    if owner is None:
        if not _is_own(clause, noun):
            return None
        owner = first_phrase(clause, noun)
        owner = owner if owner is not None and _may_own(clause, owner) else None
    first, finite = opening
    end = _main_verb(clause, first, finite) if _is_subject(clause, begins) else None
    span = trim(clause, first, end or without_tail(clause, first, len(clause)))
    if span[1] - span[0] < 2:
        return None
    return Draft(clause, (noun, noun + 1), [span], owner, "noun", group="request")


def _owner(clause: Clause, noun: int) -> tuple[Range | None, int]:
    """Whose saying it is, and the unit after noun and owner."""
    for at in range(noun - 1, max(noun - 1 - _QUALIFIED, -1), -1):
        if clause.bits[at] & POSSESSIVE:
            return _possessor(clause, at), noun + 1
        if not clause.bits[at] & WORD or clause.bits[at] & (DET | PREP | COMP | CUE):
            break
    at = noun + 1
    while clause.at(at) & WORD and not clause.at(at) & (PREP | COMP | TO | CUE | BE | HAVE) and at - noun <= 2:
        at += 1
    if clause.word_at(at) in clause.lexicon.owners:
        owner = phrase_right(clause, at + 1)
        if owner is not None and clause.at(at + 1) & (CAP | DET | ROLE | TITLE) and not clause.at(at + 1) & COMP:
            return owner, owner[1]
    return None, noun + 1


def _may_own(clause: Clause, owner: Range) -> bool:
    """The sentence's subject can be whom "his call" means; "his other plans" and "who thinks" cannot."""
    opening = clause.low[owner[0]] in clause.lexicon.possessives or clause.at(owner[0]) & REL
    return not opening and can_speak(clause, owner)


def _possessor(clause: Clause, at: int) -> Range:
    """ "the health minister Ana Ruiz's": name and office, back from the possessive."""
    first = at
    while first > 0 and clause.at(first - 1) & (CAP | ROLE | TITLE) and not clause.at(first - 1) & (PREP | COORD):
        first -= 1
    while first > 0 and clause.at(first - 1) & DET and not clause.at(first - 1) & CAP:
        first -= 1
    return first, at + 1


def _is_own(clause: Clause, noun: int) -> bool:
    """ "his call", "su llamado": whoever the sentence is about."""
    return any(clause.word_at(at) in clause.lexicon.possessives for at in range(noun - 2, noun))


def _opening(clause: Clause, noun: int, at: int) -> tuple[int, bool] | None:
    """Where the words begin: after "to", "a" and an infinitive, "that", "de que"; and whether they are a clause."""
    bits, following = clause.at(at), clause.at(at + 1)
    if bits & COMP:
        return at + 1, True
    acts = clause.word_at(noun) in clause.lexicon.calling
    if bits & TO and acts and following & WORD and not following & (DET | CAP | PRON | NUM):
        return at + 1, False
    if clause.word_at(at) in clause.lexicon.of and following & COMP:
        return at + 2, True
    infinitive = clause.word_at(at + 1).endswith(clause.lexicon.infinitive_endings)
    if bits & PREP and acts and clause.lexicon.null_subject and infinitive and not following & (DET | CAP):
        return at + 1, False
    return None


def _is_subject(clause: Clause, unit: int) -> bool:
    """Nothing but an article or an adverbial stands before the noun: the sentence's own verb is still to come."""
    at = unit - 1
    while at >= 0 and clause.bits[at] & DET:
        at -= 1
    if at >= 0 and clause.bits[at] & COMMA:
        return bool(clause.bits[0] & (PREP | FUNC | TIME | ADV))
    return at < 0


def _main_verb(clause: Clause, first: int, finite: bool) -> int | None:
    """The verb whose subject the noun is: the first past the words; of a clause the second, if it has two."""
    found: list[int] = []
    for at in range(first + 1, len(clause)):
        bits = clause.bits[at]
        if bits & QUOTE or not _is_finite(clause, at):
            continue
        if clause.at(at - 1) & (REL | COMP | COORD | TO | COMMA):
            continue
        if not clause.at(at - 1) & (BE | HAVE | MODAL):
            found.append(at)
    if not found:
        return None
    end = found[1] if finite and len(found) > 1 else found[0]
    while end > first and clause.at(end - 1) & (NEG | CLITIC | ADV) and not clause.at(end - 1) & CAP:
        end -= 1
    return end


def _is_finite(clause: Clause, unit: int) -> bool:
    bits, low = clause.bits[unit], clause.low[unit]
    if bits & (DET | PREP | CAP):
        return False
    plain = bits & WORD and low.endswith(clause.lexicon.past_endings)
    spoken = bits & CUE and not bits & NOMINAL
    return bool(bits & (BE | HAVE | MODAL)) or bool(plain) or bool(spoken) or low in clause.lexicon.main_verbs
