"""Reading a query: recursive descent over tokens, one function per level of binding.

```
either   = both ("OR" both)*                     binds least
both     = single ("AND"? single)*
single   = ("NOT" | "-") single | near
near     = primary ("NEAR/n" primary)?           binds most; both sides words or phrases
primary  = WORD | PHRASE | field:VALUE | field:"PHRASE" | field:(either) | (either)
```

Inside `field:( )` words and phrases are values of that field, and no other field may be named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from pipeline.errors import QueryError
from pipeline.query.ast import (
    Everything,
    HasStance,
    Name,
    NameField,
    Near,
    Node,
    Not,
    Text,
    TextField,
    TimeField,
    Value,
    ValueField,
    Within,
    all_of,
    any_of,
)
from pipeline.query.lexer import Sort, Token, tokens
from pipeline.query.terms import terms
from pipeline.query.times import TimeError, last, period, time_of
from pipeline.types import Access, Kind, Stance
from pipeline.wording import Worded, worded

#: brackets and negations inside each other
_DEPTH_MAX = 50
_LENGTH_MAX = 20_000
#: SQLite takes expressions of 1,000 steps inside each other, and a list of conditions is as many
_CONDITIONS_MAX = 400
_CONDITION = worded("a word, a phrase, a field or an opening bracket")
_STARTS = frozenset({Sort.WORD, Sort.PHRASE, Sort.FIELD, Sort.OPEN, Sort.MINUS, Sort.NOT})
_TEXTS: dict[str, TextField] = {field: field for field in get_args(TextField)}
_VALUES: dict[str, ValueField] = {field: field for field in get_args(ValueField)}
_NAMES: dict[str, NameField] = {field: field for field in get_args(NameField)}
_TIMES: dict[str, TimeField] = {field: field for field in get_args(TimeField)}
#: fields that have no other values
_KNOWN: dict[ValueField, tuple[str, ...]] = {"kind": get_args(Kind), "access": get_args(Access)}
_STANCES: dict[str, Stance] = {stance: stance for stance in get_args(Stance)}


def parse(query: str) -> Node:
    """Read `query`; nothing but spaces means everything. Raises QueryError, which points at the character."""
    if len(query) > _LENGTH_MAX:
        raise QueryError(query[:40], 0, worded("at most {n} characters", n=_LENGTH_MAX), str(len(query)))
    return _Parser(query).whole()


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = list(tokens(query))
        self._index = 0
        self._depth = 0
        self._conditions = 0
        #: the field whose brackets we are in
        self._field: str | None = None

    @property
    def _now(self) -> Token:
        return self._tokens[self._index]

    def _at(self, *sorts: Sort) -> bool:
        return self._now.sort in sorts

    def _take(self) -> Token:
        token = self._now
        self._index += 1
        return token

    def _error(self, expected: Worded, token: Token) -> QueryError:
        return QueryError(self._query, token.position, expected, token.told())

    def whole(self) -> Node:
        if self._at(Sort.END):
            return Everything()
        node = self._either()
        if not self._at(Sort.END):
            raise self._error(worded("AND, OR or the end of the query"), self._now)
        return node

    def _either(self) -> Node:
        parts = [self._both()]
        while self._at(Sort.OR):
            self._take()
            parts.append(self._both())
        return any_of(parts)

    def _both(self) -> Node:
        parts = [self._single()]
        while self._at(Sort.AND, *_STARTS):
            if self._at(Sort.AND):
                self._take()
            parts.append(self._single())
        return all_of(parts)

    def _single(self) -> Node:
        if not self._at(Sort.NOT, Sort.MINUS):
            return self._near()
        sign = self._take()
        if sign.sort is Sort.MINUS and self._now.position != sign.position + 1:
            raise self._error(worded("the word to leave out right after the -"), self._now)
        return Not(self._deeper(sign, self._single))

    def _near(self) -> Node:
        first = self._now
        left = self._primary()
        if not self._at(Sort.NEAR):
            return left
        sign = self._take()
        second = self._now
        right = self._primary()
        for token, side in ((first, left), (second, right)):
            if token.sort not in (Sort.WORD, Sort.PHRASE) or not isinstance(side, Text):
                raise self._error(worded("a word or a phrase on both sides of NEAR, or field:(a NEAR b)"), token)
        assert isinstance(left, Text)  # noqa: S101  # both were checked in the loop
        assert isinstance(right, Text)  # noqa: S101
        if self._at(Sort.NEAR):
            raise self._error(worded("one NEAR between two words"), self._now)
        return Near(left, right, sign.within)

    def _primary(self) -> Node:
        token = self._take()
        if token.sort in (Sort.WORD, Sort.PHRASE):
            return self._condition(self._field or "any", token)
        if token.sort is Sort.OPEN:
            return self._bracket(token)
        if token.sort is Sort.FIELD and self._field is None:
            return self._field_condition(token)
        raise self._error(worded("a value of {field}", field=self._field) if self._field else _CONDITION, token)

    def _field_condition(self, name: Token) -> Node:
        token = self._take()
        if token.sort in (Sort.WORD, Sort.PHRASE):
            return self._condition(name.text, token)
        if token.sort is not Sort.OPEN:
            expected = worded('a value, a phrase or an opening bracket right after "{field}:"', field=name.text)
            raise self._error(expected, token)
        self._field = name.text
        node = self._bracket(token)
        self._field = None
        return node

    def _bracket(self, opening: Token) -> Node:
        node = self._deeper(opening, self._either)
        closing = self._take()
        if closing.sort is not Sort.CLOSE:
            expected = worded("a closing bracket for the one at character {number}", number=opening.position + 1)
            raise self._error(expected, closing)
        return node

    def _deeper(self, token: Token, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise self._error(worded("at most {n} brackets and negations inside each other", n=_DEPTH_MAX), token)
        node = read()
        self._depth -= 1
        return node

    def _condition(self, field: str, token: Token) -> Node:
        """Make the condition that `token` is for `field`."""
        self._conditions += 1
        if self._conditions > _CONDITIONS_MAX:
            raise self._error(worded("at most {n} words and other conditions", n=_CONDITIONS_MAX), token)
        if field in _TEXTS:
            return Text(_TEXTS[field], *self._words(token))
        if field in _NAMES:
            return Name(_NAMES[field], *self._words(token))
        if field in _VALUES:
            return self._value(_VALUES[field], token)
        return self._stance(token) if field == "stance" else self._time(field, token)

    def _words(self, token: Token) -> tuple[tuple[str, ...], bool]:
        """Fold the token's words; the second tells whether the last is open at its end."""
        inside = token.position + (token.sort is Sort.PHRASE)
        bare = token.text.rstrip().removesuffix("*")
        if (star := bare.find("*")) >= 0:
            raise QueryError(self._query, inside + star, worded("* only at the end"), '"*"')
        folded = tuple(terms(bare))
        prefix = token.text.rstrip() != bare
        if not folded or (prefix and bare[-1:].isspace()):
            raise self._error(worded("a word before *") if prefix else worded("a word with letters or digits"), token)
        return folded, prefix

    def _value(self, field: ValueField, token: Token) -> Value:
        folded, prefix = self._words(token)
        value = " ".join(folded)
        known = _KNOWN.get(field, ())
        if known and not any(one == value or (prefix and one.startswith(value)) for one in known):
            raise self._error(worded("one of {names}", names=", ".join(known)), token)
        return Value(field, value, prefix)

    def _stance(self, token: Token) -> HasStance:
        topic, equals, written = token.text.rpartition("=")
        stance = _STANCES.get(written)
        folded = " ".join(terms(topic))
        if stance is None or bool(equals) != bool(folded) or "*" in topic:
            raise self._error(worded("one of {names}, or topic=one of them", names=", ".join(_STANCES)), token)
        return HasStance(stance, folded or None)

    def _time(self, field: str, token: Token) -> Node:
        written = token.text
        try:
            if field == "last":
                return last("published", written)
            if field == "after":
                return Within("published", period(written)[0], None)
            if field == "before":
                return Within("published", None, period(written)[0])
            return time_of(_TIMES[field], written)
        except TimeError as error:
            raise self._error(error.expected, token) from None
