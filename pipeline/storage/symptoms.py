"""Symptoms in the store: open until they are gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from pipeline.health import Symptom
from pipeline.storage.schema import symptoms


def unended(db: Connection) -> list[Symptom]:
    """Every open symptom, warnings first, then the longest known first."""
    query = select(symptoms).where(symptoms.c.ended_at.is_(None))
    return [_symptom(row) for row in db.execute(query.order_by(symptoms.c.severity.desc(), symptoms.c.opened_at))]


@dataclass(frozen=True, slots=True)
class Ailment:
    """A symptom of a source, open or gone."""

    kind: str
    severity: str
    sentence: str
    since: datetime
    ended_at: datetime | None
    ending: str | None


def of_source(db: Connection, source: str, since: datetime) -> list[Ailment]:
    """What was noticed about a source and is open, or ended since then: the latest first."""
    lately = or_(symptoms.c.ended_at.is_(None), symptoms.c.ended_at >= since)
    rows = db.execute(select(symptoms).where(symptoms.c.source == source, lately).order_by(symptoms.c.opened_at.desc()))
    return [Ailment(row.kind, row.severity, row.sentence, row.opened_at, row.ended_at, row.ending) for row in rows]


def begin(db: Connection, symptom: Symptom) -> bool:
    """Keep a symptom that was noticed; False when it is open already."""
    if db.execute(select(symptoms.c.id).where(*_open(symptom))).first() is not None:
        return False
    row = {
        "source": symptom.source or None,
        "kind": symptom.kind,
        "severity": symptom.severity,
        "sentence": symptom.sentence,
        "opened_at": symptom.since,
    }
    db.execute(insert(symptoms).values(row))
    return True


def end(db: Connection, symptom: Symptom, ending: str, now: datetime) -> bool:
    """Record how a symptom ended; False when it had ended before."""
    change = update(symptoms).where(*_open(symptom)).values(ended_at=now, ending=ending)
    return db.execute(change).rowcount > 0


def _open(symptom: Symptom) -> tuple[ColumnElement[bool], ...]:
    return (
        symptoms.c.ended_at.is_(None),
        symptoms.c.kind == symptom.kind,
        symptoms.c.source.is_not_distinct_from(symptom.source or None),
    )


def _symptom(row: Row[Any]) -> Symptom:
    return Symptom(row.source or "", row.kind, row.opened_at, row.sentence, row.severity)
