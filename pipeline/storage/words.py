"""The words that full text is made of: folded, kept beside items and statements, brought up to date with them.

Whoever writes an item's title, text or dates, or a statement's words, calls these afterwards; `search` finds what they
kept. FTS5 follows item_words and statement_words by triggers, PostgreSQL by its own indexes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from pipeline.query.terms import terms
from pipeline.storage.schema import item_words, items, statement_words, statements

#: an item's number in its place; the seconds stand above
_ID_BITS = 31
_FIRST = date(1970, 1, 1)
_BATCH = 500
_ITEMS = select(items.c.id, items.c.title, items.c.text, items.c.published_at, items.c.first_seen_at).where(
    items.c.id.in_(bindparam("ids", expanding=True))
)
_FORGET = delete(item_words).where(item_words.c.item_id.in_(bindparam("ids", expanding=True)))
_KEEP = insert(item_words)
_PLACE = update(items).where(items.c.id == bindparam("item")).values(place=bindparam("there"))
_STATEMENTS = select(statements.c.id, statements.c.text).where(statements.c.id.in_(bindparam("ids", expanding=True)))
_FORGET_SAID = delete(statement_words).where(statement_words.c.statement_id.in_(bindparam("ids", expanding=True)))
_KEEP_SAID = insert(statement_words)


def spaced(text: str) -> str:
    """Folded words with one space before, between and after them, so that ` word ` finds whole words."""
    return " ".join(["", *terms(text), ""])


def place_of(at: datetime, item_id: int) -> int:
    """Where an item stands in the order of publication, as one number: its second, then its own number."""
    return (int(at.timestamp() // 1) << _ID_BITS) | item_id


def item_at(place: int) -> int:
    """The item that stands at a place."""
    return place & ((1 << _ID_BITS) - 1)


#: so many places has a day
DAY = 86_400 << _ID_BITS


def day_of(number: int) -> date:
    """The day (UTC) whose places are those from number * DAY on."""
    return _FIRST + timedelta(days=number)


def moment_of(place: int) -> datetime:
    """The second of a place."""
    return datetime.fromtimestamp(place >> _ID_BITS, UTC)


def of_items(db: Connection, item_ids: Sequence[int]) -> None:
    """Bring the words and the place of items up to date."""
    rows = [
        {
            "place": place_of(row.published_at or row.first_seen_at, row.id),
            "item_id": row.id,
            "title": spaced(row.title),
            "text": spaced(row.text),
        }
        for row in db.execute(_ITEMS, {"ids": item_ids})
    ]
    db.execute(_FORGET, {"ids": item_ids})
    if rows:
        db.execute(_KEEP, rows)
        db.execute(_PLACE, [{"item": row["item_id"], "there": row["place"]} for row in rows])


def of_statements(db: Connection, statement_ids: Sequence[int]) -> None:
    """Bring the words of statements up to date."""
    found = db.execute(_STATEMENTS, {"ids": statement_ids})
    rows = [{"statement_id": row.id, "said": spaced(row.text)} for row in found]
    db.execute(_FORGET_SAID, {"ids": statement_ids})
    if rows:
        db.execute(_KEEP_SAID, rows)


def forget(db: Connection, *, items: Sequence[int] = (), statements: Sequence[int] = ()) -> None:
    """Drop the words of items and statements that are about to go."""
    if items:
        db.execute(_FORGET, {"ids": items})
    if statements:
        db.execute(_FORGET_SAID, {"ids": statements})


def fill(db: Connection) -> int:
    """Keep the words of whatever has none yet, after rows were written in bulk; returns how many it was."""
    kept_items = select(item_words.c.item_id)
    kept_statements = select(statement_words.c.statement_id)
    new_items = list(db.execute(select(items.c.id).where(items.c.id.not_in(kept_items))).scalars())
    new_statements = list(db.execute(select(statements.c.id).where(statements.c.id.not_in(kept_statements))).scalars())
    for batch in _batches(new_items):
        of_items(db, batch)
    for batch in _batches(new_statements):
        of_statements(db, batch)
    return len(new_items) + len(new_statements)


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
