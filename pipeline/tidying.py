"""Removes what need not be kept any longer: old pages, and entries that no topic applied to. A batch at a time.

Nothing that is still work goes, nor items, statements, reports or alerts, whatever their age.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.flow import Flow
from pipeline.storage import forgotten

#: seconds between two tidyings of a running engine
EVERY = 86_400.0
#: removed in one transaction, so that others get to write in between
_PAGES, _ENTRIES = 200, 500


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many were removed, or would be."""

    pages: int = 0
    entries: int = 0

    def __add__(self, other: Tidied) -> Tidied:
        return Tidied(self.pages + other.pages, self.entries + other.entries)


def tidy(flow: Flow) -> Iterator[Tidied]:
    """Remove what is older than the settings say, telling of each batch. Safe to run at any time, and to stop."""
    settings = flow.settings
    pages, off_topic = _before(flow, settings.keep_pages), _before(flow, settings.keep_off_topic_pages)
    while True:
        with flow.store.write() as db:
            removed = forgotten.drop_pages(db, forgotten.old_pages(db, pages, off_topic, _PAGES))
        if not removed:
            break
        yield Tidied(pages=removed)
    before = _before(flow, settings.keep_off_topic)
    while before is not None:
        with flow.store.write() as db:
            removed = forgotten.forget(db, before, _ENTRIES)
        if not removed:
            break
        yield Tidied(entries=removed)


def tidy_all(flow: Flow) -> Tidied:
    """Remove all that is older than the settings say."""
    return sum(tidy(flow), Tidied())


def untidy(flow: Flow) -> Tidied:
    """What `tidy` would remove now; entries that must wait for their page to go first are left out."""
    settings = flow.settings
    pages, off_topic = _before(flow, settings.keep_pages), _before(flow, settings.keep_off_topic_pages)
    before = _before(flow, settings.keep_off_topic)
    with flow.store.read() as db:
        found = forgotten.count_old_pages(db, pages, off_topic)
        return Tidied(found, forgotten.forgettable(db, before) if before is not None else 0)


def _before(flow: Flow, days: float) -> datetime | None:
    """What ended before this moment may go; None: nothing may, as it is kept for ever, or nearly."""
    now = flow.clock.now()
    if days >= (now - datetime.min.replace(tzinfo=UTC)) / timedelta(days=1):
        return None
    return now - timedelta(days=days)
