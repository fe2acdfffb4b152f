"""When a feed is polled, and what an answer means for it. Pure: clock and randomness are passed in.

The interval follows CommaFeed (FeedRefreshIntervalCalculator): half the mean gap between publications, longer the
longer nothing was published; joined with Media Cloud's rule that two polls must overlap: a body in which nearly every
entry was new may have been preceded by entries that we never saw, so the next poll comes in half the time, and from
there the interval grows no faster than it shrank. docs/crawling.md tells it in full.
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from pipeline.errors import Disallowed, Gone, Never, NotAFeed, Retry
from pipeline.settings import Settings
from pipeline.types import FeedDocument, FeedState, Request, Response

#: a permanent redirect must be seen in so many polls in a row before the address is rewritten
MOVES_SEEN = 3
#: weights of failures (Media Cloud): hard 1, those that often pass by themselves less
HARD, SOFT = 1.0, 0.5
_SOFT_STATUSES = (404, 408, 425, 429)
_REFUSALS = (401, 402, 403, 451)
_JITTER = 0.1
_DAY = 86_400.0
#: nothing published for so many days: the longest interval, divided by this
_QUIET = ((30, 1), (14, 2), (7, 4))
#: a feed with any later publication waits at most the longest interval divided by this
_LIVELY = 4
#: a larger share of new entries leaves too little overlap with the poll before (Media Cloud: a third is known)
_TOO_NEW = 2 / 3
#: an unchanged feed's interval grows to about a tenth of its silence; past the bound of lively feeds, to a hundredth:
#: an hour after a night without news, four hours after two weeks
_GROWTH, _SLOW_GROWTH = 1.1, 1.01

Sort = Literal["read", "unchanged", "retired", "failed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer means. `notice` says it in words; `wait` is what the host asked for, in seconds."""

    kind: Sort
    notice: str = ""
    status: int | None = None
    weight: float = 0.0
    wait: float | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    #: where a permanent redirect points, if the answer came by one
    moved_to: str | None = None


def request_for(feed: FeedState, settings: Settings) -> Request:
    """The next request of a feed: conditional, but not always, as some hosts answer 304 for ever."""
    every = settings.poll_unconditional_every
    if every > 0 and feed.polls % every == every - 1:
        return Request(feed.url, "feed")
    return Request(feed.url, "feed", feed.etag, feed.last_modified)


# --- what an answer means ---------------------------------------------------------------------------------------------


def interpret(feed: FeedState, answer: Response | Retry | Never, now: datetime, settings: Settings) -> Verdict:
    """Say what an answer, or what kept us from one, means for the feed."""
    if isinstance(answer, Gone):
        return Verdict("retired", str(answer), 410)
    if isinstance(answer, Retry | Never):
        weight = SOFT if isinstance(answer, Retry | Disallowed | NotAFeed) else HARD
        return Verdict("failed", str(answer), weight=weight, wait=getattr(answer, "after", None))
    if answer.status == 304:
        return _not_modified(feed, answer, now, settings)
    if answer.status == 410:
        return Verdict("retired", f"{answer.url}: the host says that this feed is gone for good (410)", 410)
    if answer.status != 200:
        return _refused(answer, now)
    return _answered(feed, answer, now)


def _not_modified(feed: FeedState, answer: Response, now: datetime, settings: Settings) -> Verdict:
    asked = request_for(feed, settings)
    if asked.etag is None and asked.last_modified is None:
        return Verdict("failed", f"{answer.url}: expected the feed, as we set no condition, got 304", 304, SOFT)
    return Verdict(
        "unchanged",
        _notice(feed, answer, "not modified"),
        304,
        wait=_freshness(answer.headers, now),
        etag=answer.headers.get("etag", feed.etag),
        last_modified=answer.headers.get("last-modified", feed.last_modified),
        body_hash=feed.body_hash,
        moved_to=_moved_to(answer),
    )


def _refused(answer: Response, now: datetime) -> Verdict:
    soft = answer.status in _SOFT_STATUSES or answer.status >= 500
    words = "refuses us" if answer.status in _REFUSALS else "did not give the feed"
    notice = f"{answer.url}: the host {words}: expected 200, got {answer.status}"
    return Verdict("failed", notice, answer.status, SOFT if soft else HARD, _retry_after(answer, now))


def _answered(feed: FeedState, answer: Response, now: datetime) -> Verdict:
    body_hash = hashlib.sha256(answer.body).hexdigest()
    same = body_hash == feed.body_hash
    return Verdict(
        kind="unchanged" if same else "read",
        notice=_notice(feed, answer, "same body" if same else ""),
        status=200,
        wait=_freshness(answer.headers, now),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        body_hash=body_hash,
        moved_to=_moved_to(answer),
    )


def _moved_to(answer: Response) -> str | None:
    """Where the feed now lives, if only permanent redirects led there."""
    permanent = bool(answer.hops) and all(status in (301, 308) for status, _ in answer.hops)
    return answer.final_url if permanent else None


def _notice(feed: FeedState, answer: Response, words: str) -> str:
    target = _moved_to(answer)
    if target is None or target == feed.url:
        return words
    moved = f"moved for good to {target}, seen {_moves(feed, target)} of {MOVES_SEEN} times"
    return f"{words}; {moved}" if words else moved


def _moves(feed: FeedState, target: str) -> int:
    """Polls in a row that were sent to this target, the present one included."""
    return feed.moved_seen + 1 if target == feed.moved_to else 1


