"""The per-host gate: how soon, and how many at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from pipeline.clock import Clock

#: hosts remembered before those at rest are forgotten
_HOSTS = 10_000


@dataclass(slots=True)
class _Host:
    next_at: float = 0.0
    inside: int = 0


class HostGate:
    """Lets at most `concurrency` requests at once into a host, their starts at least `gap` seconds apart."""

    def __init__(self, gap: float, concurrency: int, clock: Clock) -> None:
        self._gap, self._concurrency, self._clock = gap, concurrency, clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> float:
        """Take a place and return 0, or return the seconds after which it is worth asking again."""
        now = self._clock.monotonic()
        with self._lock:
            self._forget(now)
            state = self._hosts.setdefault(host, _Host())
            if state.inside >= self._concurrency:
                return max(state.next_at - now, self._gap, 0.05)
            if state.next_at > now:
                return state.next_at - now
            state.inside += 1
            state.next_at = now + self._gap
            return 0.0

    def leave(self, host: str) -> None:
        """Give the place back."""
        with self._lock:
            self._hosts[host].inside -= 1

    def _forget(self, now: float) -> None:
        if len(self._hosts) > _HOSTS:
            self._hosts = {name: host for name, host in self._hosts.items() if host.inside or host.next_at > now}
