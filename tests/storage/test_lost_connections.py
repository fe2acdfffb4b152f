"""PostgreSQL goes away under an open store, and comes back: what was in flight may be run again, the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text

from pipeline.errors import ConfigError, Retry, SchemaError, StoreError, StoreLost
from pipeline.storage import revision, sources
from pipeline.storage.database import Limits
from pipeline.storage.store import Store
from tests import services


@pytest.fixture
def server() -> Iterator[services.Postgres]:
    """One of our own, as it is stopped."""
    with services.Postgres() as started:
        yield started


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_restart_costs_only_what_was_in_flight(server: services.Postgres, how: str) -> None:
    with closing(Store(server.database())) as store:
        store.upgrade()
        with store.write() as db:
            sources.ensure(db, "before")

        def cut_off() -> None:
            with store.write() as db:
                sources.ensure(db, "in flight")
                getattr(server, how)()
                sources.ensure(db, "after the cut")

        with pytest.raises(StoreLost, match="vigia_1") as lost:
            cut_off()
        assert isinstance(lost.value, Retry)
        with pytest.raises(StoreLost, match="refused"), store.read() as db:
            sources.names(db)
        server.start()
        with store.write() as db:
            sources.ensure(db, "after")
        with store.read() as db:
            assert sorted(sources.names(db)) == ["after", "before"]


def test_a_backend_that_an_operator_ends_is_a_retry(postgres_store: Store) -> None:
    def ended() -> None:
        with postgres_store.write() as db, postgres_store.engine.connect() as other:
            pid = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            sources.ensure(db, "x")

    with pytest.raises(StoreLost):
        ended()
    with postgres_store.write() as db:
        sources.ensure(db, "y")


def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    with closing(Store(postgres_url, Limits(statement_timeout=0.05))) as store:
        with pytest.raises(StoreLost, match="statement timeout"), store.read() as db:
            db.execute(text("SELECT pg_sleep(30)"))
        with store.read() as db:
            assert sources.names(db) == {}


def test_a_pool_that_is_all_in_use_is_waited_for(postgres_url: str) -> None:
    """More threads than connections get on one after the other."""
    with closing(Store(postgres_url, Limits(pool=1))) as store, ThreadPoolExecutor(16) as threads:
        for done in [threads.submit(store.transact, lambda db, n=n: sources.ensure(db, f"s{n}")) for n in range(60)]:
            done.result()
        with store.read() as db:
            assert len(sources.names(db)) == 60


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    port = services.free_port()
    with closing(Store(f"postgresql://ana:s3cret@127.0.0.1:{port}/vigia?sslpassword=s3cret")) as store:
        with pytest.raises(StoreLost, match=f"postgresql://ana@127.0.0.1:{port}/vigia: .*refused") as failed:
            store.check()
        assert "s3cret" not in f"{failed.value} {store.name} {store.address}"


def test_a_database_that_is_not_there_is_named(postgres: services.Postgres) -> None:
    with closing(Store(postgres.url("nowhere"))) as store, pytest.raises(StoreError, match='"nowhere" does not exist'):
        store.check()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_the_address(postgres_url: str, scheme: str) -> None:
    with closing(Store(f"{scheme}://{postgres_url.split('://')[1]}")) as store:
        store.prepare()


def test_a_refused_address_keeps_its_password() -> None:
    with pytest.raises(ConfigError, match="VIGIA_DATABASE_URL") as refused:
        Store("postgresql+asyncpg://ana:s3cret@h/vigia")
    assert "s3cret" not in str(refused.value)


def test_an_older_schema_is_not_touched_but_told(postgres_store: Store) -> None:
    postgres_store.downgrade("0007")
    with pytest.raises(SchemaError, match=f"expected revision {revision.head()}, got 0007; run `vigia db upgrade`"):
        postgres_store.prepare()
    assert postgres_store.revision() == "0007"
    postgres_store.upgrade()
    postgres_store.prepare()


def test_sessions_are_in_utc_and_bounded(postgres_store: Store) -> None:
    with postgres_store.read() as db:
        told = {name: db.execute(text(f"SHOW {name}")).scalar_one() for name in ("timezone", "lock_timeout")}
        with pytest.raises(Exception, match="read-only"):
            sources.ensure(db, "x")
    assert told == {"timezone": "UTC", "lock_timeout": "30s"}


def test_texts_with_what_postgresql_does_not_keep_stay_as_long(postgres_store: Store) -> None:
    """NUL is replaced by one character, so that offsets into the text stay true."""
    with postgres_store.write() as db:
        sources.ensure(db, "diario")
        db.execute(text("UPDATE sources SET name = :name"), {"name": "a\0b"})
        assert sources.names(db) == {"diario": "a\N{REPLACEMENT CHARACTER}b"}


def test_two_engines_never_work_on_one_store(postgres_store: Store) -> None:
    with closing(Store(postgres_store.url)) as other:
        with postgres_store.alone(), pytest.raises(StoreError, match="another vigia process"), other.alone():
            pass
        with other.alone():
            pass


def test_who_migrates_waits_for_who_migrates(postgres: services.Postgres) -> None:
    url = postgres.database()
    stores = [Store(url) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(store.upgrade) for store in stores]:
            done.result()
    for store in stores:
        store.check()
        store.close()
    postgres.drop(url)


def test_vacuum_size_and_integrity(postgres_store: Store) -> None:
    before = postgres_store.size()
    postgres_store.vacuum()
    assert postgres_store.size() > before / 2
    assert postgres_store.integrity() == "ok"
    with postgres_store.write() as db:
        db.execute(text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_feeds_due'::regclass"))
    assert postgres_store.integrity() == "index ix_feeds_due is invalid"
