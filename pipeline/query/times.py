"""Dates and spans of time as a query writes them.

A date is a stretch of time: 2012 a year, 2012-06 a month, 2012-06-01 a day, 2012-06-01T14:30Z (or +02:00; UTC when no
zone is written) an instant. `A..B` goes from the beginning of A to the end of B; either may be left out. 7d, 24h, 2w
reach back from now.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.query.ast import Last, TimeField, Unit, Within
from pipeline.wording import Worded, worded

_DATE = re.compile(r"((?:19|20)\d\d)(?:-(\d\d)(?:-(\d\d))?)?")
_INSTANT = re.compile(r"(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?")
_BACK = re.compile(r"([1-9]\d{0,3})([hdw])")
_UNITS: dict[str, Unit] = {"h": "h", "d": "d", "w": "w"}
#: what a zone may push an instant out of
_YEARS = range(1900, 2100)
DATE_EXPECTED = worded("a date like 2012, 2012-06, 2012-06-01 or 2012-06-01T14:30Z")
BACK_EXPECTED = worded("a span of time like 24h, 7d or 2w")
#: of what takes either
EITHER_EXPECTED = worded("{date}, or {span}", date=DATE_EXPECTED, span=BACK_EXPECTED)


class TimeError(ValueError):
    """What was written is no time; the message says what was expected."""

    def __init__(self, expected: Worded) -> None:
        super().__init__(str(expected))
        self.expected = expected


def period(written: str) -> tuple[datetime, datetime]:
    """Read a date as [start, end) in UTC; an instant has no length. Raises TimeError."""
    try:
        if _INSTANT.fullmatch(written):
            moment = datetime.fromisoformat(written)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            if moment.year in _YEARS:
                return moment, moment
        if date := _DATE.fullmatch(written):
            return _stretch(int(date[1]), date[2], date[3])
    except ValueError:
        pass  # a month 13 or a 31 June is as little a date as any other word
    raise TimeError(DATE_EXPECTED)


def _stretch(year: int, month: str | None, day: str | None) -> tuple[datetime, datetime]:
    start = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return start, start + timedelta(days=1)
    if month and month != "12":
        return start, start.replace(month=start.month + 1)
    return start, datetime(year + 1, 1, 1, tzinfo=UTC)


def last(field: TimeField, written: str) -> Last:
    """Read how far back. Raises TimeError."""
    back = _BACK.fullmatch(written)
    if not back:
        raise TimeError(BACK_EXPECTED)
    return Last(field, int(back[1]), _UNITS[back[2]])


def time_of(field: TimeField, written: str) -> Within | Last:
    """Read what may stand after `published:` or `seen:`: a date, a range or a span back from now. Raises TimeError."""
    if _BACK.fullmatch(written):
        return last(field, written)
    first, dots, second = written.partition("..")
    if not dots:
        start, end = period(written)
        if start == end:
            raise TimeError(worded("a day, month or year, or a range A..B"))
        return Within(field, start, end)
    if not first and not second:
        raise TimeError(worded("a date before or after .."))
    since = period(first)[0] if first else None
    until = period(second)[1] if second else None
    if since and until and since >= until:
        raise TimeError(worded("a range from earlier to later"))
    return Within(field, since, until)


def write_time(condition: Within | Last) -> str:
    """Write the condition as a query would, field and all; `parse` reads it back to the same."""
    if isinstance(condition, Last):
        name = "last" if condition.field == "published" else condition.field
        return f"{name}:{condition.amount}{condition.unit}"
    start, end = condition.start, condition.end
    if condition.field == "published" and end is None and start is not None:
        return f"after:{_write(start)}"
    if condition.field == "published" and start is None and end is not None:
        return f"before:{_write(end)}"
    return f"{condition.field}:{_write(start) if start else ''}..{_write_end(end) if end else ''}"


def _write(moment: datetime) -> str:
    if moment.timetz().replace(tzinfo=None) == datetime.min.time():
        return moment.strftime("%Y-%m-%d")
    return moment.isoformat()


def _write_end(end: datetime) -> str:
    written = _write(end)
    return written if "T" in written else _write(end - timedelta(days=1))
