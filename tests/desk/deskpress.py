"""What tests of the desk call each other's fixtures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.fakes import NOW

#: (speaker, stance, when), and topic, role, country, source, sure where they matter -> the statement's id
Say = Callable[..., int]


def days_ago(number: float) -> datetime:
    """So many days before the clock of the tests begins."""
    return NOW - timedelta(days=number)
