"""Whole tables, out of one store and into another, a batch at a time: what an archive is made of.

Rows go as tuples of Python values, in the order of `columns`; computed columns are left to the database they go to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    select,
    text,
)

from pipeline.storage.columns import Instant
from pipeline.storage.schema import metadata

#: rows fetched at once; pages may be large
_BATCH = 200
#: the first that fits
_TYPES: tuple[tuple[type, Any], ...] = (
    (Instant, datetime),
    (Date, date),
    (LargeBinary, bytes),
    (JSON, Any),
    (Boolean, bool),
    (Float, float),
    (BigInteger, int),
    (Integer, int),
    (String, str),
)

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as an archive sees it: its name, its columns in order, and the Python type of each."""

    table: str
    columns: tuple[str, ...]
    types: tuple[Any, ...]


def shapes() -> tuple[Shape, ...]:
    """Every table, those first that others refer to; not those of accounts, which stay where they are."""
    return tuple(
        Shape(str(table.name), tuple(str(c.name) for c in _kept(table)), tuple(map(_python_type, _kept(table))))
        for table in _moved()
    )


def rows(db: Connection, name: str) -> Iterator[Row]:
    """Every row of a table, by its primary key, a few at a time from the database."""
    table = metadata.tables[name]
    query = select(*_kept(table)).order_by(*table.primary_key.columns)
    for row in db.execute(query, execution_options={"yield_per": _BATCH}):
        yield tuple(row)


def count(db: Connection, name: str) -> int:
    """How many rows a table has."""
    return int(db.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one())


def filled(db: Connection) -> list[str]:
    """The tables that have a row."""
    return [table.name for table in _moved() if db.execute(select(table).limit(1)).first() is not None]


def empty(db: Connection) -> None:
    """Delete every row of every table that archives have, those first that refer to others."""
    for table in reversed(_moved()):
        db.execute(table.delete())


def put(db: Connection, shape: Shape, batch: Sequence[Row]) -> None:
    """Insert rows as they are, with their row numbers."""
    if batch:
        db.execute(metadata.tables[shape.table].insert(), [dict(zip(shape.columns, row, strict=True)) for row in batch])


def take_time(db: Connection) -> None:
    """Let the statements of this transaction take as long as they do: the limits are for the flow's."""
    if db.dialect.name == "postgresql":
        db.execute(text("SET LOCAL statement_timeout = 0"))


def count_on(db: Connection) -> None:
    """Let row numbers go on after the greatest there is; SQLite does so by itself."""
    if db.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if table.autoincrement_column is not None:
            last = db.execute(select(func.max(table.autoincrement_column))).scalar()
            asked = {
                "table": table.name,
                "column": table.autoincrement_column.name,
                "last": last or 1,
                "used": bool(last),
            }
            db.execute(_COUNT_ON, asked)


_COUNT_ON = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last, :used)")


def _moved() -> list[Table]:
    return [table for table in metadata.sorted_tables if not table.info.get("stays")]


def _kept(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.computed is None]


def _python_type(column: Column[Any]) -> Any:
    found = next((python for kind, python in _TYPES if isinstance(column.type, kind)), None)
    if found is None:
        raise TypeError(f"{column}: expected a type that archives know, got {column.type!r}")
    return found if found is Any or not column.nullable else found | None
