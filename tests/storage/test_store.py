"""The database: made, migrated, refused; transactions are whole or absent."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from pipeline.errors import ConfigError, SchemaError, StoreError
from pipeline.storage import backfills, migrate, revision, sources
from pipeline.storage.schema import feeds, metadata
from pipeline.storage.schema import sources as sources_table
from pipeline.storage.store import Store

NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)


def test_the_migrations_make_the_schema_that_the_code_expects(store: Store) -> None:
    with store.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [change for change in found if "_fts" not in str(change)] == []


def test_the_code_knows_the_revisions_that_alembic_does(store: Store) -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert revision.known() == {script.revision for script in scripts.walk_revisions()}
    assert [revision.head()] == scripts.get_heads() == [revision.current(store.engine)]
    store.downgrade("base")
    assert revision.current(store.engine) is None


def test_preparing_twice_changes_nothing(store: Store) -> None:
    with store.write() as db:
        sources.ensure(db, "diario")
    store.upgrade()
    store.check()
    with store.read() as db:
        assert sources.names(db) == {"diario": "diario"}


def test_down_and_up_again_gives_an_empty_store(store: Store) -> None:
    migrate.downgrade(store.engine, "base")
    with pytest.raises(SchemaError, match=r"vigia db upgrade"):
        store.check()
    store.upgrade()
    store.check()


def test_what_is_in_the_store_outlives_the_table_of_backfills(store: Store) -> None:
    """0004 up and down again, over a store with rows in it."""
    with store.write() as db:
        sources.ensure(db, "diario")
        db.exec_driver_sql(
            "INSERT INTO feeds (source, url, declared_url, kind, state, next_due_at, interval, key_rung, polls, reads,"
            " failures, moved_seen) VALUES ('diario', 'u', 'u', 'rss', 'active', '2012-06-27', 300, 0, 0, 0, 0, 0)"
        )
        backfills.begin(db, "diario", "archive", NOW, NOW, "{}", 1, NOW, open_ended=True)
    migrate.downgrade(store.engine, "0001")
    store.upgrade()
    with store.read() as db:
        assert sources.names(db) == {"diario": "diario"}
        assert backfills.first_feed(db, "diario") == 1
        assert backfills.unfinished(db, "diario", NOW, None, None) is None


def test_a_newer_schema_is_refused_not_touched(store: Store) -> None:
    with store.write() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for refused in (store.upgrade, store.check):
        with pytest.raises(SchemaError, match="9999; update vigia"):
            refused()


@pytest.mark.parametrize(
    "url", ["mysql://localhost/vigia", "postgresql+asyncpg://h/vigia", "postgresql://h", "sqlite://", "nonsense"]
)
def test_other_databases_are_refused_at_start(url: str) -> None:
    with pytest.raises(ConfigError, match="VIGIA_DATABASE_URL"):
        Store(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not a database " * 50)
    with pytest.raises(StoreError, match=r"notes\.txt"):
        Store(f"sqlite:///{path}").prepare()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def half_done() -> None:
        with store.write() as db:
            sources.ensure(db, "diario")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_done()
    with store.read() as db:
        assert sources.names(db) == {}


def test_times_without_zone_never_enter(store: Store) -> None:
    with store.write() as db, pytest.raises(StatementError, match="expected an aware datetime"):
        db.execute(feeds.update().values(next_due_at=datetime(2012, 6, 27)))  # noqa: DTZ001


def test_references_are_kept(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as db:
        db.exec_driver_sql("INSERT INTO item_topics VALUES (1, 'legalization', 1.0, '[]')")


def test_writers_of_many_threads_queue_up(store: Store) -> None:
    def write(number: int) -> None:
        for turn in range(20):
            with store.write() as db:
                sources.ensure(db, f"s{number}-{turn}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as db:
        assert len(db.execute(select(sources_table.c.slug)).all()) == 160


def test_a_second_process_sees_what_was_written(store: Store) -> None:
    other = Store(store.url)
    with store.write() as db:
        sources.ensure(db, "diario")
    with other.read() as db:
        assert "diario" in sources.names(db)
    other.close()
