"""What an answer to a poll, or what kept us from one, means for the feed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.errors import Blocked, Disallowed, Gone, Never, NotAFeed, RateLimited, Retry
from pipeline.poll.hints import freshness, retry_after
from pipeline.settings import Settings
from pipeline.types import FeedState, Request, Response

#: a permanent redirect must be seen in so many polls in a row before the address is rewritten
MOVES_SEEN = 3
#: weights of failures (Media Cloud): hard 1, those that often pass by themselves less
HARD, SOFT = 1.0, 0.5
_SOFT_STATUSES = (404, 408, 425, 429)
_REFUSALS = (401, 402, 403, 451)

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
    #: the host refuses us: a status that says so, or a challenge for browsers
    refused: bool = False
    #: no feed stands there: 404, or something else than a feed
    missing: bool = False
    #: the host as a whole asks for patience: 429, or 503 with Retry-After
    stop: bool = False


def request_for(feed: FeedState, settings: Settings, *, distrusted: bool = False) -> Request:
    """The next request of a feed: conditional, but not always, and not to hosts whose 304s are `distrusted`."""
    every = settings.poll_unconditional_every
    if distrusted or (every > 0 and feed.polls % every == every - 1):
        return Request(feed.url, "feed")
    return Request(feed.url, "feed", feed.etag, feed.last_modified)


def interpret(feed: FeedState, asked: Request, answer: Response | Retry | Never, now: datetime) -> Verdict:
    """Say what an answer, or what kept us from one, means for the feed."""
    if isinstance(answer, Gone):
        return Verdict("retired", str(answer), 410)
    if isinstance(answer, Retry | Never):
        return _kept_from(answer)
    if answer.status == 304:
        return _not_modified(feed, asked, answer, now)
    if answer.status == 410:
        return Verdict("retired", f"{answer.url}: the host says that this feed is gone for good (410)", 410)
    if answer.status != 200:
        return _refused(answer, now)
    return _answered(feed, answer, now)


def _kept_from(error: Retry | Never) -> Verdict:
    return Verdict(
        "failed",
        str(error),
        weight=SOFT if isinstance(error, Retry | Disallowed | NotAFeed) else HARD,
        wait=getattr(error, "after", None),
        refused=isinstance(error, Blocked),
        missing=isinstance(error, NotAFeed),
        stop=isinstance(error, RateLimited),
    )


def _not_modified(feed: FeedState, asked: Request, answer: Response, now: datetime) -> Verdict:
    if asked.etag is None and asked.last_modified is None:
        return Verdict("failed", f"{answer.url}: expected the feed, as we set no condition, got 304", 304, SOFT)
    return Verdict(
        "unchanged",
        _notice(feed, answer, "not modified"),
        304,
        wait=freshness(answer.headers, now),
        etag=answer.headers.get("etag", feed.etag),
        last_modified=answer.headers.get("last-modified", feed.last_modified),
        body_hash=feed.body_hash,
        moved_to=_moved_to(answer),
    )


def _refused(answer: Response, now: datetime) -> Verdict:
    soft = answer.status in _SOFT_STATUSES or answer.status >= 500
    refused = answer.status in _REFUSALS
    words = "refuses us" if refused else "did not give the feed"
    wait = retry_after(answer, now)
    return Verdict(
        "failed",
        f"{answer.url}: the host {words}: expected 200, got {answer.status}",
        answer.status,
        SOFT if soft else HARD,
        wait,
        refused=refused,
        missing=answer.status == 404,
        stop=answer.status == 429 or (answer.status == 503 and wait is not None),
    )


def _answered(feed: FeedState, answer: Response, now: datetime) -> Verdict:
    body_hash = hashlib.sha256(answer.body).hexdigest()
    same = body_hash == feed.body_hash
    return Verdict(
        kind="unchanged" if same else "read",
        notice=_notice(feed, answer, "same body" if same else ""),
        status=200,
        wait=freshness(answer.headers, now),
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
    moved = f"moved for good to {target}, seen {moves(feed, target)} of {MOVES_SEEN} times"
    return f"{words}; {moved}" if words else moved


def moves(feed: FeedState, target: str) -> int:
    """Polls in a row that were sent to this target, the present one included."""
    return feed.moved_seen + 1 if target == feed.moved_to else 1
