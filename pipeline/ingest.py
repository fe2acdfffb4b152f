"""READ THIS FIRST: the flow, in order.

    due feeds -> poll_feed -> new entries
              -> fetch_entry -> page
              -> process_page (analyze, settle) -> item, statements, alerts
              -> deliver_alert

Four steps, cut only where the retry policy changes. Each takes ids, is safe to run twice, and ends in one transaction.
The embedded runner and the workers call the same four. What a response means is decided in pipeline/poll/ and
pipeline/fetch/page.py; what a feed announces in pipeline/polling.py; what a page says in pipeline/analysis.py; what is
new about it in pipeline/settling.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pipeline import claims, poll
from pipeline.alerts.deliver import retry_after
from pipeline.alerts.message import addressed
from pipeline.analysis import Analyst, as_sold, outcome_of
from pipeline.errors import DeliveryFailed, Never, RateLimited, Retry, WorkerDied
from pipeline.fetch import page_from
from pipeline.flow import Flow
from pipeline.health import of_ending, of_page
from pipeline.patience import stop_host
from pipeline.polling import Polled, ask_feed, held, look_for, settle_polls, tell_turns
from pipeline.settings import Settings
from pipeline.settling import settle_analysis
from pipeline.storage import alerts, days, entries, feeds, hosts, locks, pages
from pipeline.storage.store import Transaction
from pipeline.types import Analysis, Ending, FeedState, Outcome, Page, Request, Work

#: what came of reading a page
Found = Analysis | Retry | Never

# --- 1. poll ----------------------------------------------------------------------------------------------------------


def poll_feed(flow: Flow, feed_id: int) -> Polled:
    """Ask a feed what exists; record what is new as work, and when to ask again.

    The engine takes the two halves apart: threads ask, and what many of them heard is settled at once.
    """
    with flow.store.read() as db:
        feed = feeds.load(db, feed_id)
        host = hosts.load(db, feed.host)
    if poll.stopped(host, flow.clock.now()):
        return held(feed, host)
    return settle_polls(flow, [ask_feed(flow, feed, host)])[0]


def seek_feed(flow: Flow, feed_id: int) -> str | None:
    """Look for what may replace a lost feed, and remember it as a proposal: the address changes by a person's hand.

    None where nothing was found, or the feed is not lost any more.
    """
    with flow.store.read() as db:
        feed = feeds.load(db, feed_id)
        if _is_held(flow, db, feed) or not poll.wants_discovery(feed, flow.clock.now(), flow.settings):
            return None
    found = look_for(flow, feed)
    return flow.store.transact(lambda db: _propose(flow, db, feed_id, found))


def _propose(flow: Flow, db: Transaction, feed_id: int, found: str | None) -> str | None:
    feed, now = feeds.load(db, feed_id), flow.clock.now()
    # cut short, which is no search in vain: the next poll asks for another
    cut = found is None and _is_held(flow, db, feed)
    if cut or not poll.wants_discovery(feed, now, flow.settings):
        return None
    after = poll.proposed(feed, found, now)
    feeds.save(db, after)
    tell_turns(flow, db, feed, after, now)
    return found


def _is_held(flow: Flow, db: Transaction, feed: FeedState) -> bool:
    """Whether a host is stopped that a search for a feed begins at."""
    source = flow.sources.get(feed.source)
    places = {feed.host, flow.hosts.key(source.homepage)} if source else {feed.host}
    return any(poll.stopped(hosts.load(db, host), flow.clock.now()) for host in places)


# --- 2. fetch ---------------------------------------------------------------------------------------------------------


def fetch_entry(flow: Flow, entry_id: int) -> Ending | None:
    """Fetch the page of an entry; None while there is work left (the page waits to be read, or a later try)."""
    with flow.store.read() as db:
        work = entries.load(db, entry_id)
        host = hosts.load(db, work.host)
    if work.state != "to_fetch" or poll.stopped(host, flow.clock.now()):
        return _ended(work)
    try:
        with flow.timed("fetch"):
            page = page_from(flow.fetcher.get(Request(work.url)), work.entry)
    except (Retry, Never) as error:
        flow.observer.count("fetches", error.outcome if isinstance(error, Never) else "failed")
        trouble = error
        ending = flow.store.transact(lambda db: _conclude(flow, db, work, trouble))
        _tell(flow, ending)
        return ending
    flow.observer.count("fetches", "fetched")
    flow.store.transact(lambda db: _fetched(flow, db, work, page))
    return None


def _fetched(flow: Flow, db: Transaction, work: Work, page: Page) -> None:
    now = flow.clock.now()
    pages.save(db, work.id, page, now)
    if entries.fetched(db, work.id) and not work.quiet:
        days.add(db, of_page(work.source, now))


# --- 3. process -------------------------------------------------------------------------------------------------------


def process_page(flow: Flow, entry_id: int, analyst: Analyst) -> Ending | None:
    """Read the page of an entry and settle what it says, in this process."""
    page, keep_all = page_of(flow, entry_id)
    with flow.timed("read"):
        found = outcome_of(page.url, lambda: analyst.read(page, keep_all=keep_all))
    return settle(flow, entry_id, found)


def page_of(flow: Flow, entry_id: int) -> tuple[Page, bool]:
    """The page of an entry, out of the store; and whether its source is kept whole, on topic or not."""
    with flow.store.read() as db:
        work = entries.load(db, entry_id)
        page = pages.load(db, entry_id, work.entry)
    source = flow.sources.get(work.source)
    return page, flow.settings.keep == "all" or (source is not None and source.keep == "all")


def settle(flow: Flow, entry_id: int, found: Found) -> Ending | None:
    """Save what a page said, or that it could not be read: copy of what? statement new? which rules?"""
    return settle_all(flow, [(entry_id, found)])[0]


def settle_all(flow: Flow, read: Sequence[tuple[int, Found]]) -> list[Ending | None]:
    """Settle several pages in one transaction, in order: all of them or, where one raises, none.

    What another process settles at the same moment, the same page or a copy of it, waits or is waited for.
    """

    def step(db: Transaction) -> list[Ending | None]:
        locks.hold(db, _claims(db, read))
        return [_settle(flow, db, entry_id, found) for entry_id, found in read]

    with flow.timed("settle"):
        endings = flow.store.transact(step)
    for ending in endings:
        _tell(flow, ending)
    return endings


def _claims(db: Transaction, read: Sequence[tuple[int, Found]]) -> Iterator[str]:
    for entry_id, found in read:
        yield from claims.of_ending(entries.load(db, entry_id))
        if isinstance(found, Analysis):
            yield from claims.of_analysis(found)


def _tell(flow: Flow, ending: Ending | None) -> None:
    if ending is not None:
        flow.observer.count("entries", ending.outcome)


def _settle(flow: Flow, db: Transaction, entry_id: int, found: Found) -> Ending | None:
    work = entries.load(db, entry_id)
    if work.outcome is not None:
        return _ended(work)
    if isinstance(found, Retry | Never):
        return _conclude(flow, db, work, found)
    ending = settle_analysis(flow, db, work, as_sold(found, flow.sources.get(work.source)))
    _end(db, work, ending, flow.clock.now())
    if ending.outcome == Outcome.OFF_TOPIC and flow.settings.keep_off_topic_pages == 0:
        pages.drop(db, entry_id)
    return ending


def give_up(flow: Flow, entry_id: int, words: str) -> None:
    """Quarantine an entry whose attempts are used up, unless it ended meanwhile."""

    def step(db: Transaction) -> None:
        work = entries.load(db, entry_id)
        locks.hold(db, claims.of_ending(work))
        _end(db, work, Ending(Outcome.QUARANTINED, words), flow.clock.now())

    flow.store.transact(step)
    flow.observer.count("entries", Outcome.QUARANTINED)


# --- 4. deliver -------------------------------------------------------------------------------------------------------


def deliver_alert(flow: Flow, delivery_id: int) -> bool:
    """Send one stored alert to one channel; False when it was not sent (yet)."""
    with flow.store.read() as db:
        delivery = alerts.load_delivery(db, delivery_id)
    if delivery.state != "waiting":
        return delivery.state == "sent"
    try:
        if delivery.channel not in flow.channels:
            raise DeliveryFailed(f"channel {delivery.channel}: not set up in this process")
        with flow.timed("deliver"):
            flow.channels[delivery.channel].send(addressed(delivery.message, delivery.channel))
    except (Retry, Never) as error:
        flow.observer.count("deliveries", f"{delivery.channel} failed")
        next_try = _next_delivery(flow, delivery.attempts + 1, error)
        with flow.store.write() as db:
            alerts.failed(db, delivery_id, str(error), next_try)
        return False
    with flow.store.write() as db:
        alerts.sent(db, delivery_id, flow.clock.now())
    flow.observer.count("deliveries", f"{delivery.channel} sent")
    return True


def _next_delivery(flow: Flow, attempts: int, error: Retry | Never) -> datetime | None:
    if isinstance(error, Never) or attempts >= flow.settings.deliver_attempts_max:
        return None
    return flow.clock.now() + timedelta(seconds=retry_after(attempts, flow.settings, error.after))


# --- failures ---------------------------------------------------------------------------------------------------------


def _conclude(flow: Flow, db: Transaction, work: Work, error: Retry | Never) -> Ending | None:
    """What becomes of an entry whose step failed: its outcome, or a later try while attempts are left."""
    now = flow.clock.now()
    if isinstance(error, RateLimited):
        stop_host(flow, db, work.host, error.after, str(error))
    if isinstance(error, Never):
        ending = Ending(error.outcome, str(error))
    elif work.attempts + 1 >= _attempts_max(flow.settings, error):
        entries.failed(db, work.id)
        ending = Ending(Outcome.QUARANTINED, f"after {work.attempts + 1} attempts: {error}")
    else:
        entries.postpone(db, work.id, str(error), now + timedelta(seconds=_patience(flow, work, error)))
        return None
    _end(db, work, ending, now)
    return ending


def _end(db: Transaction, work: Work, ending: Ending, now: datetime) -> None:
    """Record an entry's one outcome; neither a step that comes a second time nor what is no news counts."""
    if entries.end(db, work.id, ending, now) and not work.quiet:
        days.add(db, of_ending(work.source, now, ending.outcome))


def _attempts_max(settings: Settings, error: Retry) -> int:
    return settings.process_attempts_max if isinstance(error, WorkerDied) else settings.attempts_max


def _patience(flow: Flow, work: Work, error: Retry) -> float:
    """Seconds before the next attempt: doubling, spread by up to a quarter, never sooner than the host asked."""
    settings = flow.settings
    wait = min(settings.retry_cap, settings.retry_base * 2.0**work.attempts) * (1 + flow.rng.random() / 4)
    return max(wait, error.after or 0.0)


def _ended(work: Work) -> Ending | None:
    return Ending(work.outcome, item_id=work.item_id) if work.outcome is not None else None
