"""What we remember of a feed after a poll, and what follows: when to ask again, when to look for another one."""

from __future__ import annotations

import dataclasses
import random
from datetime import datetime, timedelta

from pipeline.poll.hints import open_moment
from pipeline.poll.rhythm import DAY, Bounds, Reading, arrived, interval, overlap_lost
from pipeline.poll.verdict import MOVES_SEEN, Verdict, moves
from pipeline.settings import Settings
from pipeline.types import FeedKind, FeedState

_JITTER = 0.1
#: longest back-off of a feed that looks hopeless (Media Cloud), in seconds
_HOPELESS_CAP = 30 * DAY


def after_poll(
    feed: FeedState,
    verdict: Verdict,
    reading: Reading | None,
    now: datetime,
    rng: random.Random,
    settings: Settings,
    bounds: Bounds,
) -> FeedState:
    """What to remember after a poll, the time of the next one included."""
    polled = dataclasses.replace(feed, polls=feed.polls + 1, last_polled_at=now, last_status=verdict.status)
    if verdict.kind == "retired":
        return dataclasses.replace(polled, state="retired", last_error=verdict.notice)
    if verdict.kind == "failed":
        return _after_failure(polled, verdict, now, rng, settings, bounds)
    answered = _hints_kept(_with_pace(polled, reading, now), reading)
    return _standing(_scheduled(answered, feed, verdict, reading, now, rng, bounds), verdict, now, settings)


def wants_discovery(feed: FeedState, now: datetime, settings: Settings) -> bool:
    """Whether to look for what may replace a feed: it is lost, and nobody looked for a while."""
    if feed.state != "active" or feed.standing != "lost":
        return False
    return feed.proposed_at is None or now - feed.proposed_at >= timedelta(days=settings.poll_search_every)


def proposed(feed: FeedState, url: str | None, now: datetime) -> FeedState:
    """What a search for a replacement found; None: nothing, and an earlier proposal still stands."""
    return dataclasses.replace(feed, proposed_url=url if url is not None else feed.proposed_url, proposed_at=now)


def _with_pace(feed: FeedState, reading: Reading | None, now: datetime) -> FeedState:
    arrivals, pace = arrived(feed, reading, now)
    entries = len(reading.document.entries) if reading else feed.body_entries
    return dataclasses.replace(feed, arrivals=arrivals, pace=pace, body_entries=entries)


def _hints_kept(feed: FeedState, reading: Reading | None) -> FeedState:
    """An unchanged feed still asks for what it asked for."""
    if reading is None:
        return feed
    document = reading.document
    hours, days = tuple(sorted(document.skip_hours)), tuple(sorted(document.skip_days))
    return dataclasses.replace(feed, ttl=document.ttl, skip_hours=hours, skip_days=days)


def _scheduled(
    feed: FeedState,
    before: FeedState,
    verdict: Verdict,
    reading: Reading | None,
    now: datetime,
    rng: random.Random,
    bounds: Bounds,
) -> FeedState:
    seconds = interval(feed, reading, now, bounds)
    # what the feed's own words ask for is mostly its software's default: not at the price of lost entries
    obeyed = reading is None or not overlap_lost(before, reading)
    wait = min(max(seconds, verdict.wait or 0.0, (feed.ttl or 0.0) if obeyed else 0.0), bounds.longest)
    due = later(now, wait, rng)
    # an index may stay the same while the sitemaps that it lists change, so it is always read
    lists_others = reading is not None and bool(reading.document.children)
    return dataclasses.replace(
        _after_move(feed, verdict),
        interval=seconds,
        next_due_at=open_moment(due, feed.skip_hours, feed.skip_days) if obeyed else due,
        etag=None if lists_others else verdict.etag,
        last_modified=None if lists_others else verdict.last_modified,
        body_hash=None if lists_others else verdict.body_hash,
        not_modified=before.not_modified + 1 if verdict.status == 304 else 0,
        failures=0.0,
        # the first body that holds anything is the feed's past; an empty one leaves that still to come
        reads=before.reads + (reading is not None and (before.reads > 0 or bool(reading.document.entries))),
        last_read_at=now,
        last_error=reading.document.trouble if reading else None,
    )


def _after_failure(
    feed: FeedState, verdict: Verdict, now: datetime, rng: random.Random, settings: Settings, bounds: Bounds
) -> FeedState:
    """Wait longer with each failure, linearly (Media Cloud), never less than the host asked, never for ever."""
    failures = feed.failures + verdict.weight
    hopeless = 0 < settings.poll_hopeless_after <= failures
    cap = _HOPELESS_CAP if hopeless else settings.poll_failure_cap
    wait = min(max(feed.interval, bounds.least) * max(failures, 1.0), cap)
    wait = max(wait, min(verdict.wait or 0.0, DAY))
    failed = dataclasses.replace(feed, failures=failures, last_error=verdict.notice, next_due_at=later(now, wait, rng))
    return _standing(failed, verdict, now, settings)


def _standing(feed: FeedState, verdict: Verdict, now: datetime, settings: Settings) -> FeedState:
    """How the feed stands after a poll: well again after a good read, and worse for a reason that says so only."""
    empty = verdict.kind != "failed" and feed.body_entries == 0 and feed.kind == FeedKind.RSS
    if verdict.kind != "failed" and not empty:
        feed = dataclasses.replace(feed, failing_since=None, standing="well", standing_since=None, standing_reason=None)
        return dataclasses.replace(feed, missing_since=None, proposed_url=None, proposed_at=None)
    missing = verdict.missing or empty
    # days without a connection say nothing of what stands there
    since = (feed.missing_since or now) if missing else feed.missing_since
    feed = dataclasses.replace(feed, failing_since=feed.failing_since or now, missing_since=since)
    if verdict.refused:
        return dataclasses.replace(
            feed,
            standing="degraded",
            standing_since=feed.standing_since if feed.standing == "degraded" else now,
            standing_reason=verdict.notice,
        )
    if missing and since is not None and now - since >= timedelta(days=settings.poll_lost_after):
        reason = verdict.notice if verdict.missing else f"{feed.url}: a feed without entries since {since:%Y-%m-%d}"
        lost_since = feed.standing_since if feed.standing == "lost" else now
        return dataclasses.replace(feed, standing="lost", standing_since=lost_since, standing_reason=reason)
    return feed


def _after_move(feed: FeedState, verdict: Verdict) -> FeedState:
    """Follow a permanent redirect for good only once it proved permanent."""
    if verdict.moved_to is None or verdict.moved_to == feed.url:
        return dataclasses.replace(feed, moved_to=None, moved_seen=0)
    seen = moves(feed, verdict.moved_to)
    if seen >= MOVES_SEEN:
        return dataclasses.replace(feed, url=verdict.moved_to, moved_to=None, moved_seen=0)
    return dataclasses.replace(feed, moved_to=verdict.moved_to, moved_seen=seen)


def later(now: datetime, wait: float, rng: random.Random) -> datetime:
    """Spread polls a little, so that feeds that began together do not stay together."""
    return now + timedelta(seconds=wait * (1 + _JITTER * rng.random()))
