"""Alembic, driven from code: no ini file, no command line of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from pipeline.errors import SchemaError
from pipeline.storage.revision import advice, current, known

_FOLDER = Path(__file__).parent / "migrations"
#: what migrating processes queue up for on a server, in the words of `pg_advisory_xact_lock`
_MIGRATING = 0x766967696162


def upgrade(engine: Engine, name: str = "") -> None:
    """Bring the database to the newest revision. Raises SchemaError when it is newer than this code."""
    found = current(engine)
    if found is not None and found not in known():
        name = name or engine.url.render_as_string()
        raise SchemaError(f"{name}: schema: expected one of {sorted(known())}, got {found}; {advice(found)}")
    # another process may migrate while we wait for the lock; Alembic then finds nothing to do
    with _migrating(engine) as config:
        command.upgrade(config, "head")


def expect_revision(engine: Engine, revision: str) -> None:
    """Raise SchemaError unless it is "base" or a revision that the database has, or has left behind."""
    behind = {script.revision for script in _scripts().iterate_revisions(current(engine) or "base", "base")}
    if revision != "base" and revision not in behind:
        raise SchemaError(f"schema: expected base or one of {sorted(behind)}, got {revision}")


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database down to `revision` ("base" empties it). Raises SchemaError for one that is unknown."""
    expect_revision(engine, revision)
    try:
        with _migrating(engine) as config:
            command.downgrade(config, revision)
    except CommandError as error:
        raise SchemaError(f"schema: cannot go down to {revision}: {error}") from error


@contextmanager
def _migrating(engine: Engine) -> Iterator[Config]:
    """One transaction of our own, whole or absent, that no other process migrates in at the same time."""
    config = _config()
    with engine.connect() as connection:
        _lock(connection)
        config.attributes["connection"] = connection
        yield config
        connection.commit()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # filling a column of years may take longer than any statement of the flow
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
