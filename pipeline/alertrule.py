"""A standing question, as config/alerts.toml declares it; pipeline/types.py names it among the types of the flow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

#: what an alert may be told apart by
Facet = Literal["speaker", "topic", "country", "source", "lang", "role"]
Newness = Literal["statement", "position", "change"]
Importance = Literal["low", "normal", "high"]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A standing question, and how often its answers may be told."""

    name: str
    #: in the query language of pipeline/query
    query: str
    about: Literal["item", "statement"] = "statement"
    channels: tuple[str, ...] = ("terminal",)
    description: str = ""
    enabled: bool = True
    #: first report of a statement; first word of a speaker on a topic; a stance unlike the last one
    new: Newness = "statement"
    #: seconds in which what has the same key alerts once; 0: no limit
    realert: float = 0.0
    realert_key: tuple[Facet, ...] = ("speaker", "topic")
    #: seconds up to which `realert` may double; 0: it stays as it is
    realert_max: float = 0.0
    #: seconds that alerts are gathered for, or when they are told, as cron says it; None: each by itself
    digest: float | str | None = None
    digest_key: tuple[Facet, ...] = ()
    mute_until: datetime | None = None
    #: from when to when nothing is told, in `zone`; what fires then is told at the end
    quiet_hours: tuple[time, time] | None = None
    #: IANA name, for `quiet_hours` and `digest`
    zone: str = "UTC"
    #: told one by one within an hour; what is more comes in one summary; 0: no limit
    max_per_hour: int = 0
    importance: Importance = "normal"
