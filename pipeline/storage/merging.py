"""Two items that a later text proved to be one: everything that hangs on the younger goes to the older."""

from __future__ import annotations

from sqlalchemy import Connection, and_, delete, literal, select, update

from pipeline.storage import items, statements, words
from pipeline.storage.schema import (
    alerts,
    appearances,
    entries,
    item_bands,
    item_countries,
    item_topics,
    merged_items,
    reports,
    revisions,
    suppressions,
)
from pipeline.storage.schema import items as item_table


def merge(db: Connection, kept: int, gone: int) -> None:
    """Make item `gone` a part of item `kept`: its text stays with its appearance, its number leads to `kept`."""
    statements.move_reports(db, gone, appearance_id=items.original_of(db, gone))
    items.keep_own_text(db, gone, items.candidate(db, gone).text)
    _drop_what_is_told(db, kept, gone)
    _move_keys(db, kept, gone)
    original = and_(appearances.c.item_id == gone, appearances.c.relation == "original")
    db.execute(update(appearances).where(original).values(relation="copy"))
    for table in (appearances, reports, revisions, entries, alerts, suppressions, merged_items):
        db.execute(update(table).where(table.c.item_id == gone).values(item_id=kept))
    for table in (item_topics, item_countries, item_bands):
        db.execute(delete(table).where(table.c.item_id == gone))
    words.forget(db, items=[gone])
    db.execute(delete(item_table).where(item_table.c.id == gone))
    db.execute(merged_items.insert().values(id=gone, item_id=kept))


def standing(db: Connection, item_id: int) -> int:
    """The number under which an item stands by now."""
    into = db.execute(select(merged_items.c.item_id).where(merged_items.c.id == item_id)).scalar()
    return item_id if into is None else int(into)


def _drop_what_is_told(db: Connection, kept: int, gone: int) -> None:
    """An item reports a statement once."""
    told = select(reports.c.statement_id).where(reports.c.item_id == kept, reports.c.revision_id.is_(None))
    db.execute(delete(reports).where(reports.c.item_id == gone, reports.c.statement_id.in_(told)))


def _move_keys(db: Connection, kept: int, gone: int) -> None:
    known = select(item_bands.c.band).where(item_bands.c.item_id == kept)
    keys = select(item_bands.c.band, literal(kept)).where(item_bands.c.item_id == gone, item_bands.c.band.not_in(known))
    db.execute(item_bands.insert().from_select(["band", "item_id"], keys))
