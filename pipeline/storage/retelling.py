"""What a statement is, told from its reports as they stand now: after reports were corrected or taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, null, select, update

from pipeline.storage import positions, words
from pipeline.storage.schema import (
    alerts,
    appearances,
    items,
    reports,
    speakers,
    statement_bands,
    statement_topics,
    statements,
    suppressions,
)
from pipeline.storage.statements import UNKNOWN

#: the identity of words by the speaker of a key, and their look-up keys: pipeline/statements/identity.py, handed in
Identity = Callable[[str | None, str], tuple[int, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Here:
    """What the reading at hand knows of a statement and its reports do not: its speaker's country, its first date."""

    country: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Retold:
    """Statements that say something else now; that nobody reports, so were removed; that stay for an alert's sake."""

    changed: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()


def retell(db: Connection, statement_ids: Sequence[int], of: Identity, here: Mapping[int, Here]) -> Retold:
    """Tell statements from their reports, and those that the reading at hand heard from what it knows of them (`here`).

    The words are those of the first report, unless a report still has the ones they were known by. Sides count as they
    did when the reports came in: the first clear stance on a topic stands.
    """
    told = defaultdict[int, list[Row[Any]]](list)
    query = select(reports).where(reports.c.statement_id.in_(statement_ids)).order_by(reports.c.seen_at, reports.c.id)
    for row in db.execute(query):
        told[row.statement_id].append(row)
    unreported = [i for i in statement_ids if i not in told]
    gone, kept = _drop(db, unreported)
    before = {row.id: row for row in db.execute(select(statements).where(statements.c.id.in_(list(told))))}
    dates = _dates(db, [row for rows in told.values() for row in rows])
    changed = set[int]()
    for statement_id, rows in told.items():
        values = _values(before[statement_id], rows, dates, here.get(statement_id))
        altered = _reword(db, before[statement_id], rows, of)
        altered |= _alter(db, before[statement_id], values)
        if _side(db, statement_id, rows) or altered:
            changed.add(statement_id)
    # what the reading at hand made is placed nowhere yet
    positions.follow(db, list(told))
    return Retold(frozenset(changed), gone, kept)


def _drop(db: Connection, statement_ids: Sequence[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Remove statements without reports, but for those that an alert told of."""
    told_of = select(alerts.c.statement_id).where(alerts.c.statement_id.in_(statement_ids))
    kept = frozenset(i for i in db.execute(told_of).scalars() if i is not None)
    gone = [i for i in statement_ids if i not in kept]
    for table in (statement_topics, statement_bands):
        db.execute(delete(table).where(table.c.statement_id.in_(gone)))
    # what was kept quiet of it was never said
    db.execute(delete(suppressions).where(suppressions.c.statement_id.in_(gone)))
    words.forget(db, statements=gone)
    positions.forget(db, gone)
    db.execute(delete(statements).where(statements.c.id.in_(gone)))
    return frozenset(gone), kept


def _dates(db: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[int, int | None], datetime]:
    """When the texts that reports stand in were first published, by item and appearance (None: the item's text)."""
    item_ids = [row.item_id for row in rows]
    own = select(items.c.id, null(), items.c.published_at).where(items.c.id.in_(item_ids))
    columns = (appearances.c.item_id, appearances.c.id, appearances.c.text, appearances.c.published_at)
    shown = db.execute(select(*columns).where(appearances.c.item_id.in_(item_ids))).all()
    texts = [(row.item_id, None if row.text is None else row.id, row.published_at) for row in shown]
    found: dict[tuple[int, int | None], datetime] = {}
    for item_id, appearance_id, at in (*db.execute(own), *texts):
        if at is not None:
            found[item_id, appearance_id] = min(found.get((item_id, appearance_id), at), at)
    return found


def _values(
    before: Row[Any], rows: Sequence[Row[Any]], dates: Mapping[tuple[int, int | None], datetime], here: Here | None
) -> dict[str, Any]:
    published = [dates.get((row.item_id, row.appearance_id)) for row in rows]
    known = [at for at in (*published, here.published_at if here else None) if at is not None]
    first = next((row for row in rows if row.text == before.text), rows[0])
    return {
        "kind": first.kind,
        "role": next((row.role for row in rows if row.role), None),
        "country": here.country if here and here.country else before.country,
        "confidence": max(row.confidence for row in rows),
        "published_at": min(known, default=before.published_at),
        "last_seen_at": max(before.last_seen_at, *(row.seen_at for row in rows)),
    }


def _alter(db: Connection, before: Row[Any], values: Mapping[str, Any]) -> bool:
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    if changed:
        db.execute(update(statements).where(statements.c.id == before.id).values(**changed))
    return bool(changed)


def _reword(db: Connection, before: Row[Any], rows: Sequence[Row[Any]], of: Identity) -> bool:
    """Let a statement have words that are reported, where nobody reports those it has; unless another has them."""
    if any(row.text == before.text for row in rows):
        return False
    speaker = db.execute(select(speakers.c.key).where(speakers.c.id == before.speaker_id)).scalar_one()
    key, bands = of(None if speaker == UNKNOWN else speaker, rows[0].text)
    same = select(statements.c.id).where(statements.c.speaker_id == before.speaker_id, statements.c.key == key)
    if db.execute(same.where(statements.c.id != before.id)).first() is not None:
        return False
    db.execute(update(statements).where(statements.c.id == before.id).values(text=rows[0].text, key=key))
    words.of_statements(db, [before.id])
    db.execute(delete(statement_bands).where(statement_bands.c.statement_id == before.id))
    if bands:
        db.execute(insert(statement_bands), [{"band": band, "statement_id": before.id} for band in sorted(set(bands))])
    return True


def _side(db: Connection, statement_id: int, rows: Sequence[Row[Any]]) -> bool:
    """Take the sides that its reports take; where those of some are not known, none is taken away."""
    mine = statement_topics.c.statement_id == statement_id
    before = {row.topic: row.stance for row in db.execute(select(statement_topics).where(mine))}
    after = dict(before) if any(row.sides is None for row in rows) else {}
    for row in rows:
        for topic, stance in (row.sides or {}).items():
            if after.get(topic, "unclear") == "unclear":
                after[topic] = stance
    if after == before:
        return False
    db.execute(delete(statement_topics).where(mine))
    if after:
        sides = [{"statement_id": statement_id, "topic": topic, "stance": stance} for topic, stance in after.items()]
        db.execute(insert(statement_topics), sides)
    return True
