"""What the desk answers in: frozen, ready to be shown or written as JSON. A field is added, never renamed.

More of these types, of single items, statements and alerts, stand in pipeline/storage/views.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pipeline.health import Symptom
from pipeline.storage import counts, due, views
from pipeline.types import FeedState


@dataclass(frozen=True, slots=True)
class Health:
    """How the sources are, as of the last check-up of a running engine."""

    #: sources that are polled, and those of them with an open symptom
    watched: int
    in_trouble: int
    #: the last poll of any feed: what follows is not younger
    last_poll_at: datetime | None
    #: open symptoms, warnings first; an empty source is us
    symptoms: tuple[Symptom, ...]

    def of(self, slug: str) -> tuple[Symptom, ...]:
        """The open symptoms of one source."""
        return tuple(symptom for symptom in self.symptoms if symptom.source == slug)


@dataclass(frozen=True, slots=True)
class Status:
    """How the store and its sources are doing."""

    database: str
    schema: str
    bytes: int
    now: datetime
    totals: counts.Totals
    next_poll_at: datetime | None
    next_work_at: datetime | None
    health: Health
    #: what each step has to do now, and since when
    due: Mapping[due.Step, due.Due]
    #: entries that ended in the last hour
    ended_last_hour: int


@dataclass(frozen=True, slots=True)
class SourceView:
    """An outlet with what we remember of its feeds, and how it stands: as its worst feed does."""

    slug: str
    name: str
    country: str
    languages: tuple[str, ...]
    enabled: bool
    reason: str
    feeds: tuple[FeedState, ...]
    #: new entries a day of late
    entries_per_day: float = 0.0
    standing: Literal["well", "degraded", "lost"] = "well"
    standing_since: datetime | None = None
    standing_reason: str | None = None
    #: hosts of its feeds that are left alone now, and until when
    stopped: Mapping[str, datetime] = field(default_factory=dict)
    #: feeds that the catalogue declares by now and no start has read yet
    coming: tuple[str, ...] = ()
    #: feeds that it declared once
    former: tuple[FeedState, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of what a search found; `after` is what the question for the next page gives, None at the end."""

    items: tuple[views.ItemLine, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved search; the explanation says in a sentence what it finds."""

    name: str
    query: str
    explanation: str
    saved_at: datetime
