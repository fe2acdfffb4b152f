"""Time, passed in wherever it is needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day, and measures how long things take."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        return time.monotonic()


class ShiftedClock:
    """Ticks like the machine's clock, from another instant on: for the newsroom, which lives in June 2012."""

    def __init__(self, start: datetime) -> None:
        self._start, self._made = start.astimezone(UTC), time.monotonic()

    def now(self) -> datetime:
        """The start, plus the time since this clock was made."""
        return self._start + timedelta(seconds=time.monotonic() - self._made)

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        return time.monotonic()


class AgreedClock:
    """The time of day that `ask` tells, carried on by this machine's own measure and asked again every `every` seconds.

    Workers on many machines write moments into one store: they agree on the time of one server, and a machine whose
    clock is wrong, or is put right, does no harm. Where nobody answers, the last agreement stands.
    """

    def __init__(self, ask: Callable[[], datetime | None], every: float = 60.0) -> None:
        self._ask, self._every = ask, every
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        #: what was told, and when by our own measure
        self._told: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        with self._lock:
            ticks = time.monotonic()
            if ticks - self._asked_at >= self._every:
                self._asked_at = ticks
                told = self._ask()
                self._told = (told, time.monotonic()) if told else self._told
            if self._told is None:
                return datetime.now(UTC)
            moment, since = self._told
            return moment + timedelta(seconds=time.monotonic() - since)

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        return time.monotonic()
