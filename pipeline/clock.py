"""Time, passed in wherever it is needed."""

from __future__ import annotations

import time
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
