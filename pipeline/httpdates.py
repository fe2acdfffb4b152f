"""Moments in HTTP headers: when something ends, how long a host asks us to stay away. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_until(written: str, now: datetime) -> float | None:
    """Seconds until an HTTP date (RFC 9110, 5.6.7), less than 0 for a past one; None for what is none."""
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return None
    # the zone -0000 gives a naive time, which means UTC (RFC 5322, 3.3)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def asked_wait(written: str, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for (RFC 9110, 10.2.3: seconds or a date), however many; None when it does not.

    A date that is past asks for 0.
    """
    written = written.strip()
    if written.isdecimal():
        return float(written)
    seconds = seconds_until(written, now)
    return None if seconds is None else max(0.0, seconds)
