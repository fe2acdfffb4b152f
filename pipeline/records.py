"""Items and statements as a query sees them in memory. The store's SQL gives the same answers about the same things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.query import Record
from pipeline.query.terms import terms
from pipeline.types import PARENT_TOPIC, Item, Statement


def item_record(item: Item, statements: Sequence[Statement] = (), sources: Sequence[str] = ()) -> Record:
    """An item with the statements it reports; `sources` are the outlets it appeared in."""
    return Record(
        kind="item",
        fields={
            "topic": _with_parent(match.topic for match in item.topics),
            "source": tuple(sources) or (item.source,),
            "country": item.countries,
            "lang": _some(item.lang),
            "access": (item.access,),
            "role": _each(statement.speaker.role for statement in statements),
            "kind": _each(statement.kind for statement in statements),
        },
        names={
            "speaker": _each(statement.speaker.name for statement in statements),
            "via": _each(via for statement in statements for via in statement.via),
        },
        texts={
            "title": (tuple(terms(item.title)),),
            "text": (tuple(terms(item.text)),),
            "said": tuple(tuple(terms(statement.text)) for statement in statements),
        },
        published=item.published_at,
        seen=item.first_seen_at,
        stance=_stances(statements),
    )


def statement_record(statement: Statement, sources: Sequence[str] = ()) -> Record:
    """A statement; `sources` are the outlets whose items report it."""
    speaker = statement.speaker
    return Record(
        kind="statement",
        fields={
            "topic": _with_parent(statement.topics),
            "source": tuple(sources),
            "country": _some(speaker.country),
            "lang": _some(statement.lang),
            "role": _some(speaker.role),
            "kind": (statement.kind,),
        },
        names={"speaker": _some(speaker.name), "via": statement.via},
        texts={"said": (tuple(terms(statement.text)),)},
        published=statement.published_at,
        seen=statement.first_seen_at,
        stance=_stances([statement]),
    )


def _stances(statements: Iterable[Statement]) -> dict[str, tuple[str, ...]]:
    taken: dict[str, tuple[str, ...]] = {}
    for statement in statements:
        for topic, stance in statement.stance.items():
            taken[topic] = (*taken.get(topic, ()), stance)
    return taken


def _with_parent(topics: Iterable[str]) -> tuple[str, ...]:
    found = tuple(topics)
    return (*found, PARENT_TOPIC) if found else ()


def _some(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
