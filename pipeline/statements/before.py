"""Cues before the words: "Ruiz said that ...", "Dijo Ruiz que ...", "Ruiz urged farmers to ..."."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.statements.clause import QUOTE, Clause, is_edge, next_pause, phrase_right, skip_time, trim
from pipeline.statements.cues import Cue
from pipeline.statements.draft import Draft, Range, can_speak, complement, is_whole, subject_of
from pipeline.statements.extent import said_until, without_tail
from pipeline.statements.lexicon import (
    ADV,
    BE,
    CAP,
    COLON,
    COMMA,
    COMP,
    COORD,
    DET,
    FUNC,
    NEG,
    OPENER,
    POSSESSIVE,
    PREP,
    PRON,
    REL,
    TIME,
    TO,
    WORD,
)
from pipeline.statements.nouns import past_noun


@dataclass(slots=True)
class Opening:
    """Where the words begin after a cue, by which rule, and who stands between cue and words."""

    at: int
    rule: str
    hearer: Range | None = None
    speaker: Range | None = None


def before(clause: Clause, cue: Cue, following: list[Cue], earlier: list[Draft]) -> Draft | None:
    """The statement whose words stand after `cue`, if there is one."""
    opening = _opening(clause, cue)
    if opening is None or (cue.how == "infinitive" and opening.rule not in ("before-that", "before-quote")):
        return None
    if opening.rule in ("before-bare", "before-object"):
        opening.at = past_noun(clause, opening.at) or opening.at
    end = without_tail(clause, opening.at, said_until(clause, cue, following, opening.at, earlier))
    first, beyond = trim(clause, opening.at, end)
    if beyond <= first:
        return None
    if opening.rule == "before-quote" and clause.at(first) & QUOTE:
        beyond = first + 1
    speaker = opening.speaker or subject_of(clause, cue, earlier)
    if opening.rule == "before-object" and not (can_speak(clause, speaker) or _drops_subject(clause, cue, speaker)):
        return None
    if _asks_not_to_be_named(clause, first, beyond):
        return None
    if opening.rule == "before-object":
        beyond = _without_scene(clause, first, beyond)
    quoted = beyond == first + 1 and bool(clause.bits[first] & QUOTE)
    return Draft(
        clause, (cue.first, cue.beyond), [(first, beyond)], speaker, opening.rule, opening.hearer, quoted, cue.group
    )


def _without_scene(clause: Clause, first: int, beyond: int) -> int:
    """ "calificó el acuerdo de «histórico» durante la cena": what follows the quoted part sets the scene."""
    for at in range(first + 1, beyond - 1):
        if clause.bits[at] & QUOTE:
            occasion = any(clause.word_at(ahead) in clause.lexicon.occasions for ahead in range(at + 2, at + 5))
            return at + 1 if clause.at(at + 1) & PREP and occasion else beyond
    return beyond


def _drops_subject(clause: Clause, cue: Cue, speaker: Range | None) -> bool:
    """ "También pidió el refuerzo ...": the sentence begins with its verb and goes on about who spoke last."""
    opens = all(clause.bits[at] & (ADV | COORD | FUNC) and not clause.bits[at] & PREP for at in range(cue.first))
    return clause.lexicon.null_subject and speaker is None and opens and cue.how == "finite"


def _asks_not_to_be_named(clause: Clause, first: int, beyond: int) -> bool:
    words = " ".join(clause.low[first : min(beyond, first + 5)])
    return words.startswith(clause.lexicon.anonymity)


def _opening(clause: Clause, cue: Cue) -> Opening | None:
    at = skip_time(clause, cue.beyond)
    cleft = _cleft(clause, at)
    if cleft is not None:
        return cleft
    if clause.at(at) & QUOTE and "quote" in cue.takes:
        return Opening(at, "before-quote" if is_whole(clause, at) else "before-bare")
    if "hearer" in cue.takes and clause.at(at) & WORD and not clause.at(at) & (COMP | PREP | OPENER):
        return _after_hearer(clause, cue, at)
    if clause.word_at(at) in clause.lexicon.hearer_prepositions:
        told = _told_directly(clause, cue, at)
        if told is not None:
            return told
    opens = cue.first == 0 and not clause.lexicon.null_subject and bool(clause.at(at) & CAP)
    if opens or (clause.lexicon.null_subject and _has_no_subject(clause, cue.first - 1)):
        inverted = phrase_right(clause, at)
        if (
            inverted
            and can_speak(clause, inverted)
            and cue.how != "infinitive"
            and _leads_to_words(clause, inverted[1])
        ):
            found = complement(clause, cue, inverted[1])
            return Opening(*found, _told(clause, inverted[1]), inverted) if found else None
    return _past_adverbials(clause, cue, at, None)


def _cleft(clause: Clause, at: int) -> Opening | None:
    """ "Lo que dijo (Ruiz) es que ..."."""
    speaker = None if clause.at(at) & BE else phrase_right(clause, at)
    verb = speaker[1] if speaker else at
    if clause.at(verb) & BE and clause.at(verb + 1) & COMP:
        return Opening(verb + 2, "before-that", speaker=speaker)
    return None


def _after_hearer(clause: Clause, cue: Cue, at: int) -> Opening | None:
    """ "told reporters that ...", "told the court “...”"."""
    hearer = phrase_right(clause, at)
    if hearer is not None:
        at = skip_time(clause, hearer[1])
        if clause.at(at) & QUOTE and clause.at(hearer[1] - 1) & POSSESSIVE:
            at = skip_time(clause, hearer[1] + 1)  # "told ABC's “Good Morning” ...": a title
        elif clause.at(at) & QUOTE:
            return Opening(at, "before-quote", hearer)
    return _past_adverbials(clause, cue, at, hearer)


def _past_adverbials(clause: Clause, cue: Cue, at: int, hearer: Range | None) -> Opening | None:
    found = complement(clause, cue, at)
    if found is not None:
        return Opening(*found, hearer or _told(clause, at))
    bits = clause.at(at)
    if bits & COMMA and clause.at(at + 1) & QUOTE:
        return Opening(at + 1, "before-quote", hearer)
    if at >= len(clause) or (not bits & (WORD | QUOTE) and clause.low[at] not in "([$€£"):
        return None
    return _bare(clause, cue, at, hearer)


def _told(clause: Clause, at: int) -> Range | None:
    """Whom "to S" at `at` names."""
    return phrase_right(clause, at + 1) if clause.word_at(at) in clause.lexicon.hearer_prepositions else None


def _told_directly(clause: Clause, cue: Cue, unit: int) -> Opening | None:
    """ "pidió a los jueces «...»", "pidió a las bancadas no convertir ...", "disse ao Público estar a par ..."."""
    hearer = phrase_right(clause, unit + 1)
    if hearer is None:
        return None
    if clause.at(hearer[1]) & QUOTE and is_whole(clause, hearer[1]):
        return Opening(hearer[1], "before-quote", hearer)
    if "infinitive" in cue.takes and _infinitive(clause, cue, hearer[1]):
        return Opening(hearer[1], "before-infinitive", hearer)
    return None


def _bare(clause: Clause, cue: Cue, at: int, hearer: Range | None) -> Opening | None:
    """Words that follow without "that": a question, an infinitive, an object, a clause."""
    bits = clause.at(at)
    if bits & OPENER and "clause" in cue.takes:
        return Opening(at, "before-that", hearer)
    asked = "hearer" in cue.takes and hearer is not None and cue.group == "ask" and bits & (TO | PREP)
    if asked or ("infinitive" in cue.takes and _infinitive(clause, cue, at)):
        return Opening(at, "before-infinitive", hearer)
    if "object" in cue.takes and (not bits & PREP or bits & (DET | CAP)):
        return Opening(hearer[0] if hearer else at, "before-object")
    if "bare" in cue.takes and not bits & (COORD | REL):
        opening = _bare_clause(clause, at)
        return None if opening is None else Opening(opening, "before-bare", hearer)
    return None


def _infinitive(clause: Clause, cue: Cue, at: int) -> bool:
    """ "promised to help", "prometió ayudar"; verbs of plain saying only with be and have ("dijo estar")."""
    if clause.at(at) & NEG:
        at += 1
    bits = clause.at(at)
    return bool(bits & TO) or (clause.word_at(at).endswith(clause.lexicon.infinitive_endings) and not bits & CAP)


def _bare_clause(clause: Clause, at: int) -> int | None:
    """Where a clause without "that" begins: at once, or at the pronoun after an adverbial ("said in Lima he would")."""
    bits = clause.at(at)
    if not bits & PREP or bits & (DET | CAP) or clause.word_at(at + 1) in clause.lexicon.quantifiers:
        return at
    for unit in range(at + 1, min(at + 9, len(clause))):
        if clause.bits[unit] & PRON and not clause.bits[unit] & DET:
            return unit
        if not clause.bits[unit] & WORD:
            return None
    return None


def _has_no_subject(clause: Clause, unit: int) -> bool:
    """No subject at `unit`: an edge, a conjunction, a preposition."""
    return is_edge(clause, unit) or bool(clause.at(unit) & (FUNC | COORD | COMP | PREP | TIME | ADV))


def _leads_to_words(clause: Clause, unit: int) -> bool:
    at = skip_time(clause, unit)
    for _ in range(3):
        if clause.at(at) & (COMP | QUOTE | COLON):
            return True
        if clause.at(at) & (COMMA | PREP):
            at = next_pause(clause, at + 1)
            if clause.at(at) & COMMA:
                at += 1
            continue
        break
    return False
