"""What was stored before there were pairs of words is found by its phrases."""

from __future__ import annotations

import pytest

from pipeline.query import parse
from pipeline.storage import migrate, search
from pipeline.storage.store import Store
from tests.fakes import NOW
from tests.flows import analysis, bench, report


def asked(store: Store, query: str) -> list[int]:
    with store.read() as db:
        return list(search.page(db, parse(query).root, NOW, search.Wish()).ids)


@pytest.fixture
def item(store: Store) -> int | None:
    told = report("la mano dura fracasa")
    return bench(store).settle(analysis("http://diario.example/1", "pide mano dura", told, title="La coca")).item_id


def test_phrases_are_found_in_what_was_stored_before(store: Store, item: int) -> None:
    migrate.downgrade(store.engine, "0018")
    store.upgrade()
    assert asked(store, '"mano dura"') == asked(store, 'title:"la coca"') == [item]
    assert asked(store, '"dura mano"') == asked(store, 'title:"mano dura"') == []


def test_words_that_stand_together_in_a_text_but_not_in_this_order_are_no_phrase(store: Store, item: int) -> None:
    assert asked(store, '"pide mano dur*"') == asked(store, '"mano dura"') == [item]
    assert asked(store, '"pide dura"') == asked(store, '"coca pide"') == []


def test_postgresql_has_the_pairs_of_a_text_and_forgets_them(postgres_store: Store) -> None:
    with postgres_store.read() as db:
        numbers = db.exec_driver_sql("SELECT vigia_pairs(' a b ', ' b a b '), vigia_pairs('', ' a b ')").one()
        assert set(numbers[1]) <= set(numbers[0])
        assert [len(one) for one in numbers] == [3, 1]
        assert db.exec_driver_sql("SELECT vigia_pairs('', ''), vigia_pairs(' a ', '')").one() == ([], [])
