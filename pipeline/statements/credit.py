"""Who reported it: outlets and agencies that an article credits.

"..., reported La República" around what somebody else said is no statement of the newspaper's: it is the inner one's
`via`.
An outlet that is the only source of something is both its speaker and its `via`.
"""

from __future__ import annotations

from pipeline.statements.find import Found, Reading
from pipeline.statements.lexicon import Lexicon
from pipeline.text import words
from pipeline.types import Span, Speaker

Credited = tuple[Found, Speaker, str | None]


def credit(reading: Reading, speakers: list[Speaker], lexicon: Lexicon) -> list[Credited]:
    """Statements with their speaker and `via`; those that only credit an outlet for another are dropped."""
    pairs = list(zip(reading.found, speakers, strict=True))
    outlets = [_outlet(reading, found.speaker, lexicon) for found in reading.found]
    result: list[Credited] = []
    for order, (found, speaker) in enumerate(pairs):
        outlet = outlets[order]
        if outlet is not None and _inside(reading.found, order):
            continue
        via = outlet or _told_to(reading, found, lexicon) or _around(reading.found, outlets, order)
        result.append((found, speaker, via))
    return result


def _outlet(reading: Reading, span: Span | None, lexicon: Lexicon) -> str | None:
    """The outlet that a stretch names, as written, without its article."""
    if span is None:
        return None
    written = reading.tokens.text[span[0] : span[1]]
    folded = words(written)
    for skip in (0, 1):
        if " ".join(folded[skip:]) in lexicon.agencies:
            return " ".join(written.split()[skip:])
    if 1 < len(folded) <= 6 and any(
        word.strip("'’s") in lexicon.outlet_words or word in lexicon.outlet_words for word in written.split()
    ):
        return " ".join(written.split()[1:] if folded[0] in lexicon.articles else written.split())
    return None


def _told_to(reading: Reading, found: Found, lexicon: Lexicon) -> str | None:
    return _outlet(reading, found.hearer, lexicon)


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
