"""What waits in the store for a moment that was far off only as somebody put the clock back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, bindparam, or_, select, update

#: clocks are put right by less than this all the time
SKEW = timedelta(hours=1)
#: nothing that was postponed waits longer, as it is set out of the box
_LONGEST = timedelta(days=1)


def bring_forward(
    db: Connection,
    table: Table,
    waiting: ColumnElement[bool],
    made_at: ColumnElement[datetime],
    now: datetime,
    seen: datetime | None,
) -> int:
    """Mend `next_try_at` of the rows that are `waiting` for what is the future now; returns how many were.

    `seen` is what the clock said last: then each wait keeps what was left of it. Where that is not known (None, as no
    engine ran), what was made in the future, or waits longer than anything does, waits no more.
    """
    if seen is not None:
        return _nearer(db, table, waiting, seen - now)
    mistimed = or_(made_at > now + SKEW, table.c.next_try_at > now + _LONGEST + SKEW)
    return db.execute(update(table).where(waiting, mistimed).values(next_try_at=now)).rowcount


def _nearer(db: Connection, table: Table, waiting: ColumnElement[bool], by: timedelta) -> int:
    rows = db.execute(select(table.c.id, table.c.next_try_at).where(waiting)).all()
    change = update(table).where(table.c.id == bindparam("row")).values(next_try_at=bindparam("at"))
    if rows:
        db.execute(change, [{"row": row.id, "at": row.next_try_at - by} for row in rows])
    return len(rows)
