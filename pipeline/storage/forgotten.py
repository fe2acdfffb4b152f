"""What is kept for a time only: pages, and entries that no topic applied to. Their keys outlive them.

An entry that a feed still announces is known by its row. Where the row was removed, a hash of its URL key and one of
its feed and key stay behind: 63 bits each, so that beside a hundred million of them one new entry in 10^11 is taken for
an old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xxhash
from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select

from pipeline.storage.entries import Announcement
from pipeline.storage.schema import entries, forgotten, pages
from pipeline.types import Outcome

_63 = (1 << 63) - 1
_other = entries.alias("other")


def _url_hash(url_key: str) -> int:
    return xxhash.xxh3_64_intdigest(f"url\0{url_key}".encode("utf-8", "surrogatepass")) & _63


def _key_hash(feed_id: int, key: str) -> int:
    return xxhash.xxh3_64_intdigest(f"key\0{feed_id}\0{key}".encode("utf-8", "surrogatepass")) & _63


def without(db: Connection, feed_id: int, announcements: Sequence[Announcement]) -> list[Announcement]:
    """Those of a feed's announcements that are not of a forgotten entry."""
    hashes = [(_url_hash(one.url_key), _key_hash(feed_id, one.key)) for one in announcements]
    asked = [number for pair in hashes for number in pair]
    gone = set(db.execute(select(forgotten.c.key).where(forgotten.c.key.in_(asked))).scalars()) if asked else set()
    return [one for one, pair in zip(announcements, hashes, strict=True) if gone.isdisjoint(pair)]


def old_pages(db: Connection, before: datetime | None, off_topic_before: datetime | None, limit: int) -> list[int]:
    """Entries that ended before these moments and still have their page; None: never.

    Not the quarantined: `vigia retry` goes on with their pages.
    """
    aged = [
        and_(entries.c.outcome.not_in((Outcome.QUARANTINED, Outcome.OFF_TOPIC)), entries.c.ended_at < before)
        if before
        else None,
        and_(entries.c.outcome == Outcome.OFF_TOPIC, entries.c.ended_at < off_topic_before)
        if off_topic_before
        else None,
    ]
    wanted = [condition for condition in aged if condition is not None]
    if not wanted:
        return []
    query = select(pages.c.entry_id).join(entries, entries.c.id == pages.c.entry_id)
    query = query.where(entries.c.state == "ended", or_(*wanted)).order_by(pages.c.entry_id).limit(limit)
    return list(db.execute(query).scalars())


def count_old_pages(db: Connection, before: datetime | None, off_topic_before: datetime | None) -> int:
    """How many they are."""
    return len(old_pages(db, before, off_topic_before, _63))


def drop_pages(db: Connection, entry_ids: Sequence[int]) -> int:
    """Remove the pages of entries; returns how many there were."""
    return db.execute(delete(pages).where(pages.c.entry_id.in_(entry_ids))).rowcount


def _forgettable(before: datetime) -> ColumnElement[bool]:
    """Off topic in all that its URL ever said, long ago, and without a page to read it again."""
    mine = and_(entries.c.outcome == Outcome.OFF_TOPIC, entries.c.ended_at < before, entries.c.item_id.is_(None))
    others = select(_other.c.id).where(
        _other.c.url_key == entries.c.url_key,
        or_(
            _other.c.outcome.is_(None),
            _other.c.outcome != Outcome.OFF_TOPIC,
            _other.c.ended_at >= before,
            _other.c.item_id.is_not(None),
        ),
    )
    page = select(pages.c.entry_id).where(pages.c.entry_id == entries.c.id)
    return and_(mine, ~others.exists(), ~page.exists())


def forgettable(db: Connection, before: datetime) -> int:
    """How many entries may be forgotten that ended before."""
    return int(db.execute(select(func.count()).select_from(entries).where(_forgettable(before))).scalar_one())


def forget(db: Connection, before: datetime, limit: int) -> int:
    """Remove up to `limit` entries that may be forgotten, leaving their keys; returns how many."""
    columns = (entries.c.id, entries.c.feed_id, entries.c.key, entries.c.url_key)
    rows = db.execute(select(*columns).where(_forgettable(before)).order_by(entries.c.ended_at).limit(limit)).all()
    keys = {key for row in rows for key in _hashes(row)}
    known = set(db.execute(select(forgotten.c.key).where(forgotten.c.key.in_(keys))).scalars()) if keys else set()
    if keys - known:
        db.execute(forgotten.insert(), [{"key": key} for key in sorted(keys - known)])
    db.execute(delete(entries).where(entries.c.id.in_([row.id for row in rows])))
    return len(rows)


def _hashes(row: Any) -> list[int]:
    of_url = [_url_hash(row.url_key)]
    return of_url if row.feed_id is None else [*of_url, _key_hash(row.feed_id, row.key)]
