"""Feeds that are ours to poll and wait for a thread or their host; hosts to be left alone; lost feeds to look for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from pipeline import ingest, poll
from pipeline.flow import Flow
from pipeline.polling import Answered, Polled
from pipeline.runner.task import Does, Task
from pipeline.storage import feeds, hosts
from pipeline.types import FeedState, HostState

#: feeds taken at once for each thread: more than it polls between two looks
_TAKE = 8


class FeedQueue:
    """One engine's feeds. `start_on_host` starts a request, or gives the seconds after which to try again."""

    def __init__(self, flow: Flow, start_on_host: Callable[[Task, Does], float]) -> None:
        self._flow, self._start_on_host = flow, start_on_host
        self._taken: deque[FeedState] = deque()
        self._lost: deque[Task] = deque()
        self._hosts: dict[str, HostState] = {}

    def take(self, source: str | None) -> None:
        """Take feeds (of one source) that are due: a few of each host, none of hosts whose feeds already wait here."""
        settings, now = self._flow.settings, self._flow.clock.now()
        if len(self._taken) >= settings.fetch_threads:
            return
        with self._flow.store.write() as db:
            self._taken += feeds.take_due(
                db,
                now,
                limit=_TAKE * settings.fetch_threads,
                lease=settings.poll_lease,
                source=source,
                per_host=settings.host_concurrency,
                avoid={feed.host for feed in self._taken},
            )
            self._hosts = hosts.remarkable(db, now)
        self._drop_stopped(now)

    def start(self) -> float:
        """Start polls as threads and hosts allow; returns seconds until one of those that wait may start."""
        opening = float("inf")
        for _ in range(len(self._taken)):
            feed = self._taken.popleft()
            task = Task("poll", feed.id, feed.url, feed.host)
            wait_for = self._start_on_host(task, partial(_ask, feed, self._hosts.get(feed.host)))
            if wait_for > 0:
                self._taken.append(feed)
                opening = min(opening, wait_for)
        return opening

    def seek(self) -> float:
        """Look for what may replace the next lost feed; returns seconds to wait, 0 when it was started."""
        if not self._lost:
            return float("inf")
        wait_for = self._start_on_host(self._lost[0], ingest.seek_feed)
        if wait_for == 0:
            self._lost.popleft()
        return wait_for

    def settled(self, task: Task, answered: Answered, told: Polled) -> None:
        """What a feed answered is in the store: is it lost, does its host ask for patience?"""
        if told.lost:
            self._lost.append(Task("seek", task.id, task.url, task.host))
        if answered.verdict.stop:
            self._hosts_changed()

    def give_back(self, under_way: Sequence[int]) -> None:
        """End our leases: of the feeds that wait here, and of those whose polls are under way."""
        with self._flow.store.write() as db:
            feeds.release(db, [*under_way, *(feed.id for feed in self._taken)])

    def _hosts_changed(self) -> None:
        """A host asked for patience: ask the store which are to be left alone, before anything else is started."""
        now = self._flow.clock.now()
        with self._flow.store.read() as db:
            self._hosts = hosts.remarkable(db, now)
        self._drop_stopped(now)

    def _drop_stopped(self, now: datetime) -> None:
        """Give back feeds of hosts that were stopped since."""
        stopped = [feed for feed in self._taken if poll.stopped(self._hosts.get(feed.host), now)]
        if stopped:
            self._taken = deque(feed for feed in self._taken if feed not in stopped)
            with self._flow.store.write() as db:
                feeds.release(db, [feed.id for feed in stopped])


def _ask(feed: FeedState, host: HostState | None, flow: Flow, feed_id: int) -> Answered:
    return ingest.ask_feed(flow, feed, host)
