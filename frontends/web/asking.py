"""A query as the search page takes it: read, said in a sentence, taken apart; or where it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Query

from frontends.web.languages import Interface
from pipeline.errors import QueryError
from pipeline.query import Node, explain, parse
from pipeline.query.doubts import Doubt, Known, doubts
from pipeline.query.explain import Naming
from pipeline.query.narrow import Condition, conditions
from pipeline.query.terms import terms
from pipeline.topics import Topics
from pipeline.wording import Worded

#: longer ones are refused by the language itself, which says why
Asked = Annotated[str, Query(max_length=30_000)]

#: one a kind of condition, in the order in which help shows them; each says by itself what it finds
EXAMPLES = (
    "coca",
    '"mano dura"',
    "legaliz*",
    "coca NEAR/4 glifosato",
    "topic:legalization country:PE",
    "topic:(treatment OR harm-reduction) -lang:en",
    'speaker:"ollanta humala" stance:legalization=against',
    'role:president said:"war on drugs"',
    "kind:direct via:reuters",
    "title:marihuana access:open",
    "last:30d",
    "published:2012-06-25..2012-06-27",
    "after:2012-06-01 before:2012-07-01",
    "seen:24h",
    "(cumbre OR summit) NOT topic:us-policy",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A query that could be read."""

    #: what was asked: a query, or @ and the name of a saved one
    asked: str
    #: the query itself
    query: str
    root: Node
    #: what it finds
    sentence: str
    conditions: tuple[Condition, ...]
    #: what it asks for that nobody knows
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Misreading:
    """A query that cannot be read; `before`, `at` and `after` make up its line, `at` being where it went wrong."""

    asked: str
    before: str
    at: str
    after: str
    expected: Worded
    got: Worded | str


def read(asked: str, query: str, interface: Interface, topics: Topics) -> Reading:
    """Read a query, to be explained in this language. Raises QueryError."""
    root = parse(query).root
    sentence = explain(root, interface.code, naming(interface, labels(topics)))
    return Reading(asked, query, root, sentence, conditions(query), doubts(root, known_of(topics)))


def labels(topics: Topics) -> dict[str, Mapping[str, str]]:
    """What each topic is called, by language."""
    return {one.slug: one.label for one in (topics.parent, *topics.all)}


def naming(interface: Interface, labels: Mapping[str, Mapping[str, str]]) -> Naming:
    """What this language calls the values that a query may name; `labels` are those of the topics."""
    topics = {_folded(slug): label.get(interface.code) for slug, label in labels.items()}

    def name(field: str, value: str) -> str | None:
        match field:
            case "topic":
                return topics.get(value)
            case "country":
                return interface.country(value)
            case "lang":
                return interface.language(value)
            case "role":
                return interface.texts.pgettext("role", value)
        return None

    return name


def known_of(topics: Topics) -> Known:
    """What is known of what a query may ask for: topics. Outlets and countries are whatever the store holds."""
    return {"topic": {_folded(slug) for slug in labels(topics)}}


@lru_cache(maxsize=1_000)
def _folded(slug: str) -> str:
    """A topic's slug as a query that was read has it. Kept: a page of help explains many queries."""
    return " ".join(terms(slug))


def misread(asked: str, error: QueryError) -> Misreading:
    """Where a query went wrong, on one line."""
    line, at = "".join(char if char.isprintable() else " " for char in error.query), error.position
    return Misreading(asked, line[:at], line[at : at + 1], line[at + 1 :], *error.wording)


def told(reading: Reading | Misreading) -> dict[str, Any]:
    """What programs are told of a query."""
    if isinstance(reading, Misreading):
        return {
            "query": reading.asked,
            "position": len(reading.before),
            "expected": str(reading.expected),
            "got": str(reading.got),
        }
    return {
        "query": reading.query,
        "explanation": reading.sentence,
        "conditions": [one.written for one in reading.conditions],
        "doubts": reading.doubts,
    }
