"""Named sources: "according to Ruiz, ...", "..., según la agencia, ..."."""

from __future__ import annotations

from pipeline.statements.clause import QUOTE, Clause, has_words, next_pause, phrase_right, skip_time, trim
from pipeline.statements.cues import Cue
from pipeline.statements.draft import Draft, apposed_at, is_apposed, resumes
from pipeline.statements.lexicon import CAP, COMMA, COMP, CONTRAST, COORD, DASH, FUNC, NUM, PREP, REL, TIME


def according(clause: Clause, cue: Cue, floor: int) -> Draft | None:
    """The statement that "according to S" opens, closes or interrupts."""
    right = skip_time(clause, cue.beyond)
    source = phrase_right(clause, right)
    if cue.group == "view" and not _has_view(clause, source):
        return None
    if source is None and not (cue.beyond > cue.verb + 1 and clause.at(right) & COMMA):
        return None
    opening = not has_words(clause, floor, cue.first, 1) or (
        cue.first - floor <= 2 and not clause.at(cue.first - 1) & (COMMA | QUOTE)
    )
    pause = _attributive_end(clause, source[1] if source else right, opening)
    if _narrowed(clause, cue) or opening:
        parts = [trim(clause, pause, len(clause))]
    else:
        parts = [trim(clause, floor, cue.first)]
        if (
            clause.at(pause) & (COMMA | DASH)
            and not apposed_at(clause, pause)
            and (resumes(clause, pause + 1) or clause.at(pause + 1) & PREP)
        ):
            parts.append(trim(clause, pause, len(clause)))
    parts = [part for part in parts if part[1] > part[0]]
    if not parts or not has_words(clause, parts[0][0], parts[-1][1], 5 if cue.group == "view" else 2):
        return None
    return Draft(clause, (cue.first, cue.beyond), parts, source, "according", group="according")


def _has_view(clause: Clause, source: tuple[int, int] | None) -> bool:
    """ "Para la alcaldesa, ..." gives her view; "Para Navidad ..." and "Para una empresa ..." nobody's."""
    if source is None or not clause.at(source[1]) & COMMA or clause.at(source[0]) & (TIME | NUM):
        return False
    named = clause.at(source[0]) & CAP and not clause.at(source[0]) & FUNC
    return bool(named) or any(
        clause.low[at] in clause.lexicon.roles or clause.low[at] in clause.lexicon.voices
        for at in range(source[0], min(source[0] + 3, source[1]))
    )


def _narrowed(clause: Clause, cue: Cue) -> bool:
    """ "..., y, según S, ..." and "... que, según S, ...": the source answers for what follows only."""
    return bool(clause.at(cue.first - 1) & COMMA and clause.at(cue.first - 2) & (COORD | COMP | REL | CONTRAST))


def _attributive_end(clause: Clause, unit: int, opening: bool) -> int:
    """Where "according to S, a lawyer in Lima," ends: the pause after the source and its apposition."""
    pause = next_pause(clause, unit)
    if clause.at(pause) & COMMA:
        second = next_pause(clause, pause + 1)
        if clause.at(second) & COMMA and second - pause <= 14 and is_apposed(clause, pause + 1, second):
            return second
    return pause
