"""What a reprocessing is asked for: which items, which part of what was read, and what may come of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, get_args

from pipeline.query.times import EITHER_EXPECTED, TimeError, last, period

Part = Literal["topics", "statements", "extraction"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the call. Two that are written alike are the same call, also a day later."""

    #: a date, or how far back from now
    since: str = ""
    until: str = ""
    source: str | None = None
    query: str = ""
    #: None: all of it
    only: Part | None = None
    alert: bool = False
    off_topic: bool = False

    @property
    def written(self) -> str:
        """As the store keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    def wants(self, part: Part) -> bool:
        """Whether this part is to be brought up to date."""
        return self.only in (None, part)


def start_of(written: str, now: datetime) -> datetime | None:
    """The first moment asked for, by a date or as so far back from `now`; None: any. Raises TimeError."""
    if not written:
        return None
    try:
        return now - last("published", written).span
    except TimeError:
        pass
    try:
        return period(written)[0]
    except TimeError:
        raise TimeError(EITHER_EXPECTED) from None


def end_of(written: str) -> datetime | None:
    """The first moment not asked for any more, the end of a date; None: any. Raises TimeError."""
    return period(written)[1] if written else None
