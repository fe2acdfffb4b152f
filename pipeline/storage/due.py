"""What is due and not done: how much of it, and since when; and how much was done of late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, func, select

from pipeline.storage.entries import waiting_to_be_read, waiting_to_fetch
from pipeline.storage.schema import deliveries, entries, feeds

Step = Literal["poll", "fetch", "read", "deliver"]


@dataclass(frozen=True, slots=True)
class Due:
    """What one step has to do now."""

    rows: int
    #: when the one that is due longest came due; None where nothing is due
    since: datetime | None

    def lag(self, now: datetime) -> float:
        """Seconds that the one that is due longest has been due; 0 where nothing is."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else 0.0


def due(db: Connection, now: datetime) -> dict[Step, Due]:
    """What each step has to do now, whether a worker is at it or not."""
    polls = and_(feeds.c.state == "active", feeds.c.next_due_at <= now)
    sends = and_(deliveries.c.state == "waiting", deliveries.c.next_try_at <= now)
    return {
        "poll": _due(db, feeds.c.next_due_at, polls),
        "fetch": _due(db, entries.c.next_try_at, waiting_to_fetch(now)),
        "read": _due(db, entries.c.next_try_at, waiting_to_be_read(now)),
        "deliver": _due(db, deliveries.c.next_try_at, sends),
    }


def _due(db: Connection, moment: ColumnElement[datetime], waiting: ColumnElement[bool]) -> Due:
    row = db.execute(select(func.count(), func.min(moment, type_=moment.type)).where(waiting)).one()
    return Due(int(row[0]), row[1])


def ended_since(db: Connection, moment: datetime) -> int:
    """How many entries have ended since then."""
    query = select(func.count()).where(entries.c.outcome.is_not(None), entries.c.ended_at > moment)
    return int(db.execute(query).scalar_one())
