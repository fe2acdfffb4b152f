"""Tells what was gathered once it is due: a digest, what fired in quiet hours, what was too much for an hour.

Stored first, sent by deliveries like all messages. A bundle of one alert is that alert.
"""

from __future__ import annotations

from datetime import datetime

from pipeline.alerts.message import compose_digest
from pipeline.flow import Flow
from pipeline.storage import alerts, locks, restraint
from pipeline.storage.restraint import Bundle
from pipeline.storage.store import Transaction


def tell_due(flow: Flow) -> int:
    """Turn all bundles that are due into messages with deliveries; returns how many. Costs one query when none is."""
    now = flow.clock.now()
    with flow.store.read() as db:
        next_due = restraint.next_due(db)
    if next_due is None or next_due > now:
        return 0
    return flow.store.transact(lambda db: _tell_all(db, now))


def _tell_all(db: Transaction, now: datetime) -> int:
    locks.hold(db, ["bundles"])
    bundles = restraint.due(db, now)
    for bundle in bundles:
        _tell(db, bundle, now)
    return len(bundles)


def _tell(db: Transaction, bundle: Bundle, now: datetime) -> None:
    if len(bundle.alert_ids) == 1:
        restraint.told_alone(db, bundle.alert_ids[0], bundle.channels, now)
        return
    told = alerts.messages(db, bundle.alert_ids)
    restraint.told_together(db, bundle, compose_digest(bundle.rule, bundle.kind, bundle.key, told, now))
