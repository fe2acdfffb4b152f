"""A dry poll: what a feed answers now, what that means, and what to do about it. Nothing is written.

Unlike a poll it remembers nothing, so it sets no conditions and says what a person would want to know who looks after
config/sources.toml.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Literal
from urllib.parse import urlsplit

from pipeline.errors import AddressRefused, Disallowed, Never, NotAFeed, Retry, TooLarge
from pipeline.sources import Candidate, Hints, UrlKeys
from pipeline.sources.discovery import is_asleep, judge
from pipeline.sources.leads import Lead
from pipeline.sources.whole import Get, read_whole
from pipeline.types import FeedDocument, FeedKind, Request, Response

#: child sitemaps read of an index
_CHILDREN = 2
#: seconds between two looks whether all hosts are done
_TICK = 0.2

Verdict = Literal["ok", "warning", "failed"]
#: how many of these canonical addresses are new to the store
Unknown = Callable[[Collection[str]], int]


@dataclass(frozen=True, slots=True)
class Question:
    """A feed to check. `source` is empty and `kind` None for an address that no source declares."""

    source: str
    url: str
    kind: FeedKind | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one dry poll. `new` is None where there is no store to compare with."""

    source: str
    url: str
    verdict: Verdict
    #: HTTP status; None where there was no answer
    status: int | None
    kind: FeedKind | None = None
    entries: int = 0
    new: int | None = None
    newest: datetime | None = None
    #: shares of the entries, 0..1
    dated: float = 0.0
    full_text: float = 0.0
    #: allowed, forbidden, or unread where the host gave no robots.txt to obey
    robots: Literal["allowed", "forbidden", "unread"] = "allowed"
    #: seconds from the first byte sent to the last byte read
    elapsed: float | None = None
    trouble: str = ""
    #: what a person may do about it; empty when all is well
    advice: str = ""


@dataclass(frozen=True, slots=True)
class DryPoll:
    """What a dry poll needs."""

    get: Get
    now: datetime
    hints: Hints
    url_keys: UrlKeys
    max_entries: int
    unknown: Unknown | None = None


def check_all(
    dry: DryPoll, questions: Sequence[Question], threads: int, stop: threading.Event | None = None
) -> Iterator[tuple[int, Checked]]:
    """Check feeds, several hosts at once, each host's one after the other.

    Yields what came of each with its place in `questions`, as it comes. Once `stop` is set, requests under way are let
    end and nothing more is asked or yielded.
    """
    by_host: dict[str, list[int]] = {}
    for place, asked in enumerate(questions):
        by_host.setdefault(urlsplit(asked.url).hostname or "", []).append(place)
    done: SimpleQueue[tuple[int, Checked]] = SimpleQueue()
    # asked to by our caller, or left by it
    stop, left = stop or threading.Event(), threading.Event()

    def check_host(places: Sequence[int]) -> None:
        for place in places:
            if not (stop.is_set() or left.is_set()):
                done.put((place, check_feed(dry, questions[place])))

    pool = ThreadPoolExecutor(threads, thread_name_prefix="check")
    try:
        hosts = [pool.submit(check_host, places) for places in by_host.values()]
        while not stop.is_set() and (any(not host.done() for host in hosts) or not done.empty()):
            with suppress(Empty):
                yield done.get(timeout=_TICK)
        for host in hosts if not stop.is_set() else ():
            # a bug of ours in a thread is told here
            host.result()
    finally:
        left.set()
        pool.shutdown(cancel_futures=True)


def check_feed(dry: DryPoll, asked: Question) -> Checked:
    """Poll a feed without remembering anything. Never raises Retry or Never."""
    try:
        answer = dry.get(Request(asked.url, "feed"))
    except Disallowed as error:
        advice = "disable it, or ask the publisher"
        return Checked(asked.source, asked.url, "failed", None, robots="forbidden", trouble=str(error), advice=advice)
    except (Retry, Never) as error:
        is_robots = "robots.txt" in str(error)
        robots: Literal["unread", "allowed"] = "unread" if is_robots else "allowed"
        return Checked(
            asked.source, asked.url, "failed", None, robots=robots, trouble=str(error), advice=_remedy(error)
        )
    try:
        document = read_whole(dry.get, answer, now=dry.now, max_entries=dry.max_entries, children=_CHILDREN)
    except NotAFeed as error:
        trouble, advice = str(error), _mend(answer)
        return Checked(
            asked.source, asked.url, "failed", answer.status, elapsed=answer.elapsed, trouble=trouble, advice=advice
        )
    return _read(dry, asked, answer, document)


def _remedy(error: Retry | Never) -> str:
    """What to do where there was no answer."""
    if isinstance(error, Retry):
        return "try again later"
    if isinstance(error, TooLarge):
        return "raise VIGIA_FEED_MAX_BYTES, or look for a shorter feed of it"
    if isinstance(error, AddressRefused):
        return "not a public address: VIGIA_ALLOW_ADDRESSES lets in what is your own"
    return "correct the address"


def _mend(answer: Response) -> str:
    if answer.status in (401, 402, 403, 451):
        return "the host refuses us: ask the publisher, or disable it"
    if answer.status == 429 or answer.status >= 500:
        return "try again later"
    return "`vigia sources add` with the home page finds where it went"


def _read(dry: DryPoll, asked: Question, answer: Response, document: FeedDocument) -> Checked:
    found = judge(Lead(asked.url, "address given"), document, dry.now, dry.hints)
    advice = _advice(asked, answer, found, dry.now)
    keys = {dry.url_keys.key(entry.url) for entry in document.entries}
    if not found.entries:
        verdict: Verdict = "failed"
    else:
        verdict = "warning" if advice or document.trouble else "ok"
    return Checked(
        source=asked.source,
        url=asked.url,
        verdict=verdict,
        status=answer.status,
        kind=found.kind,
        entries=found.entries,
        new=dry.unknown(keys) if dry.unknown is not None else None,
        newest=found.newest,
        dated=found.dated,
        full_text=found.full_text,
        elapsed=answer.elapsed,
        trouble=document.trouble or "",
        advice=advice,
    )


def _advice(asked: Question, answer: Response, found: Candidate, now: datetime) -> str:
    """What to change in sources.toml, the weightiest first."""
    said = []
    if not found.entries:
        said.append("empty: look again in a day; news sitemaps are at times")
    if bool(answer.hops) and all(status in (301, 308) for status, _ in answer.hops):
        said.append(f"moved for good: `vigia sources move {asked.source or 'SLUG'} {asked.url} {answer.final_url}`")
    # an empty sitemap does not show of which kind it is
    if asked.kind not in (None, found.kind) and found.entries:
        said.append(f'write kind = "{found.kind.value}"')
    if found.newest is not None and is_asleep(found.newest, now):
        said.append(f"nothing new since {found.newest:%Y-%m-%d}: is there another?")
    return "; ".join(said)
