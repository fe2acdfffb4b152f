"""Pairing quotation marks: which mark opens, which closes, where a quotation without its closing mark ends.

Marks never pair across a paragraph's end, except where the next paragraph opens with the same mark: then the quotation
runs on. A mark without partner is ignored, or closed by the paragraph's end where something announced a quotation;
nothing here can fail on unbalanced marks. One pass, with a short stack: linear in the number of tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.statements.lexicon import (
    COLON,
    COMMA,
    COMP,
    CUE,
    DASH,
    MARK,
    NEWLINE,
    NOMINAL,
    OPEN,
    PAUSE,
    STOP,
    WORD,
    Lexicon,
)
from pipeline.statements.segment import Tokens

_DEEPEST = 4
#: words among which who says it is looked for, where no mark closes
_UNCLOSED = 60
#: words a cue between dashes may take: "- agregó el presidente del partido en alusión a su rival -"
_INTERRUPTION = 24
_SINGLE = frozenset("‘’'")
_ONLY_OPENS = frozenset(("“", "«", "‘", "„", "‹", "``"))
_ONLY_CLOSES = frozenset(("”", "»", "›", "''"))


@dataclass(slots=True)
class Quotes:
    """Outermost quotations: token of the opening mark -> token of the closing mark (or of the paragraph's end)."""

    closes: dict[int, int] = field(default_factory=dict)
    #: openings whose quotation goes on in the next paragraph's first quotation
    runs_on: set[int] = field(default_factory=set)
    #: closing mark that opens a paragraph of a quotation («... ⏎ »...) -> the mark that opened the quotation
    resumed: dict[int, str] = field(default_factory=dict)
    #: opening of a quotation that goes on from the paragraph before -> opening of its first paragraph
    head: dict[int, int] = field(default_factory=dict)


def pair(tokens: Tokens, lexicon: Lexicon) -> Quotes:
    """Find the outermost quotations of a text."""
    quotes = Quotes()
    first, count = 0, len(tokens)
    bits = tokens.bits
    marks: list[int] = []
    for at in range(count + 1):
        if at == count or bits[at] & NEWLINE:
            if first < at and tokens.low[first] in lexicon.dashes and _dialogue(tokens, first, at, lexicon, quotes):
                marks = []
            if marks:
                _pair_paragraph(tokens, first, at, marks, lexicon, quotes)
                marks = []
            first = at + 1
        elif bits[at] & MARK:
            marks.append(at)
    for opened, closed in quotes.closes.items():
        if opened in quotes.runs_on and closed + 1 in quotes.closes:
            quotes.head[closed + 1] = quotes.head.get(opened, opened)
    return quotes


def _pair_paragraph(
    tokens: Tokens, first: int, beyond: int, marks: list[int], lexicon: Lexicon, quotes: Quotes
) -> None:
    pairs, interrupted = lexicon.pairs, bool(lexicon.dashes)
    stack: list[int] = []
    found: list[tuple[int, int]] = []
    for order, at in enumerate(marks):
        mark = tokens.low[at]
        if at == first and at in quotes.resumed:
            stack.append(at)
            continue
        if _closes_by_mistake(tokens, at, mark, stack):
            found.append((stack.pop(), at))
            continue
        depth = _closed_depth(tokens, stack, mark, pairs, quotes.resumed)
        if depth is not None and _may_close(tokens, at, mark, marks, order):
            found.append((stack[depth], at))
            del stack[depth:]
        elif mark in pairs and len(stack) < _DEEPEST and _may_open(tokens, at, mark, first):
            stack.append(at)
    left_open = _left_open(tokens, first, beyond, stack, quotes, pairs)
    if left_open is not None:
        found.append((left_open, _attributive_at(tokens, left_open, beyond, quotes)))
    last = -1
    for opened, closed in sorted(found):
        if opened > last:
            last = closed
            _keep(tokens, opened, closed, interrupted, quotes)


def _keep(tokens: Tokens, opened: int, closed: int, interrupted: bool, quotes: Quotes) -> None:
    """Record a quotation; one interrupted by its cue between dashes ("We —he said— will") as two."""
    at = opened + 1
    while interrupted and at < closed - 2:
        if tokens.bits[at] & DASH and tokens.bits[at + 1] & CUE and at > opened + 1:
            end = next((far for far in range(at + 2, min(at + _INTERRUPTION, closed)) if tokens.bits[far] & DASH), None)
            if end is not None:
                quotes.closes[opened] = at
                opened = at = end
                while at + 1 < closed and tokens.bits[at + 1] & DASH:
                    opened = at = at + 1
        at += 1
    quotes.closes[opened] = closed


def _closes_by_mistake(tokens: Tokens, at: int, mark: str, stack: list[int]) -> bool:
    """“It works,“ he said: an opening mark stuck to the end of what the same mark opened."""
    twin = mark in _ONLY_OPENS and bool(stack) and tokens.low[stack[-1]] == mark and at > stack[-1] + 1
    return twin and _touches_before(tokens, at) and not (_touches_after(tokens, at) and tokens.bits[at + 1] & WORD)


def _closed_depth(
    tokens: Tokens, stack: list[int], mark: str, pairs: Mapping[str, str], resumed: Mapping[int, str]
) -> int | None:
    for depth in range(len(stack) - 1, -1, -1):
        opening = resumed.get(stack[depth]) or tokens.low[stack[depth]]
        if mark in pairs[opening].split(" "):
            return depth
    return None


def _touches_before(tokens: Tokens, at: int) -> bool:
    return at > 0 and tokens.end[at - 1] == tokens.start[at] and not tokens.bits[at - 1] & (OPEN | NEWLINE)


def _touches_after(tokens: Tokens, at: int) -> bool:
    return at + 1 < len(tokens) and tokens.start[at + 1] == tokens.end[at] and not tokens.bits[at + 1] & NEWLINE


def _may_close(tokens: Tokens, at: int, mark: str, marks: list[int], order: int) -> bool:
    if mark in _ONLY_CLOSES:
        return True
    before_word = _touches_after(tokens, at) and bool(tokens.bits[at + 1] & WORD)
    if not _touches_before(tokens, at):
        # a free-standing mark closes what is open; one stuck to the next word opens
        return mark not in _SINGLE and not before_word
    if mark in _SINGLE:
        return not before_word and not _is_possessive(tokens, at, marks, order)
    return not before_word or bool(tokens.bits[at - 1] & PAUSE)


def _is_possessive(tokens: Tokens, at: int, marks: list[int], order: int) -> bool:
    """A plural's apostrophe ("the members' votes") while another mark that could close is still to come."""
    if not tokens.low[at - 1].endswith("s") or at + 1 >= len(tokens) or not tokens.bits[at + 1] & WORD:
        return False
    following = marks[order + 1] if order + 1 < len(marks) else None
    return following is not None and tokens.low[following] == tokens.low[at] and _touches_before(tokens, following)


def _may_open(tokens: Tokens, at: int, mark: str, first: int) -> bool:
    if mark in _ONLY_OPENS:
        return True
    loose_before = at == first or not _touches_before(tokens, at) or bool(tokens.bits[at - 1] & (PAUSE | MARK))
    if mark in _SINGLE:
        return loose_before and _touches_after(tokens, at) and bool(tokens.bits[at + 1] & (WORD | MARK | OPEN))
    return loose_before


def _left_open(
    tokens: Tokens, first: int, beyond: int, stack: list[int], quotes: Quotes, pairs: Mapping[str, str]
) -> int | None:
    """The opening of a quotation that its paragraph does not close, when it counts: it runs on, or was announced."""
    opened = next((at for at in stack if tokens.low[at] not in _SINGLE), None)
    if opened is None or opened + 1 >= beyond:
        return None
    following = beyond + 1
    if following < len(tokens):
        opening, mark = quotes.resumed.get(opened) or tokens.low[opened], tokens.low[following]
        if mark == opening or (mark in pairs[opening].split(" ") and _touches_after(tokens, following)):
            if mark not in pairs:
                quotes.resumed[following] = opening
            quotes.runs_on.add(opened)
            return opened
    announced = opened == first or bool(tokens.bits[opened - 1] & (COLON | COMMA | CUE))
    return opened if announced else None


def _attributive_at(tokens: Tokens, opened: int, beyond: int, quotes: Quotes) -> int:
    """Where a quotation ends that nothing closes: at the comma before who says it (“..., warned Ruiz. The line ...)."""
    if opened in quotes.runs_on:
        return beyond
    for at in range(opened + 3, min(opened + _UNCLOSED, beyond - 2)):
        bits = tokens.bits[at]
        if bits & (STOP | MARK):
            break
        said = tokens.bits[at + 1]
        if bits & COMMA and said & CUE and not said & NOMINAL and not tokens.bits[at + 2] & (COMP | STOP):
            return at
    return beyond


def _dialogue(tokens: Tokens, first: int, beyond: int, lexicon: Lexicon, quotes: Quotes) -> bool:
    """A paragraph of dialogue: dash, words, dash, who says so, dash, words. False for anything else (a list)."""
    dashes = [at for at in range(first, beyond) if tokens.low[at] in lexicon.dashes]
    if len(dashes) < 2 or not any(tokens.bits[at] & CUE for at in range(dashes[1] + 1, min(dashes[1] + 4, beyond))):
        return False
    for order in range(0, len(dashes), 2):
        opened = dashes[order]
        closed = dashes[order + 1] if order + 1 < len(dashes) else beyond
        if closed - opened > 1:
            quotes.closes[opened] = closed
    return True
