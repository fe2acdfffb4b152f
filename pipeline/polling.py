"""A poll in two halves: ask a feed what it announces, on any thread; settle what many feeds said, in one transaction.

    ask_feed (network, no store) -> Answered -> settle_polls (store, no network) -> Polled, new entries

What an answer means and when to ask again is decided in pipeline/poll/; this module tells it what the store knows.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline import claims, poll
from pipeline.errors import Blocked, Never, NotAFeed, Retry, Unreadable
from pipeline.fetch import page_from
from pipeline.flow import Flow
from pipeline.health import of_poll
from pipeline.notices import notice
from pipeline.patience import stop_host
from pipeline.poll import Reading, Verdict
from pipeline.sources import choose_rung, entry_key
from pipeline.sources.whole import read_whole
from pipeline.storage import days, entries, feeds, forgotten, hosts, locks
from pipeline.storage.entries import Announcement, Known
from pipeline.storage.store import Transaction
from pipeline.types import Entry, FeedDocument, FeedState, HostState, Request, Response

log = logging.getLogger("vigia.polling")

#: child sitemaps read of one index at one poll, newest first
CHILDREN = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """What a feed answered, before the store was told. `document` is set where there was something to read."""

    feed_id: int
    asked: Request
    verdict: Verdict
    document: FeedDocument | None = None
    #: of what the document announces
    entries_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought. `kind` is the verdict's, or held: its host is stopped; `notice` says what it meant."""

    source: str
    url: str
    kind: str
    new: int
    notice: str
    #: the feed is lost, and it is time to look for what may replace it
    lost: bool = False


# --- ask --------------------------------------------------------------------------------------------------------------


def ask_feed(flow: Flow, feed: FeedState, host: HostState | None = None) -> Answered:
    """Ask a feed what exists. Touches no store, so any number may run at once."""
    distrusted = poll.distrusted(host, flow.clock.now())
    asked = poll.request_for(feed, flow.settings, distrusted=distrusted)
    with flow.timed("poll"):
        try:
            answer: Response | Retry | Never = flow.fetcher.get(asked)
        except (Retry, Never) as error:
            answer = error
        verdict, document = _understand(flow, feed, asked, answer)
    return Answered(feed.id, asked, verdict, document, _hash(flow, feed, document) if document else None)


def held(feed: FeedState, host: HostState) -> Polled:
    """What to say of a feed that was not asked, as its host is stopped."""
    return Polled(feed.source, feed.url, "held", 0, f"{host.host} is left alone until {host.stop_until}: {host.reason}")


def look_for(flow: Flow, feed: FeedState) -> str | None:
    """The address of what may replace a feed; None where nothing was found, or nobody looks."""
    source = flow.sources.get(feed.source)
    if flow.seek is None or source is None:
        return None
    try:
        found = flow.seek(source, feed)
    except (Retry, Never) as error:
        log.warning("looking for a replacement of %s failed, to be tried again later: %s", feed.url, error)
        return None
    # a feed is not replaced by itself, whatever its page still names
    return found if found != feed.url else None


def _understand(
    flow: Flow, feed: FeedState, asked: Request, answer: Response | Retry | Never
) -> tuple[Verdict, FeedDocument | None]:
    now = flow.clock.now()
    verdict = poll.interpret(feed, asked, answer, now)
    if not isinstance(answer, Response):
        return verdict, None
    if verdict.kind != "read":
        return _seen_through(verdict, answer), None
    try:
        return verdict, _read(flow, answer, now)
    except NotAFeed as error:
        return _seen_through(poll.interpret(feed, asked, error, now), answer), None
    except Exception as error:  # noqa: BLE001 - a bug in reading one feed must not stop the others; the feed says it failed
        trouble = Unreadable(f"{feed.url}: {type(error).__name__}: {error}")
        return poll.interpret(feed, asked, trouble, now), None


