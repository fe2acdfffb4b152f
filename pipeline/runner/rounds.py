"""The feeds that one engine polls: taken a few of each host, asked on its threads, settled by the dozen.

Knows what is ours and what was answered; threads and the gate of hosts are the engine's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from pipeline import poll, polling
from pipeline.errors import StoreError
from pipeline.flow import Flow
from pipeline.polling import Answered, Polled
from pipeline.storage import feeds, hosts
from pipeline.types import FeedState, HostState

#: feeds taken at once for each thread: more than it polls between two looks
_TAKE = 8
#: answered polls that are settled together, and seconds that the first of them waits for the others
_TOGETHER, _WAIT = 16, 0.1

Ask = Callable[[Flow, int], Answered]


class Rounds:
    """One engine's polls. Not thread-safe: for the engine's own thread, but for what `start` hands out."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        #: ours, and kept waiting by their hosts or for a thread
        self._ours: deque[FeedState] = deque()
        #: how many of ours wait for their host
        self._gated = 0
        self._hosts: dict[str, HostState] = {}
        self._answered: list[Answered] = []
        self._settle_at = 0.0

    def take(self, now: datetime, source: str | None, due_by: datetime | None = None) -> None:
        """Take feeds that are due (of one source; since `due_by`): a few of each host, none of hosts that wait here."""
        settings = self._flow.settings
        # what waits for its host must not keep other hosts' feeds waiting
        if len(self._ours) - self._gated >= settings.fetch_threads:
            return
        with self._flow.store.write() as db:
            self._ours += feeds.take_due(
                db,
                now,
                limit=_TAKE * settings.fetch_threads,
                lease=settings.poll_lease,
                source=source,
                per_host=settings.host_concurrency,
                avoid={feed.host for feed in self._ours},
                due_by=due_by,
            )
            self._hosts = hosts.remarkable(db, now)
        self._drop_stopped(now)

    def start(self, begin: Callable[[FeedState, Ask], float], free: int) -> float:
        """Begin to ask feeds of ours, `free` at most; returns seconds until the host of one that waits lets it in.

        `begin` returns 0 where it began, else the seconds until the host is worth asking again.
        """
        opening, gated = float("inf"), 0
        for _ in range(len(self._ours)):
            if free <= 0:
                break
            feed = self._ours.popleft()
            wait_for = begin(feed, partial(_ask, feed, self._hosts.get(feed.host)))
            if wait_for > 0:
                self._ours.append(feed)
                opening, gated = min(opening, wait_for), gated + 1
            else:
                free -= 1
        self._gated = gated
        return opening

    def heard(self, answered: Answered) -> None:
        """Keep an answer until it is settled."""
        if not self._answered:
            self._settle_at = self._flow.clock.monotonic() + _WAIT
        self._answered.append(answered)

    def settle(self, *, more: bool) -> Iterator[tuple[Answered, Polled | Exception]]:
        """Settle what was answered, once there is enough of it; `more` says that other feeds are being asked.

        A transaction costs as much as settling two polls in it. What cannot be settled comes back with the exception.
        """
        if more and len(self._answered) < _TOGETHER and self._flow.clock.monotonic() < self._settle_at:
            return
        answered, self._answered = self._answered, []
        if not answered:
            return
        told = self._settled(answered)
        if any(each.verdict.stop for each in answered):
            self._look_at_hosts()
        yield from zip(answered, told, strict=True)

    def give_back(self, asked: Sequence[int]) -> None:
        """The engine ends: settle what was answered; what was not, and what is still `asked`, is anybody's."""
        for _ in self.settle(more=False):
            pass
        with self._flow.store.write() as db:
            feeds.release(db, [*asked, *(feed.id for feed in self._ours)])

    def _settled(self, answered: Sequence[Answered]) -> Sequence[Polled | Exception]:
        """All in one transaction; where that fails, one by one, so that one that cannot be settled fails alone."""
        try:
            return polling.settle_polls(self._flow, answered)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug in settling one feed must not stop the others; the engine says so
            if len(answered) == 1:
                return [error]
        return [told for each in answered for told in self._settled([each])]

    def _look_at_hosts(self) -> None:
        """A host asked for patience: ask which are to be left alone, before anything else is started."""
        now = self._flow.clock.now()
        with self._flow.store.read() as db:
            self._hosts = hosts.remarkable(db, now)
        self._drop_stopped(now)

    def _drop_stopped(self, now: datetime) -> None:
        """Give back feeds of hosts that were stopped since."""
        stopped = {feed.id for feed in self._ours if poll.stopped(self._hosts.get(feed.host), now)}
        if stopped:
            self._ours = deque(feed for feed in self._ours if feed.id not in stopped)
            with self._flow.store.write() as db:
                feeds.release(db, list(stopped))


def _ask(feed: FeedState, host: HostState | None, flow: Flow, _: int) -> Answered:
    return polling.ask_feed(flow, feed, host)
