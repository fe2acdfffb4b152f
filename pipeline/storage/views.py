"""What people are shown: items, statements and alerts with everything that hangs on them, a few queries for any number.

These types are the JSON of the command line and the API: a field is added, never renamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, func, select
from sqlalchemy.sql import Select

from pipeline.storage import items as item_rows
from pipeline.storage import merging
from pipeline.storage import statements as statement_rows
from pipeline.storage.schema import appearances, item_topics, items, reports, revisions, sources
from pipeline.types import Access, Change, Item, Span, Statement


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic of an item; evidence as {"in", "span"}."""

    topic: str
    score: float
    evidence: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class AppearanceView:
    """One place where an item was published."""

    source: str
    source_name: str
    url: str
    title: str
    relation: str
    published_at: datetime | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionView:
    """An earlier text of an item, and what was changed in it: the way to the next text, or to the present one."""

    title: str
    text: str
    replaced_at: datetime
    title_changes: tuple[Change, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeakerView:
    """Who said it."""

    name: str | None
    role: str | None
    country: str | None
    key: str | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """One item reporting a statement; `parts` are offsets into that item's title or text."""

    item_id: int
    source: str
    title: str
    url: str
    #: "title" or "text"
    where: str
    parts: tuple[Span, ...]
    text: str
    kind: str
    via: str | None
    published_at: datetime | None
    source_name: str = ""
    #: of the item
    lang: str | None = None
    #: when we saw it
    seen_at: datetime | None = None
    #: it stands in an earlier text of the item, which its publisher changed
    outdated: bool = False
    #: what stands before and after the words, a few lines of each; told for single statements only
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement with all its reports."""

    id: int
    text: str
    kind: str
    speaker: SpeakerView
    topics: tuple[str, ...]
    stance: dict[str, str]
    via: tuple[str, ...]
    lang: str | None
    confidence: float
    published_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    reports: tuple[ReportView, ...]


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item in a list."""

    id: int
    url: str
    title: str
    source: str
    source_name: str
    lang: str | None
    access: Access
    published_at: datetime | None
    first_seen_at: datetime
    countries: tuple[str, ...]
    topics: tuple[TopicView, ...]
    statements: int
    appearances: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with its text and everything that hangs on it."""

    id: int
    url: str
    title: str
    text: str
    source: str
    source_name: str
    lang: str | None
    access: Access
    authors: tuple[str, ...]
    countries: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None
    first_seen_at: datetime
    topics: tuple[TopicView, ...]
    statements: tuple[StatementView, ...]
    appearances: tuple[AppearanceView, ...]
    revisions: tuple[RevisionView, ...]


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One message of an alert to one channel."""

    channel: str
    state: str
    attempts: int
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class AlertView:
    """A fired alert with its deliveries."""

    id: int
    key: str
    rule: str
    title: str
    body: str
    url: str
    fired_at: datetime
    item_id: int
    statement_id: int | None
    deliveries: tuple[DeliveryView, ...]


def item_lines(db: Connection, item_ids: Sequence[int]) -> list[ItemLine]:
    """Items for a list, in the order given."""
    topics = _topics_by_item(db, item_ids)
    found = {row.id: row for row in db.execute(_LINES, {"ids": item_ids})}
    return [_line(found[i], topics.get(i, ())) for i in item_ids if i in found]


def _line(row: Row[Any], topics: tuple[TopicView, ...]) -> ItemLine:
    return ItemLine(
        id=row.id,
        url=row.url,
        title=row.title,
        source=row.source,
        source_name=row.source_name,
        lang=row.lang,
        access=row.access,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        countries=tuple(row.countries),
        topics=topics,
        statements=row.statements,
        appearances=row.appearances,
    )


def item_view(db: Connection, item_id: int) -> ItemView:
    """One item with everything, by its number or that of one merged into it. Raises KeyError for an unknown id."""
    item_id = merging.standing(db, item_id)
    item = item_rows.load(db, item_id)
    statement_ids = sorted(statement_rows.of_item(db, item_id))
    return ItemView(
        id=item.id,
        url=item.url,
        title=item.title,
        text=item.text,
        source=item.source,
        source_name=_source_name(db, item.source),
        lang=item.lang,
        access=item.access,
        authors=item.authors,
        countries=item.countries,
        published_at=item.published_at,
        modified_at=item.modified_at,
        first_seen_at=item.first_seen_at,
        topics=_topics(item),
        statements=tuple(statement_views(db, statement_ids)),
        appearances=_appearances(db, item_id),
        revisions=_revisions(db, item_id),
    )


def statement_views(db: Connection, statement_ids: Sequence[int]) -> list[StatementView]:
    """Statements with their reports, in the order given."""
    told = _reports(db, statement_ids)
    via = {one: tuple(sorted({report.via for report in of if report.via})) for one, of in told.items()}
    return [_statement(said, told.get(said.id, ())) for said in statement_rows.load_many(db, statement_ids, via)]


def beginnings(db: Connection, item_ids: Sequence[int], length: int) -> dict[int, str]:
    """The first so many characters of items' texts, by id."""
    start = func.substr(items.c.text, 1, length)
    return {row[0]: row[1] for row in db.execute(select(items.c.id, start).where(items.c.id.in_(item_ids)))}


# made once: to put a question together takes as long as to have it answered
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_NAME = func.coalesce(sources.c.name, items.c.source).label("source_name")
_PLACES = select(func.count()).where(appearances.c.item_id == items.c.id).scalar_subquery()
_SAID = (
    select(func.count(reports.c.statement_id.distinct()))
    .where(reports.c.item_id == items.c.id, reports.c.revision_id.is_(None))
    .scalar_subquery()
)
#: of an item, what a list shows: not its text, which is long
_LINE = tuple(
    items.c[name]
    for name in ("id", "url", "title", "source", "lang", "access", "published_at", "first_seen_at", "countries")
)
_LINES: Select[Any] = (
    select(*_LINE, _NAME, _PLACES.label("appearances"), _SAID.label("statements"))
    .join_from(items, sources, sources.c.slug == items.c.source, isouter=True)
    .where(items.c.id.in_(_IDS))
)
_TOPICS = select(item_topics).where(item_topics.c.item_id.in_(_IDS))
_REPORTS = (
    select(reports, items.c.source, _NAME, items.c.title, items.c.url, items.c.published_at, items.c.lang)
    .join_from(reports, items, items.c.id == reports.c.item_id)
    .join(sources, sources.c.slug == items.c.source, isouter=True)
    .where(reports.c.statement_id.in_(_IDS))
    .order_by(reports.c.id)
)
_APPEARANCES = (
    select(appearances, func.coalesce(sources.c.name, appearances.c.source).label("source_name"))
    .join_from(appearances, sources, sources.c.slug == appearances.c.source, isouter=True)
    .where(appearances.c.item_id == bindparam("item"))
    .order_by(appearances.c.id)
)


def _topics_by_item(db: Connection, item_ids: Sequence[int]) -> dict[int, tuple[TopicView, ...]]:
    """Topics of many items, best first; evidence stands in the store as it is shown."""
    found: dict[int, tuple[TopicView, ...]] = {}
    # databases sort equal scores, and letters, each in its own way
    for row in sorted(db.execute(_TOPICS, {"ids": item_ids}), key=lambda row: (-row.score, row.topic)):
        view = TopicView(row.topic, round(row.score, 3), tuple(row.evidence))
        found[row.item_id] = (*found.get(row.item_id, ()), view)
    return found


def _source_name(db: Connection, slug: str) -> str:
    return db.execute(select(sources.c.name).where(sources.c.slug == slug)).scalar() or slug


def _topics(item: Item) -> tuple[TopicView, ...]:
    return tuple(
        TopicView(
            match.topic,
            round(match.score, 3),
            tuple({"in": piece.where, "span": list(piece.span)} for piece in match.evidence),
        )
        for match in item.topics
    )


def _appearances(db: Connection, item_id: int) -> tuple[AppearanceView, ...]:
    return tuple(
        AppearanceView(
            source=row.source,
            source_name=row.source_name,
            url=row.url,
            title=row.title,
            relation=row.relation,
            published_at=row.published_at,
            first_seen_at=row.first_seen_at,
        )
        for row in db.execute(_APPEARANCES, {"item": item_id})
    )


def _revisions(db: Connection, item_id: int) -> tuple[RevisionView, ...]:
    query = select(revisions).where(revisions.c.item_id == item_id).order_by(revisions.c.id)
    return tuple(RevisionView(row.title, row.text, row.replaced_at) for row in db.execute(query))


def _reports(db: Connection, statement_ids: Sequence[int]) -> dict[int, tuple[ReportView, ...]]:
    found: dict[int, tuple[ReportView, ...]] = {}
    for row in db.execute(_REPORTS, {"ids": statement_ids}):
        found[row.statement_id] = (*found.get(row.statement_id, ()), _report(row))
    return found


def _report(row: Row[Any]) -> ReportView:
    return ReportView(
        item_id=row.item_id,
        source=row.source,
        title=row.title,
        url=row.url,
        where=row.where,
        parts=tuple((start, end) for start, end in row.parts),
        text=row.text,
        kind=row.kind,
        via=row.via,
        published_at=row.published_at,
        source_name=row.source_name,
        lang=row.lang,
        seen_at=row.seen_at,
        outdated=row.revision_id is not None,
    )


def _statement(said: Statement, told: tuple[ReportView, ...]) -> StatementView:
    speaker = said.speaker
    return StatementView(
        id=said.id,
        text=said.text,
        kind=said.kind,
        speaker=SpeakerView(speaker.name, speaker.role, speaker.country, speaker.key),
        topics=said.topics,
        stance=dict(said.stance),
        via=said.via,
        lang=said.lang,
        confidence=said.confidence,
        published_at=said.published_at,
        first_seen_at=said.first_seen_at,
        last_seen_at=said.last_seen_at,
        reports=told,
    )
