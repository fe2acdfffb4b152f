"""What an engine does, piece by piece, and what it tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.flow import Flow
from pipeline.polling import Polled
from pipeline.types import Ending

Step = Literal["poll", "seek", "fetch", "read", "deliver", "check", "tidy"]
#: does a step for the row of an id
Does = Callable[[Flow, int], Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something ended: for progress lines and tests. `ending` is set when an entry ended."""

    step: Step
    id: int
    polled: Polled | None = None
    ending: Ending | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Something under way: a step, the row it is about, and the host whose gate it passed, if it passed one."""

    step: Step
    id: int
    url: str
    host: str | None
