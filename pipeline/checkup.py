"""The check-up: every hour the engine asks how its sources are, and tells what changed since the last time.

days of the last weeks, open symptoms -> judge -> symptoms opened and ended, a notice for each change
"""

from __future__ import annotations

from datetime import timedelta

from pipeline.flow import Flow
from pipeline.health import HISTORY, Change, judge
from pipeline.notices import notice_change
from pipeline.storage import days, feeds, symptoms
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
    watched = {slug: source.silence for slug, source in flow.sources.items() if slug in polled}
    with flow.store.write() as db:
        known = symptoms.unended(db)
        ruling = judge(seen, watched, known, now, reach=flow.settings.poll_max * _LATE)
        for symptom in ruling.dropped:
            symptoms.end(db, symptom, "no feed of it is polled any more", now)
        for change in ruling.changes:
            _keep(flow, db, change)
    return ruling.changes


def _keep(flow: Flow, db: Transaction, change: Change) -> None:
    now = flow.clock.now()
    if change.state == "opened":
        symptoms.begin(db, change.symptom)
    else:
        symptoms.end(db, change.symptom, change.symptom.sentence, now)
    notice_change(flow, db, change, now)
