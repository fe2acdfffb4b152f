"""Short feeds lose nothing between two polls: simulated days of an outlet, polled by our rule and by CommaFeed's alone.

A feed shows its last entries only; what came and went between two polls is lost for good.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pipeline.poll import Bounds, Reading, Verdict, after_poll
from pipeline.poll.rhythm import _rhythm
from pipeline.settings import Settings
from pipeline.types import Entry, FeedDocument, FeedKind, FeedState
from tests.fakes import NOW

SHOWN = 10
DAYS = 6
SETTINGS = Settings()
BOUNDS = Bounds(SETTINGS.poll_min, SETTINGS.poll_max)
FEED = FeedState(1, "diario", "http://diario.example/rss", FeedKind.RSS, NOW, SETTINGS.poll_min)
MIDNIGHT = datetime(2012, 6, 27, tzinfo=NOW.tzinfo)
Next = Callable[[FeedState, FeedDocument, int, datetime], FeedState]


def ours(feed: FeedState, document: FeedDocument, new: int, now: datetime) -> FeedState:
    reading = Reading(document, new) if new or not feed.reads else None
    verdict = Verdict("read" if reading else "unchanged", status=200)
    return after_poll(feed, verdict, reading, now, random.Random(1), SETTINGS, BOUNDS)


def commafeed(feed: FeedState, document: FeedDocument, new: int, now: datetime) -> FeedState:
    wait = _rhythm(document, now, BOUNDS)
    return replace(feed, next_due_at=now + timedelta(seconds=wait), reads=1, polls=feed.polls + 1)


def played(published: Sequence[datetime], rule: Next, *, dated: bool) -> tuple[int, int]:
    """Entries lost after the first poll, and polls made."""
    feed, seen, shown_once = FEED, set[int](), None
    now, end = published[SHOWN], published[-1]
    while now < end:
        out = [number for number, moment in enumerate(published) if moment <= now][-SHOWN:]
        new = len(set(out) - seen) if shown_once is not None else 0
        shown_once = out[0] if shown_once is None else shown_once
        seen |= set(out)
        entries = (Entry(f"http://d.example/{n}", claimed_at=published[n] if dated else None) for n in reversed(out))
        feed = rule(feed, FeedDocument(FeedKind.RSS, tuple(entries)), new, now)
        now = feed.next_due_at
    last = max(seen)
    return len(set(range(shown_once or 0, last)) - seen), feed.polls


def bursts(seed: int, size: int, gap: float, *, night: bool = False) -> list[datetime]:
    """So many entries within ten minutes, every `gap` minutes, by day only if there is a night."""
    rng, moments, at = random.Random(seed), list[datetime](), MIDNIGHT
    while at < MIDNIGHT + timedelta(days=DAYS):
        if not (night and (at.hour < 7 or at.hour >= 22)):
            moments += [at + timedelta(minutes=rng.uniform(0, 10)) for _ in range(size)]
        at += timedelta(minutes=gap * rng.uniform(0.7, 1.3))
    return sorted(moments)


def steady(seed: int, gap: float) -> list[datetime]:
    rng, moments, at = random.Random(seed), list[datetime](), MIDNIGHT
    while at < MIDNIGHT + timedelta(days=DAYS):
        moments.append(at)
        at += timedelta(minutes=rng.expovariate(1 / gap))
    return moments


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dated", [True, False])
def test_a_short_feed_that_publishes_in_bursts_loses_nothing(seed: int, dated: bool) -> None:
    """Six of the ten entries shown come within ten minutes, again and again: the mean rate allows it."""
    assert played(bursts(seed, 6, 40), ours, dated=dated)[0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_commafeeds_rule_alone_loses_what_undated_feeds_publish(seed: int) -> None:
    lost, _ = played(steady(seed, 5), commafeed, dated=False)
    assert lost > 100
    assert played(steady(seed, 5), ours, dated=False)[0] == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dated", [True, False])
def test_after_a_night_the_morning_is_expected(seed: int, dated: bool) -> None:
    """The pace of yesterday is remembered, so that a quiet night does not make us late in the morning."""
    moments = bursts(seed, 8, 60, night=True)
    ours_lost, _ = played(moments, ours, dated=dated)
    assert ours_lost == 0


def test_a_daily_batch_is_not_asked_more_often_for_it() -> None:
    """A daily batch that fits into the body is no reason to come every five minutes."""
    moments = [MIDNIGHT + timedelta(days=day, hours=6, minutes=n / 2) for day in range(DAYS) for n in range(SHOWN - 1)]
    lost, polls = played(moments, ours, dated=True)
    assert lost == 0
    assert polls < 24 * DAYS
