"""What hosts and feeds ask for: how long an answer is fresh, how long to stay away, when not to come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from pipeline.httpdates import asked_wait, seconds_until
from pipeline.types import Response

_HOURS, _DAYS = 24, 7


def freshness(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the host calls its answer fresh: Cache-Control's max-age, else Expires."""
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-cache", "no-store"):
            return None
        if name == "max-age" and value.strip('"').isdecimal():
            return float(value.strip('"'))
    expires = headers.get("expires")
    seconds = seconds_until(expires, now) if expires else None
    return seconds if seconds is not None and seconds > 0 else None


def retry_after(answer: Response, now: datetime) -> float | None:
    """Seconds the host asks us to stay away; None when it does not, or only until now."""
    return asked_wait(answer.headers.get("retry-after", ""), now) or None


def open_moment(due: datetime, skip_hours: Collection[int], skip_days: Collection[int]) -> datetime:
    """The first moment from `due` on, hour by hour, at which the publisher lets us come (RSS 2.0: skipHours, skipDays).

    At most a day later: who is closed all week end is still looked at once a day, and who is closed always is not
    believed. The minute is kept, so that feeds do not all come at the stroke of the hour.
    """
    if len(skip_hours) >= _HOURS or len(skip_days) >= _DAYS:
        return due
    for hours in range(_HOURS):
        moment = due + timedelta(hours=hours)
        if moment.hour not in skip_hours and moment.weekday() not in skip_days:
            return moment
    return due + timedelta(hours=_HOURS)
