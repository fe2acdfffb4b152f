"""Statements in a few words, for lists of many: who said what when, without topics and reports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from pipeline.storage.portable import these
from pipeline.storage.schema import speakers, statements
from pipeline.storage.statements import UNKNOWN
from pipeline.storage.views import SpeakerView

#: newest statements among which the foremost are looked for
_RECENT = 5_000


@dataclass(frozen=True, slots=True)
class Quotation:
    """A statement's words and speaker, with the role that they had then."""

    id: int
    text: str
    speaker: SpeakerView


def briefly(db: Connection, statement_ids: Collection[int]) -> list[Quotation]:
    """These statements, in any order."""
    columns = (
        statements.c.id,
        statements.c.text,
        statements.c.role,
        statements.c.country,
        speakers.c.name,
        speakers.c.key,
    )
    query = select(*columns).join(speakers, speakers.c.id == statements.c.speaker_id)
    rows = db.execute(query.where(statements.c.id.in_(these(db, statement_ids))))
    return [
        Quotation(
            row.id, row.text, SpeakerView(row.name, row.role, row.country, None if row.key == UNKNOWN else row.key)
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Lately:
    """What was heard for the first time: the foremost by id, and how many there are."""

    ids: tuple[int, ...]
    heard: int


def lately(db: Connection, since: datetime, oldest: datetime, officials: Collection[str], limit: int) -> Lately:
    """Statements first heard since then and not published before `oldest`: officials first, then the surest."""
    of_late = or_(statements.c.published_at.is_(None), statements.c.published_at >= oldest)
    fresh = and_(statements.c.first_seen_at >= since, of_late)
    new = select(statements.c.id).where(fresh).order_by(statements.c.first_seen_at.desc()).limit(_RECENT)
    official = func.coalesce(statements.c.role, "").in_(sorted(officials))
    foremost = select(statements.c.id).where(statements.c.id.in_(new))
    foremost = foremost.order_by(official.desc(), statements.c.confidence.desc(), statements.c.place.desc())
    heard = db.execute(select(func.count()).select_from(statements).where(fresh)).scalar_one()
    return Lately(tuple(db.execute(foremost.limit(limit)).scalars()), int(heard))


def last_heard(db: Connection) -> datetime | None:
    """When a statement was last heard for the first time; None where none ever was."""
    last: datetime | None = db.execute(select(func.max(statements.c.first_seen_at))).scalar_one()
    return last
