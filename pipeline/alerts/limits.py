"""How config/alerts.toml writes spans, hours, zones and digests: read into numbers, or refused. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_SPAN = re.compile(r"([1-9]\d{0,4})([mhdw])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")
#: any moment does: a line that never comes true within these years is refused
_ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)


class LimitError(ValueError):
    """What was written is no such thing; the message says what was expected."""


def span(written: str) -> float:
    """Seconds of `30m`, `12h`, `7d` or `2w`; 0 for nothing. Raises LimitError."""
    if not written:
        return 0.0
    found = _SPAN.fullmatch(written)
    if not found:
        raise LimitError("a span like 30m, 12h, 7d or 2w, or nothing")
    return float(int(found[1]) * _SECONDS[found[2]])


def hours(written: str) -> tuple[time, time] | None:
    """From when to when, of `22:00-07:00`; None for nothing. Raises LimitError."""
    if not written:
        return None
    found = _HOURS.fullmatch(written)
    if not found:
        raise LimitError("hours like 22:00-07:00, or nothing")
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begin == end:
        raise LimitError("hours that leave a part of the day; `enabled = false` switches a rule off")
    return begin, end


def zone(written: str) -> str:
    """The name of a time zone that is known here. Raises LimitError."""
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise LimitError("an IANA time zone like America/Lima or UTC") from None
    return written


def digest(written: str) -> float | str | None:
    """A window in seconds, or a cron line of five fields as written; None for nothing. Raises LimitError."""
    if not written or _SPAN.fullmatch(written):
        return span(written) or None
    try:
        if len(written.split()) == 5:
            next(CronSim(written, _ANY_DAY))
            return written
    except (CronSimError, StopIteration):
        pass
    raise LimitError('a window like 6h or a cron line like "0 7 * * 1-5" (minute hour day month weekday)')


def is_moment(written: object) -> bool:
    """Whether a value of TOML's is a date or time, or there is none."""
    return written is None or isinstance(written, date)


def moment(written: datetime | date | None, zone_name: str) -> datetime | None:
    """A time in UTC; a date, or a time without a zone, is the rule's zone's."""
    if written is None:
        return None
    if not isinstance(written, datetime):
        written = datetime.combine(written, time())
    local = written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone_name))
    return local.astimezone(UTC)


def until_moment(written: str, now: datetime) -> datetime:
    """A time to mute until: a span from `now`, a date or a time in ISO 8601 (UTC where it says no zone).

    Raises LimitError.
    """
    if _SPAN.fullmatch(written):
        return now + timedelta(seconds=span(written))
    try:
        told = datetime.fromisoformat(written)
    except ValueError:
        raise LimitError("a span like 12h or 7d, a date like 2012-07-01 or a time like 2012-07-01T08:00Z") from None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
