"""Feeds in the store: when each is due, who is polling it, and what we remember of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from pipeline.storage.hosts import stopped, stops
from pipeline.storage.portable import greatest, insert
from pipeline.storage.schema import feeds
from pipeline.types import FeedAddress, FeedKind, FeedState, Source

_FIELDS = tuple(field.name for field in dataclasses.fields(FeedState))
_FIXED = ("id", "source", "kind")
#: for each feed to be taken so many are looked at, of the longest overdue; and so often past hosts that fill them
_AHEAD, _ROUNDS = 16, 8
#: clocks are put right by less than this all the time
_SKEW = timedelta(hours=1)

# --- the catalogue ----------------------------------------------------------------------------------------------------


def hostname(url: str) -> str:
    """The host of an address."""
    return urlsplit(url).hostname or ""


def sync(
    db: Connection,
    catalogue: Iterable[Source],
    now: datetime,
    interval: float,
    host_of: Callable[[str], str] = hostname,
) -> None:
    """Make a row for each declared feed; feeds that were taken out or belong to a disabled source are not polled.

    `host_of` names the host of an address, or what it shares a limit with.
    """
    declared = [(source, address) for source in catalogue for address in source.feeds]
    enabled = {address.url for source, address in declared if source.enabled}
    _catch_up(db, declared)
    for source, address in declared:
        _declare(db, source.slug, address.url, address.kind, now, interval)
    columns = (feeds.c.id, feeds.c.url, feeds.c.declared_url, feeds.c.state, feeds.c.host)
    for row in db.execute(select(*columns)).all():
        wanted = "active" if row.declared_url in enabled else "disabled"
        state = row.state if row.state == "retired" and wanted == "active" else wanted
        host = host_of(row.url)
        if (state, host) != (row.state, row.host):
            db.execute(update(feeds).where(feeds.c.id == row.id).values(state=state, host=host))


def _catch_up(db: Connection, declared: Sequence[tuple[Source, FeedAddress]]) -> None:
    """Let rows follow the catalogue: a feed that we followed to where it moved is now declared there, or by another."""
    rows = db.execute(select(feeds.c.id, feeds.c.url, feeds.c.declared_url, feeds.c.source, feeds.c.kind)).all()
    by_name = {row.declared_url: row for row in rows}
    names = {address.url for _, address in declared}
    followed = {row.url: row for row in rows if row.declared_url not in names}
    for source, address in declared:
        row = by_name.get(address.url) or followed.get(address.url)
        said = (address.url, source.slug, address.kind.value)
        if row is not None and (row.declared_url, row.source, row.kind) != said:
            change = update(feeds).where(feeds.c.id == row.id)
            db.execute(change.values(declared_url=address.url, source=source.slug, kind=address.kind.value))


def _declare(db: Connection, source: str, url: str, kind: FeedKind, now: datetime, interval: float) -> None:
    fresh = FeedState(0, source, url, kind, now, interval)
    row = {name: getattr(fresh, name) for name in _FIELDS if name != "id"}
    db.execute(insert(feeds).values(**{**row, "declared_url": url, "kind": kind.value}).on_conflict_do_nothing())


# --- what is due ------------------------------------------------------------------------------------------------------


def take_due(
    db: Connection,
    now: datetime,
    limit: int,
    lease: float,
    *,
    source: str | None = None,
    per_host: int = 1_000_000,
    avoid: Collection[str] = (),
    due_by: datetime | None = None,
) -> list[FeedState]:
    """Take active feeds (of one source) whose time had come by `due_by` (now), longest overdue first, for us alone.

    They are ours for `lease` seconds or until they are saved or released; a lease that runs out, or that only a clock
    since put back can have given, is none. At most `per_host` of a host, so that a busy one does not fill the batch;
    none of a host that is stopped or that `avoid` names. Conditional UPDATEs, so safe in any number of processes;
    PostgreSQL skips what another one is taking at this moment.
    """
    until, ends = now + timedelta(seconds=lease), now if due_by is None else min(due_by, now)
    values: dict[str, Any] = {"now": now, "until": until, "due_by": ends, "per_host": per_host}
    if source is not None:
        values["outlet"] = source
    taken: list[Row[Any]] = []
    for _ in range(_ROUNDS):
        # where few hosts' feeds fill all that is looked at, the next look is past those hosts
        passed, most = {*avoid, *(row.host for row in taken)}, limit - len(taken)
        values |= {"avoid": list(passed), "most": most, "look": _AHEAD * most}
        found = db.execute(_taking(of_source=source is not None), values).all()
        taken += found
        if not found or len(taken) >= limit:
            break
    return [_state(row) for row in sorted(taken, key=lambda row: (row.next_due_at, row.id))]


@cache
def _taking(*, of_source: bool) -> ReturningUpdate[Any]:
    now, until = bindparam("now", type_=feeds.c.next_due_at.type), bindparam("until", type_=feeds.c.leased_until.type)
    free = or_(feeds.c.leased_until.is_(None), feeds.c.leased_until <= now, feeds.c.leased_until > until)
    due_by = bindparam("due_by", type_=feeds.c.next_due_at.type)
    waiting = and_(feeds.c.state == "active", feeds.c.next_due_at <= due_by, free, feeds.c.host.not_in(stopped(now)))
    if of_source:
        waiting = and_(waiting, feeds.c.source == bindparam("outlet"))
    wanted = and_(waiting, feeds.c.host.not_in(bindparam("avoid", expanding=True)))
    # the first of them only: ranking all that are due, after an outage, say, would take seconds
    oldest = select(feeds.c.id, feeds.c.host, feeds.c.next_due_at).where(wanted)
    first = oldest.order_by(feeds.c.next_due_at, feeds.c.id).limit(bindparam("look")).subquery()
    place = func.row_number().over(partition_by=first.c.host, order_by=(first.c.next_due_at, first.c.id)).label("place")
    ranked = select(first.c.id, first.c.next_due_at, place).subquery()
    chosen = (
        select(ranked.c.id)
        .where(ranked.c.place <= bindparam("per_host"))
        .order_by(ranked.c.next_due_at, ranked.c.id)
        .limit(bindparam("most"))
    )
    # asked again under the lock: between ranking and locking another process may have taken it (no-op on SQLite)
    locked = select(feeds.c.id).where(feeds.c.id.in_(chosen), waiting).with_for_update(skip_locked=True)
    return update(feeds).where(feeds.c.id.in_(locked)).values(leased_until=until, leased_by=None).returning(feeds)


def release(db: Connection, feed_ids: Sequence[int] | None = None) -> int:
    """Give back feeds that were taken and not polled (None: all, whoever took them); returns how many."""
    change = update(feeds).where(feeds.c.leased_until.is_not(None))
    if feed_ids is not None:
        change = change.where(feeds.c.id.in_(feed_ids))
    return db.execute(change.values(leased_until=None)).rowcount


def next_due(db: Connection, source: str | None = None, now: datetime | None = None) -> datetime | None:
    """When the next active feed (of one source) may be taken; None without active feeds.

    With `now`, leases and stops that hold then are waited for.
    """
    when, mine = feeds.c.next_due_at, feeds.c.state == "active"
    if source is not None:
        mine = and_(mine, feeds.c.source == source)
    if now is None:
        asked = [select(func.min(when)).where(mine)]
    else:
        # each by an index of its own: among a million feeds few are leased, and few belong to a stopped host
        leased = feeds.c.leased_until > now
        free = and_(mine, or_(feeds.c.leased_until.is_(None), ~leased), feeds.c.host.not_in(stopped(now)))
        asked = [
            select(when).where(free).order_by(when).limit(1),
            select(func.min(greatest(when, feeds.c.leased_until))).where(mine, leased),
        ]
    moments = [db.execute(query).scalar() for query in asked]
    ends = stops(db, now) if now is not None else {}
    if ends:
        held = select(feeds.c.host, func.min(when, type_=when.type).label("due")).where(mine, feeds.c.host.in_(ends))
        moments += [max(row.due, ends[row.host]) for row in db.execute(held.group_by(feeds.c.host))]
    return min((moment for moment in moments if moment is not None), default=None)


def polled_sources(db: Connection) -> set[str]:
    """Slugs of the sources with an active feed."""
    return set(db.execute(select(feeds.c.source).where(feeds.c.state == "active").distinct()).scalars())


def last_poll(db: Connection) -> datetime | None:
    """When any feed was last polled; None before the first poll."""
    found: datetime | None = db.execute(select(func.max(feeds.c.last_polled_at))).scalar()
    return found


def last_error(db: Connection, source: str) -> str | None:
    """What the feed of a source that failed last said; None where none fails."""
    query = select(feeds.c.last_error).where(feeds.c.source == source, feeds.c.failures > 0)
    found: str | None = db.execute(query.order_by(feeds.c.last_polled_at.desc().nulls_last()).limit(1)).scalar()
    return found


def make_due(db: Connection, now: datetime, source: str | None = None) -> int:
    """Make every active feed (of one source) due now; returns how many."""
    change = update(feeds).where(feeds.c.state == "active")
    if source is not None:
        change = change.where(feeds.c.source == source)
    return db.execute(change.values(next_due_at=now)).rowcount


def clock_put_back(db: Connection, now: datetime) -> int:
    """Make feeds due that were polled in what is the future now: else they would wait until then. Returns how many."""
    change = update(feeds).where(feeds.c.state == "active", feeds.c.last_polled_at > now + _SKEW)
    return db.execute(change.where(feeds.c.next_due_at > now).values(next_due_at=now)).rowcount


# --- what we remember -------------------------------------------------------------------------------------------------

_LOAD = select(feeds).where(feeds.c.id.in_(bindparam("ids", expanding=True)))
_SAVE = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed_id"))
    .values({name: bindparam(f"now_{name}") for name in _FIELDS if name not in _FIXED})
    .values(leased_until=None)
)


def load(db: Connection, feed_id: int) -> FeedState:
    """One feed. Raises KeyError for an unknown id."""
    found = load_all(db, [feed_id])
    if feed_id not in found:
        raise KeyError(f"feed: expected an id in the store, got {feed_id}")
    return found[feed_id]


def load_all(db: Connection, feed_ids: Sequence[int]) -> dict[int, FeedState]:
    """Those of `feed_ids` that are in the store."""
    return {row.id: _state(row) for row in db.execute(_LOAD, {"ids": list(feed_ids)})}


def save(db: Connection, feed: FeedState) -> None:
    """Write what we now remember of a feed and give it back."""
    save_all(db, [feed])


def save_all(db: Connection, known: Sequence[FeedState]) -> None:
    """Write what we now remember of several feeds and give them back."""
    if known:
        # in one order for everybody, or two that save the same feeds would wait for each other
        db.execute(_SAVE, [_values(feed) for feed in sorted(known, key=lambda feed: feed.id)])


def where_free(db: Connection, feed: FeedState) -> FeedState:
    """The feed at its new address; retired at its old one where another feed polls the new one already."""
    taken = select(feeds.c.id).where(feeds.c.url == feed.url, feeds.c.id != feed.id)
    if db.execute(taken).first() is None:
        return feed
    before = load(db, feed.id)
    notice = f"moved to {feed.url}, which another feed already polls"
    return dataclasses.replace(feed, url=before.url, host=before.host, state="retired", last_error=notice)


def _values(feed: FeedState) -> dict[str, Any]:
    values = {f"now_{name}": getattr(feed, name) for name in _FIELDS if name not in _FIXED}
    values["feed_id"] = feed.id
    return values


def postpone(db: Connection, feed_id: int, error: str, until: datetime) -> None:
    """Do not poll before `until`, because of `error`, which counts as a failure."""
    values = {"next_due_at": until, "last_error": error, "leased_until": None, "failures": feeds.c.failures + 1.0}
    db.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


def listing(db: Connection) -> list[tuple[FeedState, str]]:
    """Every feed with the address that the catalogue gave of it when it was last read."""
    return [(_state(row), row.declared_url) for row in db.execute(select(feeds).order_by(feeds.c.id))]


def _state(row: Row[Any]) -> FeedState:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["kind"] = FeedKind(row.kind)
    values["skip_hours"], values["skip_days"] = tuple(row.skip_hours), tuple(row.skip_days)
    return FeedState(**values)
