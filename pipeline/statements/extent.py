"""Where the words after a cue end: at the sentence's end, or where it turns to another statement."""

from __future__ import annotations

from pipeline.statements.clause import QUOTE, Clause, is_edge, next_pause, phrase_left, phrase_right, skip_time
from pipeline.statements.cues import Cue
from pipeline.statements.draft import Draft, ends_attributive
from pipeline.statements.lexicon import (
    ADV,
    CAP,
    CLITIC,
    COMMA,
    COMP,
    CONTRAST,
    COORD,
    CUE,
    DASH,
    DET,
    FUNC,
    HAVE,
    NEG,
    PREP,
    PRON,
    REL,
    SEMI,
    STOP,
    TIME,
)

#: units of "por lo que", "ante lo cual", "pero, aun así"
_CONNECTIVE = 5


def said_until(clause: Clause, cue: Cue, following: list[Cue], start: int, earlier: list[Draft]) -> int:
    """Where the words end: the clause's end, or where the same sentence turns to the next thing said."""
    aside = _aside_end(clause, cue, start, first_cue=not earlier)
    if aside is not None:
        return aside
    cuts = [cut for turn in following if turn.first > start and (cut := _turns_at(clause, turn, start)) is not None]
    return min([*cuts[:1], _denied_at(clause, start), _past_quotation(clause, start)])


def _is_fronted(clause: Clause, cue: Cue) -> bool:
    """ "Saying that X, Ruiz left", "Apesar de haver dito que X, ...": the sentence's own subject is still to come."""
    compound = cue.first < cue.verb and clause.word_at(cue.first).endswith(clause.lexicon.infinitive_endings)
    if cue.how not in ("gerund", "infinitive") and not compound:
        return False
    return cue.first <= _CONNECTIVE and all(
        clause.bits[at] & (PREP | FUNC | COMP | HAVE | ADV) and not clause.bits[at] & (PRON | REL & ~COMP)
        for at in range(cue.first)
    )


def _main_clause_at(clause: Clause, start: int) -> int | None:
    """The last comma before something that can be a subject."""
    for at in range(len(clause) - 3, start + 2, -1):
        opening = clause.at(at + 1)
        if clause.bits[at] & COMMA and opening & (DET | CAP | PRON) and not opening & (REL | PREP & ~DET):
            return at
    return None


def _denied_at(clause: Clause, start: int) -> int:
    """Where "..., but did not say which" begins: a cue that is denied is the reporter's word, not the speaker's."""
    for at in range(start + 2, len(clause) - 2):
        turns = clause.bits[at] & CONTRAST and clause.bits[at - 1] & COMMA and clause.at(at + 1) & NEG
        if turns and any(clause.at(verb) & CUE for verb in range(at + 2, at + 5)):
            return at - 1
    return len(clause)


def _past_quotation(clause: Clause, start: int) -> int:
    """Where the reporter goes on after a quotation: "que «...» y mostró su confianza", "que «...» al responder a"."""
    for at in range(start, len(clause) - 2) if clause.lexicon.null_subject else ():
        if clause.bits[at] & QUOTE:
            turn = at + 1 + bool(clause.at(at + 1) & COMMA)
            verb = clause.word_at(turn + 1 + bool(clause.at(turn + 1) & CLITIC))
            told = clause.at(turn) & (COORD | CONTRAST) and verb.endswith(clause.lexicon.past_endings)
            while_saying = clause.word_at(turn) in clause.lexicon.hearer_prepositions and verb.endswith(
                clause.lexicon.infinitive_endings
            )
            if told or while_saying:
                return at + 1
    return len(clause)


def _aside_end(clause: Clause, cue: Cue, start: int, *, first_cue: bool) -> int | None:
    """The comma that closes "Ruiz, who says X, ..." or "while he said X, ..."; None where the cue is no aside."""
    if first_cue and _is_fronted(clause, cue):
        return _main_clause_at(clause, start)
    left = cue.first - 1
    relative = first_cue and bool(clause.at(left) & REL) and bool(clause.at(left - 1) & COMMA)
    if not relative:
        beside = left >= 0 and (clause.at(left) & COMMA or not is_edge(clause, left))
        phrase = phrase_left(clause, left) if beside else None
        if phrase is None or clause.word_at(phrase[0] - 1) not in clause.lexicon.subordinators:
            return None
        if not (phrase[0] == 1 or is_edge(clause, phrase[0] - 2) or clause.at(phrase[0] - 2) & COORD):
            return None
    for at in range(start + 3, min(start + 40, len(clause))):
        if clause.bits[at] & COMMA and not (relative and clause.at(at + 1) & (COORD | REL)):
            return at
    return None


