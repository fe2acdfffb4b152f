"""Notices: what the channels of `[health]` in config/alerts.toml are told of sources. Stored first, sent like alerts.

Not here: what is wrong with a source (pipeline/health/), what a poll's answer means (pipeline/poll.py).
"""

from __future__ import annotations

from datetime import datetime

from pipeline.alerts.message import Notice, compose_notice
from pipeline.flow import Flow
from pipeline.health import Change
from pipeline.storage import notices
from pipeline.storage.store import Transaction


def notice(flow: Flow, db: Transaction, source: str, kind: str, sentence: str, now: datetime) -> int | None:
    """Tell that something happened to a source, once: the same within a day is not told again, which gives None.

    For what a poll notices and nothing ends: `kind` is a word such as "retired" or "moved". Belongs into the
    transaction in which it becomes true.
    """
    return _tell(flow, db, Notice(source, kind, sentence, now))


def notice_change(flow: Flow, db: Transaction, change: Change, now: datetime) -> int | None:
    """Tell that a symptom was noticed, or that it is gone."""
    seen = change.symptom
    return _tell(flow, db, Notice(seen.source, seen.kind, seen.sentence, now, change.state, seen.severity, seen.since))


def _tell(flow: Flow, db: Transaction, told: Notice) -> int | None:
    message = compose_notice(told, flow.sources.get(told.source))
    return notices.tell(db, message, told.source, told.kind, flow.notice_channels)
