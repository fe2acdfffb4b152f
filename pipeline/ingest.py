"""READ THIS FIRST: the flow, in order.

    due feeds -> poll_feed -> new entries
              -> fetch_entry -> page
              -> process_page (analyze, settle) -> item, statements, alerts
              -> deliver_alert

Four steps, cut only where the retry policy changes. Each takes ids, is safe to run twice, and ends in one transaction.
The embedded runner and the workers call the same four. What a response means is decided in pipeline/poll.py and
pipeline/fetch/page.py; what a page says in pipeline/analysis.py; what is new about it in pipeline/settling.py.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline import poll
from pipeline.alerts.deliver import retry_after
from pipeline.alerts.message import addressed
from pipeline.analysis import Analyst, outcome_of
from pipeline.errors import DeliveryFailed, Never, NotAFeed, Retry, Unreadable, WorkerDied
from pipeline.extract.access import TEASER_WORDS
from pipeline.fetch import page_from
from pipeline.flow import Flow
from pipeline.settings import Settings
from pipeline.settling import settle_analysis
from pipeline.sources import choose_rung, entry_key, read_feed
from pipeline.storage import alerts, entries, feeds, pages
from pipeline.storage.entries import Announcement, Known
from pipeline.storage.store import Transaction
from pipeline.types import (
    Analysis,
    Ending,
    Entry,
    FeedDocument,
    FeedState,
    Outcome,
    Page,
    Request,
    Response,
    Source,
    Work,
)

#: child sitemaps read of one index at one poll, newest first
CHILDREN = 5


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought. `kind` is the verdict's; `notice` says what the response meant."""

    source: str
    url: str
    kind: str
    new: int
    notice: str


# --- 1. poll ----------------------------------------------------------------------------------------------------------


def poll_feed(flow: Flow, feed_id: int) -> Polled:
    """Ask a feed what exists; record what is new as work, and when to ask again."""
    with flow.store.read() as db:
        feed = feeds.load(db, feed_id)
    answer = _ask(flow, poll.request_for(feed, flow.settings))
    verdict, document = _understand(flow, feed, answer)
    now = flow.clock.now()
    with flow.store.write() as db:
        feed = feeds.load(db, feed_id)
        if document is not None:
            feed = dataclasses.replace(feed, key_rung=choose_rung(document.entries, feed.key_rung))
        made = _announce(flow, db, feed, document.entries, now) if document else 0
        feeds.save(db, poll.after_poll(feed, verdict, document, made, now, flow.rng, flow.settings))
    return Polled(feed.source, feed.url, verdict.kind, made, verdict.notice)


def _ask(flow: Flow, request: Request) -> Response | Retry | Never:
    try:
        return flow.fetcher.get(request)
    except (Retry, Never) as error:
        return error


def _understand(
    flow: Flow, feed: FeedState, answer: Response | Retry | Never
) -> tuple[poll.Verdict, FeedDocument | None]:
    now = flow.clock.now()
    verdict = poll.interpret(feed, answer, now, flow.settings)
    if verdict.kind != "read" or not isinstance(answer, Response):
        return verdict, None
    try:
        return verdict, _read(flow, answer, now)
    except NotAFeed as error:
        return poll.interpret(feed, error, now, flow.settings), None
    except Exception as error:  # noqa: BLE001 - a bug in reading one feed must not stop the others; the feed says it failed
        trouble = Unreadable(f"{feed.url}: {type(error).__name__}: {error}")
        return poll.interpret(feed, trouble, now, flow.settings), None


def _read(flow: Flow, response: Response, now: datetime) -> FeedDocument:
    """Read a feed, and one level of child sitemaps where it is an index."""
    limit = flow.settings.feed_max_entries
    document = _read_body(response, now, limit)
    found = list(document.entries)
    for url in document.children[:CHILDREN]:
        try:
            found.extend(_child(flow, url, now, limit).entries)
        except (Retry, Never) as error:
            document = dataclasses.replace(document, trouble=f"child sitemap could not be read: {error}")
    return dataclasses.replace(document, entries=tuple(found[:limit]))


def _child(flow: Flow, url: str, now: datetime, limit: int) -> FeedDocument:
    answer = flow.fetcher.get(Request(url, "feed"))
    if answer.status != 200:
        raise NotAFeed(f"{url}: expected 200, got {answer.status}")
    return _read_body(answer, now, limit)


def _read_body(response: Response, now: datetime, limit: int) -> FeedDocument:
    content_type = response.headers.get("content-type", "")
    return read_feed(response.body, content_type, response.final_url, now=now, max_entries=limit)


def _announce(flow: Flow, db: Transaction, feed: FeedState, found: tuple[Entry, ...], now: datetime) -> int:
    """Record the entries that nobody announced before, and changes of those that this feed did."""
    source = flow.sources.get(feed.source)
    skip = source.skip if source else ()
    keyed = [
        Announcement(entry, entry_key(entry, feed.key_rung), flow.url_keys.key(entry.url))
        for entry in found
        if not any(fragment in entry.url for fragment in skip)
    ]
    keys = entries.known_keys(db, feed.id, [announced.key for announced in keyed])
    urls = entries.known_urls(db, feed.id, [announced.url_key for announced in keyed])
    fresh = [
        chosen
        for announced in keyed
        if (chosen := _news(announced, keys, urls.get(announced.url_key), flow.settings.updates_max)) is not None
    ]
    return len(entries.announce(db, feed.source, feed.id, fresh, now, quiet=feed.reads == 0))


