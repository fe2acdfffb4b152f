"""Finding the few of many queries that a record may meet, without asking each.

Every query is filed under conditions of which a record that meets it must meet one: the rarest part of an And, every
part of an Or; and where many lie in one place, under the next rarest there. A record looks up what it has, and only the
queries found there are asked. What promises nothing that could be looked up (a Not, a time) is asked always. The idea
is the key method of Yan and Garcia-Molina, "Index structures for selective dissemination of information under the
Boolean model", ACM TODS 19 (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from pipeline.query.ast import And, HasStance, Name, Near, Node, Or, Text, Value
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
#: a bare word and one of the text are looked up alike: where a text has it, some text has
_ANY = "word"
#: more queries than these under one key are filed once more
_CROWDED = 4
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


@dataclass(frozen=True, slots=True)
class _Filed:
    """A query by its place in the order, with the clues it can be filed under from here on, the rarest first."""

    place: int
    clues: tuple[_Clue, ...]


class Index:
    """Queries by the rarest things that a record must have to meet them. They are known by their place in the order."""

    def __init__(self, queries: Iterable[Node]) -> None:
        rarest = ((place, sorted(_clues(query), key=lambda clue: clue.share)) for place, query in enumerate(queries))
        self._cabinet = _Cabinet([_Filed(place, tuple(clues)) for place, clues in rarest])

    def candidates(self, record: Record) -> list[int]:
        """Places of the queries that `record` may meet, in order: all that it meets, and few others."""
        found: set[int] = set()
        self._cabinet.look_up(record, found)
        return sorted(found)


class _Cabinet:
    """Queries by one clue each; too many under one key are a cabinet again, by the next clue."""

    def __init__(self, filed: Iterable[_Filed]) -> None:
        self._always: list[int] = []
        self._drawers: dict[Drawer, dict[str, list[int] | _Cabinet]] = {}
        groups: dict[tuple[Drawer, str], list[_Filed]] = {}
        for one in filed:
            if not one.clues:
                self._always.append(one.place)
                continue
            for key in one.clues[0].keys:
                groups.setdefault(key, []).append(_Filed(one.place, one.clues[1:]))
        for (drawer, word), group in groups.items():
            crowded = len(group) > _CROWDED and any(one.clues for one in group)
            self._drawers.setdefault(drawer, {})[word] = _Cabinet(group) if crowded else [one.place for one in group]

    def look_up(self, record: Record, found: set[int]) -> None:
        """Add what `record` may meet."""
        found.update(self._always)
        for drawer, filed in self._drawers.items():
            for key in filed.keys() & record.has(drawer.name, drawer.length):
                there = filed[key]
                if isinstance(there, _Cabinet):
                    there.look_up(record, found)
                else:
                    found.update(there)


def _clues(node: Node) -> list[_Clue]:
    """What a record must have to meet the query, one of each clue's keys; none where nothing that can be looked up."""
    if isinstance(node, And):
        return list(chain.from_iterable(map(_clues, node.parts)))
    if isinstance(node, Or):
        return _any_of([_clues(part) for part in node.parts])
    if isinstance(node, Text):
        return _all_of(_word_drawer(node), node.words, node.prefix, _word_share(node))
    if isinstance(node, Near):
        return [*_clues(node.left), *_clues(node.right)]
    return _value_clues(node)


def _any_of(parts: list[list[_Clue]]) -> list[_Clue]:
    if not all(parts):
        return []
    rarest = [min(clues, key=lambda clue: clue.share) for clues in parts]
    return [_Clue(frozenset().union(*(clue.keys for clue in rarest)), sum(clue.share for clue in rarest))]


def _value_clues(node: Node) -> list[_Clue]:
    if isinstance(node, Value):
        return _all_of(node.field, (node.value,), node.prefix, lambda _: _SHARES[node.field])
    if isinstance(node, Name):
        return _all_of(node.field, node.words, node.prefix, lambda _: _SHARES[node.field])
    if isinstance(node, HasStance):
        key = node.stance if node.topic is None else f"{node.topic}={node.stance}"
        return _all_of("stance", (key,), False, lambda _: _STANCE if node.topic is None else _STANCE * _SHARES["topic"])
    return []


def _all_of(name: str, keys: tuple[str, ...], prefix: bool, share: Callable[[str], float]) -> list[_Clue]:
    """Keys that must all be there; with `prefix` the last is only a beginning."""
    clues = [_Clue(frozenset({(Drawer(name), key)}), share(key)) for key in (keys[:-1] if prefix else keys)]
    if prefix:
        beginning = keys[-1][:_BEGINNING]
        drawer = Drawer(name, len(beginning))
        clues.append(_Clue(frozenset({(drawer, beginning)}), min(1.0, _OPEN * share(beginning))))
    return clues


def _word_drawer(node: Text) -> str:
    return node.field if node.field in _SHORTER else _ANY


def _word_share(node: Text) -> Callable[[str], float]:
    shorter = _SHORTER.get(node.field, 1.0)

    def share(word: str) -> float:
        return shorter * next((share for length, share in _BY_LENGTH if len(word) <= length), _LONG_WORD)

    return share
