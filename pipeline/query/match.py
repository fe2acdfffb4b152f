"""Does a record in memory meet a query? The same answer as the store gives for the same record."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any, Literal

from pipeline.query.ast import (
    And,
    Everything,
    HasStance,
    Last,
    Name,
    NameField,
    Near,
    Node,
    Not,
    Or,
    Text,
    TimeField,
    Value,
    ValueField,
    Within,
)
from pipeline.query.terms import terms

#: the texts that a bare word looks into
_ANY = {"item": ("title", "text"), "statement": ("said", "speaker")}

Words = tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """An item or a statement as a query sees it; what it has none of is left out. Times are UTC."""

    kind: Literal["item", "statement"]
    #: values as stored: topics, source slugs, ISO codes, roles, kinds; an item's are those of all its statements
    fields: Mapping[ValueField, Words] = field(default_factory=dict)
    #: names as stored
    names: Mapping[NameField, Words] = field(default_factory=dict)
    #: folded words (pipeline.query.terms) of each text of a field; an item's `said` has one for each statement
    texts: Mapping[Literal["title", "text", "said"], tuple[Words, ...]] = field(default_factory=dict)
    published: datetime | None = None
    seen: datetime | None = None
    #: topic -> stances taken towards it
    stance: Mapping[str, Words] = field(default_factory=dict)

    def time(self, name: TimeField) -> datetime | None:
        """Return the time that the field `name` asks for."""
        return self.published if name == "published" else self.seen

    @cached_property
    def _values(self) -> dict[str, list[str]]:
        return {name: [" ".join(terms(value)) for value in values] for name, values in self.fields.items()}

    @cached_property
    def _names(self) -> dict[str, list[_Indexed]]:
        return {name: [_Indexed(tuple(terms(value))) for value in values] for name, values in self.names.items()}

    @cached_property
    def _texts(self) -> dict[str, list[_Indexed]]:
        return {name: list(map(_Indexed, texts)) for name, texts in self.texts.items()}

    @cached_property
    def _stances(self) -> dict[str, Words]:
        return {" ".join(terms(topic)): stances for topic, stances in self.stance.items()}

    def has(self, what: str, length: int | None = None) -> frozenset[str]:
        """Look up all it has of a kind: words of its `title`, of what was `said`, of all that bare words look into
        (`word`); words of its names; its values; stances, by themselves and as topic=stance. With `length`, their
        beginnings of so many characters.
        """
        found = self._had.get((what, length))
        if found is None:
            whole = frozenset(self._each(what)) if length is None else self.has(what)
            found = whole if length is None else frozenset(one[:length] for one in whole)
            self._had[what, length] = found
        return found

    @cached_property
    def _had(self) -> dict[tuple[str, int | None], frozenset[str]]:
        return {}

    def _each(self, what: str) -> Iterable[str]:
        if what == "word":
            return chain.from_iterable(text.distinct for text in self._searched("any"))
        if what == "stance":
            sided = ((topic, stance) for topic, stances in self._stances.items() for stance in stances)
            return chain.from_iterable((stance, f"{topic}={stance}") for topic, stance in sided)
        named = self._texts.get(what, ()) or self._names.get(what, ())
        return chain(self._values.get(what, ()), chain.from_iterable(text.distinct for text in named))

    def _searched(self, name: str) -> Iterator[_Indexed]:
        for each in _ANY[self.kind] if name == "any" else (name,):
            yield from self._names.get(each, ()) if each == "speaker" else self._texts.get(each, ())


class _Indexed:
    """One text with its words' places, worked out when the first query asks."""

    def __init__(self, text: Words) -> None:
        self._text = text

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self._text):
            places.setdefault(word, []).append(place)
        return places

    @property
    def distinct(self) -> Iterable[str]:
        """Return its words, each once."""
        return self._places

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._places)

    def _word(self, word: str, prefix: bool) -> list[int]:
        if not prefix:
            return self._places.get(word, [])
        found: list[int] = []
        for index in range(bisect_left(self._sorted, word), len(self._sorted)):
            if not self._sorted[index].startswith(word):
                break
            found += self._places[self._sorted[index]]
        return sorted(found)

    def phrase(self, phrase: Words, prefix: bool) -> list[int]:
        """Return where the phrase begins, in order."""
        if len(phrase) == 1:
            return self._word(phrase[0], prefix)
        starts = self._word(phrase[0], prefix=False)
        for offset, word in enumerate(phrase[1:], 1):
            if not starts:
                break
            last = offset == len(phrase) - 1
            there = set(self._word(word, prefix and last))
            starts = [start for start in starts if start + offset in there]
        return starts

    def has_all(self, wanted: Words, prefix: bool) -> bool:
        """Say whether every word is there, in any order."""
        last = len(wanted) - 1
        return all(self._word(word, prefix and place == last) for place, word in enumerate(wanted))


