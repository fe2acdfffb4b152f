"""How often is a healthy source blamed, how soon is a dead one noticed? Simulated outlets, judged as the engine does.

News is a Poisson process whose rate follows the hour, the weekday and a factor that differs from day to day (gamma,
coefficient of variation 0.4). On holidays, in six runs a year of one to four days, a tenth of it is published.

Baseline, on the same outlets: Media Cloud's band (sources/alerts.py), the mean of seven days against mean - 1.5 sigma
and mean + 2 sigma of the 28 days before, asked once a day.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.health import Change, SourceDay, Symptom, judge

START = datetime(2012, 1, 2, tzinfo=UTC)
LOOK = timedelta(hours=6)
REACH = 4 * 3600.0
#: how the hours of a day weigh: outlets sleep at night
HOURS = [0.1] * 6 + [0.6, 1.0] + [1.4] * 10 + [1.2, 1.0, 0.8, 0.6, 0.4, 0.2]
WEEK = {"thin weekends": [1.2] * 5 + [0.6, 0.4], "weekdays only": [1.4] * 5 + [0.0, 0.0]}
#: runs of holidays in a year, and what is left of the rate on them
HOLIDAYS, HOLIDAY_RATE = 6, 0.1
#: days before judging begins: the weeks that a source is known by
WARM = 63


@dataclass
class Outlet:
    """What an outlet publishes in each hour, and when it stops, falls or jumps."""

    rate: float
    week: Sequence[float] = field(default_factory=lambda: WEEK["thin weekends"])
    variation: float = 0.4
    holidays: bool = False
    #: once a day, at six in the morning, all at once
    batch: bool = False

    def hours(self, days: int, rng: random.Random) -> list[int]:
        """New entries by hour."""
        off = self._off(days, rng) if self.holidays else set()
        found: list[int] = []
        for day in range(days):
            factor = rng.gammavariate(1 / self.variation**2, self.variation**2) if self.variation else 1.0
            level = self.rate * self.week[day % 7] * factor * (HOLIDAY_RATE if day in off else 1.0)
            weights = [24.0 if hour == 6 else 0.0 for hour in range(24)] if self.batch else HOURS
            found += [_poisson(level * weight / sum(weights), rng) for weight in weights]
        return found

    def _off(self, days: int, rng: random.Random) -> set[int]:
        starts = [rng.randrange(days) for _ in range(HOLIDAYS * days // 365)]
        return {start + number for start in starts for number in range(rng.randint(1, 4))}


OUTLETS = {
    **{f"{rate:g} a day": Outlet(rate) for rate in (0.3, 1.0, 3.0, 10.0, 40.0, 150.0)},
    "10 a day, on weekdays only": Outlet(10.0, WEEK["weekdays only"]),
    "10 a day, in one batch": Outlet(10.0, batch=True),
}


def _poisson(mean: float, rng: random.Random) -> int:
    """Knuth's method, in pieces: the means here are small."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    number, left = -1, 0.0
    while left < mean:
        number, left = number + 1, left + rng.expovariate(1.0)
    return max(number, 0)


# --- judged by us -----------------------------------------------------------------------------------------------------


def days_of(hours: Sequence[int], down: frozenset[int] = frozenset()) -> list[SourceDay]:
    """Days as the flow would count them, polling every hour but those in `down`; what piled up comes afterwards."""
    made, waiting = [], 0
    for start in range(0, len(hours), 24):
        asked = news = entries = 0
        for hour in range(start, min(start + 24, len(hours))):
            waiting += hours[hour]
            if hour not in down:
                asked |= 1 << hour - start
                news |= (waiting > 0) << hour - start
                entries, waiting = entries + waiting, 0
        day = (START + timedelta(hours=start)).date()
        made.append(SourceDay("outlet", day, asked, asked, news, polls=24, entries=entries))
    return made


def changes(days: Sequence[SourceDay], since: int) -> Iterator[tuple[datetime, Change]]:
    """Every change that check-ups find from day `since` on."""
    now, known = START + timedelta(days=since), list[Symptom]()
    while now < START + timedelta(days=len(days)):
        number = (now - START).days
        seen = [*days[max(number - 75, 0) : number], _until(days[number], now.hour)]
        for change in judge(seen, {"outlet": None}, known, now, reach=REACH).changes:
            known = [one for one in known if one.kind != change.symptom.kind]
            known += [change.symptom] if change.state == "opened" else []
            yield now, change
        now += LOOK


