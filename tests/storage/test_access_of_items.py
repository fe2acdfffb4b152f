"""Whether a text is a teaser is stored, shown, and can be asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from pipeline import ingest
from pipeline.query import matches, parse
from pipeline.records import item_record, statement_record
from pipeline.storage import migrate, search, spoken, words
from pipeline.storage import statements as statement_rows
from pipeline.storage.schema import items
from pipeline.storage.store import Store
from pipeline.types import Access, Analysis, Source
from tests.fakes import NOW
from tests.flows import DIARIO, Bench, analysis, bench, prose, report


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


def short(access: Access = "open", words: int = 100) -> Analysis:
    found = analysis("http://diario.example/1", prose(1, words), report("prohibir no funciona"))
    return replace(found, article=replace(found.article, access=access))


def stored(desk: Bench, found: Analysis) -> int:
    item_id = desk.settle(found).item_id
    assert item_id is not None
    return item_id


@pytest.mark.parametrize("access", ["open", "teaser"])
def test_what_the_page_said_is_kept_and_found(desk: Bench, access: Access) -> None:
    item_id = stored(desk, short(access))
    assert (desk.view(item_id).access, desk.item(item_id).access) == (access, access)
    record = item_record(desk.item(item_id))
    for query, found in (
        ("access:teaser", access == "teaser"),
        ("-access:teaser", access == "open"),
        ("access:o*", access == "open"),
    ):
        asked = parse(query)
        with desk.flow.store.read() as db:
            assert search.find_items(db, asked.root, NOW, 10, 0) == ([item_id] if found else [])
        assert matches(asked, record, NOW) is found


def test_a_statement_has_no_access(desk: Bench) -> None:
    item_id = stored(desk, short("teaser"))
    query = parse("access:teaser OR access:open")
    with desk.flow.store.read() as db:
        assert spoken.find_statements(db, query.root, NOW, 10, 0) == []
        said = statement_rows.load_many(db, sorted(desk.statement_ids(item_id)))
    assert [matches(query, statement_record(one), NOW) for one in said] == [False]


def test_the_whole_text_that_comes_later_makes_it_open(desk: Bench) -> None:
    item_id = stored(desk, short("teaser"))
    assert desk.settle(short("open", 150), version="v2").item_id == item_id
    assert desk.view(item_id).access == "open"


@pytest.mark.parametrize(
    ("paywall", "words", "access"),
    [("hard", 100, "teaser"), ("hard", 200, "open"), ("metered", 100, "open"), ("none", 100, "open")],
)
def test_a_short_text_of_an_outlet_that_sells_them_all_is_a_teaser(
    desk: Bench, paywall: str, words: int, access: Access
) -> None:
    outlet: Source = replace(DIARIO, paywall=paywall)  # type: ignore[arg-type]
    desk.flow = replace(desk.flow, sources={outlet.slug: outlet})
    assert desk.view(stored(desk, short(words=words))).access == access


def test_off_topic_pages_of_such_an_outlet_end_as_ever(desk: Bench) -> None:
    outlet = replace(DIARIO, paywall="hard")
    desk.flow = replace(desk.flow, sources={outlet.slug: outlet})
    found = replace(short(), fingerprint=None, topics=(), reports=())
    ending = ingest.settle(desk.flow, desk.announce("http://diario.example/1"), found)
    assert ending is not None
    assert ending.outcome == "off_topic"


def test_a_store_with_items_in_it_is_migrated_with_its_full_text(desk: Bench) -> None:
    store, item_id = desk.flow.store, stored(desk, short())
    migrate.downgrade(store.engine, "0001")
    store.upgrade()
    with store.write() as db:
        assert db.execute(select(items.c.access)).scalars().all() == ["open"]
        db.execute(update(items).where(items.c.id == item_id).values(title="Un titular nuevo"))
        words.of_items(db, [item_id])
        found = search.find_items(db, parse("title:titular").root, NOW, 10, 0)
    assert found == [item_id]
