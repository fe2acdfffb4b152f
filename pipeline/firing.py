"""Fires the rules that an item, or one statement heard in it, meets, if it is news. Alerts are stored, not sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.alerts.message import compose
from pipeline.alerts.novelty import Hearing, judge, subject_of
from pipeline.flow import Flow
from pipeline.records import item_record, statement_record
from pipeline.storage import alerts, items, statements
from pipeline.storage.store import Transaction
from pipeline.types import Alert, AlertRule, Article, Heard, Item


@dataclass(frozen=True, slots=True)
class Occasion:
    """An article that an item was found in, and the outlet it stands in."""

    item_id: int
    source: str
    article: Article
    now: datetime


def fire(flow: Flow, db: Transaction, occasion: Occasion, heard: Heard | None, hearing: Hearing) -> int:
    """Fire what the item (None for `heard`) or the statement meets; returns how many alerts there are now more."""
    if not judge(hearing, occasion.now, flow.settings).alerts:
        return 0
    item = items.load(db, occasion.item_id)
    statement = statements.load(db, heard.statement_id) if heard else None
    sources = items.sources_of(db, item.id)
    told = statements.load_many(db, sorted(statements.of_item(db, item.id)))
    record = statement_record(statement, sources) if statement else item_record(item, told, sources)
    statement_id = statement.id if statement else None
    subject = subject_of(item.id, statement_id, hearing, occasion.now, flow.settings)
    fired = 0
    for rule in flow.rules.fired_by(record, occasion.now):
        message = compose(_alert_of(flow, occasion, rule, subject, item, heard))
        channels = [channel for channel in rule.channels if channel in flow.channels]
        made = alerts.fire(db, message, subject, item_id=item.id, statement_id=statement_id, channels=channels)
        flow.observer.count("alerts", rule.name, made is not None)
        fired += made is not None
    return fired


def _alert_of(flow: Flow, occasion: Occasion, rule: AlertRule, subject: str, item: Item, heard: Heard | None) -> Alert:
    source = flow.sources.get(occasion.source)
    return Alert(
        rule=rule,
        why=flow.rules.why(rule),
        subject=subject,
        fired_at=occasion.now,
        item_id=item.id,
        headline=occasion.article.title,
        url=occasion.article.url,
        outlets=(source.name if source else occasion.source,),
        published_at=occasion.article.published_at,
        lang=item.lang,
        topics=tuple(match.topic for match in item.topics),
        countries=item.countries,
        statement_id=heard.statement_id if heard else None,
        report=heard.report if heard else None,
    )
