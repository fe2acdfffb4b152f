"""The embedded engine: the flow in one process tree, no broker.

    while not stopped:
        start what is due: deliveries, polls and fetches on threads, pages in reading processes
        wait until something ends (or comes due)
        settle what the reading processes found      # one writer: SQLite has one

All state is in the store: a killed engine starts where it was. Only one engine works on a store at a time.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

from pipeline import bundling, checkup, ingest, tidying
from pipeline.errors import Never, Retry, StoreError, Unreadable
from pipeline.flow import Flow
from pipeline.logs import bound
from pipeline.polling import Answered, Polled
from pipeline.reading import PagePool, result_of
from pipeline.runner.rounds import Rounds
from pipeline.runner.task import Does, Event, Step, Task
from pipeline.storage import alerts, entries, feeds, restraint
from pipeline.types import Analysis, Ending

log = logging.getLogger("vigia.runner")

#: longest sleep of an idle engine, in seconds: a feed added by another process is noticed that soon
_NAP = 5.0
#: longest wait for what is under way, in seconds: a stop is noticed that soon
_TICK = 0.5
#: seconds between two looks for polls and deliveries while pages are worked on
_LOOK = 0.1
#: waiting entries taken from the store at once, of one host and in all
_PER_HOST, _BACKLOG = 20, 400
#: pages handed to each reading process at once, so that none waits while others are being settled
_READ_AHEAD = 4
#: searches for lost feeds under way at once
_SEEKS = 2
#: what the number of a step's row is a number of
_ABOUT = {"poll": "feed", "seek": "feed", "fetch": "entry", "deliver": "delivery", "check": "check", "tidy": "tidying"}
#: seconds that requests under way get to end after a stop
GRACE = 10.0


class Runner:
    """One embedded engine. `watch` is told of everything that ends."""

    def __init__(self, flow: Flow, pool: PagePool, watch: Callable[[Event], None] = lambda event: None) -> None:
        self._flow, self._pool, self.watch = flow, pool, watch
        settings = flow.settings
        self._gate = flow.gate
        #: the only source to poll, if set
        self.source: str | None = None
        self._threads = ThreadPoolExecutor(settings.fetch_threads, thread_name_prefix="vigia")
        self._running: dict[Future[Any], Task] = {}
        self._look_at = self._refill_at = 0.0
        self._check_at = self._tidy_at = flow.clock.monotonic() + checkup.EVERY
        self._backlog: deque[tuple[int, str, str]] = deque()
        self._rounds = Rounds(flow)
        #: lost feeds to look for
        self._seeking: deque[Task] = deque()
        self._seen: datetime | None = None
        #: in a round: feeds that come due later are the next one's
        self._due_by: datetime | None = None
        self.endings: Counter[str] = Counter()
        self.hanging = 0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        self._due_by = None
        while not stop.is_set():
            opening = self._start_due()
            if not self._running:
                # asking the store what comes next is not worth a wait as short as that
                stop.wait(opening if opening < _TICK else min(self._until_due(), opening, _NAP))
            self._finish(min(opening, _TICK) if self._running else 0)

    def round(self, stop: threading.Event, patience: float = 0.0) -> None:
        """Poll what is due now and work until nothing comes of it within `patience` seconds.

        Then ask how the sources are, and tell. What comes due meanwhile is the next round's, so each one ends.
        """
        checked, self._due_by = False, self._flow.clock.now()
        while not stop.is_set():
            opening = self._start_due()
            if not self._running:
                pause = opening if opening < float("inf") else self._until_due()
                if pause > patience and opening == float("inf"):
                    if checked:
                        return
                    checked, self._check_at, pause = True, float("-inf"), 0.0
                stop.wait(pause)
            self._finish(min(opening, _TICK) if self._running else 0)

    def take_over(self) -> None:
        """Release what a dead engine had taken: for who holds the store's lock, and so knows that it is dead."""
        with self._flow.store.write() as db:
            feeds.release(db)

    def make_due(self) -> None:
        """Make every active feed (of `source`, if set) due now."""
        with self._flow.store.write() as db:
            feeds.make_due(db, self._flow.clock.now(), self.source)

    def close(self) -> None:
        """Give requests under way GRACE seconds, kill the reading processes, forget the rest: it is in the store."""
        on_threads = [future for future, task in self._running.items() if task.step != "read"]
        wait(on_threads, timeout=GRACE)
        self._pool.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for task in self._running.values():
            if task.host is not None:
                self._gate.leave(task.host)
        #: requests that would not end: whoever owns the process need not wait for them
        self.hanging = sum(not future.done() for future in on_threads)
        self._rounds.give_back([task.id for task in self._running.values() if task.step == "poll"])

    # --- starting -----------------------------------------------------------------------------------------------------

    def _start_due(self) -> float:
        """Start what may start now; returns seconds until a host that keeps us waiting takes the next request."""
        now = self._flow.clock.now()
        busy = {(task.step, task.id) for task in self._running.values()}
        self._start_reading(now, busy)
        # polls first: an outlet's backlog of pages must not keep its news waiting
        opening = min(self._start_polls(), self._start_fetches(now, busy))
        self._start_seeking()
        if self._running and self._flow.clock.monotonic() < self._look_at:
            return min(opening, _LOOK)
        # asking what else is due costs as much as a page, and nothing of it is urgent
        self._look_at = self._flow.clock.monotonic() + _LOOK
        checkup.watch_the_clock(self._flow, now, self._seen)
        self._seen = now
        self._start_checkup()
        self._start_tidying()
        self._start_deliveries(now)
        self._rounds.take(now, self.source, self._due_by)
        return min(opening, self._start_polls())

    def _free_threads(self) -> int:
        on_threads = sum(task.step != "read" for task in self._running.values())
        return self._flow.settings.fetch_threads - on_threads

    def _start_deliveries(self, now: datetime) -> None:
        bundling.tell_due(self._flow)
        with self._flow.store.read() as db:
            waiting = alerts.next_of_each(db, now)
        # one at a time for each: alerts reach a channel in the order they fired, and a dead one delays no other
        taken = {task.url for task in self._running.values() if task.step == "deliver"}
        for channel, delivery_id in waiting.items():
            if channel not in taken and self._free_threads() > 0:
                self._submit(Task("deliver", delivery_id, channel, None), ingest.deliver_alert)

    def _start_checkup(self) -> None:
        """Ask every hour how the sources are; the first time an hour after the start, once they had time to answer."""
        if self._flow.clock.monotonic() >= self._check_at:
            self._check_at = self._flow.clock.monotonic() + checkup.EVERY
            self._submit(Task("check", 0, "", None), lambda flow, _: checkup.check_sources(flow))

    def _start_tidying(self) -> None:
        """Remove once a day what need not be kept any longer."""
        if self._flow.clock.monotonic() >= self._tidy_at:
            self._tidy_at = self._flow.clock.monotonic() + tidying.EVERY
            self._submit(Task("tidy", 0, "", None), lambda flow, _: tidying.tidy_all(flow))

    def _start_reading(self, now: datetime, busy: set[tuple[Step, int]]) -> None:
        reading = sum(task.step == "read" for task in self._running.values())
        wanted = _READ_AHEAD * self._pool.workers
        if reading >= wanted:
            return
        with self._flow.store.read() as db:
            waiting = [i for i in entries.to_process(db, now, wanted * 2) if ("read", i) not in busy]
        for entry_id in waiting[: wanted - reading]:
            self._start_page(entry_id)

    def _start_page(self, entry_id: int) -> None:
        try:
            page, keep_all = ingest.page_of(self._flow, entry_id)
        except KeyError as error:
            ingest.settle(self._flow, entry_id, Unreadable(str(error)))
            return
        future = self._pool.read(page, keep_all=keep_all)
        self._running[future] = Task("read", entry_id, page.url, None)

    def _start_polls(self) -> float:
        """Start polls as threads and hosts allow; returns seconds until one of those that wait may start."""
        return self._rounds.start(
            lambda feed, ask: self._start_on_host(Task("poll", feed.id, feed.url, feed.host), ask),
            self._free_threads(),
        )

    def _start_seeking(self) -> None:
        """Look for what may replace lost feeds, few at a time: each may take a thread for minutes."""
        under_way = sum(task.step == "seek" for task in self._running.values())
        for _ in range(min(_SEEKS - under_way, self._free_threads(), len(self._seeking))):
            self._submit(self._seeking.popleft(), ingest.seek_feed)

    def _start_fetches(self, now: datetime, busy: set[tuple[Step, int]]) -> float:
        if not self._backlog or self._flow.clock.monotonic() >= self._refill_at:
            # not only when it is empty: a slow host's entries must not keep the others' waiting
            self._refill_at = self._flow.clock.monotonic() + _NAP
            with self._flow.store.read() as db:
                found = entries.to_fetch(db, now, _PER_HOST, _BACKLOG)
            self._backlog = deque(entry for entry in found if ("fetch", entry[0]) not in busy)
        opening = float("inf")
        for _ in range(len(self._backlog)):
            entry_id, host, url = self._backlog.popleft()
            wait_for = self._start_on_host(Task("fetch", entry_id, url, host), ingest.fetch_entry)
            if wait_for > 0:
                self._backlog.append((entry_id, host, url))
                opening = min(opening, wait_for)
        return opening

    def _start_on_host(self, task: Task, step: Does) -> float:
        """Start a request unless threads or host are busy; returns seconds to wait, 0 when it was started."""
        if self._free_threads() <= 0:
            return _NAP
        wait_for = self._gate.wait(task.host or "")
        if wait_for == 0:
            self._submit(task, step)
        return wait_for

    def _submit(self, task: Task, step: Does) -> None:
        self._running[self._threads.submit(_named, task, step, self._flow)] = task

    # --- finishing ----------------------------------------------------------------------------------------------------

    def _finish(self, patience: float) -> None:
        """Wait up to `patience` seconds for something to end, and conclude all that has."""
        done, _ = wait(self._running, timeout=patience, return_when=FIRST_COMPLETED)
        ended = [(self._running.pop(future), future) for future in done]
        for task, future in ended:
            if task.host is not None:
                self._gate.leave(task.host)
            if _is_answered(task, future):
                self._rounds.heard(future.result())
            elif task.step != "read":
                self._conclude(task, future)
        self._settle([(task, future) for task, future in ended if task.step == "read"])
        more = any(task.step == "poll" for task in self._running.values())
        for answered, told in self._rounds.settle(more=more):
            self._told(answered, told)

    def _told(self, answered: Answered, told: Polled | Exception) -> None:
        feed_id, url = answered.feed_id, answered.asked.url
        if isinstance(told, Exception):
            self._failed(Task("poll", feed_id, url, None), told)
        elif told.lost and not self._is_sought(feed_id):
            # each of its requests waits at the gate by itself, and a place kept for all of them might be the last
            self._seeking.append(Task("seek", feed_id, url, None))
        self.watch(Event("poll", feed_id, None if isinstance(told, Exception) else told, None, url))

    def _is_sought(self, feed_id: int) -> bool:
        return any(task.id == feed_id for task in (*self._seeking, *self._running.values()) if task.step == "seek")

    def _conclude(self, task: Task, future: Future[Any]) -> None:
        if task.step in ("check", "tidy"):
            self._report(task, future)
            return
        ending = None
        if (error := future.exception()) is not None:
            ending = self._failed(task, error)
        elif task.step == "seek":
            found = future.result()
            words = f"{found} may replace it: see `vigia sources`" if found else "nothing was found that may replace it"
            log.warning("feed %s is lost; %s", task.url, words)
        elif task.step == "fetch":
            ending = future.result()
        elif not future.result():
            log.warning("delivery %s was not sent; `vigia alerts` says why", task.id)
        self._tell(task, ending)

    def _tell(self, task: Task, ending: Ending | None) -> None:
        if ending is not None:
            self.endings[ending.outcome] += 1
        self.watch(Event(task.step, task.id, None, ending, task.url))

    def _report(self, task: Task, future: Future[Any]) -> None:
        """Say what a check-up found; one that fails is tried again in an hour, tidying up in a day."""
        if isinstance(error := future.exception(), Exception) and not isinstance(error, StoreError):
            log.error("%s failed", "tidying up" if task.step == "tidy" else "check-up of the sources", exc_info=error)
            return
        if task.step == "tidy":
            removed: tidying.Tidied = future.result()
            log.info("tidied up: %d pages and %d off-topic entries removed", removed.pages, removed.entries)
            return
        for change in future.result():
            seen = change.symptom
            log.warning("source %s: %s %s: %s", seen.source or "(all)", seen.kind, change.state, seen.sentence)

    def _settle(self, read: Sequence[tuple[Task, Future[Any]]]) -> None:
        """Settle the pages that were read meanwhile in one transaction: committing costs as much as settling."""
        found = [(task, result_of(future, task.url)) for task, future in read]
        try:
            endings = ingest.settle_all(self._flow, [(task.id, what) for task, what in found]) if found else []
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - whose fault it is comes out when each is settled alone
            endings = [self._settle_alone(task, what) for task, what in found]
        for (task, _), ending in zip(found, endings, strict=True):
            self._tell(task, ending)

    def _settle_alone(self, task: Task, found: Analysis | Retry | Never) -> Ending | None:
        """Settle a page; one that our own code cannot settle must not stop the others, now or at the next start."""
        try:
            return ingest.settle(self._flow, task.id, found)
        except StoreError:
            raise
        except Exception as error:
            log.exception("settling %s failed", task.url)
            return ingest.settle(self._flow, task.id, Unreadable(f"{task.url}: {type(error).__name__}: {error!a}"))

    def _failed(self, task: Task, error: BaseException) -> Ending | None:
        """A step itself failed, which no answer from outside may cause: say so, put it away visibly, never loop."""
        if isinstance(error, StoreError) or not isinstance(error, Exception):
            raise error
        log.error("%s %s failed", task.step, task.url or task.id, exc_info=error)
        words = f"{type(error).__name__}: {error}"
        if task.step == "fetch":
            return ingest.settle(self._flow, task.id, Unreadable(f"{task.url}: {words}"))
        with self._flow.store.write() as db:
            if task.step in ("poll", "seek"):
                later = self._flow.clock.now() + timedelta(seconds=self._flow.settings.poll_failure_cap)
                feeds.postpone(db, task.id, words, later)
            else:
                alerts.failed(db, task.id, words, None)
        return None

    def _until_due(self) -> float:
        """Seconds until the store has something to do."""
        with self._flow.store.read() as db:
            now = self._flow.clock.now()
            moments = [entries.next_try(db, now), alerts.next_try(db), restraint.next_due(db)]
            poll_at = feeds.next_due(db, self.source, now)
        if poll_at is not None and (self._due_by is None or poll_at <= self._due_by):
            moments.append(poll_at)
        return min(
            (max(0.0, (at - now) / timedelta(seconds=1)) for at in moments if at is not None), default=float("inf")
        )


def _named(task: Task, step: Does, flow: Flow) -> Any:
    """Do a step; every line that it logs says what it is about."""
    with bound(**{_ABOUT[task.step]: task.id}):
        return step(flow, task.id)


def _is_answered(task: Task, future: Future[Any]) -> bool:
    """Whether a feed was asked: what it answered is settled with what others did."""
    return task.step == "poll" and future.exception() is None
