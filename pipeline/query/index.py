"""Finding the few of many queries that a record may meet, without asking each.

Every query is filed under conditions of which a record that meets it must meet one: the rarest part of an And, every
part of an Or. A record looks up what it has, and only the queries found there are asked. What promises nothing that
could be looked up (a Not, a time) is asked always. The idea is the key method of Yan and Garcia-Molina, "Index structures
for selective dissemination of information under the Boolean model", ACM TODS 19 (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import get_args

from pipeline.query.ast import And, HasStance, Name, NameField, Near, Node, Or, Text, Value, ValueField
from pipeline.query.match import Record

#: of a word in a text, by its length up to here; a frequency list of each language would say hardly more
_BY_LENGTH = ((3, 0.4), (5, 0.15), (7, 0.05))
_LONG_WORD = 0.02
#: how many of 1 record have one given value of the field; rough, and only their order matters
_SHARES: dict[str, float] = {
    "access": 0.9,
    "kind": 0.6,
    "lang": 0.4,
    "country": 0.1,
    "topic": 0.1,
    "role": 0.05,
    "source": 0.02,
    "via": 0.01,
    "speaker": 0.005,
}
_STANCE = 0.2
#: an open end takes in so many words or values
_OPEN = 3
#: one title, or a few sentences, against a whole text
_SHORTER = {"title": 0.05, "said": 0.2}
#: a prefix is looked up by its beginning at most, so that few lengths are tried
_BEGINNING = 5


@dataclass(frozen=True, slots=True)
class Drawer:
    """A kind of thing that records have: words of a text, values of a field; with `length`, their beginnings."""

    name: str
    length: int | None = None


@dataclass(frozen=True, slots=True)
class _Clue:
    """Who meets the query has one of these, by drawer; `share` of all records do."""

    keys: frozenset[tuple[Drawer, str]]
    share: float


class Index:
    """Queries by the rarest thing that a record must have to meet them. They are known by their place in the order."""

    def __init__(self, queries: Iterable[Node]) -> None:
        self._always: list[int] = []
        self._drawers: dict[Drawer, dict[str, list[int]]] = {}
        for place, query in enumerate(queries):
            self._file(place, query)

    def _file(self, place: int, query: Node) -> None:
        clue = _clue(query)
        if clue is None:
            self._always.append(place)
            return
        for drawer, key in clue.keys:
            self._drawers.setdefault(drawer, {}).setdefault(key, []).append(place)

    def candidates(self, record: Record) -> list[int]:
        """Places of the queries that `record` may meet, in order: all that it meets, and few others."""
        found = set(self._always)
        for drawer, filed in self._drawers.items():
            for key in filed.keys() & record.has(drawer.name, drawer.length):
                found.update(filed[key])
        return sorted(found)


def _clue(node: Node) -> _Clue | None:
    """What a record must have to meet the query; None where nothing that can be looked up."""
    if isinstance(node, And):
        return min(filter(None, map(_clue, node.parts)), key=lambda clue: clue.share, default=None)
    if isinstance(node, Or):
        return _any_of([_clue(part) for part in node.parts])
    if isinstance(node, Text):
        return _rarest(_word_drawer(node), node.words, node.prefix, _word_share(node))
    if isinstance(node, Near):
        left, right = _clue(node.left), _clue(node.right)
        return min((clue for clue in (left, right) if clue), key=lambda clue: clue.share)
    return _value_clue(node)


def _any_of(clues: list[_Clue | None]) -> _Clue | None:
    known = [clue for clue in clues if clue is not None]
    if len(known) < len(clues):
        return None
    return _Clue(frozenset().union(*(clue.keys for clue in known)), sum(clue.share for clue in known))


def _value_clue(node: Node) -> _Clue | None:
    if isinstance(node, Value):
        return _rarest(node.field, (node.value,), node.prefix, lambda _: _SHARES[node.field])
    if isinstance(node, Name):
        return _rarest(node.field, node.words, node.prefix, lambda _: _SHARES[node.field])
    if isinstance(node, HasStance):
        key = node.stance if node.topic is None else f"{node.topic}={node.stance}"
        return _rarest("stance", (key,), False, lambda _: _STANCE if node.topic is None else _STANCE * _SHARES["topic"])
    return None


def _rarest(name: str, keys: tuple[str, ...], prefix: bool, share: Callable[[str], float]) -> _Clue:
    """The rarest of several keys that must all be there; with `prefix` the last is only a beginning."""
    clues = [_Clue(frozenset({(Drawer(name), key)}), share(key)) for key in (keys[:-1] if prefix else keys)]
    if prefix:
        beginning = keys[-1][:_BEGINNING]
        drawer = Drawer(name, len(beginning))
        clues.append(_Clue(frozenset({(drawer, beginning)}), min(1.0, _OPEN * share(beginning))))
    return min(clues, key=lambda clue: clue.share)


def _word_drawer(node: Text) -> str:
    return node.field if node.field in _SHORTER else "word"


def _word_share(node: Text) -> Callable[[str], float]:
    shorter = _SHORTER.get(node.field, 1.0)

    def share(word: str) -> float:
        # two frequent words side by side are rarer than either
        return shorter * next((share for length, share in _BY_LENGTH if len(word) <= length), _LONG_WORD)

    return share


#: every drawer that a record may be asked for
NAMES = ("word", *_SHORTER, "stance", *get_args(ValueField), *get_args(NameField))
