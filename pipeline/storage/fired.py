"""Alerts that fired, with what became of their messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from pipeline.storage.schema import alerts, deliveries
from pipeline.storage.views import AlertView, DeliveryView


def alert_views(
    db: Connection, limit: int, rule: str | None = None, since: datetime | None = None, below: int | None = None
) -> list[AlertView]:
    """Alerts, newest first: of a rule, fired since then, with lower numbers than this one."""
    query = select(alerts)
    if rule is not None:
        query = query.where(alerts.c.rule == rule)
    if since is not None:
        query = query.where(alerts.c.fired_at >= since)
    if below is not None:
        query = query.where(alerts.c.id < below)
    return _alerts(db, query.order_by(alerts.c.id.desc()).limit(limit))


def alerts_on(db: Connection, item_id: int, start: datetime, end: datetime) -> list[AlertView]:
    """Alerts that an item, or a statement in it, fired in that time, newest first."""
    fired = select(alerts).where(alerts.c.fired_at >= start, alerts.c.fired_at < end, alerts.c.item_id == item_id)
    return _alerts(db, fired.order_by(alerts.c.id.desc()))


def _alerts(db: Connection, query: Select[Any]) -> list[AlertView]:
    rows = db.execute(query).all()
    sent = _deliveries(db, [row.id for row in rows])
    return [
        AlertView(
            id=row.id,
            key=row.key,
            rule=row.rule,
            title=row.title,
            body=row.body,
            url=row.url,
            fired_at=row.fired_at,
            item_id=row.item_id,
            statement_id=row.statement_id,
            deliveries=sent.get(row.id, ()),
        )
        for row in rows
    ]


def _deliveries(db: Connection, alert_ids: Sequence[int]) -> dict[int, tuple[DeliveryView, ...]]:
    query = select(deliveries).where(deliveries.c.alert_id.in_(alert_ids)).order_by(deliveries.c.id)
    found: dict[int, tuple[DeliveryView, ...]] = {}
    for row in db.execute(query):
        view = DeliveryView(row.channel, row.state, row.attempts, row.sent_at, row.error)
        found[row.alert_id] = (*found.get(row.alert_id, ()), view)
    return found
