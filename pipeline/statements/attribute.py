"""From a cue to the words said and to who said them, within one sentence.

A cue can stand before the words (before.py), after or inside them (after.py), or name a source (source.py). Each gives
a `Draft` on units; find.py joins drafts over sentences.
"""

from __future__ import annotations

from pipeline.statements.after import after
from pipeline.statements.before import before
from pipeline.statements.clause import QUOTE, Clause
from pipeline.statements.cues import Cue
from pipeline.statements.draft import Draft
from pipeline.statements.source import according

_MOST = 12


def attribute(clause: Clause, cues: list[Cue]) -> list[Draft]:
    """Drafts of a sentence, in order of their cues."""
    drafts: list[Draft] = []
    floor = 0
    for order, cue in enumerate(cues[:_MOST]):
        draft = _attribute_one(clause, cue, cues[order + 1 : order + 5], floor, drafts)
        if draft is None or _only_closes(draft, drafts):
            continue
        drafts.append(draft)
        if draft.rule.startswith("after") and clause.at(draft.parts[0][1]) & QUOTE | (
            clause.at(draft.parts[0][0]) & QUOTE
        ):
            floor = draft.cue[1]
    return drafts


def _only_closes(draft: Draft, earlier: list[Draft]) -> bool:
    """ "Ruiz said that X, he added": the closing cue names nobody and adds no words to those said before it."""
    if draft.rule != "after-inverted" or draft.speaker is not None or not earlier:
        return False
    last = earlier[-1]
    (first, beyond), (said, end) = draft.parts[0], last.parts[-1]
    if not (last.rule.startswith("before") and first <= last.cue[0] and said < beyond <= end):
        return False
    last.parts[-1] = (said, beyond)
    return True


def _attribute_one(clause: Clause, cue: Cue, following: list[Cue], floor: int, earlier: list[Draft]) -> Draft | None:
    if cue.how == "according":
        return according(clause, cue, floor)
    if cue.after and cue.how == "finite":
        draft = after(clause, cue, floor)
        if draft is not None:
            return draft
    return before(clause, cue, following, earlier)
