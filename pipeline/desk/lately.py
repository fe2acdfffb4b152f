"""What is new: since somebody last looked, and on which topics."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.desk import outlets, standing
from pipeline.desk.answers import Today, TopicLine
from pipeline.storage import counts, fired, quoted, views
from pipeline.storage.store import Transaction
from pipeline.types import Source

if TYPE_CHECKING:
    from pipeline.topics import Topic

#: of a topic's items, the ones told as published lately
_LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Since:
    """What is asked for: from when until when, how many of each, and how old what was first heard then may be."""

    since: datetime
    until: datetime
    limit: int
    age: timedelta


def today(db: Transaction, asked: Since, officials: Collection[str], catalogue: Iterable[Source]) -> Today:
    """Statements, alerts, movers and outlets in trouble."""
    found = quoted.lately(db, asked.since, asked.since - asked.age, officials, asked.limit)
    shown = outlets.views(db, catalogue, asked.until)
    return Today(
        since=asked.since,
        until=asked.until,
        statements=tuple(views.statement_views(db, found.ids)),
        heard=found.heard,
        alerts=tuple(fired.alert_views(db, asked.limit, since=asked.since)),
        movers=standing.movers(db, asked.since, asked.limit),
        health=outlets.health(db),
        failing=tuple(one for one in shown if one.enabled and one.standing != "well"),
    )


def topic_lines(db: Transaction, topics: Iterable[Topic], now: datetime) -> list[TopicLine]:
    """These topics, with how many items have each."""
    held, lately = counts.by_topic(db), counts.by_topic_since(db, now - _LATELY)
    return [
        TopicLine(
            topic=one.slug,
            label=one.label,
            description=one.description,
            patterns=one.patterns,
            items=held.get(one.slug, 0),
            lately=lately.get(one.slug, 0),
        )
        for one in topics
    ]
