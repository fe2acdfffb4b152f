"""Days of an invented source, made of what it published in each hour, for tests of its health."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from pipeline.health import Change, SourceDay, Symptom, judge

#: a Monday
START = datetime(2012, 1, 2, tzinfo=UTC)
REACH = 4 * 3600.0


def made(
    weeks: float,
    news: Callable[[int, int], int],
    *,
    asked: Callable[[int], bool] = lambda hour: True,
    answered: Callable[[int], bool] = lambda hour: True,
    source: str = "diario",
) -> list[SourceDay]:
    """Days in which `news(day, hour of the day)` entries came in each hour that we asked and were answered."""
    days = []
    for day in range(round(weeks * 7)):
        numbers = {hour: news(day, hour) for hour in range(24)}
        ours = [hour for hour in range(24) if asked(day * 24 + hour)]
        heard = [hour for hour in ours if answered(day * 24 + hour)]
        days.append(
            SourceDay(
                source,
                (START + timedelta(days=day)).date(),
                hours_asked=mask(ours),
                hours_answered=mask(heard),
                hours_news=mask([hour for hour in heard if numbers[hour]]),
                polls=len(ours),
                polls_failed=len(ours) - len(heard),
                entries=sum(numbers[hour] for hour in heard),
            )
        )
    return days


def mask(hours: Collection[int]) -> int:
    return sum(1 << hour for hour in hours)


def end(days: Sequence[SourceDay]) -> datetime:
    """The last minute of the last day."""
    last = max(day.day for day in days)
    return datetime(last.year, last.month, last.day, 23, 59, tzinfo=UTC)


def judged(
    days: Sequence[SourceDay],
    known: Sequence[Symptom] = (),
    *,
    now: datetime | None = None,
    allowed: float | None = None,
) -> list[Change]:
    """What a check-up finds at the end of these days, of the sources in them."""
    watched = dict.fromkeys((day.source for day in days), allowed)
    return list(judge(days, watched, known, now or end(days), reach=REACH).changes)


def opened(days: Sequence[SourceDay], **more: object) -> list[str]:
    """The kinds of symptoms that a check-up opens."""
    return [change.symptom.kind for change in judged(days, **more) if change.state == "opened"]  # type: ignore[arg-type]


def by_day(day: int, hour: int) -> int:
    """A lively outlet that sleeps at night: two entries an hour from 7 to 22."""
    return 2 if 7 <= hour < 23 else 0


def on_weekdays(day: int, hour: int) -> int:
    return by_day(day, hour) if day % 7 < 5 else 0


def until(last: int, news: Callable[[int, int], int]) -> Callable[[int, int], int]:
    """The same outlet, but nothing from the day `last` on."""
    return lambda day, hour: news(day, hour) if day < last else 0


def without(*breaks: Collection[int]) -> Callable[[int, int], int]:
    """The lively outlet, but nothing on these days."""
    return lambda day, hour: 0 if any(day in days for days in breaks) else by_day(day, hour)
