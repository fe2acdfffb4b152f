"""Whatever a query asks for: pages, timelines, facets and polls tell of the same statements and items as the search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given, settings
from sqlalchemy import Connection, insert, select

from pipeline.query.ast import And, Everything, HasStance, Node, Value
from pipeline.query.terms import terms
from pipeline.storage import search, seen, spoken, tally, words
from pipeline.storage.conditions import About
from pipeline.storage.schema import items, sources, statements
from pipeline.storage.store import Store
from tests.storeditems import (
    NOW,
    Press,
    Written,
    questions,
    write,
    write_item,
)


@given(questions)
@settings(max_examples=25, deadline=None)
def test_every_way_of_asking_finds_the_same(lasting_store: Store, question: tuple[Press, list[Node]]) -> None:
    press, queries = question
    with lasting_store.engine.connect() as db, pytest.MonkeyPatch.context() as patch:
        if db.dialect.name == "sqlite":
            db.exec_driver_sql("BEGIN")
        # nothing is under way here that might commit later
        patch.setattr(seen, "_UNDER_WAY", timedelta())
        write(db, press)
        for query in queries:
            for about in ("item", "statement"):
                met = _found(db, about, query)
                _counts_agree(db, about, query, met)
                _polls_agree(db, about, query, met)
            _pages_agree(db, query, _found(db, "statement", query))
        db.rollback()


def _found(db: Connection, about: About, query: Node) -> set[int]:
    find = search.find_items if about == "item" else spoken.find_statements
    return set(find(db, query, NOW, None))


# --- pages ------------------------------------------------------------------------------------------------------------


def _pages_agree(db: Connection, query: Node, met: set[int]) -> None:
    columns = (statements.c.id, statements.c.published_at, statements.c.first_seen_at)
    rows = list(db.execute(select(*columns).where(statements.c.id.in_(met))))
    rows.sort(key=lambda row: ((row.published_at or row.first_seen_at).replace(microsecond=0), row.id), reverse=True)
    whole = [row.id for row in rows]
    assert list(_page_by_page(db, query)) == whole
    with pytest.MonkeyPatch.context() as patch:
        # as in a store where no condition is rare, the first stretch is soon read and a walk soon over
        patch.setattr(spoken, "_FEW", 0)
        patch.setattr(spoken, "_FIRST", 1)
        patch.setattr(spoken, "_WALK", 2)
        assert list(_page_by_page(db, query)) == whole
        patch.setattr(spoken, "_WALK", 100)
        assert list(_page_by_page(db, query)) == whole


def _page_by_page(db: Connection, query: Node) -> Iterator[int]:
    wish = spoken.StatementWish(limit=1)
    while True:
        found = spoken.page(db, query, NOW, wish)
        yield from found.ids
        if found.after is None:
            return
        wish = replace(wish, after=found.after)


# --- polls ------------------------------------------------------------------------------------------------------------


def _polls_agree(db: Connection, about: About, query: Node, met: set[int]) -> None:
    table = items if about == "item" else statements
    order = select(table.c.id).where(table.c.id.in_(met), table.c.first_seen_at <= NOW)
    whole = list(db.execute(order.order_by(table.c.first_seen_at, table.c.id)).scalars())
    assert list(_poll_by_poll(db, about, query)) == whole
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_LOOKED_AT", 1)
        assert list(_poll_by_poll(db, about, query)) == whole


def _poll_by_poll(db: Connection, about: About, query: Node) -> Iterator[int]:
    after, more = None, True
    while more:
        found = seen.after(db, about, query, NOW, after, 1)
        yield from found.ids
        after, more = found.after, found.more


# --- counts -----------------------------------------------------------------------------------------------------------


def _counts_agree(db: Connection, about: About, query: Node, met: set[int]) -> None:
    assert tally.by_day(db, about, query, NOW) == _days(db, about, met)
    counted = tally.by_value(db, about, query, NOW)
    assert (counted.looked_at, counted.complete) == (len(met), True)
    for field, narrowing in _NARROWING.items():
        for one in counted.fields.get(field, ()):
            narrowed = _found(db, about, And((query, narrowing(one.value))))
            assert len(narrowed) == one.number, (field, one)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "NEWEST", 1)
        capped = tally.by_value(db, about, query, NOW)
        assert (capped.looked_at, capped.complete) == (min(1, len(met)), len(met) <= 1)
        assert all(one.number == 1 for values in capped.fields.values() for one in values)


def _days(db: Connection, about: About, met: set[int]) -> dict[date, int]:
    table = items if about == "item" else statements
    rows = db.execute(select(table.c.published_at, table.c.first_seen_at).where(table.c.id.in_(met)))
    return dict(Counter((row.published_at or row.first_seen_at).astimezone(UTC).date() for row in rows))


def _value(field: str) -> Callable[[str], Node]:
    return lambda value: Value(field, " ".join(terms(value)))  # type: ignore[arg-type]


_NARROWING: dict[str, Callable[[str], Node]] = {
    **{field: _value(field) for field in ("topic", "country", "source", "lang", "kind")},
    "stance": lambda value: HasStance(value),  # type: ignore[arg-type]
}


def test_the_fifteen_most_frequent_values_are_told_the_most_frequent_first(lasting_store: Store) -> None:
    with lasting_store.engine.connect() as db:
        if db.dialect.name == "sqlite":
            db.exec_driver_sql("BEGIN")
        _outlets(db, [f"o{one:02}" for one in range(20)])
        told = tally.by_value(db, "item", Everything(), NOW).fields["source"]
        assert [(one.value, one.label, one.number) for one in told] == [
            (f"o{one:02}", f"Outlet o{one:02}", 20 - one) for one in range(15)
        ]
        db.rollback()


def _outlets(db: Connection, slugs: Sequence[str]) -> None:
    """Item n appeared in the first n outlets."""
    rows = [
        {"slug": one, "name": f"Outlet {one}", "country": "", "homepage": "", "enabled": True, "reason": ""}
        for one in slugs
    ]
    db.execute(insert(sources), rows)
    for number in range(1, len(slugs) + 1):
        written = Written("t", "t", "es", "open", NOW, NOW, frozenset(), frozenset(), tuple(slugs[:number]), ())
        write_item(db, number * 3, written)
    words.fill(db)