def _until(day: SourceDay, hour: int) -> SourceDay:
    """The day as it stands at that hour."""
    past = (1 << hour) - 1
    return SourceDay(
        day.source, day.day, day.hours_asked & past, day.hours_answered & past, day.hours_news & past, polls=hour
    )


# --- judged by the baseline -------------------------------------------------------------------------------------------


def band(counts: Sequence[int], since: int) -> Iterator[tuple[int, str]]:
    """Day and kind of each time the baseline begins to call a source low or high."""
    state = ""
    for day in range(max(since, 35), len(counts)):
        week, before = counts[day - 7 : day], counts[day - 35 : day - 7]
        mean, sigma = statistics.fmean(before), statistics.pstdev(before)
        now = statistics.fmean(week)
        found = "drop" if now < mean - 1.5 * sigma else "jump" if now > mean + 2 * sigma else ""
        if found and found != state:
            yield day, found
        state = found


# --- figures ----------------------------------------------------------------------------------------------------------


def false_alarms(outlet: Outlet, years: int, seed: int, down: float = 0.0) -> dict[str, float]:
    """Symptoms opened a year for a source that is well, by kind, and what the baseline says of it.

    `down` is how often a month our own engine stands still for one to five days.
    """
    rng, found = random.Random(seed), dict.fromkeys(("silence", "drop", "jump", "band drop", "band jump"), 0)
    for _ in range(years):
        hours = outlet.hours(365 + WARM, rng)
        seen = days_of(hours, _standstills(len(hours), down, rng))
        for _, change in changes(seen, WARM):
            found[change.symptom.kind] += change.state == "opened"
        for _, kind in band([day.entries for day in seen], WARM):
            found[f"band {kind}"] += 1
    return {kind: round(number / years, 2) for kind, number in found.items()}


def _standstills(hours: int, a_month: float, rng: random.Random) -> frozenset[int]:
    starts = [rng.randrange(hours) for _ in range(round(a_month * hours / 720))]
    return frozenset(start + number for start in starts for number in range(24 * rng.randint(1, 5)))


def delays(outlet: Outlet, falls: int, seed: int, left: float = 0.0) -> dict[str, Any]:
    """Days until a source that publishes only the share `left` of what it did raises an alarm, within four weeks."""
    rng = random.Random(seed)
    ours, theirs = [], []
    for _ in range(falls):
        fall = (70 + rng.randrange(7)) * 24 + rng.randrange(24)
        hours = outlet.hours(105, rng)
        hours[fall:] = [sum(rng.random() < left for _ in range(number)) for number in hours[fall:]]
        at, seen = START + timedelta(hours=fall), days_of(hours)
        less = ("silence", "drop")
        opened = [now for now, change in changes(seen, 70) if change.state == "opened" and change.symptom.kind in less]
        ours += [(now - at) / timedelta(days=1) for now in opened if now > at][:1]
        lows = [day for day, kind in band([day.entries for day in seen], 70) if kind == "drop"]
        theirs += [day - fall / 24 for day in lows if day > fall / 24][:1]
    return {
        "median": _middle(ours),
        "missed": falls - len(ours),
        "band median": _middle(theirs),
        "band missed": falls - len(theirs),
    }


def _middle(numbers: Sequence[float]) -> float | None:
    return round(statistics.median(numbers), 1) if numbers else None


def run(shared: Path, years: int = 10, falls: int = 20) -> dict[str, Any]:
    """Measure: false alarms per source and year, and days to notice that a source stopped or fell to a quarter."""
    return {name: _figures(outlet, years, falls) for name, outlet in OUTLETS.items()}


def _figures(outlet: Outlet, years: int, falls: int) -> dict[str, Any]:
    print(f"  {outlet.rate:g} a day ...", file=sys.stderr)
    return {
        "false alarms a year": false_alarms(outlet, years, 1),
        "with holidays": false_alarms(replace(outlet, holidays=True), years, 2),
        "with our own standstills": false_alarms(outlet, max(years // 2, 1), 3, down=1.0),
        "days to notice a stop": delays(outlet, falls, 4),
        "days to notice a fall to a quarter": delays(outlet, falls, 5, left=0.25),
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(), *map(int, sys.argv[1:])), indent=1))
