"""Fires the rules that an item, or one statement heard in it, meets, if it is news. Alerts are stored, not sent.

    is it news at all? -> which rules? -> a new position? -> may the rule be heard now? -> alert, or gathered, or not

What is decided is decided in pipeline/alerts/; here it is asked for and written down, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.alerts import grounds
from pipeline.alerts.message import compose
from pipeline.alerts.novelty import Hearing, Word, judge, judge_position, subject_of
from pipeline.alerts.policy import Decision, Facets, Hour, Remembered, Silence, decide, keys_of
from pipeline.query import Query, Record, explain, unparse
from pipeline.records import item_record, statement_record
from pipeline.settings import Settings
from pipeline.storage import alerts, items, locks, restraint, statements
from pipeline.storage.restraint import Said, Suppressed
from pipeline.storage.statements import UNKNOWN
from pipeline.storage.store import Transaction
from pipeline.types import Alert, AlertRule, Article, Heard, Item, Statement
from pipeline.wording import worded

if TYPE_CHECKING:
    # the desk tries rules by what fires them, and has no need of fetching
    from pipeline.flow import Flow

#: what a speaker said on a topic, heard with this confidence, the latest last
SaidOn = Callable[[Transaction, str, str, float], Sequence[Said]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """An article that an item was found in, and the outlet it stands in."""

    item_id: int
    source: str
    article: Article
    now: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """What rules are asked of: an item, or a statement it reports, as queries and keys see it."""

    item: Item
    statement: Statement | None
    hearing: Hearing
    record: Record
    facets: Facets
    #: when they are asked
    at: datetime
    #: what a rule fires on once
    subject: str


@dataclass(frozen=True, slots=True)
class _Met:
    """A rule that is met, with its query, and what was heard that meets it."""

    rule: AlertRule
    query: Query
    heard: Heard | None


def fire(flow: Flow, db: Transaction, occasion: Occasion, heard: Heard | None, hearing: Hearing) -> int:
    """Fire what the item (None for `heard`) or the statement meets; returns how many alerts there are now more."""
    if not judge(hearing, occasion.now, flow.settings).alerts:
        return 0
    (stored,) = load_stored(db, [(occasion.item_id, heard.statement_id if heard else None)])
    case = case_of(flow.settings, stored, hearing, occasion)
    rules = flow.rules.standing(db)
    fired = 0
    for rule in rules.fired_by(case.record, occasion.now):
        made = _fire_one(flow, db, occasion, case, _Met(rule, rules.query(rule), heard))
        flow.observer.count("alerts", rule.name, made)
        fired += made
    return fired


def _fire_one(flow: Flow, db: Transaction, occasion: Occasion, case: Case, one: _Met) -> bool:
    now, rule, query = occasion.now, one.rule, one.query
    _wait_for_others(db, rule)
    if alerts.has_fired(db, rule.name, case.subject):
        return False
    news, old = news_to(db, flow.settings, query, rule, case)
    decision = Decision(old) if old else decide(rule, case.facets, recall(db, rule, case.facets), now)
    keys, statement_id = keys_of(rule, case.facets), case.statement.id if case.statement else None
    if not decision.fires:
        quiet = Suppressed(rule.name, case.subject, case.item.id, statement_id, now, decision.reason, keys)
        restraint.suppress(db, quiet)
        return False
    message = compose(_alert_of(flow, occasion, case, one))
    met = grounds.met(query, case.record, now)
    alert_id = alerts.fire(
        db,
        message,
        case.subject,
        item_id=case.item.id,
        statement_id=statement_id,
        channels=() if decision.hold else _channels(flow, rule),
        grounds={
            "query": query.text,
            "met": [explain(one) for one in met],
            "met_queries": [unparse(one) for one in met],
            "new": news,
            "keys": list(keys),
        },
    )
    if alert_id is None:
        return False
    _remember(flow, db, rule, alert_id, decision)
    return True


def _wait_for_others(db: Transaction, rule: AlertRule) -> None:
    """Two workers must not both tell what the rule would tell once."""
    if rule.realert or rule.max_per_hour or rule.digest or rule.new != "statement":
        locks.hold(db, [f"rule {rule.name}"])


def _channels(flow: Flow, rule: AlertRule) -> list[str]:
    return [channel for channel in rule.channels if channel in flow.channels]


# --- what rules are asked of ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """An item, or a statement that it reports, out of the store."""

    item: Item
    statement: Statement | None
    #: what the item reports, where it is about the item
    told: tuple[Statement, ...]
    #: outlets that the item appeared in
    sources: tuple[str, ...]


def load_stored(db: Transaction, wanted: Sequence[tuple[int, int | None]]) -> list[Stored]:
    """Items (with None), and items with one of their statements, in the order given. KeyError for an unknown id."""
    item_ids = sorted({item_id for item_id, _ in wanted})
    found, sources = items.load_many(db, item_ids), items.sources_of(db, item_ids)
    reported = statements.of_items(db, [item_id for item_id, one in wanted if one is None])
    ids = {one for _, one in wanted if one is not None}.union(*reported.values())
    said = {one.id: one for one in statements.load_many(db, sorted(ids))}
    return [
        Stored(
            found[item_id],
            None if one is None else said[one],
            tuple(said[each] for each in sorted(reported[item_id])) if one is None else (),
            sources.get(item_id, ()),
        )
        for item_id, one in wanted
    ]


def case_of(settings: Settings, stored: Stored, hearing: Hearing, occasion: Occasion) -> Case:
    """Put together what the rules are asked of."""
    item, said, told = stored.item, stored.statement, stored.told
    record = statement_record(said, stored.sources) if said else item_record(item, told, stored.sources)
    facets = _facets(item, (said,) if said else told, said, occasion.source)
    subject = subject_of(item.id, said.id if said else None, hearing, occasion.now, settings)
    return Case(item, said, hearing, record, facets, occasion.now, subject)


def _facets(item: Item, told: Sequence[Statement], statement: Statement | None, source: str) -> Facets:
    """What keys are made of. Of a statement its own topics and its speaker's country count, of an item the item's."""
    speakers = (said.speaker.key or said.speaker.name or "" for said in told)
    topics = statement.topics if statement else tuple(match.topic for match in item.topics)
    country = statement.speaker.country if statement else None
    countries = ((country,) if country else ()) if statement else item.countries
    lang = statement.lang if statement else item.lang
    return {
        "speaker": tuple(speakers),
        "topic": tuple(sorted(topics)),
        "country": countries,
        "source": (source,),
        "lang": (lang,) if lang else (),
        "role": tuple(said.speaker.role or "" for said in told),
    }


def news_to(
    db: Transaction, settings: Settings, query: Query, rule: AlertRule, case: Case, said_on: SaidOn = restraint.said_on
) -> tuple[str, str]:
    """What is new about it to this rule, and else what keeps it quiet: one of the two is empty."""
    said = case.statement
    if said is None:
        return str(worded("the first time we see this item")), ""
    if rule.new == "statement":
        return judge_position(rule.new, {}, (), None)
    key = said.speaker.key if said.speaker.key not in (None, UNKNOWN) else None
    sides = grounds.sides_of(query, said.stance)
    sure = settings.alert_min_confidence
    before = [word for topic in sides for word in _last(said_on(db, key, topic, sure), said, case.at)] if key else []
    return judge_position(rule.new, sides, [*before, *_again(sure, said, case.hearing)], key)


def _last(told: Sequence[Said], said: Statement, now: datetime) -> list[Word]:
    """The last of what was recorded before a statement and heard by now: back to where a side was taken."""
    words: list[Word] = []
    for one in reversed(told):
        if one.statement_id < said.id and one.heard_at <= now:
            words.insert(0, Word(one.topic, one.stance, one.statement_id, one.at))
            if one.stance != "unclear":
                break
    return words


def _again(sure: float, said: Statement, hearing: Hearing) -> list[Word]:
    """The statement itself, where it was heard before."""
    if hearing.heard_at is not None and hearing.heard_confidence >= sure:
        # it is repeated after years: neither a first word nor a change
        return [Word(topic, side, said.id, hearing.heard_at) for topic, side in said.stance.items()]
    return []


# --- what is remembered -----------------------------------------------------------------------------------------------


def recall(db: Transaction, rule: AlertRule, facets: Facets) -> Remembered:
    """What the rule remembers that bears on these facets."""
    silences = restraint.memory(db, rule.name, "silence", keys_of(rule, facets)) if rule.realert else {}
    mute = restraint.mute_of(db, rule.name)
    hour = restraint.memory(db, rule.name, "hour", [""]).get("") if rule.max_per_hour else None
    return Remembered(
        {key: Silence(*told) for key, told in silences.items()},
        Hour(*hour) if hour else None,
        restraint.gathering(db, rule.name) if rule.digest or rule.max_per_hour else {},
        mute[1] if mute else None,
    )


def _remember(flow: Flow, db: Transaction, rule: AlertRule, alert_id: int, decision: Decision) -> None:
    silences = {key: (one.until, one.doublings) for key, one in decision.silences.items()}
    restraint.remember(db, rule.name, "silence", silences)
    if decision.hour:
        restraint.remember(db, rule.name, "hour", {"": (decision.hour.began, decision.hour.told)})
    if held := decision.hold:
        restraint.hold(db, alert_id, rule.name, held.kind, held.key, held.due_at, _channels(flow, rule))


def _alert_of(flow: Flow, occasion: Occasion, case: Case, one: _Met) -> Alert:
    source, heard = flow.sources.get(occasion.source), one.heard
    return Alert(
        rule=one.rule,
        why=one.query.explain(),
        subject=case.subject,
        fired_at=occasion.now,
        item_id=case.item.id,
        headline=occasion.article.title,
        url=occasion.article.url,
        outlets=(source.name if source else occasion.source,),
        published_at=occasion.article.published_at,
        lang=case.item.lang,
        topics=tuple(match.topic for match in case.item.topics),
        countries=case.item.countries,
        statement_id=heard.statement_id if heard else None,
        report=heard.report if heard else None,
        why_es=one.query.explain("es"),
    )
