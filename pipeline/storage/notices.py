"""Notices in the store: what channels are told about sources, once, by the same deliveries as alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, insert, select

from pipeline.storage.schema import deliveries, notices
from pipeline.types import Message

#: the same about the same source is not told again so soon
_SOON = timedelta(days=1)


def tell(db: Connection, message: Message, source: str, kind: str, channels: Sequence[str]) -> int | None:
    """Store a notice with a delivery for each channel; None when the very same was told within the last day.

    `source` is a slug in the store; empty where it is about us. Without channels it is kept all the same.
    """
    if _told(db, message, source, kind):
        return None
    row = {
        "key": message.id,
        "event": message.event,
        "source": source or None,
        "kind": kind,
        "made_at": message.fired_at,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "fields": dict(message.fields),
    }
    notice_id = db.execute(insert(notices).values(row).returning(notices.c.id)).scalar_one()
    waiting = {"notice_id": notice_id, "state": "waiting", "attempts": 0, "next_try_at": message.fired_at}
    if channels:
        db.execute(insert(deliveries), [{"channel": channel, **waiting} for channel in channels])
    return int(notice_id)


def _told(db: Connection, message: Message, source: str, kind: str) -> bool:
    same = (
        notices.c.source.is_not_distinct_from(source or None),
        notices.c.kind == kind,
        notices.c.body == message.body,
        notices.c.made_at > message.fired_at - _SOON,
    )
    return db.execute(select(notices.c.id).where(*same).limit(1)).first() is not None
