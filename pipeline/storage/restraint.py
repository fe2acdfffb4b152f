"""What holds alerts back, in the store: what rules remember, alerts gathered for later, suppressions, mutes.

Not here: what is decided from it (pipeline/alerts/policy.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, select, update

from pipeline.storage.portable import insert
from pipeline.storage.schema import (
    alert_memory,
    alerts,
    deliveries,
    held_alerts,
    items,
    mutes,
    notices,
    reports,
    speakers,
    statement_topics,
    statements,
    suppressions,
)
from pipeline.types import Message, Stance

Kind = Literal["digest", "quiet", "summary"]


# --- what rules remember ----------------------------------------------------------------------------------------------


def memory(db: Connection, rule: str, kind: str, keys: Sequence[str]) -> dict[str, tuple[datetime, int]]:
    """What a rule remembers of these keys, as (at, number)."""
    query = select(alert_memory).where(alert_memory.c.rule == rule, alert_memory.c.kind == kind)
    rows = db.execute(query.where(alert_memory.c.key.in_(keys)))
    return {row.key: (row.at, row.number) for row in rows}


def remember(db: Connection, rule: str, kind: str, told: Mapping[str, tuple[datetime, int]]) -> None:
    """Let a rule remember of keys what is told of them, in place of what it did."""
    if not told:
        return
    added = insert(alert_memory)
    newer = {name: added.excluded[name] for name in ("at", "number")}
    rows = [{"rule": rule, "kind": kind, "key": key, "at": at, "number": n} for key, (at, n) in sorted(told.items())]
    db.execute(added.on_conflict_do_update(index_elements=["rule", "kind", "key"], set_=newer), rows)


def gathering(db: Connection, rule: str) -> dict[tuple[Kind, str], datetime]:
    """What is being gathered for a rule, by kind and key, and when it is told."""
    due = func.max(held_alerts.c.due_at).label("due_at")
    query = select(held_alerts.c.kind, held_alerts.c.key, due).where(held_alerts.c.rule == rule)
    rows = db.execute(query.where(held_alerts.c.notice_id.is_(None)).group_by(held_alerts.c.kind, held_alerts.c.key))
    return {(row.kind, row.key): row.due_at for row in rows}


def mute_of(db: Connection, rule: str) -> tuple[datetime, datetime] | None:
    """When somebody silenced a rule, and until when."""
    row = db.execute(select(mutes).where(mutes.c.rule == rule)).first()
    return (row.muted_at, row.until) if row else None


def mute(db: Connection, rule: str, until: datetime | None, now: datetime) -> None:
    """Silence a rule until then; None lets it speak."""
    db.execute(delete(mutes).where(mutes.c.rule == rule))
    if until is not None:
        db.execute(insert(mutes).values(rule=rule, until=until, muted_at=now))


def muted(db: Connection) -> dict[str, datetime]:
    """Rules that were silenced, and until when."""
    return {row.rule: row.until for row in db.execute(select(mutes).order_by(mutes.c.rule))}


# --- what speakers said before ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What a speaker said on a topic in one statement."""

    topic: str
    stance: Stance
    statement_id: int
    #: when it was said is what its first report says: so the answer is the same whenever it is asked
    at: datetime
    #: when it was first heard with the confidence asked for
    heard_at: datetime


def said_on(db: Connection, speaker: str, topic: str, sure: float) -> list[Said]:
    """What a speaker said on a topic, the latest last; what was never heard with such confidence does not count."""
    theirs = reports.c.statement_id == statements.c.id
    first = select(func.min(reports.c.id)).where(theirs).scalar_subquery()
    heard_at = select(func.min(reports.c.seen_at)).where(theirs, reports.c.confidence >= sure).scalar_subquery()
    report = reports.alias("report")
    at = func.coalesce(items.c.published_at, statements.c.first_seen_at, type_=statements.c.first_seen_at.type)
    query = (
        select(statement_topics.c.stance, statements.c.id, at.label("at"), heard_at.label("heard_at"))
        .join(statements, statements.c.id == statement_topics.c.statement_id)
        .join(speakers, speakers.c.id == statements.c.speaker_id)
        .join(report, report.c.id == first)
        .join(items, items.c.id == report.c.item_id)
        .where(speakers.c.key == speaker, statement_topics.c.topic == topic, heard_at.is_not(None))
        .order_by(at, statements.c.id)
    )
    return [Said(topic, row.stance, row.id, row.at, row.heard_at) for row in db.execute(query)]


# --- suppressed -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What met a rule and was news, but was kept quiet, and why."""

    rule: str
    subject: str
    item_id: int
    statement_id: int | None
    suppressed_at: datetime
    reason: str
    keys: tuple[str, ...] = ()


def suppress(db: Connection, one: Suppressed) -> None:
    """Write down that something was kept quiet."""
    db.execute(
        insert(suppressions).values(
            rule=one.rule,
            subject=one.subject,
            item_id=one.item_id,
            statement_id=one.statement_id,
            suppressed_at=one.suppressed_at,
            reason=one.reason,
            keys=list(one.keys),
        )
    )


