"""A statement on units of one sentence, and the questions that all rules ask of the words around a cue."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.statements.clause import (
    QUOTE,
    Clause,
    is_abbreviation,
    is_edge,
    next_pause,
    phrase_left,
    phrase_right,
    skip_time,
)
from pipeline.statements.cues import Cue
from pipeline.statements.lexicon import (
    ADV,
    BE,
    CAP,
    CLITIC,
    COLON,
    COMMA,
    COMP,
    CONTRAST,
    COORD,
    CUE,
    DASH,
    DET,
    FUNC,
    HAVE,
    HELP,
    MODAL,
    NEG,
    NOMINAL,
    NUM,
    PARTICLE,
    PREP,
    PRON,
    REL,
    ROLE,
    SEMI,
    STOP,
    TIME,
    TO,
    WORD,
)

Range = tuple[int, int]
_REACH = 30
#: words an adverbial between cue and "that" may have
_ASIDE = 16


@dataclass(slots=True)
class Draft:
    """A statement on units of one clause."""

    clause: Clause
    cue: Range
    parts: list[Range]
    #: units that name the speaker; None where the sentence does not
    speaker: Range | None
    #: which rule made it; confidence and joining hang on it
    rule: str
    #: units of who was told
    hearer: Range | None = None
    #: the words that follow in the next sentences belong to it as long as they are quotations
    open_ended: bool = False
    group: str = ""


def can_speak(clause: Clause, speaker: Range | None) -> bool:
    """Somebody named, somebody with a role, or a pronoun: the plan that "proposes hotels" is no speaker."""
    if speaker is None:
        return False
    units = range(*speaker)
    lexicon = clause.lexicon
    return any(
        clause.bits[at] & (CAP | ROLE | PRON | REL)
        or clause.low[at] in lexicon.roles
        or clause.low[at] in lexicon.voices
        for at in units
    )


def first_phrase(clause: Clause, limit: int) -> Range | None:
    """The sentence's own subject, as far as can be told without parsing: its first name, pronoun or noun phrase."""
    at = 0
    if clause.at(0) & (PREP | FUNC | TIME) and not clause.at(0) & (PRON | DET):
        pause = next_pause(clause, 0)
        if clause.at(pause) & COMMA and pause < limit:
            at = pause + 1
        elif clause.lexicon.null_subject:
            return None
    return _phrase_at(clause, at, limit)


def _phrase_at(clause: Clause, at: int, limit: int) -> Range | None:
    while at < limit and (clause.at(at) & ADV or not clause.at(at) & WORD):
        at += 1
    if at >= limit:
        return None
    verb = clause.at(at) & CUE and not clause.at(at) & (DET | NOMINAL) and (at == 0 or not clause.at(at) & CAP)
    if verb and clause.lexicon.null_subject:
        return None  # "Aseguró que ...", "«...», aseguró, advirtiendo que ..."
    if clause.at(at) & CAP and not clause.at(at) & (DET | FUNC | PREP | PRON):
        beyond = at + 1
        while beyond < limit and (clause.at(beyond) & CAP or is_abbreviation(clause, beyond)):
            beyond += 1
        return at, beyond
    if clause.at(at) & PRON:
        return at, at + 1
    phrase = phrase_right(clause, at, limit)
    if phrase is None:
        return None
    beyond = phrase[0] + 1
    while beyond < min(phrase[1], phrase[0] + 4) and not clause.bits[beyond] & CUE:
        beyond += 1
    return phrase[0], beyond


def subject_of(clause: Clause, cue: Cue, earlier: list[Draft]) -> Range | None:
    """Who speaks when the cue stands before the words: the phrase on its left, else whoever the sentence spoke of."""
    left = cue.first - 1
    beside = (left >= 0 and not is_edge(clause, left)) or (clause.at(left) & COMMA and cue.how == "finite")
    nominal = not clause.at(left) & (COORD | PREP | COMP | FUNC) or clause.at(left) & (REL | CAP)
    parenthetic = clause.lexicon.null_subject and clause.at(left) & COMMA and clause.at(cue.beyond) & COMMA
    phrase = phrase_left(clause, left) if beside and nominal and not parenthetic else None
    if phrase is not None:
        return phrase
    for draft in reversed(earlier):
        if draft.speaker is not None and draft.clause is clause:
            return draft.speaker
    return first_phrase(clause, cue.first) if left >= 0 else None


def complement(clause: Clause, cue: Cue, at: int) -> tuple[int, str] | None:
    """The complementizer, colon or quotation that opens the words, past adverbials: (unit, rule)."""
    limit = min(at + _REACH, len(clause))
    start = at
    while at < limit:
        bits = clause.bits[at]
        if bits & DASH and clause.at(at + 1) & (COMP | REL):
            at = _past_aside(clause, at)
            continue
        if bits & COMP and ("clause" in cue.takes):
            return (at + 1, "before-that") if _opens_clause(clause, start, at) else None
        if bits & COLON:
            if clause.at(at + 1) & QUOTE and "quote" in cue.takes:
                return at + 1, "before-quote"
            return (at + 1, "before-colon") if "clause" in cue.takes and _adverbial(clause, start, at) else None
        if bits & CUE and clause.at(at - 1) & (COORD | CONTRAST):
            return None
        if bits & QUOTE:
            if at > start and clause.at(start) & PREP and not clause.at(at - 1) & COMMA:
                at += 1
                continue
            comma = bool(clause.at(at - 1) & COMMA) and "quote" in cue.takes
            return (
                (at, "before-quote") if comma and is_whole(clause, at) and _adverbial(clause, start, at - 1) else None
            )
        if bits & (SEMI | STOP) and clause.low[at] != ".":
            return None
        at += 1
    return None