def _seen_through(verdict: Verdict, answer: Response) -> Verdict:
    """A challenge for browsers is a refusal, whatever its status."""
    if verdict.kind != "failed" or verdict.refused:
        return verdict
    try:
        page_from(answer)
    except Blocked:
        notice = f"{answer.url}: the host refuses us: expected a feed, got {answer.status} and a challenge for browsers"
        return dataclasses.replace(verdict, notice=notice, status=answer.status, refused=True, missing=False)
    except (Retry, Never):
        pass
    return dataclasses.replace(verdict, status=answer.status)


def _read(flow: Flow, response: Response, now: datetime) -> FeedDocument:
    """Read a feed, and one level of child sitemaps where it is an index."""
    limit = flow.settings.feed_max_entries
    return read_whole(flow.fetcher.get, response, now=now, max_entries=limit, children=CHILDREN)


# --- settle -----------------------------------------------------------------------------------------------------------


def settle_polls(flow: Flow, answers: Sequence[Answered]) -> list[Polled]:
    """Record what feeds announced as work, and what to remember of them; one transaction for all, in their order."""
    polled = flow.store.transact(lambda db: _settle(flow, db, answers, flow.clock.now()))
    for each in polled:
        flow.observer.count("polls", each.kind)
        flow.observer.count("announced", number=each.new)
    return polled


def _settle(flow: Flow, db: Transaction, answers: Sequence[Answered], now: datetime) -> list[Polled]:
    ids = [answered.feed_id for answered in answers]
    # sections of one outlet announce the same pages: whoever settles one of its feeds waits for who settles another
    locks.hold(db, {claims.of_outlet(feed.source) for feed in feeds.load_all(db, ids).values()})
    before = feeds.load_all(db, ids)
    settled = [_settled(flow, db, before[answered.feed_id], answered, now) for answered in answers]
    for after, _ in settled:
        tell_turns(flow, db, before[after.id], after, now)
    feeds.save_all(db, [after for after, _ in settled])
    return [polled for _, polled in settled]


def _settled(
    flow: Flow, db: Transaction, feed: FeedState, answered: Answered, now: datetime
) -> tuple[FeedState, Polled]:
    verdict, document = answered.verdict, answered.document
    source, reading = flow.sources.get(feed.source), None
    made: list[int] = []
    if document is not None:
        feed = dataclasses.replace(feed, key_rung=choose_rung(document.entries, feed.key_rung))
        # with the same entries as before, only the dress is new: the time of building, say
        same = feed.entries_hash is not None and feed.entries_hash == answered.entries_hash
        reading, made = (Reading(document), []) if same else _announce(flow, db, feed, document, now)
    _count(db, feed, verdict, document, made, now)
    _remember_host(flow, db, feed, answered, reading, now)
    bounds = poll.bounds_of(source, flow.settings)
    after = poll.after_poll(feed, verdict, reading, now, flow.rng, flow.settings, bounds)
    if document is not None:
        after = dataclasses.replace(after, entries_hash=answered.entries_hash)
    if after.url != feed.url:
        after = feeds.where_free(db, dataclasses.replace(after, host=flow.hosts.key(after.url)))
    lost = flow.seek is not None and poll.wants_discovery(after, now, flow.settings)
    return after, Polled(feed.source, feed.url, verdict.kind, reading.new if reading else 0, verdict.notice, lost)


def _count(
    db: Transaction, feed: FeedState, verdict: Verdict, document: FeedDocument | None, made: list[int], now: datetime
) -> None:
    """Add the poll to its source's day. What a first poll finds is the feed's past: no news."""
    news = entries.first_sights(db, made) if feed.reads else []
    answered = verdict.kind in ("read", "unchanged")
    days.add(db, of_poll(feed.source, now, answered=answered, document=document, news=news))


def tell_turns(flow: Flow, db: Transaction, before: FeedState, after: FeedState, now: datetime) -> None:
    """Tell the channels of what a poll or a search changed for a feed; what a first poll finds is no change."""
    for turn in poll.turns(before, after):
        notice(flow, db, after.source, turn.kind, turn.sentence, now, f"feed {after.id} {turn.aspect}")


