"""Finding what marks reported speech in a sentence: verbs, "according to", the colon of a headline.

A cue says where it stands (units), what may follow it and how it joins its subject. Who spoke and which words were
said is attribute.py's matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.statements.clause import QUOTE, Clause, ends_phrase, is_edge
from pipeline.statements.lexicon import (
    ACCORD,
    ADV,
    BE,
    CAP,
    CLITIC,
    COLON,
    COMMA,
    COMP,
    COORD,
    CUE,
    DASH,
    DET,
    FUNC,
    HAVE,
    HELP,
    JOIN,
    MODAL,
    NEG,
    NOMINAL,
    NUM,
    OPENER,
    POSSESSIVE,
    PREP,
    PRON,
    REL,
    ROLE,
    TIME,
    TO,
    WORD,
    CueForm,
)  # fmt: skip

How = Literal["finite", "gerund", "infinitive", "according", "colon"]


@dataclass(slots=True)
class Cue:
    """A cue on units: auxiliaries from `first`, the verb at `verb`, what follows from `beyond`."""

    first: int
    verb: int
    beyond: int
    how: How
    group: str
    takes: frozenset[str]
    after: bool
    negated: bool = False


def find_cues(clause: Clause) -> list[Cue]:
    """All cues of a sentence outside its quotations, in order."""
    found: list[Cue] = []
    floor = 0
    for unit, bits in enumerate(clause.bits):
        if not bits & (CUE | ACCORD) or unit < floor:
            continue
        cue = (_according(clause, unit) if bits & ACCORD else None) or (_verb(clause, unit) if bits & CUE else None)
        if cue is not None:
            found.append(cue)
            floor = cue.beyond
    return found


_SOURCE = frozenset(("clause", "bare", "quote"))


def _according(clause: Clause, unit: int) -> Cue | None:
    if unit == 0 and clause.low[0] in clause.lexicon.views:
        return Cue(0, 0, 1, "according", "view", _SOURCE, True)
    for rest in clause.lexicon.according.get(clause.low[unit], ()):
        beyond = unit + 1 + len(rest)
        if tuple(clause.low[unit + 1 : beyond]) == rest and _names_source(clause, unit, beyond):
            verb = _verb(clause, beyond, bare=True) if clause.at(beyond) & (CUE | HAVE | CLITIC) else None
            return Cue(unit, unit, verb.beyond if verb else beyond, "according", "according", _SOURCE, True)
    return None


def _names_source(clause: Clause, unit: int, beyond: int) -> bool:
    following = clause.at(beyond)
    if not following & WORD or following & (NUM | COMP):
        return False
    if beyond - unit > 1:
        return True
    before = clause.at(unit - 1)
    if unit > 0 and before & (DET | PREP | BE):
        return False
    return bool(following & (DET | CAP | PRON | CUE | HAVE | CLITIC)) or unit == 0 or bool(before & COMMA)


def _verb(clause: Clause, unit: int, bare: bool = False) -> Cue | None:
    low = clause.low[unit]
    while bare and clause.at(unit) & (HAVE | CLITIC | ADV) and unit + 1 < len(clause):
        unit += 1
        low = clause.low[unit]
    form = _form_here(clause, unit, low)
    if form is None:
        return None
    first, seen = _auxiliaries(clause, unit)
    how = "finite" if bare else _how(clause, unit, form, first, seen)
    if how is None or (form.group == "ask" and unit == 0 and low.endswith("ed") and clause.at(1) & PREP):
        return None
    negated = bool(seen & NEG)
    if negated and form.group not in _REFUSABLE:
        return None
    return Cue(first, unit, unit + 1 + len(form.particles), how, form.group, form.takes, form.after, negated)


#: words of a name
_NAME_LONGEST = 4
#: a denied act of speech is no statement, except that "did not rule out" and the like say something
_REFUSABLE = frozenset(("refuse",))


def _form_here(clause: Clause, unit: int, low: str) -> CueForm | None:
    for form in clause.lexicon.cues.get(low, ()):
        if not form.particles or tuple(clause.low[unit + 1 : unit + 1 + len(form.particles)]) == form.particles:
            return form
    return None


def _auxiliaries(clause: Clause, unit: int) -> tuple[int, int]:
    """First unit of the verb group ending at `unit`, and the bits of what it passed."""
    at, seen = unit, 0
    while at > 0 and unit - at < 8:
        bits = clause.bits[at - 1]
        if bits & QUOTE or not bits & (ADV | NEG | HAVE | BE | MODAL | HELP | CLITIC):
            break
        if (bits & (PRON | DET) and not bits & (HAVE | BE | MODAL | CLITIC)) or (bits & CAP and at > 1):
            break
        seen |= bits & (NEG | HAVE | BE | MODAL | HELP | TO | CLITIC)
        at -= 1
    return at, seen


def _how(clause: Clause, unit: int, form: CueForm, first: int, seen: int) -> How | None:
    """Finite, gerund or infinitive; None where the word is no cue (a noun, a passive, a supposition)."""
    forms = form.forms
    before = clause.at(first - 1) if first > 0 else 0
    if "gerund" in forms:
        if seen & BE:
            return None if seen & MODAL else "finite"
        return (
            None
            if before & (DET | POSSESSIVE | JOIN) or (clause.at(unit) & NOMINAL and not before & COMMA)
            else "gerund"
        )
    if (seen & MODAL and not seen & HAVE) or ("object" in form.takes and _is_gap(clause, unit, first - 1)):
        return None
    if "base" in forms and not forms & {"present", "past"}:
        return _base(clause, unit, form, first, seen, before)
    if seen & HAVE and "participle" in forms:
        return "finite"
    if seen & BE or not forms & {"present", "past"}:
        return None
    if clause.at(unit) & NOMINAL and not form.particles and not _verbal(clause, unit, first, before):
        return None
    if clause.lexicon.null_subject and _is_impersonal(clause, unit, form, first, before):
        return None
    if before & (DET | POSSESSIVE) and not before & PRON and first > 0:
        return None
    return "finite"


def _is_relative(clause: Clause, unit: int) -> bool:
    """ "the law that he rejected", not "por lo que rechazó": there a new statement begins."""
    joined = clause.at(unit) & REL and clause.at(unit) & COMP
    led = clause.word_at(unit - 1) in clause.lexicon.contracted and (clause.at(unit - 1) | clause.at(unit - 2)) & PREP
    return bool(joined) and not led


def _is_gap(clause: Clause, verb: int, relative: int) -> bool:
    """The verb's object is what the relative stands for: "the law that he rejected"."""
    return _is_relative(clause, relative) and not _of_somebody(clause, verb, relative)