def _past_aside(clause: Clause, dash: int) -> int:
    """After the dash that closes what stands between dashes ("disse aos jornalistas - que insistiam - que ...")."""
    for at in range(dash + 2, min(dash + _REACH, len(clause))):
        if clause.bits[at] & DASH:
            return at + 1
    return dash + 1


def _opens_clause(clause: Clause, start: int, that: int) -> bool:
    """Is "that" the cue's own, not a relative ("a schedule like the one that ...")?"""
    if that == start:
        return True
    return clause.word_at(that - 1) not in clause.lexicon.contracted and _adverbial(clause, start, that)


def _adverbial(clause: Clause, start: int, beyond: int) -> bool:
    """Can everything in start..beyond-1 be skipped to reach "that"? It opens like an adverbial or is nothing."""
    if start >= beyond:
        return True
    bits = clause.at(start)
    if _is_told(clause, start, beyond):
        return True
    if bits & PREP and not bits & DET:
        return (
            beyond - start <= _ASIDE
            and clause.low[start] in clause.lexicon.aside
            and _sets_scene(clause, start, beyond)
        )
    return (bool(bits & (TIME | ADV | CLITIC | TO)) and not bits & DET) or bool(bits & COMMA)


def _is_told(clause: Clause, start: int, beyond: int) -> bool:
    """ "informou a Ruiz que": a name after "to", and nothing else before "that"."""
    if clause.low[start] not in clause.lexicon.hearer_prepositions or not clause.at(start + 1) & CAP:
        return False
    told = phrase_right(clause, start + 1)
    return told is not None and told[1] >= beyond


def _sets_scene(clause: Clause, start: int, beyond: int) -> bool:
    """Somebody told, a name, a time or an occasion stands there: else "que" is a relative ("reparó en el auto que")."""
    lexicon = clause.lexicon
    if clause.low[start] in lexicon.hearer_prepositions:
        told = phrase_right(clause, start + 1)
        if told is not None and told[1] >= beyond - bool(clause.at(beyond - 1) & PREP):
            return True
    if beyond - start == 2 and clause.low[start + 1].endswith(lexicon.infinitive_endings):
        return True
    return not lexicon.null_subject or any(
        clause.bits[at] & (CAP | TIME | NUM | ROLE | QUOTE)
        or clause.low[at] in lexicon.voices
        or clause.low[at] in lexicon.occasions
        for at in range(start, beyond)
    )


def is_whole(clause: Clause, unit: int) -> bool:
    """The quotation is all that follows (or a comma or dash does): it was quoted whole."""
    following = clause.at(unit + 1)
    return unit + 1 >= len(clause) or not following & WORD


def hearer_at(clause: Clause, unit: int) -> tuple[int, Range | None]:
    """Who was told, when "to S" stands at `unit`: (where to go on, units)."""
    if clause.word_at(unit) in clause.lexicon.hearer_prepositions:
        hearer = phrase_right(clause, unit + 1)
        if hearer is not None:
            return skip_time(clause, hearer[1]), hearer
    return unit, None


def ends_attributive(clause: Clause, unit: int) -> bool:
    """After the speaker of "..., said Ruiz" comes a pause or an adverbial, never a verb ("said Ruiz is ...")."""
    at = skip_time(clause, unit)
    bits = clause.at(at)
    return at >= len(clause) or not bits & WORD or bool(bits & (PREP | REL | COORD | FUNC | TIME | ADV | DET))


def resumes(clause: Clause, unit: int) -> bool:
    """Do the words said go on at `unit`, after an attributive set between commas?"""
    bits = clause.at(unit)
    if bits & QUOTE:
        return True
    if not bits & WORD:
        return False
    if bits & (MODAL | BE | HAVE | HELP | NEG | CLITIC) and not bits & REL:
        return True
    if bits & (REL | FUNC) and not bits & (DET | CAP | CONTRAST):
        return False
    if bits & COORD and clause.at(unit + 1) & (CUE | ADV):
        return False
    return not (
        bits & CUE
        and "gerund" in {form for kind in clause.lexicon.cues.get(clause.low[unit], ()) for form in kind.forms}
    )


def apposed_at(clause: Clause, comma: int) -> bool:
    """What follows the comma, to the clause's end, only says who the speaker is."""
    beyond = next_pause(clause, comma + 1)
    return (beyond >= len(clause) or bool(clause.at(beyond) & STOP)) and is_apposed(clause, comma + 1, beyond)


def is_apposed(clause: Clause, first: int, beyond: int) -> bool:
    """Does first..beyond-1, after a name and a comma, say who that is: "who ...", a role, a name, "a lawyer"?"""
    if clause.at(first) & REL or (clause.at(first) & DET and clause.at(first + 2) & REL):
        return True
    names = range(first, min(first + 4, beyond))
    if any(clause.bits[at] & ROLE or clause.low[at] in clause.lexicon.roles for at in names):
        return True
    return (
        all(clause.bits[at] & (CAP | PARTICLE | NUM) for at in range(first, beyond))
        or clause.low[first] in clause.lexicon.indefinite
    )
