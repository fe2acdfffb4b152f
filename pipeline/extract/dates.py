"""Dates as pages print them, to UTC: ISO in all its sloppiness, RFC 822, epochs, and words in es, en and pt.

A time without a zone is taken as UTC: the page does not say better. Nothing is guessed: what fits no form is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from pipeline.extract.lexicon import shipped

#: no news page is older; what claims to be is a default value
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
#: clocks differ and zones are forgotten
AHEAD = timedelta(days=1)

_TIME = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?\s?m\b\.?)?"
_ZONE = r"\s*(?P<zone>[+-]\d{2}:?\d{2}\b|[+-]\d{1,2}\b|\(?(?:utc|gmt)\s?[+-]\d{1,2}(?::\d{2})?|\(?[a-z]{1,4}\b)?"
_ISO = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?:[t\s,]+(?:{_TIME}{_ZONE})?|(?!\d))",
    re.I,
)
_COMPACT = re.compile(
    r"^(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:t?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<zone>z?))?$",
    re.I,
)
_NUMERIC = re.compile(r"(?<!\d)(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<year>\d{4})(?!\d)")
_AFTER = re.compile(rf"^\D{{0,12}}?{_TIME}{_ZONE}", re.I)
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?$")


@dataclass(frozen=True, slots=True)
class When:
    """A moment in UTC; `exact` when the page gave a time and its zone, and not only a day or a time somewhere."""

    at: datetime
    exact: bool


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    return shipped().month_numbers()


@lru_cache(maxsize=1)
def _worded() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Dates with the month in words, the day before it and after it."""
    month = rf"(?P<month>{'|'.join(sorted(map(re.escape, _months()), key=len, reverse=True))})\b\.?"
    year = r"(?:(?:de|del|of)\s+)?(?P<year>\d{4})(?!\d)"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|º|°|er)?"
    return (
        re.compile(rf"(?<!\d){day}\.?[\s,-]+(?:(?:de|of)\s+)?{month}[\s,-]+{year}", re.I),
        re.compile(rf"\b{month}\s+{day}\s*,?\s+{year}", re.I),
    )


def parse_date(text: str, *, month_first: bool = False) -> When | None:
    """The first date in `text`; `month_first` reads 5/6/2024 as the sixth of May. None when there is none."""
    text = text.strip()[:120]
    if not text or not any(char.isdigit() for char in text):
        return None
    if _EPOCH.match(text):
        return When(datetime.fromtimestamp(int(text[:10]), UTC), exact=True)
    for form in (_COMPACT, _ISO):
        found = form.search(text)
        if found:
            return _when(found.group("year"), found.group("month"), found.group("day"), found.groupdict())
    for form in _worded():
        found = form.search(text)
        if found:
            month = str(_months()[found.group("month").casefold()])
            return _when(found.group("year"), month, found.group("day"), _time_after(text[found.end() :]))
    return _numeric(text, month_first)


def _numeric(text: str, month_first: bool) -> When | None:
    found = _NUMERIC.search(text)
    if not found:
        return None
    a, b, time = found.group("a"), found.group("b"), _time_after(text[found.end() :])
    if int(a) > 12 or (int(b) <= 12 and not month_first):
        return _when(found.group("year"), b, a, time)
    return _when(found.group("year"), a, b, time)


def _time_after(rest: str) -> dict[str, str | None]:
    found = _AFTER.match(rest)
    return found.groupdict() if found else {}


def _when(year: str, month: str, day: str, time: dict[str, str | None]) -> When | None:
    hour, minute = int(time.get("hour") or 0), int(time.get("minute") or 0)
    half = (time.get("half") or "")[:1].lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        at = datetime(int(year), int(month), int(day), hour, minute, min(int(time.get("second") or 0), 59), tzinfo=UTC)
        distance = _offset(time.get("zone") or "")
        return When(at - (distance or timedelta()), exact=time.get("hour") is not None and distance is not None)
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timedelta | None:
    """A zone's distance from UTC; None for one we do not know."""
    found = _OFFSET.search(zone)
    if not found:
        hours = shipped().zones.get(zone.strip("( ").lower())
        return None if hours is None else timedelta(hours=hours)
    distance = timedelta(hours=int(found.group(2)), minutes=int(found.group(3) or 0))
    return -distance if found.group(1) == "-" else distance


_URL_DATE = re.compile(
    r"[/_-](?P<year>(?:19|20)\d\d)[/_-]?(?P<month>0[1-9]|1[0-2])[/_-]?(?P<day>0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
    r"|/(?P<year2>(?:19|20)\d\d)/(?P<month2>\d{1,2}|[a-z]{3,10})/(?P<day2>\d{1,2})(?=/|$)",
    re.I,
)


def url_date(url: str) -> When | None:
    """The day in an address such as /2024/05/31/ or /2024/may/31/ or -20240531-."""
    for found in _URL_DATE.finditer(url):
        year, month, day = (found.group(name) or found.group(name + "2") for name in ("year", "month", "day"))
        number = month if month.isdigit() else str(_months().get(month.casefold(), ""))
        when = _when(year, number, day, {}) if number else None
        if when:
            return when
    return None


def possible(when: When | None, seen_at: datetime) -> When | None:
    """The date, unless it is impossible: before 1990, or more than a day after the page was fetched."""
    return when if when is not None and EARLIEST <= when.at <= seen_at + AHEAD else None
