"""How items and statements came in, one after the other, for whoever goes through the past once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Row, Select, and_, case, func, select, union

from pipeline.query import Node
from pipeline.storage.conditions import About, Compiler
from pipeline.storage.schema import appearances, entries, items, reports, revisions, statements

#: rows asked for at once
_MANY = 5_000


@dataclass(frozen=True, slots=True)
class Told:
    """One item coming in, or one article reporting a statement."""

    item_id: int
    #: None: the item itself
    statement_id: int | None
    at: datetime
    source: str
    url: str
    title: str
    published_at: datetime | None
    #: when its entry was first seen
    first_seen_at: datetime
    #: it came with a first poll, a back-fill or an import
    quiet: bool
    #: its place among those of the same moment
    place: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """From when on a look is taken at the past, and at how many items or statements at most."""

    since: datetime
    #: what came quietly counts as of when we saw it, like all else; else as of its publication
    live: bool
    most: int


@dataclass(frozen=True, slots=True)
class Met:
    """What meets a query and came in within a window."""

    #: the newest first, as many as the window allows
    ids: tuple[int, ...]
    #: how many there are
    found: int


def that_meet(db: Connection, about: About, query: Node, now: datetime, window: Window) -> Met:
    """The items or statements that meet a query and came in, or were reported once more, within a window."""
    table = items if about == "item" else statements
    came = _came_since(window)
    mine = items.c.id.in_(came) if about == "item" else statements.c.id.in_(_reported_in(came))
    condition = and_(mine, Compiler(db, about, now).condition(query))
    seen = table.c.first_seen_at
    when = seen if window.live else func.coalesce(table.c.published_at, seen)
    newest = select(table.c.id).where(condition).order_by(when.desc(), table.c.id.desc()).limit(window.most)
    ids = tuple(db.execute(newest).scalars())
    if len(ids) < window.most:
        return Met(ids, len(ids))
    return Met(ids, int(db.execute(select(func.count()).select_from(table).where(condition)).scalar_one()))


def _reported_in(came: CompoundSelect[Any]) -> Select[Any]:
    return select(reports.c.statement_id).where(reports.c.item_id.in_(came))


def _came_since(window: Window) -> CompoundSelect[Any]:
    """Ids of the items of which something came in: they themselves, a copy, or a change of their text."""
    shown = select(appearances.c.item_id).join(entries, entries.c.id == appearances.c.entry_id)
    shown = shown.where(*_within(window, appearances.c.first_seen_at, appearances.c.published_at))
    changed = select(revisions.c.item_id).join(entries, entries.c.id == revisions.c.entry_id)
    changed = changed.join(items, items.c.id == revisions.c.item_id)
    return union(shown, changed.where(*_within(window, revisions.c.replaced_at, items.c.published_at)))


def _within(
    window: Window, at: ColumnElement[datetime], published_at: ColumnElement[datetime | None]
) -> Iterator[ColumnElement[bool]]:
    if window.live:
        yield at >= window.since
    else:
        # nothing is kept that claims to be published more than a day after we saw it
        yield at >= window.since - timedelta(days=1)
        yield case((entries.c.quiet, func.coalesce(published_at, at)), else_=at) >= window.since


def of_items(db: Connection, item_ids: Iterable[int]) -> Iterator[Told]:
    """Items as they came in, in any order."""
    for some in _batches(item_ids):
        came = _came(db, some)
        for row in db.execute(select(items.c.id, items.c.first_seen_at).where(items.c.id.in_(some))):
            if (found := came.get((row.id, row.first_seen_at))) is not None:
                yield _told(found, row.id, row.first_seen_at, row.id)


def of_statements(db: Connection, statement_ids: Iterable[int]) -> Iterator[Told]:
    """Statements as articles reported them: each once for an article, in the order of reports for a statement."""
    for some in _batches(statement_ids):
        rows = db.execute(select(reports).where(reports.c.statement_id.in_(some)).order_by(reports.c.id)).all()
        came = _came(db, list({row.item_id for row in rows}))
        rows = sorted(rows, key=lambda row: (row.statement_id, row.id))
        for (statement_id, item_id, at), same in groupby(
            rows, lambda row: (row.statement_id, row.item_id, row.seen_at)
        ):
            first = next(same)
            if (found := came.get((item_id, at))) is not None:
                yield _told(found, item_id, at, first.id, statement_id, first.confidence)


def _told(
    came: Row[Any], item_id: int, at: datetime, place: int, statement_id: int | None = None, sure: float | None = None
) -> Told:
    return Told(
        item_id=item_id,
        statement_id=statement_id,
        at=at,
        source=came.source,
        url=came.url,
        title=came.title,
        published_at=came.published_at,
        first_seen_at=came.first_seen_at,
        quiet=came.quiet,
        place=place,
        confidence=sure,
    )


def _came(db: Connection, item_ids: Sequence[int]) -> dict[tuple[int, datetime], Row[Any]]:
    """With which entry something of an item came, by item and time: as an appearance, or as a change of its text."""
    found: dict[tuple[int, datetime], Row[Any]] = {}
    for row in (*_rows(db, _APPEARED, item_ids), *_rows(db, _CHANGED, item_ids)):
        found.setdefault((row.item_id, row.at), row)
    return found


def _rows(db: Connection, query: Select[Any], item_ids: Sequence[int]) -> list[Row[Any]]:
    column = query.selected_columns["item_id"]
    return [row for some in _batches(item_ids) for row in db.execute(query.where(column.in_(some)))]


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while some := list(islice(left, _MANY)):
        yield some


_APPEARED = (
    select(
        appearances.c.item_id,
        appearances.c.first_seen_at.label("at"),
        appearances.c.published_at,
        appearances.c.source,
        appearances.c.url,
        appearances.c.title,
        entries.c.quiet,
        entries.c.first_seen_at,
    )
    .join(entries, entries.c.id == appearances.c.entry_id)
    .order_by(appearances.c.id)
)
_CHANGED = (
    select(
        revisions.c.item_id,
        revisions.c.replaced_at.label("at"),
        items.c.published_at,
        entries.c.source,
        entries.c.url,
        items.c.title,
        entries.c.quiet,
        entries.c.first_seen_at,
    )
    .join(entries, entries.c.id == revisions.c.entry_id)
    .join(items, items.c.id == revisions.c.item_id)
    .order_by(revisions.c.id)
)