def _turns_at(clause: Clause, turn: Cue, start: int) -> int | None:
    """Where the words said before `turn` end because it begins another statement; None where it is part of them."""
    at = turn.first - 1
    if turn.how == "gerund":
        if clause.at(at) & COMMA:
            return at
        return at - 1 if clause.at(at) & (COORD | CONTRAST | FUNC) and clause.at(at - 1) & COMMA else None
    if turn.how == "according":
        closes = next_pause(clause, turn.beyond) >= len(clause) - 1
        return at if clause.at(at) & COMMA and closes else None
    if turn.how != "finite":
        return None
    if clause.at(at) & COMP and clause.lexicon.null_subject:
        return _consequence(clause, at, start)
    if clause.at(at) & COMMA and clause.at(turn.beyond) & COMMA and clause.at(turn.beyond + 1) & QUOTE:
        return _last_comma(clause, at - 1, max(start, at - _CONNECTIVE)) or at
    if clause.at(at) & (COORD | CONTRAST):
        return at - 1 if clause.at(at - 1) & COMMA else at
    credit = _credit_from(clause, turn, start)
    if credit is not None or is_edge(clause, at):
        return credit
    return _new_subject(clause, at, start)


def _consequence(clause: Clause, unit: int, start: int) -> int | None:
    """The comma before "por lo que" and the like: the reporter goes on to what was said next."""
    at = unit
    while at > start and unit - at < _CONNECTIVE and clause.at(at) & (COMP | FUNC | PREP | DET):
        at -= 1
    return at if clause.at(at) & COMMA and unit - at > 1 else None


def _last_comma(clause: Clause, unit: int, lowest: int) -> int | None:
    return next((at for at in range(unit, lowest, -1) if clause.bits[at] & COMMA), None)


def _new_subject(clause: Clause, at: int, start: int) -> int | None:
    """ "..., but the minister" or "...; she" before another cue."""
    phrase = phrase_left(clause, at)
    if phrase is None or phrase[0] - 1 <= start:
        return None
    before = phrase[0] - 1
    if clause.at(before) & COMP and clause.at(before - 1) & CONTRAST and not clause.at(before - 1) & COORD:
        before -= 1
    while clause.at(before) & TIME and clause.at(before - 1) & (TIME | CONTRAST | COORD):
        before -= 1
    if clause.at(before) & (CONTRAST | COORD) and clause.at(before - 1) & (COMMA | DASH):
        return before - 1
    return before if clause.at(before) & SEMI else None


def _credit_from(clause: Clause, following: Cue, start: int) -> int | None:
    """The comma before a closing attributive of somebody else (", reported La República", ", the agency said")."""
    if not following.after or following.how != "finite":
        return None
    at = following.first - 1
    if clause.at(at) & COMMA and at > start:
        speaker = phrase_right(clause, skip_time(clause, following.beyond))
        return at if speaker is not None and ends_attributive(clause, speaker[1]) else None
    if skip_time(clause, following.beyond) < len(clause) and not clause.at(skip_time(clause, following.beyond)) & STOP:
        return None
    phrase = phrase_left(clause, at)
    if phrase is not None and clause.at(phrase[0] - 1) & COMMA and phrase[0] - 1 > start:
        return phrase[0] - 1
    return None


def without_tail(clause: Clause, start: int, end: int) -> int:
    """Leave off what the reporter adds at the end: "..., which opened in May", "..., a town that ..."."""
    dashes = [at for at in range(start, end) if clause.bits[at] & DASH and not clause.at(at + 1) & QUOTE]
    if len(dashes) == 1 and dashes[0] > start + 3:
        end = dashes[0]
    semicolon = next((at for at in range(start + 3, end) if clause.bits[at] & SEMI), end)
    end = min(end, semicolon)
    for at in range(end - 2, max(start + 3, end - 40), -1):
        if clause.bits[at] & COMMA and _is_remark(clause, at + 1):
            return at
    return end


def _is_remark(clause: Clause, unit: int) -> bool:
    """A relative clause begins at `unit`, or a noun with one: "a town that opened ..."."""
    bits = clause.at(unit)
    if bits & REL and not bits & COMP:
        # in es and pt a relative clause at the end is the speaker's: cutting it cost a point of F1 on agency copy
        return not clause.lexicon.null_subject
    ahead = range(unit + 1, min(unit + 5, len(clause)))
    return clause.word_at(unit) in clause.lexicon.indefinite and any(clause.bits[at] & REL for at in ahead)
