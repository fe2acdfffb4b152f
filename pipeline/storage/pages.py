"""Pages in the store: the bytes that were fetched, compressed."""

from __future__ import annotations

from datetime import datetime

import zstandard
from sqlalchemy import Connection, bindparam, select

from pipeline.storage.portable import insert
from pipeline.storage.schema import pages
from pipeline.types import Entry, Page

_LEVEL = 3
_NEW = insert(pages)
_SAVE = _NEW.on_conflict_do_update(
    index_elements=["entry_id"],
    set_={name: _NEW.excluded[name] for name in ("final_url", "content_type", "body", "fetched_at")},
)
_LOAD = select(pages).where(pages.c.entry_id == bindparam("entry"))


def save(db: Connection, entry_id: int, page: Page, now: datetime) -> None:
    """Keep the page of an entry; a later fetch for the same entry replaces it."""
    row = {
        "entry_id": entry_id,
        "final_url": page.final_url,
        "content_type": page.content_type,
        "body": zstandard.compress(page.body, _LEVEL),
        "fetched_at": now,
    }
    db.execute(_SAVE, row)


def load(db: Connection, entry_id: int, entry: Entry) -> Page:
    """The page of an entry, with what the feed had said. Raises KeyError where none is kept."""
    row = db.execute(_LOAD, {"entry": entry_id}).first()
    if row is None:
        raise KeyError(f"page: expected one for entry {entry_id}, got none")
    return Page(entry.url, row.final_url, zstandard.decompress(row.body), row.content_type, row.fetched_at, entry)


def drop(db: Connection, entry_id: int) -> None:
    """Forget the page of an entry."""
    db.execute(pages.delete().where(pages.c.entry_id == entry_id))
