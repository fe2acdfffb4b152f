"""Notices in the store: what channels are told about sources, once, by the same deliveries as alerts.

What changes and changes back is told as it happens, a few times a day. Then the latest word is held back until a day
after the first of them, and a newer one takes its place: whatever flaps, the last word that channels got is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from pipeline.storage import locks
from pipeline.storage.schema import deliveries, notices
from pipeline.types import Message

#: the last word on a subject is not repeated so soon, and in that time so many are told as they happen
_SOON, _OFTEN = timedelta(days=1), 4


def tell(db: Connection, message: Message, source: str, kind: str, subject: str, channels: Sequence[str]) -> int | None:
    """Store a notice with a delivery for each channel; None when it was the last word on its subject for a day.

    `source` is a slug in the store; empty where it is about us. Without channels it is kept all the same.
    """
    locks.hold(db, [f"notices {source} {subject}"])
    about = (notices.c.source.is_not_distinct_from(source or None), notices.c.subject == subject)
    _overtake(db, about, message.fired_at)
    lately = _lately(db, about, message.fired_at)
    if lately and lately[0][1:] == (message.title, message.body):
        return None
    row = {
        "key": message.id,
        "event": message.event,
        "source": source or None,
        "kind": kind,
        "subject": subject,
        "made_at": message.fired_at,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "fields": dict(message.fields),
    }
    notice_id = db.execute(insert(notices).values(row).returning(notices.c.id)).scalar_one()
    due = message.fired_at if len(lately) < _OFTEN else lately[_OFTEN - 1][0] + _SOON
    waiting = {"notice_id": notice_id, "state": "waiting", "attempts": 0, "next_try_at": due}
    if channels:
        db.execute(insert(deliveries), [{"channel": channel, **waiting} for channel in channels])
    return int(notice_id)


def _lately(db: Connection, about: Sequence[ColumnElement[bool]], now: datetime) -> list[tuple[datetime, str, str]]:
    """The last words on a subject as (when, title, body), the newest first; not what a clock that ran ahead told."""
    told = select(notices.c.made_at, notices.c.title, notices.c.body).where(*about)
    told = told.where(notices.c.made_at > now - _SOON, notices.c.made_at <= now)
    newest = told.order_by(notices.c.made_at.desc(), notices.c.id.desc()).limit(_OFTEN)
    return [(row.made_at, row.title, row.body) for row in db.execute(newest)]


def _overtake(db: Connection, about: Sequence[ColumnElement[bool]], now: datetime) -> None:
    """Forget what is held back on a subject: nobody was told of it, and there is a newer word."""
    held = select(notices.c.id).join(deliveries, deliveries.c.notice_id == notices.c.id).where(*about)
    held = held.where(deliveries.c.attempts == 0, deliveries.c.next_try_at > now, notices.c.made_at <= now)
    overtaken = db.execute(held.distinct()).scalars().all()
    if overtaken:
        db.execute(delete(deliveries).where(deliveries.c.notice_id.in_(overtaken)))
        db.execute(delete(notices).where(notices.c.id.in_(overtaken)))
