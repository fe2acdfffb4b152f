"""Entries in the store: what was announced, what is still work, how each ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, literal_column, or_, select, update

from pipeline.storage.hosts import stopped, stops
from pipeline.storage.portable import insert
from pipeline.storage.putback import bring_forward
from pipeline.storage.schema import entries, pages, sources
from pipeline.types import Ending, Entry, Outcome, Work

#: work still to do; in the words of the index, which a bound value would hide from the planner
_OPEN = entries.c.state != literal_column("'ended'")

#: made once, as all statements here that are asked for again and again
_ANNOUNCE = insert(entries).on_conflict_do_nothing().returning(entries.c.id)
_KNOWN_KEYS = select(entries.c.key).where(
    entries.c.feed_id == bindparam("feed"), entries.c.key.in_(bindparam("keys", expanding=True))
)
_STAMP = func.coalesce(entries.c.updated_at, entries.c.claimed_at, type_=entries.c.claimed_at.type).label("stamp")
_KNOWN_URLS = (
    select(entries.c.url_key, entries.c.feed_id, entries.c.title, entries.c.quiet, entries.c.outcome, _STAMP)
    .where(entries.c.url_key.in_(bindparam("url_keys", expanding=True)))
    .order_by(entries.c.id)
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """An entry about to be recorded, with its keys. `version` is empty for a URL's first announcement."""

    entry: Entry
    key: str
    url_key: str
    version: str = ""
    #: stored without alerting, whatever its feed
    quiet: bool = False
    #: the host it is fetched from, or what that shares a limit with (HostRules.key)
    host: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an announced URL. `title` and `stamp` are those of this feed's last announcement."""

    #: whether this very feed announced it; a change is taken from the feed that brought the URL, not from its siblings
    ours: bool
    title: str
    stamp: datetime | None
    versions: int
    #: a quiet announcement of it has not ended yet: what it said first is still to be read
    waits_quietly: bool = False


def known_keys(db: Connection, feed_id: int, keys: Sequence[str]) -> set[str]:
    """Those of `keys` that this feed announced before."""
    return set(db.execute(_KNOWN_KEYS, {"feed": feed_id, "keys": list(keys)}).scalars())


def announced_among(db: Connection, url_keys: Sequence[str]) -> set[str]:
    """Those of `url_keys` that are in the store, whoever announced them."""
    return set(db.execute(select(entries.c.url_key).where(entries.c.url_key.in_(url_keys))).scalars())


def known_urls(db: Connection, feed_id: int, url_keys: Sequence[str]) -> dict[str, Known]:
    """Those of `url_keys` that any feed announced before."""
    found: dict[str, Known] = {}
    for row in db.execute(_KNOWN_URLS, {"url_keys": list(url_keys)}):
        before = found.get(row.url_key, Known(False, "", None, 0))
        waits = before.waits_quietly or (row.quiet and row.outcome is None)
        if row.feed_id == feed_id:
            found[row.url_key] = Known(True, row.title, row.stamp, before.versions + 1, waits)
        else:
            found[row.url_key] = Known(before.ours, before.title, before.stamp, before.versions + 1, waits)
    return found


def announce(
    db: Connection,
    source: str,
    feed_id: int | None,
    announcements: Iterable[Announcement],
    now: datetime,
    *,
    quiet: bool,
) -> list[int]:
    """Record announcements as work to do and return their ids; one that is known already is left as it is."""
    rows = [_row(source, feed_id, announced, now, quiet) for announced in announcements]
    return sorted(db.execute(_ANNOUNCE, rows).scalars()) if rows else []


def first_sights(db: Connection, entry_ids: Sequence[int]) -> list[Entry]:
    """Of these announcements, the first ones of their URLs: what they claim, without summary and content."""
    columns = (entries.c.url, entries.c.title, entries.c.claimed_at, entries.c.updated_at)
    query = select(*columns).where(entries.c.id.in_(entry_ids), entries.c.version == "").order_by(entries.c.id)
    found = db.execute(query).all() if entry_ids else []
    return [Entry(row.url, row.title, claimed_at=row.claimed_at, updated_at=row.updated_at) for row in found]