def suppressed(db: Connection, rule: str, since: datetime, limit: int = 1000) -> list[Suppressed]:
    """What a rule kept quiet since then, oldest first."""
    query = select(suppressions).where(suppressions.c.rule == rule, suppressions.c.suppressed_at >= since)
    rows = db.execute(query.order_by(suppressions.c.id).limit(limit))
    return [_suppressed(row) for row in rows]


def _suppressed(row: Row[Any]) -> Suppressed:
    return Suppressed(
        row.rule, row.subject, row.item_id, row.statement_id, row.suppressed_at, row.reason, tuple(row.keys)
    )


# --- told together, later ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bundle:
    """Alerts of one rule that are told together, oldest first."""

    rule: str
    kind: Kind
    key: str
    alert_ids: tuple[int, ...]
    channels: tuple[str, ...]


def hold(
    db: Connection, alert_id: int, rule: str, kind: Kind, key: str, due_at: datetime, channels: Sequence[str]
) -> None:
    """Gather an alert for later."""
    row = {"alert_id": alert_id, "rule": rule, "kind": kind, "key": key, "due_at": due_at, "channels": list(channels)}
    db.execute(insert(held_alerts).values(row))


def next_due(db: Connection) -> datetime | None:
    """When the next bundle is told; None where nothing is gathered."""
    query = select(func.min(held_alerts.c.due_at)).where(held_alerts.c.notice_id.is_(None))
    found: datetime | None = db.execute(query).scalar()
    return found


def due(db: Connection, now: datetime) -> list[Bundle]:
    """Bundles that are to be told now, by rule, kind and key."""
    query = select(held_alerts).where(held_alerts.c.notice_id.is_(None), held_alerts.c.due_at <= now)
    bundles: dict[tuple[str, Kind, str], list[Row[Any]]] = {}
    for row in db.execute(query.order_by(held_alerts.c.alert_id)):
        bundles.setdefault((row.rule, row.kind, row.key), []).append(row)
    return [
        Bundle(
            *name, tuple(row.alert_id for row in rows), tuple(dict.fromkeys(c for row in rows for c in row.channels))
        )
        for name, rows in sorted(bundles.items())
    ]


def told_alone(db: Connection, alert_id: int, channels: Sequence[str], now: datetime) -> None:
    """What was gathered is one alert: it is delivered as itself."""
    db.execute(delete(held_alerts).where(held_alerts.c.alert_id == alert_id))
    _deliver(db, {"alert_id": alert_id}, channels, now)


def told_together(db: Connection, bundle: Bundle, message: Message) -> int:
    """Store the message that tells of a bundle, with a delivery for each channel; returns the notice's id."""
    row = {
        "key": message.id,
        "event": message.event,
        "source": None,
        "kind": bundle.kind,
        "subject": message.id,
        "made_at": message.fired_at,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "fields": dict(message.fields),
    }
    notice_id = int(db.execute(insert(notices).values(row).returning(notices.c.id)).scalar_one())
    gathered = held_alerts.c.alert_id.in_(bundle.alert_ids)
    db.execute(update(held_alerts).where(gathered).values(notice_id=notice_id))
    _deliver(db, {"notice_id": notice_id}, bundle.channels, message.fired_at)
    return notice_id


def _deliver(db: Connection, about: Mapping[str, int], channels: Sequence[str], now: datetime) -> None:
    waiting = {**about, "state": "waiting", "attempts": 0, "next_try_at": now}
    if channels:
        db.execute(insert(deliveries), [{"channel": channel, **waiting} for channel in channels])


# --- dead letters -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that a channel would not take, or not in so many attempts."""

    delivery_id: int
    channel: str
    rule: str
    title: str
    fired_at: datetime
    attempts: int
    error: str | None
    #: None for a notice or digest
    alert_id: int | None


def dead_letters(db: Connection, limit: int) -> list[DeadLetter]:
    """Deliveries that were given up, newest first."""
    joined = deliveries.outerjoin(alerts, alerts.c.id == deliveries.c.alert_id)
    joined = joined.outerjoin(notices, notices.c.id == deliveries.c.notice_id)
    query = select(
        deliveries,
        func.coalesce(alerts.c.rule, notices.c.event).label("rule"),
        func.coalesce(alerts.c.title, notices.c.title).label("title"),
        func.coalesce(alerts.c.fired_at, notices.c.made_at, type_=alerts.c.fired_at.type).label("told_at"),
    ).select_from(joined)
    rows = db.execute(query.where(deliveries.c.state == "dead").order_by(deliveries.c.id.desc()).limit(limit))
    return [
        DeadLetter(row.id, row.channel, row.rule, row.title, row.told_at, row.attempts, row.error, row.alert_id)
        for row in rows
    ]


def revive(db: Connection, delivery_ids: Sequence[int] | None, now: datetime) -> int:
    """Let dead deliveries be tried again, those given or all; returns how many."""
    dead = update(deliveries).where(deliveries.c.state == "dead")
    if delivery_ids is not None:
        dead = dead.where(deliveries.c.id.in_(delivery_ids))
    return db.execute(dead.values(state="waiting", attempts=0, next_try_at=now)).rowcount
