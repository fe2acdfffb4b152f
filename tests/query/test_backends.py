"""One answer to a query, whoever is asked: SQLite, PostgreSQL, memory, and the index over rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from sqlalchemy import Connection, select

from pipeline.query import Index, Record
from pipeline.query.ast import Node
from pipeline.query.match import matches
from pipeline.records import item_record, statement_record
from pipeline.storage import items, search, spoken, statements, stretches
from pipeline.storage.schema import appearances, reports
from pipeline.storage.store import Store
from tests.storeditems import NOW, Press, questions, write


def _records(db: Connection, press: Press) -> tuple[dict[int, Record], dict[int, Record]]:
    outlets = items.sources_of(db, range(1, len(press.items) + 1))
    found = {}
    for number in outlets:
        told = statements.load_many(db, sorted(statements.of_item(db, number)))
        found[number] = item_record(items.load(db, number), told, outlets[number])
    said = {}
    for one in statements.load_many(db, list(range(1, len(press.said) + 1))):
        told_by = select(appearances.c.source).join(reports, reports.c.item_id == appearances.c.item_id)
        slugs = db.execute(told_by.where(reports.c.statement_id == one.id, reports.c.revision_id.is_(None))).scalars()
        said[one.id] = statement_record(one, tuple(slugs))
    return found, said


def _met(query: Node, records: dict[int, Record]) -> set[int]:
    return {number for number, record in records.items() if matches(query, record, NOW)}


@given(questions)
@settings(max_examples=25, deadline=None)
def test_all_back_ends_give_one_answer(lasting_store: Store, question: tuple[Press, list[Node]]) -> None:
    press, queries = question
    with lasting_store.engine.connect() as db:
        if db.dialect.name == "sqlite":
            db.exec_driver_sql("BEGIN")
        write(db, press)
        found, said = _records(db, press)
        for query in queries:
            _same_items(db, query, _met(query, found))
            _same_statements(db, query, _met(query, said))
            with pytest.MonkeyPatch.context() as patch:
                # as in a store where no condition is rare and the first stretch is soon read
                patch.setattr(search, "_FEW", 0)
                for name in ("_FIRST_STRETCH", "_LOOKED_AT", "_LOOKED_AT_TITLES", "_GATHERED", "_LACKING"):
                    patch.setattr(stretches, name, 1)
                _same_items(db, query, _met(query, found))
                patch.setattr(search, "_LOOKED_AT_SAID", 1)
                _same_items(db, query, _met(query, found))
                # as in a store where the newest are soon read, with rare conditions and without
                patch.setattr(spoken, "_FIRST", 1)
                _same_statements(db, query, _met(query, said))
                patch.setattr(spoken, "_FEW", 0)
                _same_statements(db, query, _met(query, said))
        for record in (*found.values(), *said.values()):
            _same_rules(queries, record)
        db.rollback()


def _same_items(db: Connection, query: Node, met: set[int]) -> None:
    whole = search.find_items(db, query, NOW, None)
    assert sorted(whole) == sorted(met)
    assert search.count(db, "item", query, NOW) == len(met)
    # however the first page is sought, it is the first of all
    assert search.find_items(db, query, NOW, 2) == whole[:2]
    assert search.find_items(db, query, NOW, 10) == whole
    assert list(_page_by_page(db, query)) == whole
    assert sorted(search.page(db, query, NOW, search.Wish("relevance", 10)).ids) == sorted(met)


def _page_by_page(db: Connection, query: Node) -> Iterator[int]:
    wish = search.Wish(limit=1)
    while True:
        found = search.page(db, query, NOW, wish)
        yield from found.ids
        if found.after is None:
            return
        wish = replace(wish, after=found.after)


def _same_statements(db: Connection, query: Node, met: set[int]) -> None:
    whole = spoken.find_statements(db, query, NOW, None)
    assert sorted(whole) == sorted(met)
    assert spoken.find_statements(db, query, NOW, 2) == whole[:2]
    assert spoken.find_statements(db, query, NOW, 10, 1) == whole[1:11]
    assert search.count(db, "statement", query, NOW) == len(met)


def _same_rules(queries: list[Node], record: Record) -> None:
    met = [place for place, query in enumerate(queries) if matches(query, record, NOW)]
    candidates = Index(queries).candidates(record)
    assert [place for place in candidates if matches(queries[place], record, NOW)] == met
