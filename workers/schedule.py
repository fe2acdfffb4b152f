"""The beat: looks every second what is due in the store, and sends it. What was lost is due again: this is the sweep.

It keeps nothing: a second beat only looks as well, and the store gives each row to one of them. Celery's own beat would
send messages that ask for a look: those pile up while nobody listens, or are thrown away by comparing clocks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from pipeline import checkup, tidying
from pipeline.errors import BrokerAway, StoreError
from pipeline.flow import Flow
from workers.bench import Bench
from workers.post import Post

log = logging.getLogger("vigia.beat")

#: seconds between two looks while the store or the broker is away
_AWAY = 2.0


class Beat:
    """One beat. `ticks` counts its looks that sent what was due."""

    def __init__(self, bench: Bench, post: Post, allowed: Callable[[], None] = lambda: None) -> None:
        """`allowed` raises StoreError while somebody is alone on the store."""
        self._bench, self._post, self._allowed = bench, post, allowed
        self._flow: Flow | None = None
        self._seen: datetime | None = None
        self._check_at = self._tidy_at = 0.0
        self._tidying: Iterator[tidying.Tidied] = iter(())
        self.ticks = 0

    def run(self, stop: threading.Event) -> None:
        """Look until `stop` is set. Whatever is away is waited for, and whoever is alone on the store."""
        while not stop.is_set():
            try:
                self.tick()
                pause = self._bench.settings.dispatch_every
            except (StoreError, BrokerAway) as error:
                log.warning("nothing can be sent now: %s", error)
                pause = _AWAY
            stop.wait(pause)

    def tick(self) -> None:
        """Look once. Raises StoreError, BrokerAway."""
        self._allowed()
        flow = self._flow = self._flow or self._begin()
        now = flow.clock.now()
        checkup.watch_the_clock(flow, now, self._seen)
        self._seen = now
        sends: tuple[Callable[[Flow], None], ...] = (
            self._post.deliveries,
            self._post.polls,
            self._post.fetches,
            self._post.pages,
        )
        for send in sends:
            send(flow)
        if flow.clock.monotonic() >= self._check_at:
            self._check_at = flow.clock.monotonic() + checkup.EVERY
            self._check(flow)
        self._tidy(flow)
        self.ticks += 1

    def _tidy(self, flow: Flow) -> None:
        """Once a day remove what need not be kept, a batch a tick, so that nothing waits for it."""
        if flow.clock.monotonic() >= self._tidy_at:
            self._tidy_at = flow.clock.monotonic() + tidying.EVERY
            self._tidying = tidying.tidy(flow)
        next(self._tidying, None)

    def _begin(self) -> Flow:
        flow = self._bench.catch_up()
        # the first check-up an hour after the start, once the sources had time to answer
        self._check_at = self._tidy_at = flow.clock.monotonic() + checkup.EVERY
        return flow

    def _check(self, flow: Flow) -> None:
        for change in checkup.check_sources(flow):
            seen = change.symptom
            log.warning("source %s: %s %s: %s", seen.source or "(all)", seen.kind, change.state, seen.sentence)