def _news(announced: Announcement, keys: set[str], known: Known | None, updates_max: int) -> Announcement | None:
    """The announcement if it is news: an unknown entry, or a change of a URL that this feed had announced."""
    if known is None:
        return announced if announced.key not in keys else None
    if not known.ours or known.versions > updates_max or not _changed(announced.entry, known):
        return None
    stamp = announced.entry.updated_at or announced.entry.claimed_at
    version = hashlib.sha1(f"{announced.entry.title}|{stamp}".encode(), usedforsecurity=False).hexdigest()
    return dataclasses.replace(announced, key=f"{announced.key[:39]}+{version}", version=version)


def _changed(entry: Entry, known: Known) -> bool:
    stamp = entry.updated_at or entry.claimed_at
    later = stamp is not None and known.stamp is not None and stamp > known.stamp
    return later or (entry.title != known.title and bool(entry.title))


# --- 2. fetch ---------------------------------------------------------------------------------------------------------


def fetch_entry(flow: Flow, entry_id: int) -> Ending | None:
    """Fetch the page of an entry; None while there is work left (the page waits to be read, or a later try)."""
    with flow.store.read() as db:
        work = entries.load(db, entry_id)
    if work.state != "to_fetch":
        return _ended(work)
    try:
        page = page_from(flow.fetcher.get(Request(work.url)), work.entry)
    except (Retry, Never) as error:
        with flow.store.write() as db:
            return _conclude(flow, db, work, error)
    with flow.store.write() as db:
        pages.save(db, entry_id, page, flow.clock.now())
        entries.fetched(db, entry_id)
    return None


# --- 3. process -------------------------------------------------------------------------------------------------------


def process_page(flow: Flow, entry_id: int, analyst: Analyst) -> Ending | None:
    """Read the page of an entry and settle what it says, in this process."""
    page, keep_all = page_of(flow, entry_id)
    return settle(flow, entry_id, outcome_of(page.url, lambda: analyst.read(page, keep_all=keep_all)))


def page_of(flow: Flow, entry_id: int) -> tuple[Page, bool]:
    """The page of an entry, out of the store; and whether its source is kept whole, on topic or not."""
    with flow.store.read() as db:
        work = entries.load(db, entry_id)
        page = pages.load(db, entry_id, work.entry)
    source = flow.sources.get(work.source)
    return page, flow.settings.keep == "all" or (source is not None and source.keep == "all")


def settle(flow: Flow, entry_id: int, found: Analysis | Retry | Never) -> Ending | None:
    """Save what a page said, or that it could not be read: copy of what? statement new? which rules?"""
    with flow.store.write() as db:
        work = entries.load(db, entry_id)
        if work.outcome is not None:
            return _ended(work)
        if isinstance(found, Retry | Never):
            return _conclude(flow, db, work, found)
        ending = settle_analysis(flow, db, work, _as_sold(found, flow.sources.get(work.source)))
        entries.end(db, entry_id, ending, flow.clock.now())
        if ending.outcome == Outcome.OFF_TOPIC:
            pages.drop(db, entry_id)
    return ending


def _as_sold(found: Analysis, source: Source | None) -> Analysis:
    """A short text of an outlet that sells all of its texts is a teaser, whether its page says so or not."""
    if source is None or source.paywall != "hard" or found.fingerprint is None:
        return found
    if found.fingerprint.words >= TEASER_WORDS:
        return found
    return dataclasses.replace(found, article=dataclasses.replace(found.article, access="teaser"))


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
        flow.channels[delivery.channel].send(addressed(delivery.message, delivery.channel))
    except (Retry, Never) as error:
        next_try = _next_delivery(flow, delivery.attempts + 1, error)
        with flow.store.write() as db:
            alerts.failed(db, delivery_id, str(error), next_try)
        return False
    with flow.store.write() as db:
        alerts.sent(db, delivery_id, flow.clock.now())
    return True


def _next_delivery(flow: Flow, attempts: int, error: Retry | Never) -> datetime | None:
    if isinstance(error, Never) or attempts >= flow.settings.deliver_attempts_max:
        return None
    return flow.clock.now() + timedelta(seconds=retry_after(attempts, flow.settings, error.after))


# --- failures ---------------------------------------------------------------------------------------------------------


def _conclude(flow: Flow, db: Transaction, work: Work, error: Retry | Never) -> Ending | None:
    """What becomes of an entry whose step failed: its outcome, or a later try while attempts are left."""
    now = flow.clock.now()
    if isinstance(error, Never):
        ending = Ending(error.outcome, str(error))
    elif work.attempts + 1 >= _attempts_max(flow.settings, error):
        ending = Ending(Outcome.QUARANTINED, f"after {work.attempts + 1} attempts: {error}")
    else:
        entries.postpone(db, work.id, str(error), now + timedelta(seconds=_patience(flow, work, error)))
        return None
    entries.end(db, work.id, ending, now)
    return ending


def _attempts_max(settings: Settings, error: Retry) -> int:
    return settings.process_attempts_max if isinstance(error, WorkerDied) else settings.attempts_max


def _patience(flow: Flow, work: Work, error: Retry) -> float:
    """Seconds before the next attempt: doubling, spread by up to a quarter, never sooner than the host asked."""
    settings = flow.settings
    wait = min(settings.retry_cap, settings.retry_base * 2.0**work.attempts) * (1 + flow.rng.random() / 4)
    return max(wait, error.after or 0.0)


def _ended(work: Work) -> Ending | None:
    return Ending(work.outcome, item_id=work.item_id) if work.outcome is not None else None
