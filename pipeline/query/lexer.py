"""Cutting a query into tokens that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pipeline.errors import QueryError
from pipeline.query.ast import FIELDS
from pipeline.wording import Worded, worded

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r'[^\s()"“”]+')
_FIELD = re.compile(r"([A-Za-z]+):")
_PHRASE = re.compile(r'["“”]([^"“”]*)(["“”]?)')
_NEAR = re.compile(r"NEAR(?:/(\d{1,3}))?")
#: SQLite's own default
_NEAR_DEFAULT = 10
#: how an error names the last token
END = worded("the end of the query")


class Sort(Enum):
    """What a token is."""

    WORD = "word"
    PHRASE = "phrase"
    FIELD = "field"
    OPEN = "("
    CLOSE = ")"
    MINUS = "-"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    END = "end"


_OPERATORS = {"AND": Sort.AND, "OR": Sort.OR, "NOT": Sort.NOT}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query. `text` is a word as written, a phrase without its marks, a field's name in lower case."""

    sort: Sort
    text: str
    #: offset of the first character of `text` (a phrase's and a field's: of what stands in the query)
    position: int
    #: words between, of NEAR
    within: int = 0

    def told(self) -> Worded | str:
        """How an error names it."""
        return END if self.sort is Sort.END else f'"{self.text}"'


def tokens(query: str) -> Iterator[Token]:
    """Yield the tokens of `query`, the last one END. Raises QueryError."""
    position, after_field = 0, False
    while position < len(query):
        if space := _SPACE.match(query, position):
            if after_field:
                raise QueryError(query, position, worded("a value right after the colon"), worded("a space"))
            position = space.end()
            continue
        token, position = _next(query, position, after_field)
        after_field = token.sort is Sort.FIELD
        yield token
    yield Token(Sort.END, "", len(query))


def _next(query: str, position: int, after_field: bool) -> tuple[Token, int]:
    char = query[position]
    if char in "()":
        return Token(Sort.OPEN if char == "(" else Sort.CLOSE, char, position), position + 1
    if phrase := _PHRASE.match(query, position):
        if not phrase[2]:
            raise QueryError(query, position, worded("a closing quotation mark for this one"), END)
        return Token(Sort.PHRASE, phrase[1], position), phrase.end()
    if not after_field and char == "-":
        return Token(Sort.MINUS, "-", position), position + 1
    if not after_field and (field := _FIELD.match(query, position)):
        return _field(query, field), field.end()
    word = _WORD.match(query, position)
    assert word  # noqa: S101  # what is no space, bracket or quotation mark is a word
    return (Token(Sort.WORD, word[0], position) if after_field else _word(query, word)), word.end()


def _field(query: str, match: re.Match[str]) -> Token:
    name = match[1].lower()
    if name not in FIELDS:
        names = ", ".join(FIELDS)
        expected = worded("one of the fields {names} (or quotation marks around the words)", names=names)
        raise QueryError(query, match.start(), expected, f'"{match[0]}"')
    return Token(Sort.FIELD, name, match.start())


def _word(query: str, match: re.Match[str]) -> Token:
    text, position = match[0], match.start()
    if text in _OPERATORS:
        return Token(_OPERATORS[text], text, position)
    if text == "NEAR" or text.startswith("NEAR/"):
        near = _NEAR.fullmatch(text)
        if not near:
            expected = worded("a number of words from 0 to 999")
            raise QueryError(query, position + len("NEAR/"), expected, f'"{text[5:]}"')
        return Token(Sort.NEAR, text, position, int(near[1]) if near[1] else _NEAR_DEFAULT)
    return Token(Sort.WORD, text, position)
