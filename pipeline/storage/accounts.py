"""One alert with everything that is known of it: grounds, what it was gathered with, deliveries, what came after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from pipeline.storage import hearings, restraint
from pipeline.storage.restraint import Kind
from pipeline.storage.schema import alerts, deliveries, held_alerts, items
from pipeline.storage.views import DeliveryView


@dataclass(frozen=True, slots=True)
class After:
    """What met the same rule later and was kept quiet, or reported the same statement again."""

    at: datetime
    item_id: int
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlertAccount:
    """Why an alert fired and what became of it."""

    id: int
    rule: str
    title: str
    body: str
    url: str
    fired_at: datetime
    item_id: int
    statement_id: int | None
    #: the rule's query as a sentence
    why: str
    #: conditions of it that were met; empty for alerts of before this was kept
    met: tuple[str, ...]
    #: the rule's query as it was then, and those conditions as queries; empty for alerts of before these were kept
    query: str
    met_queries: tuple[str, ...]
    #: what was new about it
    new: str
    #: what `realert` tells it apart by
    keys: tuple[str, ...]
    importance: str
    #: why it was told later, with others, and when; empty: at once
    held: Kind | None
    held_until: datetime | None
    #: of the alert, or of what told of it together with others
    deliveries: tuple[DeliveryView, ...]
    #: oldest first
    after: tuple[After, ...]


def account(db: Connection, alert_id: int) -> AlertAccount:
    """All that is known of an alert. Raises KeyError for an unknown id."""
    row = db.execute(select(alerts).where(alerts.c.id == alert_id)).first()
    if row is None:
        raise KeyError(f"alert: expected an id in the store, got {alert_id}")
    held = db.execute(select(held_alerts).where(held_alerts.c.alert_id == alert_id)).first()
    grounds = row.grounds or {}
    return AlertAccount(
        id=row.id,
        rule=row.rule,
        title=row.title,
        body=row.body,
        url=row.url,
        fired_at=row.fired_at,
        item_id=row.item_id,
        statement_id=row.statement_id,
        why=row.fields.get("why", ""),
        met=tuple(grounds.get("met", ())),
        query=grounds.get("query", ""),
        met_queries=tuple(grounds.get("met_queries", ())),
        new=grounds.get("new", ""),
        keys=tuple(grounds.get("keys", ())),
        importance=row.fields.get("importance", "normal"),
        held=held.kind if held else None,
        held_until=held.due_at if held else None,
        deliveries=_deliveries(db, alert_id, held),
        after=tuple(sorted((*_kept_quiet(db, row), *_told_again(db, row)), key=lambda one: one.at)),
    )


def _deliveries(db: Connection, alert_id: int, held: Row[Any] | None) -> tuple[DeliveryView, ...]:
    of_it = deliveries.c.alert_id == alert_id
    if held is not None and held.notice_id is not None:
        of_it = deliveries.c.notice_id == held.notice_id
    rows = db.execute(select(deliveries).where(of_it).order_by(deliveries.c.id))
    return tuple(DeliveryView(row.channel, row.state, row.attempts, row.sent_at, row.error) for row in rows)


def _kept_quiet(db: Connection, alert: Row[Any]) -> list[After]:
    """What the rule kept quiet since, of what has a key in common with the alert or stands in no key at all."""
    keys = set((alert.grounds or {}).get("keys", ()))
    since = restraint.suppressed(db, alert.rule, alert.fired_at)
    alike = [one for one in since if not keys or keys.intersection(one.keys)]
    titles = _titles(db, [one.item_id for one in alike])
    return [After(one.suppressed_at, one.item_id, titles.get(one.item_id, ""), one.reason) for one in alike]


def _told_again(db: Connection, alert: Row[Any]) -> list[After]:
    if alert.statement_id is None:
        return []
    told = hearings.of_statements(db, [alert.statement_id])
    return [
        After(one.at, one.item_id, one.title, f"the same statement again, in {one.source}")
        for one in told
        if one.at > alert.fired_at
    ]


def _titles(db: Connection, item_ids: list[int]) -> dict[int, str]:
    rows = db.execute(select(items.c.id, items.c.title).where(items.c.id.in_(item_ids)))
    return {row.id: row.title for row in rows}
