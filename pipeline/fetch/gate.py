"""The per-host gate: how soon, and how many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pipeline.clock import Clock

#: hosts remembered before those at rest are forgotten
_HOSTS = 10_000
#: weight of the newest answer in the mean time that a host takes (story-indexer's)
ALPHA = 0.25
#: seconds; a host that takes less is not slow, whatever the gap
SLOW = 1.0


class Gate(Protocol):
    """Keeps our distance to hosts: of one process (`HostGate`), or of all workers that share a Redis."""

    def wait(self, host: str) -> float:
        """Take a place and return 0, or return the seconds after which it is worth asking again."""
        ...

    def leave(self, host: str) -> None:
        """Give the place back."""
        ...

    def sent(self, host: str) -> None:
        """A request to the host begins now, whether it waited here or not."""
        ...

    def answered(self, host: str, seconds: float) -> None:
        """A request to the host is over, with an answer or without, after so many seconds."""
        ...

    def widen(self, host: str, seconds: float) -> None:
        """The host asks for so many seconds between two requests."""
        ...


@dataclass(slots=True)
class _Host:
    #: when the last request to it began, those that nobody queued for included
    started: float = float("-inf")
    inside: int = 0
    #: moving mean of the seconds that its answers take
    takes: float = 0.0
    #: seconds between two requests that its robots.txt asks for
    asked: float = 0.0


class HostGate:
    """Lets at most `concurrency` requests at once into a host, their starts at least `gap` seconds apart.

    The gap is wider where robots.txt asks for more, and where answers take longer than the gap: a slow host has about
    one request of ours under way. Requests that follow from another (redirects, robots.txt, child sitemaps) do not wait
    at the gate, but `sent` tells it of them, and the next one that does wait keeps its distance to them. `limit_of`
    names what a host shares its limit with; most share it with nobody.
    """

    def __init__(
        self, gap: float, concurrency: int, clock: Clock, limit_of: Callable[[str], str] = lambda host: host
    ) -> None:
        self._gap, self._concurrency, self._clock, self._limit_of = gap, concurrency, clock, limit_of
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> float:
        """Take a place and return 0, or return the seconds after which it is worth asking again."""
        now = self._clock.monotonic()
        with self._lock:
            state = self._state(host, now)
            rest = state.started + self._interval(state) - now
            if state.inside >= self._concurrency:
                return max(rest, self._gap, 0.05)
            if rest > 0:
                return rest
            state.inside += 1
            state.started = now
            return 0.0

    def leave(self, host: str) -> None:
        """Give the place back."""
        with self._lock:
            self._hosts[self._name(host)].inside -= 1

    def sent(self, host: str) -> None:
        """A request to the host begins now, whether it waited here or not."""
        now = self._clock.monotonic()
        with self._lock:
            self._state(host, now).started = now

    def answered(self, host: str, seconds: float) -> None:
        """A request to the host is over, with an answer or without, after so many seconds."""
        with self._lock:
            state = self._state(host, self._clock.monotonic())
            state.takes = seconds if not state.takes else state.takes + ALPHA * (seconds - state.takes)

    def widen(self, host: str, seconds: float) -> None:
        """The host asks for so many seconds between two requests."""
        with self._lock:
            self._state(host, self._clock.monotonic()).asked = seconds

    def _interval(self, state: _Host) -> float:
        return max(self._gap, state.asked, state.takes if state.takes > SLOW else 0.0)

    def _state(self, host: str, now: float) -> _Host:
        if len(self._hosts) > _HOSTS:
            self._hosts = {
                name: state
                for name, state in self._hosts.items()
                if state.inside or state.started + self._interval(state) > now
            }
        return self._hosts.setdefault(self._name(host), _Host())

    def _name(self, host: str) -> str:
        """A host is one host with and without the root's dot."""
        return self._limit_of(host.rstrip(".").lower())
