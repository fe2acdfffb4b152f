"""Cues after the words, or inside them: "..., said Ruiz", "..., Ruiz said, ..."."""

from __future__ import annotations

from pipeline.statements.clause import (
    QUOTE,
    Clause,
    has_words,
    is_edge,
    next_pause,
    phrase_left,
    phrase_right,
    skip_time,
    trim,
)
from pipeline.statements.cues import Cue, after_quotation
from pipeline.statements.draft import (
    Draft,
    Range,
    apposed_at,
    can_speak,
    complement,
    ends_attributive,
    hearer_at,
    is_apposed,
    resumes,
)
from pipeline.statements.lexicon import (
    ADV,
    BE,
    CAP,
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
    MODAL,
    NUM,
    PAUSE,
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

_REACH = 30
#: units of an adverbial before the attributive that the words said follow
_ADVERBIAL_LONGEST = 3
#: words of a title in quotation marks
_TITLE_LONGEST = 8
#: units of an apposition without a relative clause
_APPOSITION_LONGEST = 16


def after(clause: Clause, cue: Cue, floor: int) -> Draft | None:
    """The statement whose words stand before `cue` (and perhaps go on after it), if there is one."""
    left = cue.first - 1
    if left < floor or _opens_words(clause, cue):
        return None
    if is_edge(clause, left) and not _after_quotation_speaker(clause, cue, floor):
        return _inverted(clause, cue, floor)
    return _trailing(clause, cue, floor)


def _opens_words(clause: Clause, cue: Cue) -> bool:
    """ "that" follows, be it after a time and a stray comma ("anunciou ontem, que ...")."""
    at = skip_time(clause, cue.beyond)
    return bool(clause.at(cue.beyond) & COMP) or (
        at > cue.beyond and bool(clause.at(at) & COMMA and clause.at(at + 1) & COMP)
    )


def _inverted(clause: Clause, cue: Cue, floor: int) -> Draft | None:
    """ "..., said Ruiz" and, where the language drops subjects, "..., añadió"."""
    left = cue.first - 1
    quoted = after_quotation(clause, left)
    right = skip_time(clause, cue.beyond)
    if not clause.at(left) & (COMMA | DASH | QUOTE | STOP) or clause.at(right) & (COLON | COMP):
        return None
    if not quoted and ("clause" not in cue.takes or clause.at(right) & QUOTE):
        return None
    verb_ends = right
    right, hearer = hearer_at(clause, right)
    speaker = phrase_right(clause, right) or _past_adverbial(clause, right)
    if speaker is None and hearer is not None and _is_subject(clause, verb_ends):
        speaker, hearer = phrase_right(clause, verb_ends), None
    if not _attributes(clause, cue, floor, right, speaker, quoted):
        return None
    if speaker is not None and hearer is None:
        hearer = hearer_at(clause, speaker[1])[1]
    end = next_pause(clause, speaker[1] if speaker else right)
    second = next_pause(clause, end + 1)
    if clause.at(end) & COMMA and clause.at(second) & COMMA and clause.at(second + 1) & QUOTE:
        end = second if is_apposed(clause, end + 1, second) else end
    return _finish_after(clause, cue, floor, left, end, speaker, "after-inverted", hearer)


def _past_adverbial(clause: Clause, unit: int) -> Range | None:
    """The subject after "in a press conference": "..., dijo en rueda de prensa el ministro"."""
    if not clause.lexicon.null_subject or clause.word_at(unit) not in clause.lexicon.aside:
        return None
    for at in range(unit + 2, next_pause(clause, unit)):
        if clause.at(at) & COMP:
            return None
        if clause.word_at(at) in clause.lexicon.articles and not clause.at(at - 1) & (PREP | DET | COORD):
            speaker = phrase_right(clause, at)
            return speaker if can_speak(clause, speaker) else None
    return None


def _is_subject(clause: Clause, unit: int) -> bool:
    """Portuguese "a" is "to" and "the": "explica a ministra" has a subject, "disse a jornalistas" has none."""
    return bool(clause.at(unit) & DET) and not clause.word_at(unit + 1).endswith("s")


def _attributes(clause: Clause, cue: Cue, floor: int, right: int, speaker: Range | None, quoted: bool) -> bool:
    """Is a verb after a pause really the attributive of the words before it?"""
    if speaker is None:
        alone = quoted or not has_words(clause, right, next_pause(clause, right), 1)
        if not (clause.lexicon.null_subject and alone):
            return False
    elif _said_later(clause, speaker[1], quoted) or not ends_attributive(clause, speaker[1]):
        return False
    if quoted:
        return not _is_subject_quotation(clause, cue.first - 1) or can_speak(clause, speaker)
    if "object" in cue.takes or _said_elsewhere(clause, cue, speaker):
        return False
    left = cue.first - 1
    if not clause.at(left) & COMMA:
        return True
    plain_pronoun = not clause.lexicon.null_subject and clause.at(right) & PRON
    return not plain_pronoun and not _is_apposition(clause, floor, left)


def _is_subject_quotation(clause: Clause, unit: int) -> bool:
    """ "el «plan» continúa", "“Broad City” star Ruiz said": no comma or stop before what follows."""
    if not clause.at(unit) & QUOTE:
        return False
    tokens, last = clause.tokens, clause.beyond[unit] - 1
    closed = tokens.low[last] in clause.lexicon.marks
    while last > clause.first[unit] and tokens.low[last] in clause.lexicon.marks:
        last -= 1
    return closed and not tokens.bits[last] & PAUSE


def _is_title(clause: Clause, unit: int) -> bool:
    """The quotation is written like a title: a few words, each with its capital but for the small ones."""
    within = range(clause.first[unit] + 1, clause.beyond[unit] - 1)
    bits = clause.tokens.bits
    return 1 < len(within) <= _TITLE_LONGEST and all(
        bits[at] & (CAP | DET | PREP | COORD | FUNC | BE | PAUSE) or not bits[at] & WORD for at in within
    )


def _said_elsewhere(clause: Clause, cue: Cue, speaker: Range | None) -> bool:
    """Not inverted: its words follow ("..., disse ontem em Lima que"), or it has an object ("anunció un plan")."""
    if speaker is None:
        return complement(clause, cue, skip_time(clause, cue.beyond)) is not None
    return clause.lexicon.null_subject and not can_speak(clause, speaker)


def _is_apposition(clause: Clause, floor: int, comma: int) -> bool:
    """What stands before the comma is a subject and its apposition ("Ruiz, the minister, said ..."), not words said."""
    phrase = phrase_left(clause, comma)
    if phrase is None:
        return False
    opening = clause.at(phrase[1] + 1) if clause.at(phrase[1]) & COMMA else 0
    told = DET | REL | ROLE | NUM | PREP
    participle = clause.word_at(phrase[1] + 1).endswith(clause.lexicon.participle_endings)
    if clause.lexicon.null_subject and not (opening & told or participle or _is_someone(clause, phrase[1] + 1)):
        return False
    if _is_clause(clause, phrase[1] + 1, comma):
        return False
    first = phrase[0]
    while first > floor and clause.at(first - 1) & (PREP | COORD | FUNC | TIME | ADV | CONTRAST):
        first -= 1
    return first <= floor or bool(clause.at(first - 1) & COMMA and clause.at(floor) & (PREP | FUNC | TIME))


def _is_clause(clause: Clause, first: int, comma: int) -> bool:
    """What stands between the commas has a verb of its own ("En Lima, la empresa ha invertido ..., recordó Ruiz")."""
    for at in range(first, comma):
        bits = clause.bits[at]
        if bits & (REL | QUOTE | STOP):
            return False
        if at > first and bits & (BE | HAVE | MODAL) and not bits & (DET | PREP | CAP):
            return clause.lexicon.null_subject
    return comma - first > _APPOSITION_LONGEST and clause.lexicon.null_subject


def _is_someone(clause: Clause, unit: int) -> bool:
    """An office or a noun of those who speak: "AI, organismo internacional, ...", "Ruiz, ministro, ..."."""
    return clause.word_at(unit) in clause.lexicon.roles or clause.word_at(unit) in clause.lexicon.voices


def _said_later(clause: Clause, unit: int, quoted: bool) -> bool:
    """After "added Ruiz" comes "that ...": the words follow the cue."""
    at = skip_time(clause, unit)
    if clause.at(at) & (COMP | COLON):
        return not quoted or bool(clause.at(at) & COLON)
    return not quoted and bool(clause.at(at) & COMMA and clause.at(at + 1) & COMP)


def _trailing(clause: Clause, cue: Cue, floor: int) -> Draft | None:
    """ "..., Ruiz said on Monday"."""
    speaker = _after_quotation_speaker(clause, cue, floor) or phrase_left(clause, cue.first - 1)
    if speaker is None or clause.at(speaker[0]) & REL:
        return None
    left = speaker[0] - 1
    if clause.at(cue.first - 1) & REL and not (clause.at(left) & COMMA and after_quotation(clause, left)):
        return None
    if clause.at(left) & ADV or (clause.at(left) & COORD and clause.at(left - 1) & (COMMA | QUOTE)):
        left -= 1
    if left < floor or (not clause.at(left) & (COMMA | DASH | QUOTE) and clause.low[left] not in '"”»'):
        return None
    quoted = after_quotation(clause, left)
    if _is_subject_quotation(clause, left) and _is_title(clause, left):
        return None
    right, hearer = _past_hearer(clause, cue)
    right = skip_time(clause, right)
    if ("object" in cue.takes and not quoted) or not _closes(clause, right, floor, left + 1, quoted):
        return None
    return _finish_after(clause, cue, floor, left, next_pause(clause, right), speaker, "after", hearer)


def _after_quotation_speaker(clause: Clause, cue: Cue, floor: int) -> Range | None:
    """The name right after a quotation, whatever is told of it before the verb: "...", Ruiz, a lawyer, said."""
    if not clause.at(cue.first - 1) & COMMA:
        return None
    for at in range(cue.first - 2, max(floor, cue.first - 40) - 1, -1):
        if clause.bits[at] & QUOTE:
            phrase = phrase_right(clause, at + 1)
            return phrase if phrase is not None and clause.at(phrase[1]) & COMMA else None
        if clause.bits[at] & (SEMI | COLON | STOP):
            return None
    return None


def _past_hearer(clause: Clause, cue: Cue) -> tuple[int, Range | None]:
    right = skip_time(clause, cue.beyond)
    if "hearer" in cue.takes:
        hearer = phrase_right(clause, right)
        if hearer:
            return hearer[1], hearer
    elif clause.at(right) & (TO | PREP) and clause.word_at(right) in clause.lexicon.hearer_prepositions:
        hearer = phrase_right(clause, right + 1)
        if hearer:
            return hearer[1], hearer
    return right, None


def _closes(clause: Clause, right: int, floor: int, left: int, quoted: bool) -> bool:
    """Is the cue at the words' end (or inside them), nothing of them following directly?"""
    bits = clause.at(right)
    if right >= len(clause) or bits & STOP:
        return has_words(clause, floor, left, 2)
    if quoted:
        return not bits & COMP and not (bits & COLON)
    opening = clause.at(floor)
    adverbial = bool(opening & (PREP | TIME | FUNC | ADV)) and not opening & (DET | PRON)
    if bits & COMMA:
        if clause.at(right + 1) & QUOTE:
            return not adverbial and has_words(clause, floor, left, 5) and not _begins_sentence(clause, right + 1)
        return has_words(clause, floor, left, 1 if resumes(clause, right + 1) else 3)
    if bits & (PREP | ADV) and not _complement_ahead(clause, right):
        return has_words(clause, floor, left, 5) and not adverbial
    return False


def _begins_sentence(clause: Clause, unit: int) -> bool:
    """The quotation at `unit` opens with a capital: it is a new sentence, not the rest of one."""
    return bool(clause.tokens.bits[min(clause.first[unit] + 1, len(clause.tokens) - 1)] & CAP)


def _complement_ahead(clause: Clause, unit: int) -> bool:
    reach = range(unit, min(unit + _REACH, len(clause)))
    return any(clause.bits[at] & (COMP | QUOTE | COLON) for at in reach)


def _finish_after(
    clause: Clause, cue: Cue, floor: int, left: int, end: int, speaker: Range | None, rule: str, hearer: Range | None
) -> Draft | None:
    head = _words_before(clause, floor, left)
    parts = [head] if head else []
    if not parts or (not has_words(clause, *parts[0], 2) and not (clause.at(end) & COMMA and resumes(clause, end + 1))):
        return None
    ends_quoted = bool(clause.bits[head[1] - 1] & QUOTE) if head else False
    if ends_quoted:
        resumed = end + 1 if clause.at(end) & (COMMA | DASH | COLON) else end
        if clause.at(resumed) & QUOTE and not _belongs_to_speaker(clause, cue.beyond, resumed):
            parts.append((resumed, resumed + 1))
    elif clause.at(end) & (COMMA | DASH) and _goes_on(clause, head, end) and not apposed_at(clause, end):
        tail = trim(clause, end, len(clause))
        if tail[1] > tail[0]:
            parts.append(tail)
    return Draft(clause, (cue.first, cue.beyond), parts, speaker, rule, hearer, ends_quoted, cue.group)


def _goes_on(clause: Clause, head: Range | None, end: int) -> bool:
    """The words said go on past the attributive; always after an adverbial alone ("Por ejemplo, ...")."""
    opening = head is not None and clause.at(head[0]) & PREP and not clause.at(head[0]) & DET
    adverbial = opening and head is not None and head[1] - head[0] <= _ADVERBIAL_LONGEST
    return resumes(clause, end + 1) or (bool(adverbial) and has_words(clause, end + 1, len(clause), 4))


def _belongs_to_speaker(clause: Clause, after_cue: int, quotation: int) -> bool:
    """The quotation is a title in the speaker's name ("the author of “A”"), or another cue's ("who adds that “A”")."""
    if clause.at(quotation - 1) & (PREP | DET | COMP):
        return True
    return any(clause.bits[at] & CUE and clause.at(at + 1) & COMP for at in range(after_cue, quotation))


def _words_before(clause: Clause, floor: int, left: int) -> Range | None:
    """The words said that end before `left` (which may be the quotation itself)."""
    beyond = left + 1 if clause.at(left) & QUOTE else left
    first, beyond = trim(clause, floor, beyond)
    if beyond <= first:
        return None
    if clause.bits[beyond - 1] & QUOTE:
        for at in range(beyond - 2, first, -1):
            if clause.bits[at] & COLON:
                return at + 1, beyond
    label = next((at for at in range(first + 1, min(first + 3, beyond - 2)) if clause.bits[at] & COLON), None)
    if label is not None and clause.bits[first] & CAP:
        first = label + 1  # "Perú: la guerra fracasó, plantea Ruiz"
    while clause.bits[first] & COORD and beyond - first > 2:
        first += 1
    return first, beyond
