"""Reprocessings in the store: what each asks for, how far it has come, and what it goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from pipeline.storage.schema import entries, items, pages, reprocessings
from pipeline.types import Outcome


@dataclass(frozen=True, slots=True)
class Reprocessing:
    """A walk through stored items, and then through off-topic entries whose page is kept."""

    id: int
    asked: str
    made_of: str
    since: datetime | None
    until: datetime | None
    #: the newest ones when it began: what came later was read by the program of the day
    last_item: int
    last_entry: int
    #: done up to these
    item: int
    entry: int
    state: Literal["running", "done"]
    counts: Mapping[str, int]


_FIELDS = tuple(Reprocessing.__slots__)


def begin(
    db: Connection, asked: str, made_of: str, since: datetime | None, until: datetime | None, now: datetime
) -> Reprocessing:
    """Record a new one that begins at the oldest item."""
    last_item = db.execute(select(func.max(items.c.id))).scalar() or 0
    last_entry = db.execute(select(func.max(entries.c.id))).scalar() or 0
    row: dict[str, Any] = {
        "asked": asked,
        "made_of": made_of,
        "since": since,
        "until": until,
        "counts": {},
        "state": "running",
    }
    row |= {"last_item": last_item, "last_entry": last_entry, "item": 0, "entry": 0}
    made = db.execute(insert(reprocessings).values(started_at=now, updated_at=now, **row))
    return load(db, int(made.inserted_primary_key[0]))  # type: ignore[index]


def drop(db: Connection, reprocessing_id: int) -> None:
    """Forget it, as if it had not begun."""
    db.execute(reprocessings.delete().where(reprocessings.c.id == reprocessing_id))


def load(db: Connection, reprocessing_id: int) -> Reprocessing:
    """One reprocessing. Raises KeyError for an unknown id."""
    row = db.execute(select(reprocessings).where(reprocessings.c.id == reprocessing_id)).first()
    if row is None:
        raise KeyError(f"reprocessing: expected an id in the store, got {reprocessing_id}")
    return Reprocessing(**{name: getattr(row, name) for name in _FIELDS})


def unfinished(db: Connection, asked: str, made_of: str) -> Reprocessing | None:
    """The last one that asked for the same, unless it came to its end, or program or configuration changed."""
    query = select(reprocessings.c.id, reprocessings.c.state, reprocessings.c.made_of)
    row = db.execute(query.where(reprocessings.c.asked == asked).order_by(reprocessings.c.id.desc()).limit(1)).first()
    return load(db, row.id) if row is not None and (row.state, row.made_of) == ("running", made_of) else None


def move(db: Connection, reprocessing_id: int, counts: Mapping[str, int], now: datetime, **place: int) -> None:
    """All up to `place` (of item, entry) is done."""
    changes: dict[str, Any] = {"counts": dict(counts), "updated_at": now, **place}
    db.execute(update(reprocessings).where(reprocessings.c.id == reprocessing_id).values(**changes))


def end(db: Connection, reprocessing_id: int, now: datetime) -> None:
    """It came to its end."""
    changes = {"state": "done", "updated_at": now}
    db.execute(update(reprocessings).where(reprocessings.c.id == reprocessing_id).values(**changes))


# --- what it goes through ---------------------------------------------------------------------------------------------


def item_ids(db: Connection, job: Reprocessing, source: str | None, after: int, limit: int | None) -> list[int]:
    """The next items of its time and source, in order of id."""
    query = select(items.c.id).where(items.c.id > after, items.c.id <= job.last_item)
    at = func.coalesce(items.c.published_at, items.c.first_seen_at, type_=items.c.published_at.type)
    for condition in (*_within(job, at), *([items.c.source == source] if source else [])):
        query = query.where(condition)
    return list(db.execute(query.order_by(items.c.id).limit(limit)).scalars())


def entry_ids(db: Connection, job: Reprocessing, source: str | None, after: int, limit: int | None) -> list[int]:
    """The next entries of its time and source that no topic applied to, and whose page is kept, in order of id."""
    query = select(entries.c.id).join(pages, pages.c.entry_id == entries.c.id)
    query = query.where(entries.c.id > after, entries.c.id <= job.last_entry)
    query = query.where(entries.c.outcome == Outcome.OFF_TOPIC, entries.c.item_id.is_(None))
    at = func.coalesce(entries.c.claimed_at, entries.c.first_seen_at, type_=entries.c.claimed_at.type)
    for condition in (*_within(job, at), *([entries.c.source == source] if source else [])):
        query = query.where(condition)
    return list(db.execute(query.order_by(entries.c.id).limit(limit)).scalars())


def _within(job: Reprocessing, at: ColumnElement[datetime]) -> list[ColumnElement[bool]]:
    since = [at >= job.since] if job.since is not None else []
    return since + ([at < job.until] if job.until is not None else [])