def _row(source: str, feed_id: int | None, announced: Announcement, now: datetime, quiet: bool) -> dict[str, Any]:
    entry = announced.entry
    return {
        "source": source,
        "feed_id": feed_id,
        "key": announced.key,
        "url": entry.url,
        "url_key": announced.url_key,
        "version": announced.version,
        "host": announced.host,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content or None,
        "lang": entry.lang,
        "claimed_at": entry.claimed_at,
        "updated_at": entry.updated_at,
        "first_seen_at": now,
        "quiet": quiet or announced.quiet,
        "state": "to_fetch" if feed_id is not None else "to_process",
        "attempts": 0,
        "next_try_at": now,
    }


#: whoever worked on it has come to an end
_FREE: dict[str, Any] = {"leased_until": None, "leased_by": None}

#: asked for every entry several times, so made once
_LOAD = select(entries).where(entries.c.id == bindparam("entry"))
_END = (
    update(entries)
    .where(entries.c.id == bindparam("entry"), entries.c.outcome.is_(None))
    .values(state="ended", content=None, ended_at=bindparam("at"), outcome=bindparam("ending"), detail=bindparam("why"))
    .values(item_id=bindparam("item"), **_FREE)
)
_FETCHED = (
    update(entries)
    .where(entries.c.id == bindparam("entry"), entries.c.state == "to_fetch")
    .values(state="to_process", error=None, attempts=0, **_FREE)
)


def load(db: Connection, entry_id: int) -> Work:
    """One entry. Raises KeyError for an unknown id."""
    row = db.execute(_LOAD, {"entry": entry_id}).first()
    if row is None:
        raise KeyError(f"entry: expected an id in the store, got {entry_id}")
    return _work(row)


def endings(db: Connection, versions: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Ending]:
    """How announcements ended, by (url_key, version); those that are unknown or work still to do are left out."""
    wanted, keys = set(versions), [url_key for url_key, _ in versions]
    columns = (entries.c.url_key, entries.c.version, entries.c.outcome, entries.c.item_id)
    query = select(*columns).where(entries.c.url_key.in_(keys), entries.c.outcome.is_not(None))
    return {
        (row.url_key, row.version): Ending(Outcome(row.outcome), "imported before", row.item_id)
        for row in db.execute(query)
        if (row.url_key, row.version) in wanted
    }


def announced(db: Connection, url_key: str, version: str) -> Work:
    """The announcement of a URL in one version. Raises KeyError where there is none."""
    row = db.execute(select(entries).where(entries.c.url_key == url_key, entries.c.version == version)).first()
    if row is None:
        raise KeyError(f"entry: expected {url_key} in version {version!r}, got none")
    return _work(row)


def _work(row: Row[Any]) -> Work:
    entry = Entry(
        row.url,
        row.title,
        summary=row.summary,
        claimed_at=row.claimed_at,
        updated_at=row.updated_at,
        lang=row.lang,
        content=row.content or "",
    )
    outcome = Outcome(row.outcome) if row.outcome else None
    return Work(
        id=row.id,
        source=row.source,
        url=row.url,
        url_key=row.url_key,
        host=row.host,
        entry=entry,
        first_seen_at=row.first_seen_at,
        quiet=row.quiet,
        state=row.state,
        attempts=row.attempts,
        outcome=outcome,
        item_id=row.item_id,
    )


_original = entries.alias("original")
#: what lets others go first: a back-fill of years must not keep today's news of its host waiting. What a page changed
#: comes after what it said first, or the change would be taken for news of a page whose first reading was to be quiet
BEHIND = or_(
    entries.c.quiet,
    and_(
        entries.c.version != "",
        select(_original.c.id)
        .where(_original.c.url_key == entries.c.url_key, _original.c.version == "", _original.c.outcome.is_(None))
        .exists(),
    ),
)


def waiting_to_fetch(now: datetime) -> ColumnElement[bool]:
    """What may be fetched now: due, announced by a feed, and of a host that is not stopped."""
    return and_(
        entries.c.state == literal_column("'to_fetch'"),
        entries.c.next_try_at <= now,
        entries.c.feed_id.is_not(None),
        entries.c.host.not_in(stopped(now)),
    )


def waiting_to_be_read(now: datetime) -> ColumnElement[bool]:
    """Whose page may be read now: fetched, and announced by a feed."""
    return and_(entries.c.state == "to_process", entries.c.next_try_at <= now, entries.c.feed_id.is_not(None))


