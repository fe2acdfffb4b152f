"""Files that were imported, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from pipeline.storage.schema import imports


@dataclass(frozen=True, slots=True)
class Import:
    """A file, as far as it has come."""

    id: int
    #: the byte at which what is still to import begins, and how many lines or records lie before it
    place: int
    number: int
    counts: Mapping[str, int]


def unfinished(db: Connection, path: str, size: int, head: str) -> Import | None:
    """The last import of the same file, unless it came to its end."""
    query = select(imports).where(imports.c.head == head, imports.c.size == size, imports.c.path == path)
    row = db.execute(query.order_by(imports.c.id.desc()).limit(1)).first()
    return Import(row.id, row.place, row.number, row.counts) if row is not None and row.state == "running" else None


def begin(db: Connection, path: str, size: int, head: str, now: datetime) -> Import:
    """Record that an import of a file begins."""
    row = {"path": path, "size": size, "head": head, "place": 0, "number": 0, "state": "running", "counts": {}}
    made = db.execute(insert(imports).values(started_at=now, updated_at=now, **row))
    return Import(int(made.inserted_primary_key[0]), 0, 0, {})  # type: ignore[index]


def move(db: Connection, import_id: int, place: int, number: int, counts: Mapping[str, int], now: datetime) -> None:
    """All before `place` is imported."""
    changes = {"place": place, "number": number, "counts": dict(counts), "updated_at": now}
    db.execute(update(imports).where(imports.c.id == import_id).values(**changes))


def end(db: Connection, import_id: int, now: datetime) -> None:
    """All of the file is imported."""
    db.execute(update(imports).where(imports.c.id == import_id).values(state="done", updated_at=now))
