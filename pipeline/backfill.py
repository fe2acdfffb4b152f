"""Fetches the list of what an outlet published before we came, a page of it at a time.

    begin          where does the outlet list its past? remembered as a backfill
    backfill_page  ask for the next page, announce what it lists as quiet entries, move on

The entries are then work like any other: the engine fetches and reads them, after whatever is news, and nothing of it
alerts. They are attached to the source's first feed, as though that had announced them: its later polls know them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal, TypeVar
from urllib.parse import urljoin, urlsplit

from pipeline.errors import (
    AddressRefused,
    Blocked,
    Disallowed,
    Gone,
    HeldBack,
    Never,
    NotAFeed,
    RateLimited,
    Retry,
    VigiaError,
)
from pipeline.fetch import refuse_status
from pipeline.flow import Flow
from pipeline.patience import Considerate
from pipeline.polling import announcements
from pipeline.sources import past
from pipeline.sources.leads import read_robots
from pipeline.sources.past import Ahead, Archive, Cursor, FeedPages, PostPages, Sitemaps, Span
from pipeline.storage import backfills, entries, feeds, forgotten
from pipeline.storage.backfills import Backfill
from pipeline.types import Entry, FeedKind, Request, Response, Source

Method = Literal["wp-json", "wordpress", "archive", "sitemap"]
METHODS: tuple[Method, ...] = ("wp-json", "wordpress", "archive", "sitemap")
#: pages in a row that cannot be had after which a backfill is left for another time
FAILURES_MAX = 5
#: entries announced in one transaction, so that others get to write in between
_AT_ONCE = 500
#: where sitemaps are when robots.txt names none
_USUAL = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
_T = TypeVar("_T")


class NoPast(VigiaError):
    """No method found where an outlet lists its past; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Step:
    """What asking for one page came to. `wait`: seconds before it is worth asking again, after a failure."""

    backfill: Backfill
    url: str
    found: int = 0
    new: int = 0
    note: str = ""
    wait: float = 0.0


# --- begin ------------------------------------------------------------------------------------------------------------


def begin(flow: Flow, source: Source, since: date, until: date | None, method: Method | None) -> tuple[Backfill, bool]:
    """The backfill to go on with, and whether it had begun before. Raises NoPast where the outlet has no past to list.

    One that asks for the same and did not come to its end is gone on with, also after it failed; else where the past is
    listed is found out anew.
    """
    start = past.start_of(since)
    end = past.start_of(until) + timedelta(days=1, microseconds=-1) if until is not None else None
    with flow.store.read() as db:
        known = backfills.unfinished(db, source.slug, start, end, method)
        feed_id = backfills.first_feed(db, source.slug)
    if known is not None:
        with flow.store.write() as db:
            backfills.resume(db, known.id)
            return backfills.load(db, known.id), True
    if feed_id is None:
        raise NoPast(f"{source.slug}: expected a feed in sources.toml, to which its past is attached, got none")
    now = flow.clock.now()
    span = Span(start, end or now)
    chosen, cursor = _find_method(flow, source, span, method)
    text, listed = past.written(cursor)
    with flow.store.write() as db:
        made = backfills.begin(
            db,
            source.slug,
            chosen,
            span.since,
            span.until,
            text,
            feed_id,
            flow.clock.now(),
            open_ended=end is None,
            listed=listed,
        )
        return backfills.load(db, made), False


def _find_method(flow: Flow, source: Source, span: Span, wanted: Method | None) -> tuple[Method, Cursor]:
    """The first method that works; a declared archive before all others, since somebody looked."""
    order = (wanted,) if wanted else sorted(METHODS, key=lambda one: one != "archive" or not source.archive)
    tried = []
    for method in order:
        try:
            return method, _START[method](flow, source, span)
        except (Retry, Never) as error:
            tried.append(f"{method}: {error}")
            if isinstance(error, RateLimited):
                # the other methods would ask the same host
                break
    raise NoPast(f"{source.slug}: no list of its past was found\n  " + "\n  ".join(tried))


def _posts(flow: Flow, source: Source, span: Span) -> Cursor:
    cursor = PostPages(source.homepage)
    answer = ask(flow, cursor.url(span))
    cursor.read(answer, span, flow.clock.now())
    if not answer.headers.get("x-wp-totalpages", "").isdecimal():
        raise NotAFeed(f"{answer.url}: expected X-WP-TotalPages, got none")
    return cursor


def _feed_pages(flow: Flow, source: Source, span: Span) -> Cursor:
    """A feed whose second page is another than its first."""
    feed = next((feed.url for feed in source.feeds if feed.kind is FeedKind.RSS), None)
    if feed is None:
        raise NotAFeed(f"{source.slug}: expected a feed of kind rss, got none")
    first = FeedPages(feed)
    turn, second = first.read(ask(flow, first.url(span)), span, flow.clock.now())
    if not turn.seen:
        raise NotAFeed(f"{feed}: expected entries, got none")
    if isinstance(second, FeedPages):
        turn, _ = second.read(ask(flow, second.url(span)), span, flow.clock.now())
        if not turn.seen:
            raise NotAFeed(f"{second.url(span)}: expected other entries than on page 1, got the same")
    return first


def _archive(flow: Flow, source: Source, span: Span) -> Cursor:
    if not source.archive:
        raise NotAFeed(f"{source.slug}: expected `archive` in sources.toml, got none")
    hosts = {urlsplit(url).hostname or "" for url in (source.homepage, source.archive)}
    return Archive(source.archive, tuple(sorted(host.removeprefix("www.") for host in hosts)), span.until.date())