def to_fetch(db: Connection, now: datetime, per_host: int, limit: int) -> list[tuple[int, str, str]]:
    """Entries to fetch now as (id, host, url): some of every host, so that no busy host fills the batch.

    Of one host, news comes before what is quiet, and the oldest first; none of hosts that are stopped.
    """
    place = func.row_number().over(partition_by=entries.c.host, order_by=(BEHIND, entries.c.id)).label("place")
    ranked = select(entries.c.id, entries.c.host, entries.c.url, place).where(waiting_to_fetch(now)).subquery()
    query = (
        select(ranked.c.id, ranked.c.host, ranked.c.url)
        .where(ranked.c.place <= per_host)
        .order_by(ranked.c.place, ranked.c.id)
    )
    return [(row.id, row.host, row.url) for row in db.execute(query.limit(limit))]


def to_process(db: Connection, now: datetime, limit: int) -> list[int]:
    """Entries whose page waits to be read, oldest first."""
    query = select(entries.c.id).where(waiting_to_be_read(now)).order_by(entries.c.id)
    return list(db.execute(query.limit(limit)).scalars())


def fetched(db: Connection, entry_id: int) -> bool:
    """Its page is in the store: next comes reading it. False when that, or its end, was known before."""
    return db.execute(_FETCHED, {"entry": entry_id}).rowcount == 1


def postpone(db: Connection, entry_id: int, error: str, next_try_at: datetime) -> None:
    """Count a failed attempt and wait until `next_try_at`."""
    change = update(entries).where(entries.c.id == entry_id, entries.c.outcome.is_(None))
    db.execute(change.values(attempts=entries.c.attempts + 1, error=error, next_try_at=next_try_at, **_FREE))


def failed(db: Connection, entry_id: int) -> None:
    """Count the failed attempt that ends an entry; what ended before stays as it was."""
    change = update(entries).where(entries.c.id == entry_id, entries.c.outcome.is_(None))
    db.execute(change.values(attempts=entries.c.attempts + 1))


def end(db: Connection, entry_id: int, ending: Ending, now: datetime) -> bool:
    """Record the one outcome; False when the entry had ended before, which then stays as it was."""
    values = {"entry": entry_id, "at": now, "ending": ending.outcome, "why": ending.detail, "item": ending.item_id}
    return db.execute(_END, values).rowcount == 1


def reopen(db: Connection, entry_ids: Sequence[int], now: datetime) -> int:
    """Take up quarantined entries again, their attempts forgotten; returns how many."""
    has_page = select(pages.c.entry_id).where(pages.c.entry_id == entries.c.id).exists()
    # an import has no page of ours to go on with: whoever has the text imports it again
    quarantined = and_(
        entries.c.id.in_(entry_ids), entries.c.outcome == Outcome.QUARANTINED, entries.c.feed_id.is_not(None)
    )
    fresh = {"outcome": None, "detail": None, "ended_at": None, "attempts": 0, "next_try_at": now, **_FREE}
    read_again = db.execute(update(entries).where(quarantined, has_page).values(state="to_process", **fresh)).rowcount
    return read_again + db.execute(update(entries).where(quarantined).values(state="to_fetch", **fresh)).rowcount


def import_again(db: Connection, entry_id: int, *, quiet: bool) -> bool:
    """Take up a quarantined import again, as whoever has the text brings it again; False where it is none."""
    quarantined = and_(entries.c.id == entry_id, entries.c.outcome == Outcome.QUARANTINED, entries.c.feed_id.is_(None))
    fresh = {"outcome": None, "detail": None, "ended_at": None, "quiet": quiet, "state": "to_process"}
    return db.execute(update(entries).where(quarantined).values(**fresh)).rowcount == 1


def take_up(db: Connection, entry_id: int, *, quiet: bool) -> bool:
    """Take up an entry that no topic applied to, to be ended anew in the same transaction; False where it is none."""
    ended = and_(entries.c.id == entry_id, entries.c.outcome == Outcome.OFF_TOPIC)
    fresh = {"outcome": None, "detail": None, "ended_at": None, "quiet": quiet, "state": "to_process"}
    return db.execute(update(entries).where(ended).values(**fresh)).rowcount == 1


