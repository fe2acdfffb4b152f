"""Alerts in the store, and deliveries of alerts and notices: fired once, kept until every channel took them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update

from pipeline.storage.portable import insert
from pipeline.storage.putback import bring_forward
from pipeline.storage.schema import alerts, deliveries, notices
from pipeline.types import Message


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one channel, and how often that failed."""

    id: int
    channel: str
    attempts: int
    state: str
    message: Message


def fire(
    db: Connection,
    message: Message,
    subject: str,
    *,
    item_id: int,
    statement_id: int | None,
    channels: Sequence[str],
    grounds: Mapping[str, Any] | None = None,
) -> int | None:
    """Store an alert with a delivery for each channel; None when this rule fired on this subject before.

    `grounds` say why it fired, for `explain`.
    """
    row = {
        "key": message.id,
        "rule": message.rule,
        "subject": subject,
        "item_id": item_id,
        "statement_id": statement_id,
        "fired_at": message.fired_at,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "fields": dict(message.fields),
        "grounds": dict(grounds) if grounds else None,
    }
    statement = insert(alerts).values(row).on_conflict_do_nothing(index_elements=["rule", "subject"])
    alert_id = db.execute(statement.returning(alerts.c.id)).scalar()
    if alert_id is None:
        return None
    waiting = {"alert_id": alert_id, "state": "waiting", "attempts": 0, "next_try_at": message.fired_at}
    if channels:
        db.execute(insert(deliveries), [{"channel": channel, **waiting} for channel in channels])
    return int(alert_id)


def has_fired(db: Connection, rule: str, subject: str) -> bool:
    """Whether a rule fired on a subject before."""
    query = select(alerts.c.id).where(alerts.c.rule == rule, alerts.c.subject == subject)
    return db.execute(query).first() is not None


def messages(db: Connection, alert_ids: Sequence[int]) -> list[Message]:
    """What these alerts say, oldest first."""
    rows = db.execute(select(alerts).where(alerts.c.id.in_(alert_ids)).order_by(alerts.c.id))
    return [_message(row, rule=row.rule, fired_at=row.fired_at) for row in rows]


def next_of_each(db: Connection, now: datetime) -> dict[str, int]:
    """For each channel, the oldest delivery to be tried now."""
    query = select(deliveries.c.channel, func.min(deliveries.c.id).label("id"))
    query = query.where(deliveries.c.state == "waiting", deliveries.c.next_try_at <= now)
    return {row.channel: row.id for row in db.execute(query.group_by(deliveries.c.channel))}


def next_try(db: Connection) -> datetime | None:
    """When the next waiting delivery may be tried; None without any."""
    query = select(func.min(deliveries.c.next_try_at)).where(deliveries.c.state == "waiting")
    found: datetime | None = db.execute(query).scalar()
    return found


def clock_put_back(db: Connection, now: datetime, seen: datetime | None = None) -> int:
    """Let no delivery wait for what is the future only now; `seen`: what the clock said last."""
    waiting = and_(deliveries.c.state == "waiting", deliveries.c.next_try_at > now)
    fired_at = select(alerts.c.fired_at).where(alerts.c.id == deliveries.c.alert_id).scalar_subquery()
    made_at = select(notices.c.made_at).where(notices.c.id == deliveries.c.notice_id).scalar_subquery()
    told_at = func.coalesce(fired_at, made_at, type_=alerts.c.fired_at.type)
    return bring_forward(db, deliveries, waiting, told_at, now, seen)


def load_delivery(db: Connection, delivery_id: int) -> Delivery:
    """One delivery with its message, an alert's or a notice's. Raises KeyError for an unknown id."""
    row = db.execute(select(deliveries).where(deliveries.c.id == delivery_id)).first()
    if row is None:
        raise KeyError(f"delivery: expected an id in the store, got {delivery_id}")
    message = _notice(db, row.notice_id) if row.alert_id is None else _alert(db, row.alert_id)
    return Delivery(row.id, row.channel, row.attempts, row.state, message)


def _alert(db: Connection, alert_id: int) -> Message:
    row = db.execute(select(alerts).where(alerts.c.id == alert_id)).one()
    return _message(row, rule=row.rule, fired_at=row.fired_at)


def _notice(db: Connection, notice_id: int) -> Message:
    row = db.execute(select(notices).where(notices.c.id == notice_id)).one()
    return _message(row, rule=row.fields.get("rule", row.event), fired_at=row.made_at, event=row.event)


def _message(row: Row[Any], **more: Any) -> Message:
    return Message(id=row.key, title=row.title, body=row.body, url=row.url, fields=row.fields, **more)


def sent(db: Connection, delivery_id: int, now: datetime) -> None:
    """The channel took it."""
    change = update(deliveries).where(deliveries.c.id == delivery_id)
    db.execute(change.values(state="sent", sent_at=now, error=None, leased_until=None, leased_by=None))


def failed(db: Connection, delivery_id: int, error: str, next_try_at: datetime | None) -> None:
    """Count a failed attempt; without a next try the delivery is dead."""
    values: dict[str, Any] = {"attempts": deliveries.c.attempts + 1, "error": error}
    values |= {"leased_until": None, "leased_by": None}
    values |= {"next_try_at": next_try_at} if next_try_at else {"state": "dead"}
    db.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))
