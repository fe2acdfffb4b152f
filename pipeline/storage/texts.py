"""The texts that an item's reports stand in: its own, those of appearances that differ, earlier ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from pipeline.storage import items as item_rows
from pipeline.storage import pages
from pipeline.storage.schema import appearances, entries, items, revisions
from pipeline.types import Access, Entry, Outcome, Page


@dataclass(frozen=True, slots=True)
class Place:
    """Where reports stand: in the item's present text, in an appearance's own text, or in an earlier text."""

    appearance_id: int | None = None
    revision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A title and text of an item, as stored."""

    item_id: int
    source: str
    url: str
    title: str
    text: str
    lang: str | None
    published_at: datetime | None
    seen_at: datetime
    place: Place = Place()
    access: Access = "open"


def of_items(db: Connection, item_ids: Sequence[int]) -> dict[int, tuple[Written, ...]]:
    """All texts of items: the present one first, then those of appearances, then earlier ones, the latest first.

    A statement is reported by the first of these texts that it stands in.
    """
    found: dict[int, tuple[Written, ...]] = {}
    own = {row.id: _own(row) for row in db.execute(select(items).where(items.c.id.in_(item_ids)))}
    others = defaultdict[int, list[Written]](list)
    shown = select(appearances).where(appearances.c.item_id.in_(item_ids)).order_by(appearances.c.id)
    held = set[int]()
    for row in db.execute(shown):
        if row.text is None and row.item_id not in held:
            # the text is this outlet's; the headline is that of the original
            held.add(row.item_id)
            own[row.item_id] = replace(own[row.item_id], source=row.source, url=row.url)
        if (other := _shown(own[row.item_id], row)) is not None:
            others[row.item_id].append(other)
    earlier = select(revisions).where(revisions.c.item_id.in_(item_ids)).order_by(revisions.c.id.desc())
    for row in db.execute(earlier):
        others[row.item_id].append(_earlier(own[row.item_id], row))
    for item_id, written in own.items():
        found[item_id] = (written, *others[item_id])
    return found


def _own(row: Row[Any]) -> Written:
    at = (row.published_at, row.first_seen_at)
    return Written(row.id, row.source, row.url, row.title, row.text, row.lang, *at, access=row.access)


def _shown(own: Written, row: Row[Any]) -> Written | None:
    if row.text is None and row.title == own.title:
        return None
    return replace(
        own,
        source=row.source,
        url=row.url,
        title=row.title,
        text=own.text if row.text is None else row.text,
        place=Place(appearance_id=row.id),
        published_at=row.published_at,
        seen_at=row.first_seen_at,
    )


def _earlier(own: Written, row: Row[Any]) -> Written:
    return replace(own, title=row.title, text=row.text, place=Place(revision_id=row.id))


def page_of(db: Connection, item_id: int) -> Page | None:
    """The page that the item's present text came from; None where it is not kept, whatever earlier one is."""
    shown = select(appearances.c.url_key).where(appearances.c.id == item_rows.original_of(db, item_id))
    brought = entries.c.outcome.in_((Outcome.STORED, Outcome.REPRINT, Outcome.UPDATED))
    query = select(entries).where(entries.c.url_key == shown.scalar_subquery(), entries.c.item_id == item_id, brought)
    row = db.execute(query.order_by(entries.c.ended_at.desc(), entries.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    try:
        return pages.load(db, row.id, Entry(row.url, row.title, claimed_at=row.claimed_at, lang=row.lang))
    except KeyError:
        return None
