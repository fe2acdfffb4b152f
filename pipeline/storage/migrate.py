"""Alembic, driven from code: no ini file, no command line of its own."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from pipeline.errors import SchemaError

_FOLDER = Path(__file__).parent / "migrations"


def head() -> str:
    """The revision this code expects."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(engine: Engine) -> str | None:
    """The database's revision; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> None:
    """Bring the database to `head()`. Raises SchemaError when it is newer than this code."""
    found = current(engine)
    if found == head():
        return
    if found is not None and found not in _known():
        raise SchemaError(f"{engine.url}: schema: expected one of {sorted(_known())}, got {found}; update vigia")
    config = _config()
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        # another process may have migrated while we waited for the lock; Alembic then finds nothing to do
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database down to `revision` ("base" empties it)."""
    config = _config()
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