def _of_somebody(clause: Clause, verb: int, relative: int) -> bool:
    """ "..., portavoz Blas Ruiz, que pidió cerrar la sala": the relative of a name, whose verb has its own object."""
    if not clause.at(relative - 1) & COMMA or not clause.at(relative - 2) & CAP:
        return False
    following, after = clause.at(verb + 1), clause.at(verb + 2)
    infinitive = clause.word_at(verb + 1).endswith(clause.lexicon.infinitive_endings)
    return bool(following & (COMP | TO)) or infinitive or bool(following & DET and not after & (CAP | ROLE))


#: with "se" they still have a subject: "se preguntó si", "se quejó de"
_PRONOMINAL = frozenset(("about", "ask"))


def _is_impersonal(clause: Clause, unit: int, form: CueForm, first: int, before: int) -> bool:
    """ "Se considera que ...", "se celebraban las fiestas": nobody is said to have said it."""
    reflexive = clause.lexicon.reflexive
    joined = clause.tokens.word(clause.first[unit]).lower().partition("-")[2] == reflexive
    if form.group in _PRONOMINAL or not (joined or reflexive in clause.low[first:unit]):
        return False
    if after_quotation(clause, first - 1) or (clause.at(first - 1) & COMMA and not clause.at(unit + 1) & COMP):
        return False
    if "object" in form.takes or not clause.at(unit + 1) & (COMP | QUOTE | COLON | OPENER):
        return True
    return is_edge(clause, first - 1) or (
        bool(before & (PREP | COORD | COMP | FUNC | TIME | NUM | ADV)) and not before & CAP
    )


def _base(clause: Clause, unit: int, form: CueForm, first: int, seen: int, before: int) -> How | None:
    if clause.lexicon.infinitive_is_base:
        if seen & HELP:
            return "finite"
        return "infinitive" if before & (PREP | COMP) or seen & TO or seen & HAVE else None
    if seen & TO:
        return "infinitive"
    if seen & MODAL or before & (DET | PREP | POSSESSIVE | TO | BE):
        return None
    if seen & HELP:
        return "finite"
    subject = before & (PRON | REL) or clause.word_at(first - 1).endswith(("s", "men", "people"))
    subject = subject or ("bare" in form.takes and clause.at(unit + 1) & (PRON | COMP | DET | QUOTE))
    if not subject or (clause.at(unit) & NOMINAL and not _verbal(clause, unit, first, before)):
        return None
    return "finite"


def after_quotation(clause: Clause, unit: int) -> bool:
    """A quotation ends at `unit`, or at the comma or dash there."""
    return bool(clause.at(unit) & QUOTE) or (
        bool(clause.at(unit) & (COMMA | DASH)) and bool(clause.at(unit - 1) & QUOTE)
    )


def _names_after_quotation(clause: Clause, unit: int) -> bool:
    """ "“...,” Ruiz notes.": nothing but a name stands between the quotation and a word that is more often a noun."""
    at = unit
    while at > max(unit - _NAME_LONGEST, 0) and clause.at(at) & CAP:
        at -= 1
    return at < unit and after_quotation(clause, at)


def _is_voice(clause: Clause, unit: int) -> bool:
    """ "..., revela um estudo da OIT": a noun of those who speak."""
    return clause.word_at(unit) in clause.lexicon.voices or bool(clause.at(unit) & ROLE)


def _verbal(clause: Clause, unit: int, first: int, before: int) -> bool:
    """Is a word that is more often a noun a verb here? It needs a subject before it and something said after it."""
    following = clause.at(unit + 1)
    if (before & (PRON | REL) and not before & DET) or after_quotation(clause, first - 1):
        return True
    if not following & WORD and _names_after_quotation(clause, first - 1):
        return True
    if before & COMMA and clause.lexicon.null_subject and following & DET and _is_voice(clause, unit + 2):
        return True
    if (
        before & (DET | PREP | POSSESSIVE | NUM | COORD | FUNC)
        or is_edge(clause, first - 1)
        or not ends_phrase(clause, first - 1)
    ):
        return False
    return (
        bool(following & (DET | COMP | PRON | QUOTE))
        or clause.word_at(unit + 1) == ":"
        or clause.word_at(unit + 1) in clause.lexicon.hearer_prepositions
    )