def matches(node: Node, record: Record, now: datetime) -> bool:
    """Say whether `record` meets the query. `now` (UTC) is what `last:` counts back from."""
    # asked of every rule an item may meet, so by a look into a table rather than kind after kind
    return _ANSWERS[type(node)](node, record, now)


def _and(node: And, record: Record, now: datetime) -> bool:
    for part in node.parts:  # noqa: SIM110 - a generator costs more than what it would go through
        if not _ANSWERS[type(part)](part, record, now):
            return False
    return True


def _or(node: Or, record: Record, now: datetime) -> bool:
    for part in node.parts:  # noqa: SIM110
        if _ANSWERS[type(part)](part, record, now):
            return True
    return False


def stands_in(text: Words, node: Text | Near) -> bool:
    """Say whether the phrase, or both phrases near each other, stand in a folded text."""
    indexed = _Indexed(text)
    return bool(indexed.phrase(node.words, node.prefix)) if isinstance(node, Text) else _near(indexed, node)


def _has_text(node: Text, record: Record, _: datetime) -> bool:
    if node.field == "any":
        whole = node.words[:-1] if node.prefix else node.words
        if not record.has("word").issuperset(whole):
            return False
        if len(whole) == 1 and not node.prefix:
            return True
    return any(text.phrase(node.words, node.prefix) for text in record._searched(node.field))


def _has_near(node: Near, record: Record, _: datetime) -> bool:
    return any(_near(text, node) for text in record._searched(node.left.field))


def _near(text: _Indexed, node: Near) -> bool:
    left, right = (text.phrase(side.words, side.prefix) for side in (node.left, node.right))
    after_left, after_right = len(node.left.words) + node.within, len(node.right.words) + node.within
    for start in left:
        index = bisect_left(right, start - after_right)
        if index < len(right) and right[index] <= start + after_left:
            return True
    return False


def _has_value(node: Value, record: Record, _: datetime) -> bool:
    values = record._values.get(node.field, ())
    return any(value.startswith(node.value) for value in values) if node.prefix else node.value in values


def _has_name(node: Name, record: Record, _: datetime) -> bool:
    return any(name.has_all(node.words, node.prefix) for name in record._names.get(node.field, ()))


def _has_stance(node: HasStance, record: Record, _: datetime) -> bool:
    if node.topic is None:
        return any(node.stance in stances for stances in record._stances.values())
    return node.stance in record._stances.get(node.topic, ())


def _in_time(node: Within | Last, record: Record, now: datetime) -> bool:
    time = record.time(node.field)
    if time is None:
        return False
    if isinstance(node, Last):
        return time >= now - node.span
    return (node.start is None or time >= node.start) and (node.end is None or time < node.end)


_ANSWERS: Mapping[type[Node], Callable[[Any, Record, datetime], bool]] = {
    Everything: lambda *_: True,
    And: _and,
    Or: _or,
    Not: lambda node, record, now: not matches(node.part, record, now),
    Text: _has_text,
    Near: _has_near,
    Value: _has_value,
    Name: _has_name,
    HasStance: _has_stance,
    Within: _in_time,
    Last: _in_time,
}
