"""Who works on what, where many workers share a store: a lease is taken for what is sent, and again by who begins.

    send_*(db, now, ...)    what is due and nobody's becomes ours to send, for so many seconds
    begin(db, row, task)    who got the message takes the lease over; anybody else's message about it is a duplicate
    (the step ends)         whatever ends, postpones or fails a row gives the lease back

A lease that runs out is nobody's: what was lost with a broker or a worker is sent again. One that a task had taken over
and never gave back is a death, and counts as an attempt before anything is tried again. The embedded engine takes none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, literal_column, or_, select, update

from pipeline.storage.alerts import next_of_each
from pipeline.storage.entries import BEHIND, waiting_to_be_read, waiting_to_fetch
from pipeline.storage.schema import deliveries, entries, feeds

DIED = "the process working on it died or was killed"
#: nothing is leased for longer: such a lease can only have been given by a clock that was since put back
_LONGEST = timedelta(hours=1)


def _free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Nobody's."""
    leased = table.c.leased_until
    return or_(leased.is_(None), leased <= now, leased > now + _LONGEST)


def _take(db: Connection, table: Table, chosen: Any, now: datetime, lease: float) -> list[int]:
    """Lease the rows that a query of ids chose and that are still nobody's; what the last one died of is counted."""
    until = now + timedelta(seconds=lease)
    # asked again under the lock: between choosing and locking another process may have taken it
    locked = select(table.c.id).where(table.c.id.in_(chosen), _free(table, now))
    died = table.c.leased_by.is_not(None)
    values = {
        "leased_until": until,
        "leased_by": None,
        "attempts": case((died, table.c.attempts + 1), else_=table.c.attempts),
        "error": case((died, DIED), else_=table.c.error),
    }
    taking = update(table).where(table.c.id.in_(locked.with_for_update(skip_locked=True))).values(values)
    return sorted(db.execute(taking.returning(table.c.id)).scalars())


def send_fetches(
    db: Connection, now: datetime, *, per_host: int, limit: int, lease: float, host: str | None = None
) -> list[int]:
    """Entries to fetch (of one host) that become ours to send: so many that of each host `per_host` are under way."""
    free = _free(entries, now)
    # hosts with enough under way are left out first: in a backlog that is most of them, and little is to be ranked
    busy = (
        select(entries.c.host)
        .where(entries.c.state == literal_column("'to_fetch'"), entries.c.leased_until > now, ~free)
        .group_by(entries.c.host)
    )
    waiting = and_(waiting_to_fetch(now), entries.c.host.not_in(busy.having(func.count() >= per_host)))
    if host is not None:
        waiting = and_(entries.c.host == host, waiting)
    order = (case((free, 1), else_=0), BEHIND, entries.c.id)
    place = func.row_number().over(partition_by=entries.c.host, order_by=order).label("place")
    ranked = select(entries.c.id, free.label("free"), place).where(waiting).subquery()
    chosen = select(ranked.c.id).where(ranked.c.place <= per_host, ranked.c.free).order_by(ranked.c.place, ranked.c.id)
    return _take(db, entries, chosen.limit(limit), now, lease)


def send_pages(db: Connection, now: datetime, *, limit: int, lease: float, only: int | None = None) -> list[int]:
    """Entries whose page waits to be read that become ours to send, oldest first."""
    waiting = and_(waiting_to_be_read(now), _free(entries, now))
    if only is not None:
        waiting = and_(entries.c.id == only, waiting)
    return _take(db, entries, select(entries.c.id).where(waiting).order_by(entries.c.id).limit(limit), now, lease)


def send_deliveries(db: Connection, now: datetime, *, lease: float) -> list[int]:
    """The next delivery of each channel that becomes ours to send; none of a channel that is being delivered to."""
    return _take(db, deliveries, list(next_of_each(db, now).values()), now, lease)


def busy_hosts(db: Connection, now: datetime) -> set[str]:
    """Hosts of which a feed is leased."""
    return set(db.execute(select(feeds.c.host).where(feeds.c.leased_until > now).distinct()).scalars())


def dead_polls(db: Connection, now: datetime) -> list[tuple[int, float]]:
    """Feeds whose poll began and never ended, with their failures so far."""
    dead = and_(feeds.c.leased_by.is_not(None), feeds.c.leased_until <= now, feeds.c.state == "active")
    rows = db.execute(select(feeds.c.id, feeds.c.failures).where(dead).with_for_update(skip_locked=True))
    return [(row.id, row.failures) for row in rows]


def begin_entry(db: Connection, entry_id: int, state: str, task: str, now: datetime, lease: float) -> int | None:
    """Begin with an entry that is to be fetched, or read: see `_begin`."""
    return _begin(db, entries, entry_id, state, task, now, lease)


def begin_delivery(db: Connection, delivery_id: int, task: str, now: datetime, lease: float) -> int | None:
    """Begin with a delivery: see `_begin`."""
    return _begin(db, deliveries, delivery_id, "waiting", task, now, lease)


def _begin(db: Connection, table: Table, row_id: int, state: str, task: str, now: datetime, lease: float) -> int | None:
    """Take a row over for `task`; returns its failures so far.

    None where it is no such work (any more), is not to be tried yet, or another task works on it: the message was late,
    or a duplicate. A task that comes a second time had died the first time, which is a failure.
    """
    work = and_(table.c.id == row_id, table.c.state == state, table.c.next_try_at <= now)
    row = db.execute(select(table.c.leased_until, table.c.leased_by).where(work).with_for_update()).first()
    if row is None or (row.leased_by not in (None, task) and now < row.leased_until <= now + _LONGEST):
        return None
    values: dict[str, Any] = {"leased_until": now + timedelta(seconds=lease), "leased_by": task}
    if row.leased_by is not None:
        values |= {"attempts": table.c.attempts + 1, "error": DIED}
    change = update(table).where(table.c.id == row_id).values(values)
    return int(db.execute(change.returning(table.c.attempts)).scalar_one())


def begin_poll(db: Connection, feed_id: int, task: str, now: datetime, lease: float) -> bool:
    """Take a feed over that was sent to be polled; False where it was polled already, or another task is polling it."""
    until = now + timedelta(seconds=lease)
    others = and_(feeds.c.leased_by != task, ~_free(feeds, now))
    sent = and_(feeds.c.id == feed_id, feeds.c.leased_until.is_not(None), feeds.c.state == "active")
    change = update(feeds).where(sent, or_(feeds.c.leased_by.is_(None), ~others))
    return db.execute(change.values(leased_until=until, leased_by=task)).rowcount == 1


def put_back_entry(db: Connection, entry_id: int, until: datetime) -> None:
    """Nobody begins with an entry until then, and then whoever is sent it: its host keeps it waiting."""
    free = {"leased_until": until, "leased_by": None}
    db.execute(update(entries).where(entries.c.id == entry_id, entries.c.outcome.is_(None)).values(free))


def put_back_feed(db: Connection, feed_id: int, until: datetime) -> None:
    """Nobody takes a feed until then: its host keeps it waiting."""
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(leased_until=until, leased_by=None))
