"""A store from before 0013 has nothing under way: what waits in it is sent, once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pipeline.storage import leases, migrate
from pipeline.storage.store import Store
from tests.fakes import NOW
from tests.storage.test_health_migration import entry, put

_VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"
BEFORE = max(file.name[:4] for file in _VERSIONS.glob("0*.py") if file.name < "0013")


def test_what_waited_before_is_nobodys(store: Store) -> None:
    migrate.downgrade(store.engine, BEFORE)
    put(store, "sources", slug="diario", name="Diario", enabled=True)
    put(store, "feeds", id=1, source="diario", url="http://diario.example/rss", state="active", leased_until=None)
    began = str(NOW - timedelta(days=1))
    for number in (1, 2):
        entry(store, number, "diario", began, state="to_process", next_try_at=began, version="", host="diario.example")
    store.upgrade()
    with store.write() as db:
        assert leases.send_pages(db, NOW, limit=10, lease=30.0) == [1, 2]
        assert leases.send_pages(db, NOW, limit=10, lease=30.0) == []


def test_what_is_under_way_is_forgotten_on_the_way_back_and_sent_again(store: Store) -> None:
    test_what_waited_before_is_nobodys(store)
    migrate.downgrade(store.engine, BEFORE)
    store.upgrade()
    with store.write() as db:
        assert leases.send_pages(db, NOW, limit=10, lease=30.0) == [1, 2]
