"""What one process of workers works with, wired when it is first asked for: after a fork, never before."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis

from pipeline.analysis import Analyst
from pipeline.bootstrap import engine
from pipeline.clock import AgreedClock, Clock
from pipeline.dispatch import PATIENCE
from pipeline.flow import Flow, Observer, Unobserved
from pipeline.settings import Settings
from workers.gate import RedisGate, connect, server_time

log = logging.getLogger("vigia.workers")


def _as_agreed(clock: Clock) -> Clock:
    return clock


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is not as settings have it: for the newsroom and for tests, as `engine.wire` takes it."""

    catalogue: Path | None = None
    addresses: engine.Addresses | None = None
    #: makes the clock of the one that all workers agree on
    clock: Callable[[Clock], Clock] = _as_agreed
    analyst: Callable[[Settings], Analyst] = engine.load_analyst


class Bench:
    """The flow of this process, its analyst and its way to the broker."""

    def __init__(self, settings: Settings, around: Surroundings, observer: Observer | None = None) -> None:
        self.settings, self._around = settings, around
        self.observer = observer or Unobserved()
        self.redis: redis.Redis = connect(settings.broker_url)
        self._lock = threading.Lock()
        self._wiring: engine.Wiring | None = None
        self._analyst: Analyst | None = None

    @property
    def flow(self) -> Flow:
        """All that the steps need. Raises StoreError while the store is away."""
        with self._lock:
            self._wiring = self._wiring or self._wire()
            return self._wiring.flow

    @property
    def analyst(self) -> Analyst:
        """Reads pages. Loaded once, before children are forked, who share it."""
        with self._lock:
            self._analyst = self._analyst or self._around.analyst(self.settings)
            return self._analyst

    def catch_up(self) -> Flow:
        """The flow, once the store follows the catalogue: for the beat."""
        with self._lock:
            self._wiring = self._wire(catch_up=True)
            return self._wiring.flow

    def close(self) -> None:
        """Close what this process opened."""
        with self._lock:
            wiring, self._wiring = self._wiring, None
        if wiring is not None:
            wiring.close()
        self.redis.close()

    def _wire(self, *, catch_up: bool = False) -> engine.Wiring:
        settings, around = self.settings, self._around
        # a place at a host is kept for as long as a request may take, redirects and robots.txt included
        kept = max(settings.fetch_timeout, settings.feed_timeout) + PATIENCE + settings.lease_margin
        return engine.wire(
            settings,
            clock=around.clock(AgreedClock(server_time(self.redis))),
            catalogue=around.catalogue,
            addresses=around.addresses,
            gate=lambda hosts: RedisGate(
                self.redis, settings.host_gap, settings.host_concurrency, kept, hosts.limit_of
            ),
            observer=self.observer,
            catch_up=catch_up,
        )
