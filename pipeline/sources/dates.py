"""Dates as outlets write them: ISO 8601, RFC 822, or words in Spanish, Portuguese and English."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LONGEST = 100
_CLOCK = r"(?:\D{1,20}(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]\.?\s?m\b)?)?"
_ZONE = re.compile(r":\d{2}\s*([+-])(\d{2}):?(\d{2})$")
#: "GMT+9", "UTC-05:00": most readers stop at the letters
_OFFSET_FROM_GMT = re.compile(r"\s*(?:GMT|UTC)\s*([+-])(\d{1,2})(?::?(\d{2}))?$")
_UTC = re.compile(r"\s*(?:UTC|GMT)$")
_HALF_DAY = re.compile(r"\d\s*[ap]\.?\s?m\b", re.IGNORECASE)
#: "15 de setiembre de 2012", "15 set 2012 10:30"
_DAY_FIRST = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|º|°)?[\s-]+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?[\s-]+(?:del?\s+)?(\d{4})" + _CLOCK,
    re.IGNORECASE,
)
#: "September 15, 2012", "Set. 15 de 2012"
_MONTH_FIRST = re.compile(
    r"\b([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:del?\s+)?(\d{4})" + _CLOCK, re.IGNORECASE
)
#: "27/06/2012 14:05", "6-27-2012"
_NUMBERS = re.compile(r"\b(\d{1,2})([/.-])(\d{1,2})\2(\d{4})\b" + _CLOCK, re.IGNORECASE)
#: the first letters tell the month apart in all three languages; setiembre is how Peru writes it
_MONTHS = {
    "ene": 1, "jan": 1, "feb": 2, "fev": 2, "mar": 3, "abr": 4, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7,
    "ago": 8, "aug": 8, "sep": 9, "set": 9, "oct": 10, "out": 10, "nov": 11, "dic": 12, "dec": 12, "dez": 12,
}  # fmt: skip


def read_date(written: str | None, now: datetime) -> datetime | None:
    """Read ISO 8601, RFC 822 or "15 de setiembre de 2012"; None for anything else and for impossible dates.

    A date without a zone is taken as UTC, one without a time as midnight. "27/6/2012" and "6/27/2012" are read, as one
    of the two numbers can be no month; "5/6/2012" is not.
    """
    text = (written or "").strip()
    if not text or len(text) > _LONGEST:
        return None
    if offset := _OFFSET_FROM_GMT.search(text):
        text = f"{text[: offset.start()]} {offset[1]}{offset[2]:0>2}{offset[3] or '00'}"
    return possible(_iso(text) or _rfc822(text) or _in_words(text), now)


def possible(moment: datetime | None, now: datetime) -> datetime | None:
    """The moment in UTC; None for an impossible one (before 1990, more than a day ahead): dropped, not clamped."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    try:
        aware = aware.astimezone(UTC)
    except OverflowError:
        return None
    return aware if _EARLIEST <= aware <= now + timedelta(days=1) else None


def _iso(text: str) -> datetime | None:
    try:
        # "2012-06-27 10:00:00 -0500" and "2012-06-27 10:00:00 UTC" are nearly ISO 8601
        return datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d\d|Z$)", "", _UTC.sub("Z", text)))
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    # the standard library's reader takes "3:05 p.m." for 3:05
    if _HALF_DAY.search(text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _in_words(text: str) -> datetime | None:
    if found := _DAY_FIRST.search(text):
        day, month, *rest = found.groups()
        number = _MONTHS.get(month[:3].lower())
    elif found := _MONTH_FIRST.search(text):
        month, day, *rest = found.groups()
        number = _MONTHS.get(month[:3].lower())
    elif found := _NUMBERS.search(text):
        first, _, other, *rest = found.groups()
        number, day = _told_apart(int(first), int(other))
    else:
        return None
    year, hour, minute, second, half = rest
    if number is None:
        return None
    try:
        time = _hour(hour, half), int(minute or 0), int(second or 0)
        return datetime(int(year), number, int(day), *time, tzinfo=_zone(text))
    except ValueError:
        return None


def _told_apart(first: int, other: int) -> tuple[int | None, int]:
    """Month and day of two numbers, where only one of them can be the month."""
    if first == other or first > 12:
        return other, first
    return (first, other) if other > 12 else (None, 0)


def _hour(hour: str | None, half: str | None) -> int:
    number = int(hour or 0)
    return number if not half else number % 12 + (12 if half[0].lower() == "p" else 0)


def _zone(text: str) -> timezone:
    found = _ZONE.search(text)
    if found is None:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)
