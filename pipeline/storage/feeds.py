"""Feeds in the store: when each is due and what we remember of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.sqlite import insert

from pipeline.storage.schema import feeds, sources
from pipeline.types import FeedKind, FeedState, Source

_FIELDS = tuple(field.name for field in dataclasses.fields(FeedState))


def sync(db: Connection, catalogue: Iterable[Source], now: datetime, interval: float) -> None:
    """Make a row for each declared feed; feeds that were taken out or belong to a disabled source are not polled."""
    enabled = set()
    for source in catalogue:
        for address in source.feeds:
            if source.enabled:
                enabled.add(address.url)
            _declare(db, source.slug, address.url, address.kind, now, interval)
    for row in db.execute(select(feeds.c.id, feeds.c.declared_url, feeds.c.state)).all():
        wanted = "active" if row.declared_url in enabled else "disabled"
        if row.state != wanted and not (row.state == "retired" and wanted == "active"):
            db.execute(update(feeds).where(feeds.c.id == row.id).values(state=wanted))


def _declare(db: Connection, source: str, url: str, kind: FeedKind, now: datetime, interval: float) -> None:
    row = {
        "source": source,
        "url": url,
        "declared_url": url,
        "kind": kind.value,
        "state": "active",
        "next_due_at": now,
        "interval": interval,
        "key_rung": 0,
        "polls": 0,
        "reads": 0,
        "failures": 0.0,
        "moved_seen": 0,
    }
    db.execute(insert(feeds).values(row).on_conflict_do_nothing())


def load(db: Connection, feed_id: int) -> FeedState:
    """One feed. Raises KeyError for an unknown id."""
    row = db.execute(select(feeds).where(feeds.c.id == feed_id)).first()
    if row is None:
        raise KeyError(f"feed: expected an id in the store, got {feed_id}")
    return _state(row)


def due(db: Connection, now: datetime, limit: int, source: str | None = None) -> list[tuple[int, str]]:
    """Active feeds (of one source) whose time has come, longest overdue first, as (id, url)."""
    query = select(feeds.c.id, feeds.c.url).where(feeds.c.state == "active", feeds.c.next_due_at <= now)
    if source is not None:
        query = query.where(feeds.c.source == source)
    return [(row.id, row.url) for row in db.execute(query.order_by(feeds.c.next_due_at).limit(limit))]


def next_due(db: Connection, source: str | None = None) -> datetime | None:
    """When the next active feed (of one source) is due; None without active feeds."""
    query = select(func.min(feeds.c.next_due_at)).where(feeds.c.state == "active")
    if source is not None:
        query = query.where(feeds.c.source == source)
    found: datetime | None = db.execute(query).scalar()
    return found


def polled_sources(db: Connection) -> set[str]:
    """Slugs of the sources with an active feed."""
    return set(db.execute(select(feeds.c.source).where(feeds.c.state == "active").distinct()).scalars())


def last_poll(db: Connection) -> datetime | None:
    """When any feed was last polled; None before the first poll."""
    found: datetime | None = db.execute(select(func.max(feeds.c.last_polled_at))).scalar()
    return found


def last_error(db: Connection, source: str) -> str | None:
    """What the feed of a source that failed last said; None where none fails."""
    query = select(feeds.c.last_error).where(feeds.c.source == source, feeds.c.failures > 0)
    found: str | None = db.execute(query.order_by(feeds.c.last_polled_at.desc()).limit(1)).scalar()
    return found


def make_due(db: Connection, now: datetime, source: str | None = None) -> int:
    """Make every active feed (of one source) due now; returns how many."""
    change = update(feeds).where(feeds.c.state == "active")
    if source is not None:
        change = change.where(feeds.c.source == source)
    return db.execute(change.values(next_due_at=now)).rowcount


def save(db: Connection, feed: FeedState) -> None:
    """Write what we now remember. A redirect target that another feed already polls is not taken over."""
    values: dict[str, Any] = {name: getattr(feed, name) for name in _FIELDS if name not in ("id", "source", "kind")}
    taken = select(feeds.c.id).where(feeds.c.url == feed.url, feeds.c.id != feed.id)
    if db.execute(taken).first() is not None:
        values["state"] = "retired"
        values["last_error"] = f"moved to {feed.url}, which another feed already polls"
        del values["url"]
    db.execute(update(feeds).where(feeds.c.id == feed.id).values(**values))


def postpone(db: Connection, feed_id: int, error: str, until: datetime) -> None:
    """Do not poll before `until`, because of `error`."""
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(next_due_at=until, last_error=error))


def listing(db: Connection) -> list[tuple[FeedState, str]]:
    """Every feed with its source's reason for being disabled."""
    query = select(feeds, sources.c.reason).join(sources, sources.c.slug == feeds.c.source).order_by(feeds.c.id)
    return [(_state(row), row.reason) for row in db.execute(query)]


def _state(row: Row[Any]) -> FeedState:
    values = {name: getattr(row, name) for name in _FIELDS}
    return FeedState(**{**values, "kind": FeedKind(row.kind)})
