"""Who stands where: clear stances of statements, kept apart from the rest, and each statement's place in time.

Whoever writes a statement's dates, speaker, role, country or stances calls `follow` afterwards, as it calls `words` for
its words. What pages of positions and speakers ask is then answered from few narrow rows: stances.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from pipeline.storage.schema import positions, statement_topics, statements
from pipeline.storage.words import place_of

#: towards what a topic names, one way or the other
CLEAR = ("for", "against", "mixed")
_BATCH = 500
_AS_THEY_ARE = (
    select(
        statements.c.id,
        statements.c.speaker_id,
        statements.c.country,
        statements.c.role,
        statements.c.place,
        statements.c.published_at,
        statements.c.first_seen_at,
        statement_topics.c.topic,
        statement_topics.c.stance,
    )
    .join(statement_topics, statement_topics.c.statement_id == statements.c.id, isouter=True)
    .where(statements.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(statements.c.id)
)
_PLACE = update(statements).where(statements.c.id == bindparam("statement")).values(place=bindparam("there"))
_FORGET = delete(positions).where(positions.c.statement_id.in_(bindparam("ids", expanding=True)))
_KEEP = insert(positions)


def follow(db: Connection, statement_ids: Collection[int]) -> None:
    """Bring the places and positions of statements up to date."""
    if not statement_ids:
        return
    rows: Sequence[Any] = db.execute(_AS_THEY_ARE, {"ids": sorted(statement_ids)}).all()
    moved = [
        {"statement": one, "there": there}
        for one, same in groupby(rows, lambda row: row.id)
        if (first := next(same)).place != (there := _place(first))
    ]
    if moved:
        db.execute(_PLACE, moved)
    forget(db, statement_ids)
    kept = [_position(row) for row in rows if row.stance in CLEAR]
    if kept:
        db.execute(_KEEP, kept)


def forget(db: Connection, statement_ids: Collection[int]) -> None:
    """Drop the positions of statements that are about to go."""
    db.execute(_FORGET, {"ids": sorted(statement_ids)})


def fill(db: Connection) -> int:
    """Place whatever has no place yet, after rows were written in bulk; returns how many statements it was."""
    ids = list(db.execute(select(statements.c.id).where(statements.c.place.is_(None))).scalars())
    for batch in _batches(ids):
        follow(db, batch)
    return len(ids)


def _place(row: Any) -> int:
    return place_of(row.published_at or row.first_seen_at, row.id)


def _position(row: Any) -> dict[str, Any]:
    return {
        "statement_id": row.id,
        "topic": row.topic,
        "stance": row.stance,
        "speaker_id": row.speaker_id,
        "country": row.country,
        "role": row.role,
        "place": _place(row),
    }


def _batches(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
