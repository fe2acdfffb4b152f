"""Backfills in the store: what each asks for, where it stands, and what it brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from pipeline.storage.schema import backfills, feeds

State = Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Backfill:
    """A walk through an outlet's past."""

    id: int
    source: str
    feed_id: int
    method: str
    since: datetime
    until: datetime
    #: as pipeline/sources/past writes it; None once it is done
    cursor: str | None
    state: State = "running"
    requests: int = 0
    seen: int = 0
    found: int = 0
    new: int = 0
    undated: int = 0
    #: pages in a row that could not be had
    failures: int = 0
    error: str | None = None
    #: pages passed over that could not be read: what they list is missing
    skipped: int = 0
    #: no last day was asked for: `until` is when it began
    open_ended: bool = False


_FIELDS = tuple(Backfill.__slots__)


def begin(
    db: Connection,
    source: str,
    method: str,
    since: datetime,
    until: datetime,
    cursor: str,
    feed_id: int,
    now: datetime,
    *,
    open_ended: bool,
    listed: str | None = None,
) -> int:
    """Record a new one; returns its id."""
    counts: dict[str, Any] = dict.fromkeys(("requests", "seen", "found", "new", "undated", "failures", "skipped"), 0)
    counts |= {"open_ended": open_ended, "listed": listed}
    row = {"source": source, "method": method, "since": since, "until": until, "cursor": cursor, "feed_id": feed_id}
    made = db.execute(insert(backfills).values(state="running", started_at=now, updated_at=now, **row, **counts))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def load(db: Connection, backfill_id: int) -> Backfill:
    """One backfill. Raises KeyError for an unknown id."""
    row = db.execute(select(backfills).where(backfills.c.id == backfill_id)).first()
    if row is None:
        raise KeyError(f"backfill: expected an id in the store, got {backfill_id}")
    return _backfill(row)


def listed(db: Connection, backfill_id: int) -> str | None:
    """The list that a backfill's cursor stands in; it may be long, and most methods have none."""
    found: str | None = db.execute(select(backfills.c.listed).where(backfills.c.id == backfill_id)).scalar()
    return found


def unfinished(
    db: Connection, source: str, since: datetime, until: datetime | None, method: str | None
) -> Backfill | None:
    """The last one of a source that asked for the same, unless it came to its end.

    None for `until`: one that had no last day either; None for `method`: any.
    """
    ends = backfills.c.open_ended if until is None else (backfills.c.until == until) & ~backfills.c.open_ended
    query = select(backfills).where(backfills.c.source == source, backfills.c.since == since, ends)
    if method is not None:
        query = query.where(backfills.c.method == method)
    row = db.execute(query.order_by(backfills.c.id.desc())).first()
    return _backfill(row) if row is not None and row.cursor is not None else None


def resume(db: Connection, backfill_id: int) -> None:
    """Let one that waits or has failed go on from its cursor, with no failures counted."""
    changes = {"state": "running", "failures": 0, "error": None}
    db.execute(update(backfills).where(backfills.c.id == backfill_id).values(**changes))


def add(db: Connection, backfill_id: int, now: datetime, **more: int) -> None:
    """Count `more` of requests, seen, found, new, undated, skipped."""
    counts = {name: backfills.c[name] + number for name, number in more.items()}
    db.execute(update(backfills).where(backfills.c.id == backfill_id).values(updated_at=now, **counts))


def move(db: Connection, backfill_id: int, cursor: str, listed: str | None) -> None:
    """Go on from `cursor`; None for `listed`: in the list that there is."""
    changes: dict[str, Any] = {"cursor": cursor, "failures": 0, "error": None}
    changes |= {"listed": listed} if listed is not None else {}
    db.execute(update(backfills).where(backfills.c.id == backfill_id).values(**changes))


def end(db: Connection, backfill_id: int) -> None:
    """It came to its end."""
    changes = {"cursor": None, "listed": None, "state": "done", "failures": 0, "error": None}
    db.execute(update(backfills).where(backfills.c.id == backfill_id).values(**changes))


def fail(db: Connection, backfill_id: int, error: str, state: State, now: datetime) -> None:
    """Count a page that could not be had; the cursor stays."""
    changes: dict[str, Any] = {"error": error, "state": state, "updated_at": now}
    changes["failures"] = backfills.c.failures + 1
    db.execute(update(backfills).where(backfills.c.id == backfill_id).values(**changes))


def first_feed(db: Connection, source: str) -> int | None:
    """The feed that a source's past is attached to: its first of kind rss, whose ids are those of the past; else its
    first."""
    query = select(feeds.c.id).where(feeds.c.source == source).order_by(feeds.c.kind != "rss", feeds.c.id)
    found: int | None = db.execute(query).scalar()
    return found


def _backfill(row: Row[Any]) -> Backfill:
    return Backfill(**{name: getattr(row, name) for name in _FIELDS})
