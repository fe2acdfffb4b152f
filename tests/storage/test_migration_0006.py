"""A store from before 0006 keeps its notices, and knows what those of symptoms are about."""

from __future__ import annotations

from sqlalchemy import select

from pipeline.storage import migrate
from pipeline.storage.schema import notices
from pipeline.storage.store import Store
from tests.storage.test_health_migration import put


def test_a_notice_of_a_symptom_is_about_that(store: Store) -> None:
    migrate.downgrade(store.engine, "0005")
    put(store, "notices", id=1, key="a", kind="silence", title="Diario: silence")
    store.upgrade()
    with store.read() as db:
        assert db.execute(select(notices.c.id, notices.c.kind, notices.c.subject)).all() == [(1, "silence", "silence")]
