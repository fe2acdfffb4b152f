"""Days of sources in the store: what each step adds, and what a check-up reads."""

from __future__ import annotations

import dataclasses
from datetime import date

from sqlalchemy import Connection, bindparam, select

from pipeline.health import SourceDay
from pipeline.storage.portable import insert
from pipeline.storage.schema import source_days

_FIELDS = tuple(field.name for field in dataclasses.fields(SourceDay))
_NUMBERS = tuple(name for name in _FIELDS if name not in ("source", "day"))
_HOURS = tuple(name for name in _NUMBERS if name.startswith("hours_"))
#: added for every poll and every page, so made once
_NEW = insert(source_days).values({name: bindparam(name) for name in _FIELDS})
_ADD = _NEW.on_conflict_do_update(
    index_elements=["source", "day"],
    set_={
        name: source_days.c[name].op("|" if name in _HOURS else "+")(_NEW.excluded[name])
        for name in _NUMBERS
    },
)  # fmt: skip
_COLUMNS = select(*(source_days.c[name] for name in _FIELDS))


def add(db: Connection, part: SourceDay) -> None:
    """Add what a step brought to its source's day. Belongs into the transaction that makes it true."""
    db.execute(_ADD, {name: getattr(part, name) for name in _FIELDS})


def since(db: Connection, first: date, source: str | None = None) -> list[SourceDay]:
    """The days from `first` on, of every source or of one, each source's oldest first."""
    query = _COLUMNS.where(source_days.c.day >= first).order_by(source_days.c.source, source_days.c.day)
    if source is not None:
        query = query.where(source_days.c.source == source)
    return [SourceDay(*row) for row in db.execute(query)]