def _sitemaps(flow: Flow, source: Source, span: Span) -> Cursor:
    """The sitemaps that the source declares and its robots.txt names; else one of the usual ones."""
    declared = [feed.url for feed in source.feeds if feed.kind is FeedKind.SITEMAP]
    found = list(dict.fromkeys((*declared, *_named(flow, source.homepage))))
    if found:
        return Sitemaps(tuple(map(Ahead, found)))
    said = ""
    for path in _USUAL:
        cursor = Sitemaps((Ahead(urljoin(source.homepage, path)),))
        try:
            cursor.read(ask(flow, cursor.url(span)), span, flow.clock.now())
        except Never as error:
            said = str(error)
            continue
        return cursor
    raise NotAFeed(f"robots.txt names no sitemap, and {said}")


def _named(flow: Flow, homepage: str) -> list[str]:
    try:
        answer = ask(flow, urljoin(homepage, "/robots.txt"))
    except Never:
        # no robots.txt names no sitemap
        return []
    return [lead.url for lead in read_robots(answer.body, answer.final_url)]


_START = {"wp-json": _posts, "wordpress": _feed_pages, "archive": _archive, "sitemap": _sitemaps}


# --- one page ---------------------------------------------------------------------------------------------------------


def backfill_page(flow: Flow, backfill_id: int) -> Step:
    """Ask for the next page of an outlet's past and announce what it lists; safe to run twice.

    A page that is not there is passed over, as days without news are; a sitemap or a day that cannot be read, too, but
    it is counted. Any other that cannot be had or read stays the next one, and is given up for now by whoever walks
    after FAILURES_MAX in a row. Where the host refuses, the backfill has failed.
    """
    with flow.store.read() as db:
        backfill, listed = backfills.load(db, backfill_id), backfills.listed(db, backfill_id)
    if backfill.state != "running" or backfill.cursor is None:
        return Step(backfill, "")
    cursor, span = past.restored(backfill.cursor, listed), Span(backfill.since, backfill.until)
    url, skipped = cursor.url(span), 0
    try:
        turn, onward = cursor.read(ask(flow, url), span, flow.clock.now())
    except HeldBack as error:
        # nothing was asked, so nothing failed
        return Step(backfill, url, note=str(error), wait=error.after or 0.0)
    except Retry as error:
        return _failed(flow, backfill, url, error)
    except Never as error:
        if not _may_pass(cursor, error):
            return _failed(flow, backfill, url, error)
        turn, onward = past.Turn((), 0, note=str(error)), cursor.after_nothing(span)
        skipped = int(not isinstance(error, Gone))
    new = _announce(flow, backfill, turn.entries)
    now, found = flow.clock.now(), len(turn.entries)
    with flow.store.write() as db:
        backfills.add(
            db, backfill_id, now, requests=1, seen=turn.seen, found=found, undated=turn.undated, skipped=skipped
        )
        if onward is None:
            backfills.end(db, backfill_id)
        else:
            backfills.move(db, backfill_id, *past.written(onward, cursor))
        return Step(backfills.load(db, backfill_id), url, found, new, turn.note)


def _may_pass(cursor: Cursor, error: Never) -> bool:
    """Whether the walk goes on past what cannot be had or read: among many pages one may be missing, or no sitemap."""
    if isinstance(error, Blocked | Disallowed):
        # robots.txt forbids an archive whole, but a sitemap by itself
        return isinstance(error, Disallowed) and isinstance(cursor, Sitemaps)
    return isinstance(error, Gone) or isinstance(cursor, Sitemaps | Archive)


def _failed(flow: Flow, backfill: Backfill, url: str, error: Retry | Never) -> Step:
    failures = backfill.failures + 1
    refused = isinstance(error, Blocked | Disallowed | AddressRefused)
    with flow.store.write() as db:
        backfills.fail(db, backfill.id, str(error), "failed" if refused else "running", flow.clock.now())
        after = backfills.load(db, backfill.id)
    patience = flow.settings.retry_base * 2.0 ** (failures - 1)
    wait = 0.0 if refused else max(patience, getattr(error, "after", None) or 0.0)
    return Step(after, url, note=str(error), wait=wait)


def _announce(flow: Flow, backfill: Backfill, found: Sequence[Entry]) -> int:
    """Record the entries that nobody announced before as quiet work; returns how many."""
    return sum(_announce_some(flow, backfill, some) for some in _batches(iter(found), _AT_ONCE))


def _announce_some(flow: Flow, backfill: Backfill, some: Sequence[Entry]) -> int:
    now = flow.clock.now()
    with flow.store.write() as db:
        rung = feeds.load(db, backfill.feed_id).key_rung
        keyed = announcements(flow, backfill.source, some, rung)
        known = entries.announced_among(db, [announced.url_key for announced in keyed])
        unknown = [announced for announced in keyed if announced.url_key not in known]
        fresh = forgotten.without(db, backfill.feed_id, unknown)
        made = entries.announce(db, backfill.source, backfill.feed_id, fresh, now, quiet=True)
        backfills.add(db, backfill.id, now, new=len(made))
    return len(made)


def _batches(values: Iterator[_T], size: int) -> Iterator[tuple[_T, ...]]:
    while batch := tuple(islice(values, size)):
        yield batch


# --- asking -----------------------------------------------------------------------------------------------------------


def ask(flow: Flow, url: str) -> Response:
    """A page that lists the past. Raises Retry and Never, also for what is not 200, and for a challenge whatever it is.

    HeldBack: its host is stopped, and was not asked.
    """
    answer = Considerate(flow).get(Request(url))
    refuse_status(answer, "200")
    if answer.status != 200:
        got = f"{url}: expected 200, got {answer.status}"
        # 400 is how the API of WordPress says that there are no more pages
        raise Gone(got) if answer.status == 400 else NotAFeed(got)
    return answer
