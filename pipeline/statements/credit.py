"""Who reported it: outlets and agencies that an article credits.

"..., reported La República" around what somebody else said is no statement of the newspaper's: it is the inner one's
`via`.
An outlet that is the only source of something is both its speaker and its `via`.
"""

from __future__ import annotations

from bisect import bisect_left

from pipeline.statements.cast import BODIES
from pipeline.statements.find import Found, Reading
from pipeline.statements.lexicon import CAP, PREP, Lexicon
from pipeline.statements.names import plain_role
from pipeline.statements.people import People
from pipeline.statements.segment import Tokens
from pipeline.text import words
from pipeline.types import Span, Speaker

#: words of the longest name of an outlet
_NAME_LONGEST = 6
Credited = tuple[Found, Speaker, str | None]


def credit(
    reading: Reading, speakers: list[Speaker], outlets: list[str | None], lexicon: Lexicon, people: People
) -> list[Credited]:
    """Statements with their speaker and `via`; those that only credit an outlet for another are dropped.

    `outlets` are the outlets that the statements' speakers are, as `outlet_in` finds them.
    """
    result: list[Credited] = []
    credited = any(outlets)
    for order, (found, speaker) in enumerate(zip(reading.found, speakers, strict=True)):
        if outlets[order] is not None and _inside(reading.found, order):
            continue
        told = outlet_in(reading.tokens, found.hearer, lexicon, people)
        result.append(
            (found, speaker, outlets[order] or told or (_around(reading.found, outlets, order) if credited else None))
        )
    return result


def outlet_in(tokens: Tokens, span: Span | None, lexicon: Lexicon, people: People) -> str | None:
    """The outlet that a stretch names, as written: "La República" of "the Peruvian daily La República"."""
    if span is None:
        return None
    first, beyond = bisect_left(tokens.start, span[0]), bisect_left(tokens.end, span[1]) + 1
    if people.by_name(tokens.slice(first, beyond)) is not None:
        return None
    for start in range(first, beyond):
        if " ".join(words(tokens.slice(start, beyond))) in lexicon.agencies:
            return tokens.slice(start, beyond)
        if _speaks_for(tokens.low[start], lexicon):
            return None
        if tokens.bits[start] & PREP:
            if lexicon.outlet_words.isdisjoint(tokens.word(at) for at in range(first, start)):
                return None
            break
    return _by_its_word(tokens, first, beyond, lexicon)


def _speaks_for(low: str, lexicon: Lexicon) -> bool:
    """A person of the outlet ("the editor of El Tiempo"), not the outlet."""
    role = plain_role(low, lexicon)
    return role is not None and role not in BODIES


def _by_its_word(tokens: Tokens, first: int, beyond: int, lexicon: Lexicon) -> str | None:
    """ "the Valley Times", "Radio Valle", "la agencia Sur": a name one of whose words only outlets have."""
    first += tokens.low[first] in lexicon.articles
    for at in range(first, beyond):
        if tokens.word(at) in lexicon.outlet_words and beyond - first <= _NAME_LONGEST:
            if tokens.bits[at] & CAP:
                return tokens.slice(first, beyond) if beyond - first > 1 else None
            return tokens.slice(at + 1, beyond) if at + 1 < beyond and tokens.bits[at + 1] & CAP else None
    return None


def _inside(all_found: list[Found], order: int) -> bool:
    """Does the same sentence hold another statement within this one's words?"""
    return any(_holds(all_found[order], other) for other in _neighbours(all_found, order))


def _around(all_found: list[Found], outlets: list[str | None], order: int) -> str | None:
    """The outlet whose credit encloses this statement."""
    for at in range(max(0, order - 4), min(len(all_found), order + 5)):
        if at != order and outlets[at] and _holds(all_found[at], all_found[order]):
            return outlets[at]
    return None


def _neighbours(all_found: list[Found], order: int) -> list[Found]:
    return [all_found[at] for at in range(max(0, order - 4), min(len(all_found), order + 5)) if at != order]


def _holds(outer: Found, inner: Found) -> bool:
    if outer.sentence != inner.sentence:
        return False
    start, end = inner.parts[0][0], inner.parts[-1][1]
    return any(first <= start and end <= last for first, last in outer.parts)
