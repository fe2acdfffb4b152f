"""From days to changes: which symptoms a source shows that it did not show before, and which it no longer shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Literal

from pipeline.health import shares
from pipeline.health.day import SourceDay
from pipeline.health.sign import Kind, Severity, Sign
from pipeline.health.silence import silence
from pipeline.health.timeline import Timeline, bits, span, timeline
from pipeline.health.volume import volume
from pipeline.wording import joined, worded

#: days of a source that are looked at: enough to miss what comes every few days, after four weeks to know it by
HISTORY = 70
#: an open symptom's days are no yardstick for itself for so long; then they are how the source is
_YARDSTICK = timedelta(days=28)
#: hours are our own outage when none of nearly all sources, three at least, answered in them; or of many hardly one
_FEW, _NEARLY_ALL, _MANY, _HARDLY = 3, 0.8, 10, 0.1
#: hours that are searched for outages: those that errors are judged by
_OUTAGE_HOURS = 240


@dataclass(frozen=True, slots=True)
class Symptom:
    """Something wrong with a source, from when it was noticed until it is gone; `source` is empty where it is us."""

    source: str
    kind: Kind
    since: datetime
    #: what was found and what was expected
    sentence: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Change:
    """A symptom that was noticed, or that is gone; the sentence is then that of its end. Each is told once."""

    symptom: Symptom
    state: Literal["opened", "recovered"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a check-up decided: the changes to tell, and open symptoms to end in silence, as nobody watches any more."""

    changes: tuple[Change, ...]
    dropped: tuple[Symptom, ...] = ()


def judge(
    days: Iterable[SourceDay],
    watched: Mapping[str, float | None],
    known: Collection[Symptom],
    now: datetime,
    *,
    reach: float,
) -> Ruling:
    """Say what changed since the symptoms `known` were open.

    `watched`: sources that are polled, with the hours of silence that their declaration expects, if it says so;
    `reach`: seconds that a poll looks back, which is the longest time between two polls of a working feed. Of each
    source the last HISTORY days are looked at, where there are as many.
    """
    first = (now - timedelta(days=HISTORY)).date()
    own: dict[str, list[SourceDay]] = {slug: [] for slug in watched}
    for day in days:
        if day.source in own and first <= day.day <= now.date():
            own[day.source].append(day)
    lines = {slug: timeline(own[slug], now, first, reach) for slug in own}
    outage = _outage(list(lines.values()))
    open_ = {(symptom.source, symptom.kind): symptom for symptom in known}
    signs = [("", _ours(list(lines.values()), outage))]
    for slug in own:
        since = {kind: symptom.since for (source, kind), symptom in open_.items() if source == slug}
        found = _signs(own[slug], lines[slug], watched[slug], outage, since, now)
        signs += [(slug, sign) for sign in found]
    dropped = tuple(symptom for symptom in known if symptom.source and symptom.source not in watched)
    return Ruling(tuple(_changes(signs, open_, now)), dropped)


def _signs(
    days: Sequence[SourceDay],
    hours: Timeline,
    allowed: float | None,
    outage: int,
    since: Mapping[Kind, datetime],
    now: datetime,
) -> Iterator[Sign]:
    def yardstick(*kinds: Kind) -> date | None:
        """The day on which a symptom was noticed that is too young to be how the source is."""
        found = [since[kind].date() for kind in kinds if kind in since and now - since[kind] < _YARDSTICK]
        return min(found, default=None)

    today = now.date()
    yield silence(hours, allowed, yardstick("silence"))
    yield from volume({day.day: day.entries for day in days}, hours, today, yardstick("drop", "jump"))
    yield shares.errors(hours, outage)
    yield shares.charset(days, today, yardstick("charset"))
    yield shares.dates(days, today, yardstick("dates"))
    yield shares.pages(days, today, yardstick("pages"))


def _changes(
    signs: Iterable[tuple[str, Sign]], known: Mapping[tuple[str, Kind], Symptom], now: datetime
) -> Iterator[Change]:
    for slug, sign in signs:
        before = known.get((slug, sign.kind))
        if sign.ill and before is None:
            yield Change(Symptom(slug, sign.kind, now, sign.words, sign.severity), "opened")
        elif sign.ill is False and before is not None:
            yield Change(Symptom(slug, sign.kind, before.since, sign.words, before.severity), "recovered")


# --- our own outage ---------------------------------------------------------------------------------------------------


def _outage(lines: Sequence[Timeline]) -> int:
    """The hours in which nobody answered, whoever we asked.

    They are told by runs of hours, as in one hour few sources are asked: in a run, nearly all must have been.
    """
    asked, answered = _any(line.asked for line in lines), _any(line.answered for line in lines)
    needed = max(_FEW, _NEARLY_ALL * sum(line.asked != 0 for line in lines))
    found = run = 0
    end = max((line.hours for line in lines), default=0)
    for hour in bits(asked & span(end - _OUTAGE_HOURS, end)):
        if not answered >> hour & 1:
            run |= 1 << hour
            continue
        found |= _if_asked(run, lines, needed) | _if_hardly(hour, lines)
        run = 0
    return found | _if_asked(run, lines, needed)


def _if_asked(run: int, lines: Iterable[Timeline], needed: float) -> int:
    return run if run and sum(line.asked & run != 0 for line in lines) >= needed else 0


def _if_hardly(hour: int, lines: Sequence[Timeline]) -> int:
    asked = sum(line.asked >> hour & 1 for line in lines)
    answered = sum(line.answered >> hour & 1 for line in lines)
    return 1 << hour if asked >= _MANY and answered <= _HARDLY * asked else 0


def _any(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _ours(lines: Sequence[Timeline], outage: int) -> Sign:
    """Do we reach anybody? Told by the last two hours in which we asked: one alone may be a hiccup."""
    asked, answered = _any(line.asked for line in lines), _any(line.answered for line in lines)
    if not asked:
        return Sign("outage", None)
    last = asked.bit_length() - 1
    before = (asked & span(0, last)).bit_length() - 1
    if outage >> last & 1:
        words = joined(
            worded("hardly a source answered in the last two hours in which we asked"),
            worded("expected most to: is our network up?"),
        )
        return Sign("outage", True if before >= 0 and outage >> before & 1 else None, words, "warning")
    return Sign("outage", False if answered >> last & 1 else None, "sources answer us again")