# --- what we remember, and when we ask again --------------------------------------------------------------------------


def after_poll(
    feed: FeedState,
    verdict: Verdict,
    document: FeedDocument | None,
    new_entries: int,
    now: datetime,
    rng: random.Random,
    settings: Settings,
) -> FeedState:
    """What to remember after a poll, the time of the next one included."""
    polled = dataclasses.replace(feed, polls=feed.polls + 1, last_polled_at=now, last_status=verdict.status)
    if verdict.kind == "retired":
        return dataclasses.replace(polled, state="retired", last_error=verdict.notice)
    if verdict.kind == "failed":
        return _after_failure(polled, verdict, now, rng, settings)
    interval = _interval(feed, document, new_entries, now, settings)
    wait = min(max(interval, verdict.wait or 0.0, _ttl(feed, document, new_entries)), settings.poll_max)
    # an index may stay the same while the sitemaps that it lists change, so it is always read
    lists_others = document is not None and bool(document.children)
    return dataclasses.replace(
        _after_move(polled, verdict),
        interval=interval,
        next_due_at=_later(now, wait, rng),
        etag=None if lists_others else verdict.etag,
        last_modified=None if lists_others else verdict.last_modified,
        body_hash=None if lists_others else verdict.body_hash,
        failures=0.0,
        reads=feed.reads + (document is not None),
        last_read_at=now,
        last_error=document.trouble if document else None,
    )


def _after_failure(
    feed: FeedState, verdict: Verdict, now: datetime, rng: random.Random, settings: Settings
) -> FeedState:
    """Wait longer with each failure, linearly (Media Cloud), never less than the host asked, never for ever."""
    failures = feed.failures + verdict.weight
    wait = min(max(feed.interval, settings.poll_min) * max(failures, 1.0), settings.poll_failure_cap)
    wait = max(wait, min(verdict.wait or 0.0, _DAY))
    return dataclasses.replace(feed, failures=failures, last_error=verdict.notice, next_due_at=_later(now, wait, rng))


def _after_move(feed: FeedState, verdict: Verdict) -> FeedState:
    """Follow a permanent redirect for good only once it proved permanent."""
    if verdict.moved_to is None or verdict.moved_to == feed.url:
        return dataclasses.replace(feed, moved_to=None, moved_seen=0)
    seen = _moves(feed, verdict.moved_to)
    if seen >= MOVES_SEEN:
        return dataclasses.replace(feed, url=verdict.moved_to, moved_to=None, moved_seen=0)
    return dataclasses.replace(feed, moved_to=verdict.moved_to, moved_seen=seen)


def _interval(
    feed: FeedState, document: FeedDocument | None, new_entries: int, now: datetime, settings: Settings
) -> float:
    """Seconds until the next poll, as the feed's own rhythm suggests."""
    if document is None:
        growth = _GROWTH if feed.interval < settings.poll_max / _LIVELY else _SLOW_GROWTH
        return min(max(feed.interval, settings.poll_min) * growth, settings.poll_max)
    if _overlap_lost(feed, document, new_entries):
        return max(settings.poll_min, feed.interval / 2)
    rhythm = _rhythm(document, now, settings)
    # what overlap has shortened grows back step by step; the first reading says how lively the feed is
    return rhythm if feed.reads == 0 else min(rhythm, max(feed.interval, settings.poll_min) * 2)


def _overlap_lost(feed: FeedState, document: FeedDocument, new_entries: int) -> bool:
    return feed.reads > 0 and new_entries > _TOO_NEW * len(document.entries)


def _ttl(feed: FeedState, document: FeedDocument | None, new_entries: int) -> float:
    """What the feed's own words ask for, which is mostly its software's default: not at the price of lost entries."""
    if document is None or document.ttl is None or _overlap_lost(feed, document, new_entries):
        return 0.0
    return document.ttl


def _rhythm(document: FeedDocument, now: datetime, settings: Settings) -> float:
    lively = max(settings.poll_min, settings.poll_max / _LIVELY)
    # a batch published at one moment is one publication
    moments = sorted({moment for entry in document.entries if (moment := entry.claimed_at or entry.updated_at)})
    if not moments:
        return lively
    idle = (now - moments[-1]) / timedelta(days=1)
    for days, divisor in _QUIET:
        if idle >= days:
            return max(settings.poll_min, settings.poll_max / divisor)
    if len(moments) == 1:
        return lively
    mean = (moments[-1] - moments[0]).total_seconds() / (len(moments) - 1)
    return min(max(mean / 2, settings.poll_min), lively)


def _later(now: datetime, wait: float, rng: random.Random) -> datetime:
    """Spread polls a little, so that feeds that began together do not stay together."""
    return now + timedelta(seconds=wait * (1 + _JITTER * rng.random()))


# --- what hosts ask for -----------------------------------------------------------------------------------------------


def _freshness(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the host calls its answer fresh: Cache-Control's max-age, else Expires."""
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-cache", "no-store"):
            return None
        if name == "max-age" and value.strip('"').isdecimal():
            return float(value.strip('"'))
    return _until(headers.get("expires", ""), now)


def _retry_after(answer: Response, now: datetime) -> float | None:
    written = answer.headers.get("retry-after", "").strip()
    return float(written) if written.isdecimal() else _until(written, now)


def _until(written: str, now: datetime) -> float | None:
    """Seconds until an HTTP date; None for what is none or is past."""
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return None
    # the zone -0000 gives a naive time, which means UTC (RFC 5322, 3.3)
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return seconds if seconds > 0 else None
