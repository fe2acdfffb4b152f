"""When a feed asks not to be polled: skipHours and skipDays of RSS, which feedparser keeps the last of only."""

from __future__ import annotations

import re

#: both belong to the channel and come before its items in any feed that means it
_HEAD = 64 * 1024
_HOURS = re.compile(rb"<skipHours>(.*?)</skipHours>", re.IGNORECASE | re.DOTALL)
_DAYS = re.compile(rb"<skipDays>(.*?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s*([a-z]+)\s*</day>", re.IGNORECASE)
_WEEK = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")


def skip_hours(body: bytes) -> frozenset[int]:
    """Hours of the day, 0 to 23 in UTC; RSS 0.91 writes midnight as 24."""
    written = _HOURS.search(body, 0, _HEAD)
    hours = [int(hour) for hour in _HOUR.findall(written[1])] if written else []
    return frozenset(hour % 24 for hour in hours if hour <= 24)


def skip_days(body: bytes) -> frozenset[int]:
    """Days of the week, 0 is Monday."""
    written = _DAYS.search(body, 0, _HEAD)
    days = [day.lower() for day in _DAY.findall(written[1])] if written else []
    return frozenset(_WEEK.index(day) for day in days if day in _WEEK)
