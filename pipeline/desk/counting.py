"""What a search finds, over time and by value, as pages show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pipeline.desk.answers import Facet, Facets, Point, Timeline, Unit
from pipeline.query import unparse
from pipeline.query.ast import HasStance, Name, Node, Value
from pipeline.query.terms import terms
from pipeline.storage.tally import Tally
from pipeline.storage.tally import Value as Counted

#: a timeline has days up to so many of them, then weeks, then months
_DAYS, _WEEKS = 92, 732


def timeline(days: Mapping[date, int]) -> Timeline:
    """Numbers by day as a timeline, in the unit that its length asks for."""
    if not days:
        return Timeline("day", (), 0)
    first, last = min(days), max(days)
    length = (last - first).days
    unit: Unit = "day" if length < _DAYS else "week" if length < _WEEKS else "month"
    return Timeline(unit, points(days, unit, first, last), sum(days.values()))


def points(days: Mapping[date, int], unit: Unit, first: date, last: date) -> tuple[Point, ...]:
    """Every unit from that of the first day to that of the last, with what it holds."""
    held: Counter[date] = Counter()
    for day, number in days.items():
        held[_start(day, unit)] += number
    return tuple(Point(at, held[at]) for at in _starts(first, last, unit))


def _start(day: date, unit: Unit) -> date:
    if unit == "day":
        return day
    return day.replace(day=1) if unit == "month" else day - timedelta(days=day.weekday())


def _starts(first: date, last: date, unit: Unit) -> Iterator[date]:
    at = _start(first, unit)
    while at <= last:
        yield at
        # a month has at most 31 days, and of 32 after its first the month is the next
        at = _start(at + timedelta(days={"day": 1, "week": 7, "month": 32}[unit]), unit)


def facets(tally: Tally) -> Facets:
    """Counted values, each with the query that narrows a search to it."""
    fields = {
        field: tuple(Facet(one.value, one.label, one.number, _narrowing(field, one)) for one in values)
        for field, values in tally.fields.items()
    }
    return Facets(fields, tally.looked_at, tally.complete)


def _narrowing(field: str, counted: Counted) -> str:
    words = tuple(terms(counted.label if field == "speaker" else counted.value))
    node: Node
    match field:
        case "speaker":
            node = Name("speaker", words)
        case "stance":
            node = HasStance(counted.value)  # type: ignore[arg-type]  # the store holds nothing else
        case _:
            node = Value(field, " ".join(words))  # type: ignore[arg-type]  # tally.py counts by fields of queries alone
    return unparse(node)
