"""A fetcher for callers outside of the engine: waits at the gate of each host by sleeping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pipeline.fetch.address import web_address
from pipeline.fetch.gate import Gate
from pipeline.types import Request, Response


class Fetches(Protocol):
    """What a fetcher can do: `Fetcher`, or a fake in tests."""

    def get(self, request: Request) -> Response:
        """Give the answer, whatever its status. Raises Retry and Never."""
        ...


class Patient:
    """Fetches when the gate lets it in, which keeps the distance to everybody who passes the same gate. Thread-safe."""

    def __init__(self, fetcher: Fetches, gate: Gate, sleep: Callable[[float], object]) -> None:
        self._fetcher, self._gate, self._sleep = fetcher, gate, sleep

    def get(self, request: Request) -> Response:
        """Wait for the host's turn, then fetch. Raises Retry and Never."""
        # the host as the fetcher names it to the gate
        host = web_address(request.url).raw_host.decode("ascii")
        while (pause := self._gate.wait(host)) > 0:
            self._sleep(pause)
        try:
            return self._fetcher.get(request)
        finally:
            self._gate.leave(host)
