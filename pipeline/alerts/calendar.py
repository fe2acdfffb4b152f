"""When an alert that fires now is told: at once, at the end of quiet hours, with a digest. Pure: `now` is given."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from pipeline.types import AlertRule


def quiet_until(rule: AlertRule, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` lies in; None outside of them. Where the clock jumps, so do they."""
    if rule.quiet_hours is None:
        return None
    begin, end = rule.quiet_hours
    local = now.astimezone(ZoneInfo(rule.zone))
    if not _within(local.time(), begin, end):
        return None
    later = local.time() >= end
    return _at(local + timedelta(days=1) if later else local, end)


def _within(moment: time, begin: time, end: time) -> bool:
    if begin < end:
        return begin <= moment < end
    return moment >= begin or moment < end


def _at(day: datetime, moment: time) -> datetime:
    return day.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0, fold=0).astimezone(UTC)


def digest_due(rule: AlertRule, now: datetime) -> datetime:
    """When a digest that is begun now is told: after its window, or when its cron line says so next."""
    if isinstance(rule.digest, str):
        due = next(CronSim(rule.digest, now.astimezone(ZoneInfo(rule.zone)))).astimezone(UTC)
    else:
        due = now + timedelta(seconds=rule.digest or 0)
    return told_at(rule, due)


def told_at(rule: AlertRule, due: datetime) -> datetime:
    """`due`, or the end of the quiet hours it lies in. What is important does not wait for that."""
    if rule.importance == "high":
        return due
    return quiet_until(rule, due) or due
