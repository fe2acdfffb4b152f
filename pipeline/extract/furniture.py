"""Lines that got into the text with the article but are not of it: its own headline and date line, links, appeals.

Reads lines as words (pipeline/text.py), so neither case nor punctuation matters. The phrases stand in
config/languages.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pipeline.extract.dates import parse_date
from pipeline.extract.lexicon import shipped
from pipeline.text import words

#: an appeal or a link is short; a paragraph of the article that opens with the same words is not
_APPEAL_WORDS = 30
_LABEL_WORDS = 20
_DATE_LINE_WORDS = 12
#: the headline, byline and date line stand among the first lines
_HEAD_LINES = 5
_KICKER_WORDS = 8
_SECTION_WORDS = 3
#: what stands behind a heading that ends the article is less than this share of the text
_TAIL = 0.45

_Phrase = tuple[str, ...]


@lru_cache(maxsize=1)
def _phrases() -> tuple[frozenset[_Phrase], dict[str, list[_Phrase]], re.Pattern[str], frozenset[_Phrase]]:
    furniture = shipped().furniture
    opens: dict[str, list[_Phrase]] = {}
    for phrase in furniture.opens:
        folded = tuple(words(phrase))
        opens.setdefault(folded[0], []).append(folded)
    labels = "|".join(sorted(map(re.escape, furniture.labels), key=len, reverse=True))
    return (
        frozenset(tuple(words(phrase)) for phrase in furniture.alone),
        opens,
        re.compile(rf"^\W{{0,2}}(?:{labels})(?:\s*[:|/©]|(?!\w)\W*(?:\w+\W+){{0,2}}?\d)", re.I),
        frozenset(tuple(words(phrase)) for phrase in furniture.ends),
    )


def without_furniture(text: str, titles: Iterable[str], authors: Iterable[str]) -> str:
    """The text without such lines. `titles` are what the page calls itself, `authors` the names in its byline."""
    lines = [(line, tuple(words(line))) for line in text.split("\n")]
    lines = _without_tail(lines, len(text))
    opening = _after_kicker(_after_headline(lines, {tuple(words(title)) for title in titles} - {()}))
    names = [tuple(words(author)) for author in authors]
    head = [one for one in opening[:_HEAD_LINES] if not _is_date_line(*one) and not _is_byline(one[1], names)]
    return "\n".join(line for line, folded in (*head, *opening[_HEAD_LINES:]) if not _is_furniture(line, folded))


def _is_furniture(line: str, folded: _Phrase) -> bool:
    alone, opens, label, _ = _phrases()
    if not folded or folded in alone:
        return True
    if len(folded) <= _APPEAL_WORDS and any(folded[: len(one)] == one for one in opens.get(folded[0], ())):
        return True
    return len(folded) <= _LABEL_WORDS and label.match(line) is not None


def _after_headline(lines: Sequence[tuple[str, _Phrase]], titles: set[_Phrase]) -> list[tuple[str, _Phrase]]:
    """The lines without the headline, and without the kickers above it."""
    for at, (_, folded) in enumerate(lines[:_HEAD_LINES]):
        if folded in titles:
            return [*(() if _are_kickers(lines[:at]) else lines[:at]), *lines[at + 1 :]]
    return list(lines)


def _after_kicker(lines: Sequence[tuple[str, _Phrase]]) -> Sequence[tuple[str, _Phrase]]:
    """The lines without a first one that names the section."""
    is_kicker = len(lines) > 1 and len(lines[0][1]) <= _SECTION_WORDS and lines[0][0][-1].isalnum()
    return lines[1:] if is_kicker else lines


def _are_kickers(lines: Sequence[tuple[str, _Phrase]]) -> bool:
    return all(len(folded) <= _KICKER_WORDS for _, folded in lines)


def _is_date_line(line: str, folded: _Phrase) -> bool:
    return len(folded) <= _DATE_LINE_WORDS and not line.endswith(".") and parse_date(line) is not None


def _is_byline(folded: _Phrase, names: Sequence[_Phrase]) -> bool:
    """Whether a line is an author's name and little else."""
    return any(
        len(folded) <= len(name) + 4 and any(folded[at : at + len(name)] == name for at in range(3))
        for name in names
        if name
    )


def _without_tail(lines: list[tuple[str, _Phrase]], length: int) -> list[tuple[str, _Phrase]]:
    """Cut at the first heading that ends the article, if little enough follows it."""
    ends = _phrases()[3]
    behind = length
    for at, (line, folded) in enumerate(lines):
        behind -= len(line) + 1
        if folded in ends and behind <= _TAIL * length:
            return lines[:at]
    return lines
