"""The check-up: every hour the engine asks how its sources are, and tells what changed since the last time.

days of the last weeks, open symptoms -> judge -> symptoms opened and ended, a notice for each change
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from pipeline.flow import Flow
from pipeline.health import HISTORY, Change, Ruling, judge
from pipeline.notices import notice_change
from pipeline.storage import alerts, days, entries, feeds, locks, symptoms
from pipeline.storage.store import Transaction

#: seconds between two check-ups of a running engine
EVERY = 3600.0
#: a poll is late by so much of the longest time between two polls at the most
_LATE = 1.1


def check_sources(flow: Flow) -> tuple[Change, ...]:
    """Judge every source that is polled; what changed is kept and told in one transaction. Safe to run at any time."""
    now = flow.clock.now()
    with flow.store.read() as db:
        seen = days.since(db, (now - timedelta(days=HISTORY)).date())
        polled = feeds.polled_sources(db)
        known = symptoms.unended(db)
    watched = {slug: source.silence for slug, source in flow.sources.items() if slug in polled}
    ruling = judge(seen, watched, known, now, reach=flow.settings.poll_max * _LATE)
    if not ruling.changes and not ruling.dropped:
        return ()
    return flow.store.transact(lambda db: _keep_all(flow, db, ruling, now))


def _keep_all(flow: Flow, db: Transaction, ruling: Ruling, now: datetime) -> tuple[Change, ...]:
    # two check-ups at once would open the same symptoms
    locks.hold(db, ["check-up"])
    for symptom in ruling.dropped:
        symptoms.end(db, symptom, "no feed of it is polled any more", now)
    changes = (_explained(db, change) for change in ruling.changes)
    return tuple(change for change in changes if _keep(flow, db, change, now))


def watch_the_clock(flow: Flow, now: datetime, seen: datetime | None) -> None:
    """A clock that was put back must not keep everything waiting; `seen`: what it said last, None at a start."""
    if seen is not None and now >= seen:
        return
    with flow.store.write() as db:
        feeds.clock_put_back(db, now)
        entries.clock_put_back(db, now, seen)
        alerts.clock_put_back(db, now, seen)


def _explained(db: Transaction, change: Change) -> Change:
    """Where a source fails, what its last failing feed said is half the explanation."""
    seen = change.symptom
    if seen.kind != "errors" or change.state != "opened":
        return change
    said = feeds.last_error(db, seen.source)
    sentence = f"{seen.sentence}; last: {said}" if said else seen.sentence
    return dataclasses.replace(change, symptom=dataclasses.replace(seen, sentence=sentence))


def _keep(flow: Flow, db: Transaction, change: Change, now: datetime) -> bool:
    """Keep and tell a change; False when another check-up was quicker, which then has told it."""
    seen = change.symptom
    opened = change.state == "opened"
    kept = symptoms.begin(db, seen) if opened else symptoms.end(db, seen, seen.sentence, now)
    if kept:
        notice_change(flow, db, change, now)
    return kept
