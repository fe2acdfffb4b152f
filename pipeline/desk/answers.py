"""What the desk answers in: frozen, ready to be shown or written as JSON. A field is added, never renamed.

More of these types, of single items, statements and alerts, stand in pipeline/storage/views.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from pipeline.health import SourceDay, Symptom
from pipeline.storage import counts, views
from pipeline.storage.due import Due, Step
from pipeline.storage.entries import Failure
from pipeline.storage.speakers import SpeakerLine
from pipeline.storage.symptoms import Ailment
from pipeline.types import FeedState

Unit = Literal["day", "week", "month"]


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
    due: Mapping[Step, Due]
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


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of statements; `after` is what the question for the next page gives, None at the end."""

    statements: tuple[views.StatementView, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class SeenItems:
    """Items in the order in which they were first seen.

    `after` is what the next question gives, now or tomorrow: what is stored later comes after it. With `more` there is
    something already, though this answer may be short, or empty.
    """

    items: tuple[views.ItemLine, ...]
    after: str
    more: bool


@dataclass(frozen=True, slots=True)
class SeenStatements:
    """Statements in the order in which they were first seen; the rest as in SeenItems."""

    statements: tuple[views.StatementView, ...]
    after: str
    more: bool


@dataclass(frozen=True, slots=True)
class AlertPage:
    """A page of alerts, newest first; `after` as in StatementPage."""

    alerts: tuple[views.AlertView, ...]
    after: str | None


# --- counted ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """How many there were on a day, or in the week or month that begins with it."""

    at: date
    number: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a query finds over time, oldest first; a day, week (from Monday) or month without any is a point of 0."""

    unit: Unit
    points: tuple[Point, ...]
    total: int
    #: whether all that there is was counted
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Facet:
    """One value that a search can be narrowed by; `query` is what to add to it."""

    value: str
    label: str
    number: int
    query: str


@dataclass(frozen=True, slots=True)
class Facets:
    """By field, its most frequent values among the newest that a query finds."""

    fields: Mapping[str, tuple[Facet, ...]]
    #: how many were counted, the newest; and whether that is all there is
    looked_at: int
    complete: bool


# --- who stands where -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stand:
    """A clear stance as it was taken: when, in which statement."""

    stance: str
    at: datetime
    statement_id: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A speaker took another stance than the last clear one before."""

    before: Stand
    after: Stand


@dataclass(frozen=True, slots=True)
class TopicStand:
    """What one speaker said on one topic."""

    topic: str
    #: the latest clear stance, None where there never was one, and the first of those in a row that say the same
    latest: Stand | None
    since: Stand | None
    #: statements by stance, unclear ones too
    counts: Mapping[str, int]
    #: the latest turns, newest first, and how many there were
    turns: tuple[Turn, ...]
    turned: int


@dataclass(frozen=True, slots=True)
class SpeakerProfile:
    """A speaker with where they stand, topics most spoken of first, and how much they said each month."""

    speaker: SpeakerLine
    topics: tuple[TopicStand, ...]
    months: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class SpeakerPage:
    """A page of speakers, who said most first; `after` as in StatementPage."""

    speakers: tuple[SpeakerLine, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a country stands on a topic: the latest clear stance of its officials, and who took it in which words."""

    country: str
    topic: str
    stance: str
    at: datetime
    speaker: views.SpeakerView
    statement_id: int
    text: str
    #: clear stances of its officials in the year before: for, against, mixed
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Positions:
    """Countries by topics, as of a moment; a pair on which no official took a clear stance has no cell."""

    as_of: datetime
    countries: tuple[str, ...]
    topics: tuple[str, ...]
    cells: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class PositionHistory:
    """The statements behind a position, newest first; `after` as in StatementPage."""

    country: str
    topic: str
    as_of: datetime
    statements: tuple[views.StatementView, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Mover:
    """A speaker whose latest clear stance on a topic differs from the last one before."""

    topic: str
    speaker: views.SpeakerView
    before_stance: str
    now_stance: str
    before: views.StatementView
    now: views.StatementView


# --- of late ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Today:
    """What is new since a moment."""

    since: datetime
    until: datetime
    #: heard for the first time and published of late: officials first, then the surest; and how many there are
    statements: tuple[views.StatementView, ...]
    heard: int
    #: fired since then, newest first
    alerts: tuple[views.AlertView, ...]
    movers: tuple[Mover, ...]
    health: Health
    #: outlets that are not well
    failing: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic: what it means by language, how many patterns look for it, and how many items have it."""

    topic: str
    label: Mapping[str, str]
    description: Mapping[str, str]
    patterns: Mapping[str, int]
    items: int
    #: ... of these, published in the last 30 days
    lately: int


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """One outlet: its feeds, what each of its last days brought, what was noticed, what failed."""

    source: SourceView
    items: int
    days: tuple[SourceDay, ...]
    #: new entries a day, oldest first; days without any are points of 0
    volume: tuple[Point, ...]
    symptoms: tuple[Ailment, ...]
    failures: tuple[Failure, ...]
