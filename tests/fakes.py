"""Fakes for the edges: a clock set by hand, a network that answers what a test says. The database is always real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from pipeline.errors import ConnectFailed
from pipeline.types import Message, Request, Response

NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)


class ManualClock:
    """Stands still until told to go on."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now, self._ticks = now, 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._ticks

    def forward(self, seconds: float = 0.0, **more: float) -> None:
        step = timedelta(seconds=seconds, **more)
        self._now += step
        self._ticks += step.total_seconds()

    def put_back(self, **step: float) -> None:
        """Somebody sets the time of day; what is measured goes on."""
        self._now -= timedelta(**step)


Answer = Response | Exception | Callable[[Request], Response]


class FakeWeb:
    """Answers by URL; what it does not know cannot be reached. Remembers what was asked."""

    def __init__(self, clock: ManualClock, answers: Mapping[str, Answer] | None = None) -> None:
        self.clock, self.answers, self.asked = clock, dict(answers or {}), list[Request]()

    def get(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers.get(request.url, ConnectFailed(f"{request.url}: refused"))
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Response) else answer(request)

    def says(self, url: str, body: bytes | str, status: int = 200, **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[url] = Response(url, url, status, named, raw, self.clock.now(), 0.1)


class Inbox:
    """A channel that keeps what it is sent, or fails as told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.failure: Exception | None = None

    def send(self, message: Message) -> None:
        if self.failure is not None:
            raise self.failure
        self.messages.append(message)
