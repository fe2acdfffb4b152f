"""Goes through the past once more with one rule: what would have fired, what kept quiet and why. Sends nothing.

Asks the same questions in the same order as firing.py, of the same functions; only what the rule remembers is kept in
memory, beginning with nothing. Things are asked as they stand now: a topic that a later report added counts from the
first one on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pipeline.alerts.grounds import met, widened
from pipeline.alerts.novelty import Hearing, judge
from pipeline.alerts.policy import Decision, Hour, Kind, Remembered, Silence, decide, keys_of
from pipeline.firing import Case, Occasion, case_of, load_stored, news_to
from pipeline.query import Query, explain, parse
from pipeline.query.match import matches
from pipeline.settings import Settings
from pipeline.storage import hearings, restraint
from pipeline.storage.hearings import Told, Window
from pipeline.storage.restraint import Said
from pipeline.storage.store import Transaction
from pipeline.types import AlertRule, Article
from pipeline.wording import worded

#: items or statements that are looked at, at most
MOST = 5_000
#: and loaded at once
_SOME = 200


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have made of one thing in the store; `suppressed` says why it would have kept quiet."""

    title: str
    url: str
    #: when it would have fired
    at: datetime
    item_id: int
    statement_id: int | None
    suppressed: tuple[str, ...]
    #: what is new about it
    new: str = ""
    #: conditions of the query that it meets
    met: tuple[str, ...] = ()
    #: what it is told apart by
    keys: tuple[str, ...] = ()
    #: why it is told later, with others: digest, quiet, summary; and when. Empty: at once
    held: Kind | None = None
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a rule would have made of the past."""

    since: datetime
    #: oldest first
    trials: tuple[Trial, ...]
    #: items or statements that meet the query and were looked at, the newest; what the rule might remember included
    looked_at: int
    #: how many there are: where they are more, somebody would wait too long
    found: int


@dataclass(slots=True)
class _Past:
    """What the rule remembers as the trial goes on."""

    mute: tuple[datetime, datetime] | None
    silences: dict[str, Silence] = field(default_factory=dict)
    hour: Hour | None = None
    gathering: dict[tuple[Kind, str], datetime] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)
    #: what speakers said, by speaker and topic: whoever speaks often is asked for often
    said: dict[tuple[str, str], Sequence[Said]] = field(default_factory=dict)

    def said_on(self, db: Transaction, speaker: str, topic: str, sure: float) -> Sequence[Said]:
        """What a speaker said on a topic, out of the store once."""
        if (speaker, topic) not in self.said:
            self.said[speaker, topic] = restraint.said_on(db, speaker, topic, sure)
        return self.said[speaker, topic]

    def at(self, now: datetime) -> Remembered:
        """What it remembers at a moment: nobody had muted it before somebody did."""
        muted_until = self.mute[1] if self.mute and self.mute[0] <= now else None
        return Remembered(self.silences, self.hour, self.gathering, muted_until)

    def remember(self, subject: str, decision: Decision) -> None:
        """Take down what a decision leaves behind."""
        self.silences.update(decision.silences)
        self.hour = decision.hour or self.hour
        self.fired.add(subject)
        if held := decision.hold:
            self.gathering[held.kind, held.key] = held.due_at


def try_rule(
    db: Transaction, settings: Settings, rule: AlertRule, now: datetime, since: datetime, *, live: bool
) -> Backtest:
    """What a rule would have made of what came in since then, had it been there for long enough to remember.

    What came quietly (a first poll, a back-fill, an import) is judged as though it had come when it was published, so
    that archives can be tried; with `live` it stays quiet, as it did. Of more than MOST things, the newest are tried.
    """
    query, past = parse(rule.query), _Past(restraint.mute_of(db, rule.name))
    begin = since - _memory(rule)
    found = hearings.that_meet(db, rule.about, widened(query.root), now, Window(begin, live, MOST))
    heard = _heard(_told(db, rule, found.ids), live=live)
    # what is older was heard, which is all that matters of it
    recent = (one for one in heard if _moment(one[0], live=live) >= begin)
    cases = _cases(db, settings, recent, live=live)
    asked = ((told, case) for told, case in cases if matches(query.root, case.record, case.at))
    trials = [_judge(db, settings, rule, query, past, told, case) for told, case in asked]
    return Backtest(since, tuple(one for one in trials if one.at >= since), len(found.ids), found.found)


def _memory(rule: AlertRule) -> timedelta:
    """How long before a trial's time it begins with nothing remembered.

    When exactly a silence or a digest begins may depend on all that ever came; after some of them it hardly does.
    """
    digest = rule.digest if isinstance(rule.digest, float) else 0.0
    hour = 3600.0 if rule.max_per_hour else 0.0
    return timedelta(seconds=max(4 * rule.realert, 4 * rule.realert_max, digest, hour))


def _told(db: Transaction, rule: AlertRule, ids: Sequence[int]) -> Iterable[Told]:
    return hearings.of_items(db, ids) if rule.about == "item" else hearings.of_statements(db, ids)


def _moment(told: Told, *, live: bool) -> datetime:
    return told.at if live or not told.quiet else told.published_at or told.at


def _heard(told: Iterable[Told], *, live: bool) -> Iterator[tuple[Told, Hearing, datetime | None]]:
    """Each with what had been heard of its statement before, in the order of time, and its earliest date by then."""
    last: dict[int, tuple[datetime, float]] = {}
    earliest: dict[int, datetime] = {}
    for one in sorted(told, key=lambda one: (_moment(one, live=live), one.place)):
        at, name = _moment(one, live=live), one.statement_id
        hearing = Hearing(one.quiet and live, one.first_seen_at if live else at, one.published_at, one.confidence)
        if name is None:
            yield one, hearing, one.published_at
            continue
        if one.published_at is not None:
            earliest[name] = min(earliest.get(name, one.published_at), one.published_at)
        if before := last.get(name):
            hearing = replace(hearing, heard_at=before[0], heard_confidence=before[1])
        last[name] = (at, max(one.confidence or 0.0, before[1] if before else 0.0))
        yield one, hearing, earliest.get(name)


def _cases(
    db: Transaction, settings: Settings, heard: Iterator[tuple[Told, Hearing, datetime | None]], *, live: bool
) -> Iterator[tuple[Told, Case]]:
    """Each as rules are asked of it, out of the store some at a time."""
    while some := list(islice(heard, _SOME)):
        stored = load_stored(db, [(told.item_id, told.statement_id) for told, _, _ in some])
        for (told, hearing, earliest), one in zip(some, stored, strict=True):
            occasion = Occasion(told.item_id, told.source, _article(told), _moment(told, live=live))
            case = case_of(settings, one, hearing, occasion)
            yield told, replace(case, record=replace(case.record, published=earliest))


def _judge(
    db: Transaction, settings: Settings, rule: AlertRule, query: Query, past: _Past, told: Told, case: Case
) -> Trial:
    """What becomes of one thing that meets the query."""
    at = case.at
    reasons = judge(case.hearing, at, settings).reasons
    if not reasons and case.subject in past.fired:
        reasons = (str(worded("the rule fired on it before")),)
    if reasons:
        return _trial(told, case, reasons)
    news, old = news_to(db, settings, query, rule, case, past.said_on)
    decision = Decision(old) if old else decide(rule, case.facets, past.at(at), at)
    if decision.fires:
        past.remember(case.subject, decision)
    held = decision.hold
    return _trial(
        told,
        case,
        () if decision.fires else (decision.reason,),
        new=news,
        met=tuple(explain(one) for one in met(query, case.record, at)),
        keys=keys_of(rule, case.facets),
        held=held.kind if held else None,
        held_until=held.due_at if held else None,
    )


def _article(told: Told) -> Article:
    return Article(told.url, told.url, told.title, "", published_at=told.published_at)


def _trial(told: Told, case: Case, suppressed: Sequence[str], **more: Any) -> Trial:
    said = case.statement
    who = (said.speaker.name or said.speaker.role or "unnamed speaker") if said else ""
    title = f"{who}: {said.text}" if said else told.title
    return Trial(title, told.url, case.at, told.item_id, told.statement_id, tuple(suppressed), **more)
