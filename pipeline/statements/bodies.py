"""What the words that name a speaker say by themselves: an office, an institution, the body somebody speaks for."""

from __future__ import annotations

from pipeline.statements.cast import BODIES
from pipeline.statements.lexicon import CAP, COORD, DET, JOIN, PREP, Lexicon
from pipeline.statements.names import plain_role, role_at, runs_of
from pipeline.statements.people import Institution, People
from pipeline.statements.segment import Tokens

#: letters of an acronym
_ACRONYM = 7


def role_in(tokens: Tokens, lexicon: Lexicon, first: int, beyond: int) -> tuple[str | None, int]:
    """The first role that tokens first..beyond-1 name, and where; None and `first` where they name none."""
    for at in range(first, beyond):
        role = role_at(tokens, at, lexicon, beyond)
        if role is not None:
            return role[0], at
    return None, first


def title_in(tokens: Tokens, lexicon: Lexicon, first: int, beyond: int) -> str | None:
    """The word of the phrase that names a role."""
    role, at = role_in(tokens, lexicon, first, beyond)
    return tokens.low[at] if role else None


def has_capital(tokens: Tokens, first: int, beyond: int) -> bool:
    """Does the phrase name anybody or anything?"""
    return any(bits & CAP for bits in tokens.bits[first:beyond])


def institution_in(tokens: Tokens, people: People, first: int, beyond: int) -> Institution | None:
    """The institution of config/people.toml that the phrase ends with."""
    for start in range(first, min(beyond, first + 6)):
        known = people.by_name(tokens.slice(start, beyond).removesuffix("'s").removesuffix("’s"))
        if isinstance(known, Institution):
            return known
    return None


def body_name(tokens: Tokens, first: int, beyond: int) -> str | None:
    """ "the Ministry of Health" without its article; None when nothing in it is capitalised."""
    while first < beyond and tokens.bits[first] & (DET | PREP):
        first += 1
    small = DET | PREP | COORD
    if first >= beyond or not all(tokens.bits[at] & (CAP | small) for at in range(first, beyond)):
        return None
    return " ".join(tokens.slice(first, beyond).split())


def spoken_for(tokens: Tokens, lexicon: Lexicon, first: int, beyond: int) -> str | None:
    """The body behind "un vocero del Ministerio de Salud", "a spokesman for the ACB"; None for a person's."""
    of = next((at for at in range(first + 1, beyond - 1) if tokens.bits[at] & (PREP | JOIN)), None)
    runs = runs_of(tokens, of + 1, beyond, lexicon) if of is not None else []
    if not runs:
        return None
    low, word = tokens.low[runs[0][0]], tokens.word(runs[0][0])
    is_body = plain_role(low, lexicon) in BODIES or low in lexicon.voices or low in lexicon.bodies
    acronym = word.isupper() and 1 < len(word) <= _ACRONYM
    return tokens.slice(runs[0][0], beyond) if (is_body or acronym) and runs[-1][1] == beyond else None
