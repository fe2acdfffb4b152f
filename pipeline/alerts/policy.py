"""How often a rule may be heard: mute, realert, digest, quiet hours, maximum per hour. Pure: state in, decision out.

    muted? -> same key told lately? -> it fires: with the digest? in quiet hours? too many this hour? else at once

What decides is the rule, what is remembered and the time, all of them given: the running pipeline keeps the state in
the store, `vigia alerts test` in memory, and both get the same answers. Doubling and decay follow ElastAlert's
`exponential_realert` (elastalert.py, next_alert_time), but at the cap: the wait stays there until it decays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Literal

from pipeline.alerts.calendar import digest_due, quiet_until, told_at
from pipeline.types import AlertRule
from pipeline.wording import worded

HOUR = timedelta(hours=1)
#: keys of one thing: an article with hundreds of speakers must not write hundreds of rows for each rule
_KEYS = 32

#: what a thing has of each facet: speakers, topics and so on
Facets = Mapping[str, tuple[str, ...]]
Kind = Literal["digest", "quiet", "summary"]


@dataclass(frozen=True, slots=True)
class Silence:
    """Until when a key has been told; `doublings`: how often its wait had doubled by then."""

    until: datetime
    doublings: int = 0


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour in which alerts were told one by one: since when, and how many."""

    began: datetime
    told: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one rule remembers of what it told."""

    #: by key
    silences: Mapping[str, Silence] = field(default_factory=dict)
    hour: Hour | None = None
    #: when what is being gathered is told, by kind and key
    gathering: Mapping[tuple[Kind, str], datetime] = field(default_factory=dict)
    #: by a person, on the command line
    muted_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """The alert is told later, with others of its kind and key."""

    kind: Kind
    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one thing that is news to a rule. `reason` says why it is suppressed; empty: it fires."""

    reason: str = ""
    #: None: told at once
    hold: Hold | None = None
    #: what is remembered from now on, beside the rest
    silences: Mapping[str, Silence] = field(default_factory=dict)
    hour: Hour | None = None

    @property
    def fires(self) -> bool:
        """Whether an alert is made of it."""
        return not self.reason


def keys_of(rule: AlertRule, facets: Facets) -> tuple[str, ...]:
    """By what the rule tells things apart: each speaker with each topic, say; a facet that is absent stands empty."""
    if not rule.realert:
        return ()
    return tuple(" / ".join(key) for key in islice(product(*_values(rule.realert_key, facets)), _KEYS))


def gathered_under(rule: AlertRule, facets: Facets) -> str:
    """Which of the rule's digests it belongs to: all values of the digest's key together."""
    return " / ".join(", ".join(sorted(values)) for values in _values(rule.digest_key, facets))


def _values(names: tuple[str, ...], facets: Facets) -> list[tuple[str, ...]]:
    return [tuple(dict.fromkeys(facets.get(name, ()))) or ("",) for name in names]


def decide(rule: AlertRule, facets: Facets, past: Remembered, now: datetime) -> Decision:
    """Say what becomes of what is news to `rule` at `now`. A limit that is reached exactly is not passed."""
    keys = keys_of(rule, facets)
    if reason := _muted(rule, past, now) or _told_lately(rule, keys, past, now):
        return Decision(reason)
    silences = {key: _silenced(rule, past.silences.get(key), now) for key in keys}
    hold = _hold(rule, facets, past, now)
    return Decision("", hold, silences, _counted(rule, past.hour, hold, now))


def after(past: Remembered, decision: Decision) -> Remembered:
    """What is remembered once a decision is carried out."""
    held = decision.hold
    return Remembered(
        {**past.silences, **decision.silences},
        decision.hour or past.hour,
        {**past.gathering, (held.kind, held.key): held.due_at} if held else past.gathering,
        past.muted_until,
    )


def _muted(rule: AlertRule, past: Remembered, now: datetime) -> str:
    until = max((at for at in (rule.mute_until, past.muted_until) if at and at > now), default=None)
    return str(worded("muted until {date}", date=_date(until))) if until else ""


def _told_lately(rule: AlertRule, keys: tuple[str, ...], past: Remembered, now: datetime) -> str:
    """Something is told again only if one of its keys may be: a speaker's second topic is news.

    A silence longer than any that the rule gives is of a clock that ran ahead, or of a rule that was changed.
    """
    longest = now + timedelta(seconds=max(rule.realert, rule.realert_max))
    known = [past.silences.get(key) for key in keys]
    until = [one.until for one in known if one and now < one.until <= longest]
    if not keys or len(until) < len(keys):
        return ""
    told, date = "; ".join(keys), _date(min(until))
    return str(worded("told of {keys} before, not again until {date}", keys=told, date=date))


def _silenced(rule: AlertRule, last: Silence | None, now: datetime) -> Silence:
    doublings = _doublings(rule, last, now) if last and rule.realert_max else 0
    wait = rule.realert * 2**doublings
    wait = min(wait, max(rule.realert_max, rule.realert)) if rule.realert_max else wait
    return Silence(now + timedelta(seconds=wait), doublings)


def _doublings(rule: AlertRule, last: Silence, now: datetime) -> int:
    """One more if it comes within two waits of the last alert, one of its silence's end; else they decay."""
    doublings, idle = last.doublings, (now - last.until).total_seconds()
    if idle < rule.realert * 2**doublings:
        return doublings + 1 if rule.realert * 2**doublings < rule.realert_max else doublings
    while doublings and idle >= rule.realert * 2**doublings:
        idle -= rule.realert * 2**doublings
        doublings -= 1
    return doublings


def _hold(rule: AlertRule, facets: Facets, past: Remembered, now: datetime) -> Hold | None:
    if rule.digest:
        key = gathered_under(rule, facets)
        return Hold("digest", key, _gathering(past, "digest", key, now) or digest_due(rule, now))
    quiet = quiet_until(rule, now)
    if quiet and rule.importance != "high":
        return Hold("quiet", "", quiet)
    hour = _hour(past.hour, now)
    if rule.max_per_hour and hour and hour.told >= rule.max_per_hour:
        due_at = _gathering(past, "summary", "", now) or told_at(rule, hour.began + HOUR)
        return Hold("summary", "", due_at)
    return None


def _gathering(past: Remembered, kind: Kind, key: str, now: datetime) -> datetime | None:
    due_at = past.gathering.get((kind, key))
    return due_at if due_at and due_at > now else None


def _counted(rule: AlertRule, last: Hour | None, hold: Hold | None, now: datetime) -> Hour | None:
    if not rule.max_per_hour or hold:
        return None
    hour = _hour(last, now)
    return Hour(hour.began, hour.told + 1) if hour else Hour(now, 1)


def _hour(last: Hour | None, now: datetime) -> Hour | None:
    return last if last and last.began <= now < last.began + HOUR else None


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
