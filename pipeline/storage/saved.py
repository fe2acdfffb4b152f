"""Searches that people keep under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from pipeline.storage.portable import insert
from pipeline.storage.schema import saved_searches

_NEW = insert(saved_searches)
_SAVE = _NEW.on_conflict_do_update(
    index_elements=["name"], set_={"query": _NEW.excluded.query, "saved_at": _NEW.excluded.saved_at}
)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query with the name it was kept under."""

    name: str
    #: as it was written
    query: str
    saved_at: datetime


def save(db: Connection, search: SavedSearch) -> None:
    """Keep a query under its name, in place of what had the name before."""
    db.execute(_SAVE, {"name": search.name, "query": search.query, "saved_at": search.saved_at})


def drop(db: Connection, name: str) -> bool:
    """Keep it no longer; False where there was none."""
    return bool(db.execute(delete(saved_searches).where(saved_searches.c.name == name)).rowcount)


def listing(db: Connection) -> list[SavedSearch]:
    """All of them, by name."""
    rows = db.execute(select(saved_searches).order_by(saved_searches.c.name))
    return [SavedSearch(row.name, row.query, row.saved_at) for row in rows]


def query_of(db: Connection, name: str) -> str | None:
    """The query kept under a name."""
    return db.execute(select(saved_searches.c.query).where(saved_searches.c.name == name)).scalar()
