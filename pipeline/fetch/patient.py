"""A fetcher for one caller outside of the engine: keeps each host's distance by sleeping."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from pipeline.clock import Clock
from pipeline.types import Request, Response

#: seconds; a robots.txt that asks for more between two requests asks nobody to come
_DELAY_MAX = 60.0


class Fetches(Protocol):
    """What a fetcher can do: `Fetcher`, or a fake in tests."""

    def get(self, request: Request) -> Response:
        """Give the answer, whatever its status. Raises Retry and Never."""
        ...

    def crawl_delay(self, url: str) -> float | None:
        """Seconds that the host's robots.txt asks us to leave between requests, as far as it was read."""
        ...


class Patient:
    """Starts requests to one host `gap` seconds apart, or as far as its robots.txt asks. Thread-safe."""

    def __init__(self, fetcher: Fetches, clock: Clock, gap: float, sleep: Callable[[float], object]) -> None:
        self._fetcher, self._clock, self._gap, self._sleep = fetcher, clock, gap, sleep
        self._opens: dict[str, float] = {}
        self._lock = threading.Lock()

    def get(self, request: Request) -> Response:
        """Wait for the host's turn, then fetch. Raises Retry and Never."""
        host = urlsplit(request.url).hostname or ""
        pause = self._take_turn(host, request.url)
        if pause > 0:
            self._sleep(pause)
        return self._fetcher.get(request)

    def crawl_delay(self, url: str) -> float | None:
        """Seconds that the host's robots.txt asks us to leave between requests, as far as it was read."""
        return self._fetcher.crawl_delay(url)

    def _take_turn(self, host: str, url: str) -> float:
        """Take the host's next turn; returns the seconds until then."""
        # the robots.txt is read with a host's first request, so its wish holds from the third on
        gap = max(self._gap, min(self._fetcher.crawl_delay(url) or 0.0, _DELAY_MAX))
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._opens.get(host, 0.0))
            self._opens[host] = turn + gap
            return turn - now