def next_try(db: Connection, now: datetime | None = None) -> datetime | None:
    """When the next waiting entry may be worked on; None without waiting entries.

    With `now`, what a stopped host keeps waiting counts from the end of the stop.
    """
    query = select(func.min(entries.c.next_try_at)).where(_OPEN, entries.c.feed_id.is_not(None))
    ends = stops(db, now).values() if now is not None else ()
    if now is not None and ends:
        query = query.where(or_(entries.c.state != "to_fetch", entries.c.host.not_in(stopped(now))))
    found: datetime | None = db.execute(query).scalar()
    return min(filter(None, (found, *ends)), default=None)


def per_day(db: Connection, now: datetime, window: timedelta = timedelta(days=28)) -> dict[str, float]:
    """Entries a day by source, over the window or for as long as we know the source if that is shorter.

    Neither the entries of first polls count, which may be years old, nor changes of known ones.
    """
    mine, seen = entries.c.source == sources.c.slug, entries.c.first_seen_at
    known = select(func.min(seen, type_=seen.type)).where(mine).scalar_subquery()
    counted = and_(mine, seen > now - window, entries.c.quiet.is_(False), entries.c.version == "")
    number = select(func.count()).select_from(entries).where(counted).scalar_subquery()
    rows = db.execute(select(sources.c.slug, known.label("since"), number.label("number")))
    day = timedelta(days=1)
    return {
        row.slug: row.number / (min(max(now - row.since, day), window) / day) for row in rows if row.since is not None
    }


def clock_put_back(db: Connection, now: datetime, seen: datetime | None = None) -> int:
    """Let no entry wait for what is the future only now; `seen`: what the clock said last. Returns how many waited."""
    waiting = and_(_OPEN, entries.c.feed_id.is_not(None), entries.c.next_try_at > now)
    return bring_forward(db, entries, waiting, entries.c.first_seen_at, now, seen)


@dataclass(frozen=True, slots=True)
class Failure:
    """An entry that did not become an item for a reason worth a look, or that is being tried again."""

    id: int
    source: str
    url: str
    title: str
    #: empty while it is being tried again
    outcome: str
    attempts: int
    error: str
    first_seen_at: datetime
    #: when it ended, or will be tried next
    at: datetime


def failures(db: Connection, outcomes: Sequence[str], limit: int, source: str | None = None) -> list[Failure]:
    """Entries that ended in one of `outcomes`, and those waiting for another attempt; newest first."""
    trying = and_(entries.c.outcome.is_(None), entries.c.attempts > 0)
    query = select(entries).where(or_(entries.c.outcome.in_(outcomes), trying)).order_by(entries.c.id.desc())
    if source is not None:
        query = query.where(entries.c.source == source)
    return [_failure(row) for row in db.execute(query.limit(limit))]


def tried_again(db: Connection) -> int:
    """How many entries failed and wait for another attempt."""
    query = select(func.count()).where(entries.c.outcome.is_(None), entries.c.attempts > 0)
    return int(db.execute(query).scalar_one())


def quarantined(db: Connection, entry_ids: Sequence[int]) -> set[int]:
    """Those of these that can be taken up again: quarantined ones that a feed announced."""
    # what was imported has no page of ours to go on with: whoever has the text imports it again
    query = select(entries.c.id).where(entries.c.outcome == Outcome.QUARANTINED, entries.c.feed_id.is_not(None))
    return set(db.execute(query.where(entries.c.id.in_(entry_ids))).scalars())


def _failure(row: Row[Any]) -> Failure:
    return Failure(
        id=row.id,
        source=row.source,
        url=row.url,
        title=row.title,
        outcome=row.outcome or "",
        attempts=row.attempts,
        error=row.detail or row.error or "",
        first_seen_at=row.first_seen_at,
        at=row.ended_at or row.next_try_at,
    )


def with_outcome(db: Connection, outcome: Outcome, source: str | None = None) -> list[int]:
    """Ids of the entries that ended so."""
    query = select(entries.c.id).where(entries.c.outcome == outcome)
    if source is not None:
        query = query.where(entries.c.source == source)
    return list(db.execute(query.order_by(entries.c.id)).scalars())
