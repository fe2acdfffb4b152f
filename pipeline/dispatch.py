"""The four steps among many workers: what is to be sent to them now, and what they do with what they are sent.

    due_*                       what is due becomes ours to send, in one transaction; messages leave after it, with ids
    poll, fetch, read, deliver  one message: begin (is it still work, and nobody's?), the step, the lease given back

The store is the truth and a message only a hint: one that is lost is sent again when its lease runs out, one that comes
twice finds the work taken. Work that kills whoever does it is counted before it begins anew, and ends quarantined.
Knows no broker: storage/leases.py has the rules of leases, workers/ the messages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from typing import TypeVar

from pipeline import bundling, ingest
from pipeline import poll as polls
from pipeline.analysis import Analyst, outcome_of
from pipeline.errors import BrokerAway, StoreContended, StoreError, StoreLost, Unreadable, WorkerDied
from pipeline.flow import Flow
from pipeline.polling import Polled
from pipeline.settings import Settings
from pipeline.storage import alerts, entries, feeds, hosts, leases
from pipeline.types import Ending, FeedState, Work

log = logging.getLogger("vigia.dispatch")

_T = TypeVar("_T")
#: seconds a worker's thread waits for a host's turn; what has to wait longer is put back
PATIENCE = 1.0
#: doubling more often than this passes any cap
_DOUBLINGS = 30
#: seconds between two looks for a store that is away, while something is to be told to it
_PAUSE = 0.5

Sleep = Callable[[float], object]


# --- what is to be sent -----------------------------------------------------------------------------------------------


def poll_lease(settings: Settings) -> float:
    """Seconds that a feed is nobody else's: in the queue, and again from when it is asked."""
    return settings.feed_timeout + PATIENCE + settings.lease_margin


def due_polls(flow: Flow, room: int) -> list[list[int]]:
    """Feeds to poll, a batch of each host, in at most `room` messages; none of hosts that are being polled."""
    settings, now = flow.settings, flow.clock.now()
    with flow.store.write() as db:
        for feed_id, failures in leases.dead_polls(db, now):
            # the first time it may have been anything: asked again at once; a feed that kills is asked ever more rarely
            wait = min(settings.retry_base * (2.0 ** min(failures, _DOUBLINGS) - 1), settings.poll_failure_cap)
            feeds.postpone(db, feed_id, leases.DIED, now + timedelta(seconds=wait))
        taken = feeds.take_due(
            db,
            now,
            limit=room,
            lease=poll_lease(settings),
            per_host=settings.host_concurrency,
            avoid=leases.busy_hosts(db, now),
        )
    taken.sort(key=lambda feed: feed.host)
    return [[feed.id for feed in batch] for _, batch in groupby(taken, key=lambda feed: feed.host)]


def due_fetches(flow: Flow, room: int, host: str | None = None) -> list[int]:
    """Entries to fetch (of one host), of each host no more than it takes at once."""
    settings, now = flow.settings, flow.clock.now()
    with flow.store.write() as db:
        return leases.send_fetches(
            db, now, per_host=settings.host_concurrency, limit=room, lease=settings.resend_after, host=host
        )


def due_pages(flow: Flow, room: int, only: int | None = None) -> list[int]:
    """Entries whose page is to be read (only this one)."""
    with flow.store.write() as db:
        now = flow.clock.now()
        return leases.send_pages(db, now, limit=room, lease=flow.settings.resend_after, only=only)


def due_deliveries(flow: Flow) -> list[int]:
    """The next delivery of each channel, unless one is under way: alerts reach a channel in the order they fired."""
    bundling.tell_due(flow)
    with flow.store.read() as db:
        if not alerts.next_of_each(db, flow.clock.now()):
            return []
    with flow.store.write() as db:
        return leases.send_deliveries(db, flow.clock.now(), lease=flow.settings.resend_after)


# --- one message ------------------------------------------------------------------------------------------------------


def poll(flow: Flow, feed_id: int, task: str, sleep: Sleep) -> Polled | None:
    """Poll a feed; None where that was not to be done, or not now."""
    with flow.store.write() as db:
        now = flow.clock.now()
        if not leases.begin_poll(db, feed_id, task, now, poll_lease(flow.settings)):
            return None
        feed = feeds.load(db, feed_id)
        if polls.stopped(hosts.load(db, feed.host), now):
            feeds.release(db, [feed_id])
            return None
    most = poll_lease(flow.settings)
    try:
        with _at_the_gate(flow, feed.host, sleep) as wait:
            if not wait:
                return _polled(flow, feed)
    except BrokerAway:
        wait = most
    with flow.store.write() as db:
        leases.put_back_feed(db, feed_id, flow.clock.now() + _soon(wait, most))
    return None


def _polled(flow: Flow, feed: FeedState) -> Polled | None:
    try:
        return ingest.poll_feed(flow, feed.id)
    except (StoreError, BrokerAway):
        raise
    except Exception as error:
        # a bug of ours in reading one feed: say so, and ask it again in a day
        log.exception("poll of %s failed", feed.url)
        later = flow.clock.now() + timedelta(seconds=flow.settings.poll_failure_cap)
        with flow.store.write() as db:
            feeds.postpone(db, feed.id, f"{type(error).__name__}: {error}", later)
        return None


