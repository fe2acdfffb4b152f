"""Which revision of the schema a database has, and which this code knows: asked whenever a store is opened.

So it does without Alembic, which brings one to another (`pipeline.storage.migrate`) and is slow to load.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, column, inspect, select, table

#: Alembic's own table, of one line
_HELD = table("alembic_version", column("version_num"))
_FOLDER = Path(__file__).parent / "migrations" / "versions"


def known() -> frozenset[str]:
    """The revisions this code can migrate from and to: a migration's file begins with its revision, a number."""
    return frozenset(file.name.partition("_")[0] for file in _FOLDER.glob("[0-9]*_*.py"))


def head() -> str:
    """The revision this code expects."""
    return max(known())


def current(engine: Engine) -> str | None:
    """The database's revision; None for an empty one."""
    with engine.connect() as connection:
        return connection.scalar(select(_HELD.c.version_num)) if inspect(connection).has_table(_HELD.name) else None


def advice(found: str | None) -> str:
    """What to do about a schema that is not `head()`."""
    return "run `vigia db upgrade`" if found is None or found in known() else "update vigia"
