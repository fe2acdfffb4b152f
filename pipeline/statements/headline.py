"""Quotations announced by a colon: headlines ("Ruiz: ...") and the line before a quotation."""

from __future__ import annotations

from pipeline.statements.clause import QUOTE, Clause, has_words, is_abbreviation, trim
from pipeline.statements.cues import find_cues
from pipeline.statements.draft import Draft, Range, can_speak, first_phrase, subject_of
from pipeline.statements.lexicon import CAP, COLON, COMMA, COORD, CUE, DASH, DET, FUNC, NUM, PARTICLE, PREP, PRON, TIME
from pipeline.statements.segment import Tokens

#: units a speaker in a headline may have
_NAME_LONGEST = 6
_HEADLINE_LONGEST = 30
#: letters of an acronym; longer words in capitals are shouted labels
_ACRONYM = 3


def headline(clause: Clause, body: Tokens) -> Draft | None:
    """ "Ruiz: we will not go" or "We will not go: Ruiz", as headlines have it; `body` is the text below."""
    if len(clause) > _HEADLINE_LONGEST:
        return None
    colons = [unit for unit in range(1, len(clause) - 1) if clause.bits[unit] & COLON]
    if len(colons) != 1:
        return None
    colon = colons[0]
    if _attributed(clause, colon):
        return None
    sides = ((0, colon), trim(clause, colon + 1, len(clause)))
    for speaker, said in (sides, (sides[1], sides[0])):
        if (
            speaker[1] - speaker[0] <= _NAME_LONGEST
            and _is_headline_name(clause, *speaker)
            and (_quoted(clause, *said) or _is_known(clause, *speaker, body))
            and has_words(clause, *said, 2)
        ):
            return Draft(clause, (colon, colon + 1), [trim(clause, *said)], speaker, "headline", group="colon")
    return None


def _attributed(clause: Clause, colon: int) -> bool:
    """ "Perú: la guerra fracasó, plantea Ruiz": who says it stands at the end."""
    last = next((at for at in range(len(clause) - 1, colon, -1) if clause.bits[at] & COMMA), None)
    said = clause.at(last + 1) if last is not None else 0
    return last is not None and bool(said & CUE) and can_speak(clause, (last + 2, len(clause)))


def _is_headline_name(clause: Clause, first: int, beyond: int) -> bool:
    """A name or an office, every word of it capitalised or small, and not "Video" or "Opinion"."""
    units = range(first, beyond)
    if beyond <= first or any(clause.low[unit] in clause.lexicon.headline_labels for unit in units):
        return False
    if beyond - first == 1 and clause.tokens.word(clause.first[first]).isupper() and len(clause.low[first]) > _ACRONYM:
        return False
    named = [
        unit
        for unit in units
        if clause.bits[unit] & CAP and not clause.bits[unit] & (FUNC | DET | PREP | TIME | PRON | NUM)
    ]
    office = any(clause.low[unit] in clause.lexicon.roles for unit in units)
    small = CAP | DET | COORD | PARTICLE
    fits = all(
        clause.bits[unit] & small or clause.low[unit] in (".", "") or clause.low[unit] in clause.lexicon.roles
        for unit in units
    )
    return fits and (bool(named) or office)


def _quoted(clause: Clause, first: int, beyond: int) -> bool:
    return any(clause.bits[unit] & QUOTE for unit in range(first, beyond))


def _is_known(clause: Clause, first: int, beyond: int, body: Tokens) -> bool:
    """An office, several capitalised words, or one that the text below names again: "Football:" is a label."""
    names = [unit for unit in range(first, beyond) if clause.bits[unit] & CAP]
    if len(names) != 1 or any(clause.low[unit] in clause.lexicon.roles for unit in range(first, beyond)):
        return True
    name = clause.low[names[0]]
    start = clause.first[names[0]] + 1 if body is clause.tokens else 0
    return any(body.low[at] == name and body.bits[at] & CAP for at in range(start, len(body)))


def signed(clause: Clause) -> Draft | None:
    """A name and a colon before a quotation, without a verb ("Ana Ruiz: “...”"), or a dash and a name after it."""
    for unit in [unit for unit, bits in enumerate(clause.bits) if bits & QUOTE]:
        if clause.at(unit - 1) & COLON:
            speaker = _name_before(clause, unit - 1)
            if speaker is not None:
                return Draft(clause, (unit - 1, unit), [(unit, unit + 1)], speaker, "headline", None, True, "colon")
        name = _name_after(clause, unit + 1) if unit == 0 else None
        if name is not None:
            return Draft(clause, (1, 2), [(0, 1)], name, "headline", group="colon")
    return None


def signature(clause: Clause) -> Draft | None:
    """ "— Ana Ruiz", after a quotation that stands alone."""
    name = _name_after(clause, 0)
    return Draft(clause, (0, 1), [(0, 0)], name, "headline", group="colon") if name is not None else None


def _name_after(clause: Clause, dash: int) -> Range | None:
    """The name that is all there is after a dash."""
    name = trim(clause, dash + 1, len(clause)) if clause.at(dash) & DASH else (0, 0)
    fits = 2 <= name[1] - name[0] <= _NAME_LONGEST and _is_headline_name(clause, *name)
    return name if fits else None


def _name_before(clause: Clause, colon: int) -> Range | None:
    """Words with capitals that begin the clause or follow a dash; a single one where the text names it again."""
    first = colon
    while (
        first > 0
        and colon - first < _NAME_LONGEST
        and (clause.at(first - 1) & (CAP | PARTICLE) or is_abbreviation(clause, first - 1))
    ):
        first -= 1
    begins = first == 0 or bool(clause.at(first - 1) & DASH)
    fits = begins and colon > first and _is_headline_name(clause, first, colon)
    return (first, colon) if fits and _is_known(clause, first, colon, clause.tokens) else None


def announced(before: Clause, quotation: Clause) -> Draft | None:
    """A quotation on a line of its own after "Ruiz was clear:"; speaker and cue stand in the line before."""
    cues = [cue for cue in find_cues(before) if cue.how != "according"]
    cue = cues[-1] if cues else None
    speaker = subject_of(before, cue, []) if cue is not None else first_phrase(before, len(before))
    if speaker is None or not can_speak(before, speaker):
        return None
    units = (cue.first, cue.beyond) if cue is not None else (len(before) - 1, len(before))
    return Draft(before, units, [(0, 0)], speaker, "announced", open_ended=True, group=cue.group if cue else "colon")
