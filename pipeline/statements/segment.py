"""Text -> tokens, and tokens -> sentences. Quoted stretches do not end a sentence that goes on around them.

Everything works on token positions; `Tokens.start` and `Tokens.end` lead back to code points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.statements.lexicon import (
    ADV,
    BE,
    CAP,
    COMMA,
    COORD,
    CUE,
    DASH,
    DET,
    FUNC,
    HAVE,
    MARK,
    MODAL,
    NEWLINE,
    NOMINAL,
    NUM,
    OPEN,
    PREP,
    STOP,
    TIME,
    TITLE,
    WORD,
    Lexicon,
)  # fmt: skip
from pipeline.types import Span

# A word keeps its inner apostrophes and hyphens, a number its inner points; initials keep their dots (U.S.).
_TOKEN = re.compile(
    r"[^\W\d_]\.(?:[^\W\d_]\.)+"
    r"|\w+(?:(?:['’\-‑&/]|(?<=\d)[.,:](?=\d))\w+)*"
    r"|\n\s*|''|``|\.{2,}|-{2,}|[^\w\s]"
)


_BREAK = ("\n", NEWLINE)


@dataclass(slots=True)
class Tokens:
    """Parallel lists, one entry a token: offsets, lower-case form, what it may be."""

    text: str
    start: list[int]
    end: list[int]
    low: list[str]
    bits: list[int]

    def __len__(self) -> int:
        return len(self.start)

    def word(self, index: int) -> str:
        """The token as written."""
        return self.text[self.start[index] : self.end[index]]

    def span(self, first: int, beyond: int) -> Span:
        """Offsets of tokens first..beyond-1."""
        return self.start[first], self.end[beyond - 1]

    def slice(self, first: int, beyond: int) -> str:
        """Text of tokens first..beyond-1."""
        return self.text[self.start[first] : self.end[beyond - 1]] if beyond > first else ""


def tokenize(text: str, lexicon: Lexicon) -> Tokens:
    """Cut `text` into words, numbers, signs and paragraph breaks."""
    tokens = Tokens(text, [], [], [], [])
    start, end, low, bits = tokens.start.append, tokens.end.append, tokens.low.append, tokens.bits.append
    seen = lexicon.seen
    for match in _TOKEN.finditer(text):
        word = match.group()
        first, last = match.span()
        known = _BREAK if word[0] == "\n" else seen.get(word) or lexicon.look_up(word)
        start(first)
        end(last)
        low(known[0])
        bits(known[1])
    return tokens


#: share of words with a capital, and number of words, from which a headline is written in title case
_TITLE_CASE = 0.7
_TITLE_WORDS = 4
_SMALL = DET | PREP | FUNC | COORD


def true_case(title: Tokens, body: Tokens) -> None:
    """Take the capital off the words of a Title Case Headline that the text below writes small, and off its verbs."""
    big = [at for at, bits in enumerate(title.bits) if bits & WORD and not bits & (NUM | _SMALL)]
    capital = [at for at in big if title.bits[at] & CAP]
    if len(big) < _TITLE_WORDS or len(capital) < _TITLE_CASE * len(big):
        return
    small = {low for low, bits in zip(body.low, body.bits, strict=True) if bits & WORD and not bits & CAP}
    for at, bits in enumerate(title.bits):
        verb = bits & CUE and not bits & NOMINAL
        if bits & CAP and (title.low[at] in small or verb or bits & (_SMALL | MODAL | BE | HAVE)):
            title.bits[at] = bits & ~CAP


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens first..beyond-1; quoted stretches inside count as one piece. `paragraph` counts from 0."""

    first: int
    beyond: int
    paragraph: int


def sentences(tokens: Tokens, closes: Mapping[int, int], lexicon: Lexicon) -> list[Sentence]:
    """Cut into sentences. `closes` maps each opening mark's token to its closing mark's."""
    found: list[Sentence] = []
    first, at, paragraph, count = 0, 0, 0, len(tokens)
    bits = tokens.bits
    while at < count:
        here = bits[at]
        ends = False
        if at in closes:
            at = min(closes[at], count - 1)
            ends = bool(bits[at - 1] & STOP or bits[at] & NEWLINE) and _starts_anew(tokens, at + 1)
            ends = ends and not _attributed_next(tokens, at)
        elif here & STOP:
            ends = _ends_sentence(tokens, at, lexicon)
            while ends and at + 1 < count and tokens.low[at + 1] in _CLOSERS and at + 1 not in closes:
                at += 1
        if bits[at] & NEWLINE:
            if at > first:
                found.append(Sentence(first, at, paragraph))
            paragraph += 1
            first = at + 1
        elif ends:
            found.append(Sentence(first, at + 1, paragraph))
            first = at + 1
        at += 1
    if first < count:
        found.append(Sentence(first, count, paragraph))
    return found


_CLOSERS = frozenset(')]”»›"’')


def _starts_anew(tokens: Tokens, at: int) -> bool:
    """Does what stands at `at` look like a sentence's beginning (or is it the end of all)?"""
    return at >= len(tokens) or bool(tokens.bits[at] & (CAP | NUM | NEWLINE | MARK | OPEN | DASH))


def _ends_sentence(tokens: Tokens, at: int, lexicon: Lexicon) -> bool:
    beyond = at + 1
    while beyond < len(tokens) and tokens.low[beyond] in _CLOSERS and tokens.start[beyond] == tokens.end[beyond - 1]:
        beyond += 1
    if not _starts_anew(tokens, beyond):
        return False
    if tokens.low[at] != "." or at == 0 or tokens.end[at - 1] != tokens.start[at]:
        return True
    before = tokens.low[at - 1]
    if beyond < len(tokens) and tokens.bits[beyond] & NEWLINE:
        return True
    initial = len(before) == 1 and bool(tokens.bits[at - 1] & CAP)
    return not initial and before not in lexicon.abbreviations


def _attributed_next(tokens: Tokens, closed: int) -> bool:
    """Does the sentence go on with who said the quotation just closed: "Why?" Ruiz asked."""
    asks = tokens.low[closed - 1] != "."
    for at in range(closed + 1, min(closed + 14, len(tokens) - 1)):
        bits = tokens.bits[at]
        if bits & (STOP | NEWLINE | MARK) and not (tokens.low[at] == "." and tokens.bits[at - 1] & TITLE):
            return False
        if bits & CUE and at > closed + 1 and not bits & NOMINAL:
            following = tokens.bits[at + 1]
            return bool(following & (STOP | NEWLINE)) or (asks and bool(following & (PREP | COMMA | TIME | ADV)))
    return False
