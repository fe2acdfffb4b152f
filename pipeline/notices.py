"""Notices: what the channels of `[health]` in config/alerts.toml are told of sources. Stored first, sent like alerts.

Not here: what is wrong with a source (pipeline/health/), what a poll's answer means (pipeline/poll/).
"""

from __future__ import annotations

from datetime import datetime

from pipeline.alerts.message import Notice, compose_notice
from pipeline.flow import Flow
from pipeline.health import Change
from pipeline.storage import notices
from pipeline.storage.store import Transaction


def notice(
    flow: Flow, db: Transaction, source: str, kind: str, sentence: str, now: datetime, subject: str = ""
) -> int | None:
    """Tell that something happened to a source, once: what is the last word on it for a day gives None.

    For what a poll notices: `kind` is a word such as "retired" or "moved"; `subject` is what it is about ("feed 7
    standing"), on which the last word must be true; empty: the kind. Belongs into the transaction in which it becomes
    true.
    """
    return _tell(flow, db, Notice(source, kind, sentence, now), subject or kind)


def notice_change(flow: Flow, db: Transaction, change: Change, now: datetime) -> int | None:
    """Tell that a symptom was noticed, or that it is gone."""
    seen = change.symptom
    told = Notice(seen.source, seen.kind, seen.sentence, now, change.state, seen.severity, seen.since)
    return _tell(flow, db, told, seen.kind)


def _tell(flow: Flow, db: Transaction, told: Notice, subject: str) -> int | None:
    message = compose_notice(told, flow.sources.get(told.source))
    return notices.tell(db, message, told.source, told.kind, subject, flow.notice_channels)
