"""A store from before 0010 keeps its items; their originals have authors, and later texts fold into them as ever."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from pipeline.storage import items, migrate
from pipeline.storage.store import Store
from tests.flows import GACETA, analysis, bench, prose


def test_items_keep_their_originals_and_go_on_folding(store: Store) -> None:
    desk = bench(store)
    found = analysis("http://diario.example/1", prose(1))
    item_id = desk.settle(replace(found, article=replace(found.article, authors=("Ana Luz",)))).item_id
    assert item_id is not None
    copy = analysis("http://gaceta.example/1", f"{prose(1)} {prose(9, 10)}")
    desk.settle(replace(copy, article=replace(copy.article, authors=("Leo Paz",))), GACETA)
    migrate.downgrade(store.engine, "0008")
    with store.read() as db:
        assert "authors" not in db.execute(text("SELECT * FROM appearances")).keys()  # noqa: SIM118 - no __contains__
    store.upgrade()
    with store.read() as db:
        told = [(place.authors, place.credits, place.relation) for place in items.places_of(db, item_id)]
    assert told == [(["Ana Luz"], [], "original"), ([], [], "copy")]
    assert desk.settle(analysis("http://gaceta.example/2", prose(1)), GACETA).item_id == item_id
