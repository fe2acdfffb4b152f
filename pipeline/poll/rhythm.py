"""When to ask again, as the feed's own rhythm suggests.

CommaFeed's rule (FeedRefreshIntervalCalculator): half the mean gap between publications, longer the longer nothing was
published. Two rules of overlap join it, as a feed shows its last few entries only. Media Cloud's: a body in which
nearly every entry was new may have been preceded by entries that we never saw, so the next poll comes in half the time.
Ours: at the pace of its busiest hour of late, no more than a third of a body may pass between two polls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.settings import Settings
from pipeline.types import FeedDocument, FeedState, Source

HOUR, DAY = 3_600.0, 86_400.0
#: nothing published for so many days: the longest interval, divided by this
_QUIET = ((30, 1), (14, 2), (7, 4))
#: a feed with any later publication waits at most the longest interval divided by this
_LIVELY = 4
#: a larger share of new entries leaves too little overlap with the poll before (Media Cloud: a third is known)
_TOO_NEW = 2 / 3
#: the interval grows only where no larger share was new (Media Cloud: two thirds are known)
_GROWS = 1 / 3
#: share of a body that may pass between two polls at the feed's busiest pace
_PASSES = 1 / 3
#: hours after which arrivals are no longer "in the last hour"; days after which a busy hour counts half
_LATELY, _FORGETS = 1.0, 3.0
#: an unchanged feed's interval grows to about a tenth of its silence; past the bound of lively feeds, to a hundredth:
#: an hour after a night without news, four hours after two weeks
_GROWTH, _SLOW_GROWTH = 1.1, 1.01


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds between two polls of a working feed: at least, at most."""

    least: float
    longest: float

    @property
    def lively(self) -> float:
        """The longest interval of a feed that publishes."""
        return max(self.least, self.longest / _LIVELY)

    def clamp(self, seconds: float) -> float:
        """The nearest interval within the bounds."""
        return min(max(seconds, self.least), self.longest)


@dataclass(frozen=True, slots=True)
class Reading:
    """A body that was read: `new` of its entries were unknown; the oldest of those is dated `oldest`."""

    document: FeedDocument
    new: int = 0
    oldest: datetime | None = None


def bounds_of(source: Source | None, settings: Settings) -> Bounds:
    """The bounds of a source: its own where it has them, else the settings'."""
    least = settings.poll_min if source is None or source.poll_min is None else source.poll_min
    longest = settings.poll_max if source is None or source.poll_max is None else source.poll_max
    if source is not None and source.poll_max is not None and source.poll_min is None:
        least = min(least, longest)
    return Bounds(least, max(least, longest))


def interval(feed: FeedState, reading: Reading | None, now: datetime, bounds: Bounds) -> float:
    """Seconds until the next poll. `feed` knows its pace up to now, and how many entries a body holds."""
    if reading is None:
        growth = _GROWTH if feed.interval < bounds.longest / _LIVELY else _SLOW_GROWTH
        return bounds.clamp(min(max(feed.interval, bounds.least) * growth, _until_too_much_passed(feed)))
    if overlap_lost(feed, reading):
        return bounds.clamp(feed.interval / 2)
    wanted = bounds.clamp(min(_rhythm(reading.document, now, bounds), _until_too_much_passed(feed)))
    if feed.reads == 0:
        # nothing tells how lively it is: soon, and from there as overlap allows
        return bounds.least if _tells_nothing(reading.document) else wanted
    # what overlap has shortened grows back step by step, and only while most of a body is known
    growth = 2 if reading.new <= _GROWS * len(reading.document.entries) else 1
    return min(wanted, max(feed.interval, bounds.least) * growth)


def overlap_lost(feed: FeedState, reading: Reading) -> bool:
    """Whether there may have been entries between the last two polls that we never saw."""
    return feed.reads > 0 and reading.new > _TOO_NEW * len(reading.document.entries)


def arrived(feed: FeedState, reading: Reading | None, now: datetime) -> tuple[float, float]:
    """`arrivals` and `pace` after a poll: new entries in the last hour, and in the busiest hour of late.

    Counted by what we found new, as many feeds date nothing, or everything alike. A batch found at once counts as an
    hour's work however short the gap was: a daily batch is no reason to come every five minutes. Of a feed whose first
    reading tells no rhythm, all of it may have come in the last hour.
    """
    if not feed.reads:
        start = float(len(reading.document.entries)) if reading and _tells_nothing(reading.document) else 0.0
        return start, start
    hours = max(0.0, (now - feed.last_read_at) / timedelta(hours=1)) if feed.last_read_at else 0.0
    passed = hours / _LATELY
    # found after hours, they came in some time between
    spread = (1 - math.exp(-passed)) / passed if passed > 0 else 1.0
    arrivals = feed.arrivals * math.exp(-passed) + (reading.new if reading else 0) * spread
    return arrivals, max(arrivals, feed.pace * 0.5 ** (hours / 24 / _FORGETS))


def _until_too_much_passed(feed: FeedState) -> float:
    """Seconds until as much of a body has passed as may, at the feed's busiest pace."""
    if not feed.body_entries or feed.pace <= 0:
        return math.inf
    return _PASSES * feed.body_entries / feed.pace * HOUR


def _rhythm(document: FeedDocument, now: datetime, bounds: Bounds) -> float:
    moments = _moments(document)
    if not moments:
        return bounds.lively
    idle = (now - moments[-1]) / timedelta(days=1)
    for days, divisor in _QUIET:
        if idle >= days:
            return bounds.clamp(bounds.longest / divisor)
    if len(moments) == 1:
        return bounds.lively
    mean = (moments[-1] - moments[0]).total_seconds() / (len(moments) - 1)
    return min(max(mean / 2, bounds.least), bounds.lively)


def _moments(document: FeedDocument) -> list[datetime]:
    """When something was published; a batch published at one moment is one publication."""
    return sorted({moment for entry in document.entries if (moment := entry.claimed_at or entry.updated_at)})


def _tells_nothing(document: FeedDocument) -> bool:
    """Whether several entries have no dates, or one for all."""
    return len(document.entries) > 1 and len(_moments(document)) < 2