def fetch(flow: Flow, entry_id: int, task: str, sleep: Sleep) -> str | None:
    """Fetch the page of an entry; returns the host that was asked, None where it was not asked, or not now."""
    begun = _begin(
        flow, entry_id, task, "to_fetch", flow.settings.fetch_timeout + PATIENCE + flow.settings.lease_margin
    )
    if begun is None:
        return None
    most = flow.settings.resend_after
    try:
        with _at_the_gate(flow, begun.host, sleep) as wait:
            if not wait:
                _fetched(flow, begun)
                return begun.host
    except BrokerAway as error:
        # nothing is asked of a host unguarded; the store remembers that it is still to be asked
        log.warning("fetch of %s is put off: %s", begun.url, error)
        wait = most
    with flow.store.write() as db:
        leases.put_back_entry(db, entry_id, flow.clock.now() + _soon(wait, most))
    return None


def _fetched(flow: Flow, work: Work) -> None:
    try:
        ingest.fetch_entry(flow, work.id)
    except (StoreError, BrokerAway):
        raise
    except Exception as error:
        log.exception("fetch of %s failed", work.url)
        ingest.settle(flow, work.id, Unreadable(f"{work.url}: {type(error).__name__}: {error}"))


def read(flow: Flow, entry_id: int, task: str, analyst: Analyst, sleep: Sleep) -> Ending | None:
    """Read the page of an entry and settle what it says, here: where it may be killed.

    A store that goes away meanwhile is waited for: what was read is not to be read again, nor counted as a death.
    """
    if _begin(flow, entry_id, task, "to_process", read_limit(flow.settings) + flow.settings.lease_margin) is None:
        return None
    try:
        page, keep_all = ingest.page_of(flow, entry_id)
    except KeyError as error:
        return ingest.settle(flow, entry_id, Unreadable(str(error)))
    found: ingest.Found
    try:
        with flow.timed("read"):
            found = outcome_of(page.url, lambda: analyst.read(page, keep_all=keep_all))
    except MemoryError:
        found = WorkerDied(f"{page.url}: reading took more memory than allowed")
    return _insist(lambda: _settled(flow, entry_id, page.url, found), sleep)


def _settled(flow: Flow, entry_id: int, url: str, found: ingest.Found) -> Ending | None:
    try:
        return ingest.settle(flow, entry_id, found)
    except StoreError:
        raise
    except Exception as error:
        log.exception("settling %s failed", url)
        return ingest.settle(flow, entry_id, Unreadable(f"{url}: {type(error).__name__}: {error!a}"))


def read_limit(settings: Settings) -> float:
    """Seconds after which a worker that reads a page is killed: what reading may take, and some for the store."""
    return settings.process_timeout + settings.lease_margin


def deliver(flow: Flow, delivery_id: int, task: str) -> bool:
    """Send one alert or notice to one channel; False when it was not sent (yet)."""
    with flow.store.write() as db:
        lease = flow.settings.deliver_timeout + flow.settings.lease_margin
        failures = leases.begin_delivery(db, delivery_id, task, flow.clock.now(), lease)
    if failures is None:
        return False
    try:
        return ingest.deliver_alert(flow, delivery_id)
    except StoreError:
        raise
    except Exception as error:
        log.exception("delivery %s failed", delivery_id)
        with flow.store.write() as db:
            alerts.failed(db, delivery_id, f"{type(error).__name__}: {error}", None)
        return False


# --- beginning --------------------------------------------------------------------------------------------------------


def _begin(flow: Flow, entry_id: int, task: str, state: str, lease: float) -> Work | None:
    """Take an entry over. None where it is no such work, is another's, waits for its host, or has killed too often."""
    now = flow.clock.now()
    with flow.store.write() as db:
        failures = leases.begin_entry(db, entry_id, state, task, now, lease)
        if failures is None:
            return None
        work = entries.load(db, entry_id)
        host = hosts.load(db, work.host)
        if state == "to_fetch" and polls.stopped(host, now):
            leases.put_back_entry(db, entry_id, now)
            return None
    if failures >= _most(flow.settings, state):
        ingest.give_up(flow, entry_id, f"after {failures} attempts: the process working on it died each time")
        return None
    return work


def _most(settings: Settings, state: str) -> int:
    return settings.process_attempts_max if state == "to_process" else settings.attempts_max


@contextmanager
def _at_the_gate(flow: Flow, host: str, sleep: Sleep) -> Iterator[float]:
    """A place at a host, given back at the end: 0.0; or the seconds to wait, where that is longer than PATIENCE."""
    slept, wait = 0.0, flow.gate.wait(host)
    while 0 < wait <= PATIENCE - slept:
        sleep(wait)
        slept, wait = slept + wait, flow.gate.wait(host)
    try:
        yield wait
    finally:
        if wait == 0:
            flow.gate.leave(host)


def _soon(wait: float, most: float) -> timedelta:
    # a lease of more than that would pass for one of a clock since put back
    return timedelta(seconds=min(wait, most))


def _insist(tell: Callable[[], _T], sleep: Sleep) -> _T:
    """Tell the store until it is there to be told; the time limit of the process ends it."""
    while True:
        try:
            return tell()
        except (StoreLost, StoreContended) as error:
            log.warning("the store is away, trying again: %s", error)
            sleep(_PAUSE)
