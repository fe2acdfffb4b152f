"""How items and statements came in, one after the other, for whoever goes through the past once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from pipeline.storage.schema import appearances, entries, items, reports, revisions

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