def _remember_host(
    flow: Flow, db: Transaction, feed: FeedState, answered: Answered, reading: Reading | None, now: datetime
) -> None:
    verdict = answered.verdict
    if verdict.stop:
        stop_host(flow, db, feed.host, verdict.wait, verdict.notice)
    if poll.caught_stale(feed, answered.asked, verdict, reading):
        hosts.save(db, poll.believes_nothing(hosts.load(db, feed.host), now))


def _hash(flow: Flow, feed: FeedState, document: FeedDocument) -> str:
    """Of what was announced; and of what we leave out of it, as that may change here."""
    source = flow.sources.get(feed.source)
    told = [(e.url, e.title, e.guid, e.claimed_at, e.updated_at) for e in document.entries]
    return hashlib.sha256(repr((source.skip if source else (), told)).encode("utf-8", "surrogatepass")).hexdigest()


def _announce(
    flow: Flow, db: Transaction, feed: FeedState, document: FeedDocument, now: datetime
) -> tuple[Reading, list[int]]:
    """Record the entries that nobody announced before, and changes of those that this feed did; and their ids."""
    keyed = _newest_of_each(announcements(flow, feed.source, document.entries, feed.key_rung))
    keys = entries.known_keys(db, feed.id, [announced.key for announced in keyed])
    urls = entries.known_urls(db, feed.id, [announced.url_key for announced in keyed])
    fresh = [
        chosen
        for announced in keyed
        if (chosen := _news(announced, keys, urls.get(announced.url_key), flow.settings.updates_max)) is not None
    ]
    fresh = forgotten.without(db, feed.id, fresh)
    made = entries.announce(db, feed.source, feed.id, fresh, now, quiet=feed.reads == 0)
    dates = [date for announced in fresh if (date := _stamp(announced.entry))]
    return Reading(document, len(made), min(dates, default=None)), made


def announcements(flow: Flow, slug: str, found: Iterable[Entry], rung: int) -> list[Announcement]:
    """What a source's entries announce, on a rung of the entry-key ladder; without what the source leaves out."""
    source = flow.sources.get(slug)
    skip = source.skip if source else ()
    return [
        Announcement(entry, entry_key(entry, rung), flow.url_keys.key(entry.url), host=flow.hosts.key(entry.url))
        for entry in found
        if not any(fragment in entry.url for fragment in skip)
    ]


def _newest_of_each(keyed: list[Announcement]) -> list[Announcement]:
    """One announcement for each page: where a feed has several, they must not pass for changes of each other."""
    newest: dict[str, Announcement] = {}
    for announced in keyed:
        other = newest.setdefault(announced.url_key, announced)
        stamp, before = _stamp(announced.entry), _stamp(other.entry)
        if stamp is not None and (before is None or stamp > before):
            newest[announced.url_key] = announced
    return list(newest.values())


def _stamp(entry: Entry) -> datetime | None:
    return entry.updated_at or entry.claimed_at


def _news(announced: Announcement, keys: set[str], known: Known | None, updates_max: int) -> Announcement | None:
    """The announcement if it is news: an unknown entry, or a change of a URL that this feed had announced."""
    if known is None:
        return announced if announced.key not in keys else None
    if not known.ours or known.versions > updates_max or not _changed(announced.entry, known):
        return None
    stamp = _stamp(announced.entry)
    version = hashlib.sha1(f"{announced.entry.title}|{stamp}".encode(), usedforsecurity=False).hexdigest()
    # a change of what is not read yet is no news either
    key, quiet = f"{announced.key[:39]}+{version}", known.waits_quietly
    return dataclasses.replace(announced, key=key, version=version, quiet=quiet)


def _changed(entry: Entry, known: Known) -> bool:
    stamp = _stamp(entry)
    if stamp is not None and known.stamp is not None and stamp != known.stamp:
        return stamp > known.stamp
    return entry.title != known.title and bool(entry.title)
