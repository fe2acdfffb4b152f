"""An export: what a query finds of one kind, in one format, piece after piece.

    export = begin(desk, "statements", "topic:legalization last:1y")
    for piece in write(export, "csv"):
        out.write(piece.body)

The memory it takes does not grow with what is exported, but for 8 bytes a row: kinds.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from pipeline.desk import Desk
from pipeline.exporting.cells import neutral
from pipeline.exporting.columns import Column
from pipeline.exporting.kinds import KINDS, Kind, Row

Table = Literal["csv", "jsonl", "parquet"]
TABLES: tuple[Table, ...] = get_args(Table)
#: items, statements and so on in a batch; in a group of rows of a Parquet file
BATCH, GROUP = 1_000, 8_000
#: tells spreadsheets that a file is UTF-8
BOM = "\ufeff"
#: how a list of such is one cell
_JOINTS = {"slugs": " ", "names": ", "}


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be written: `keys` of what was found, as its kind knows them."""

    desk: Desk
    kind: Kind
    keys: Sequence[Any]
    #: so many of them are read at a time
    batch: int = BATCH

    def batches(self) -> Iterator[Sequence[Any]]:
        """What was found, batch after batch."""
        return (self.keys[start : start + self.batch] for start in range(0, len(self.keys), self.batch))


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a file; how many of what was found are written by then, and how many rows these are."""

    body: bytes
    done: int
    rows: int


def begin(desk: Desk, about: str, query: str, limit: int | None = None) -> Export:
    """Find what is to leave; `query` may be `@` and the name of a saved search. Raises QueryError; KeyError."""
    kind = KINDS[about]
    asked = query if about == "speakers" else desk.query(query)
    return Export(desk, kind, kind.find(desk, asked, limit))


def write(export: Export, table: Table, *, bom: bool = False) -> Iterator[Piece]:
    """The file, piece by piece. Raises StoreError, and MissingExtra at once where Parquet's library is not there."""
    if table == "parquet":
        from pipeline.exporting import parquet

        return parquet.pieces(export)
    return _csv(export, bom) if table == "csv" else _jsonl(export)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(export: Export, bom: bool) -> Iterator[Piece]:
    """RFC 4180 in UTF-8, the names of the columns first; texts are neutralised."""
    head = ",".join(column.name for column in export.kind.columns) + "\r\n"
    yield Piece(((BOM if bom else "") + head).encode(), 0, 0)
    done = 0
    for batch in export.batches():
        rows, done = export.kind.rows(export.desk, batch), done + len(batch)
        yield Piece(csv_body(export.kind.columns, rows).encode(), done, len(rows))


def csv_body(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Rows as lines of CSV. Cells are written column by column: half the time of row by row."""
    cells = [_WRITTEN[column.holds](values) for column, values in zip(columns, zip(*rows, strict=True), strict=False)]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(zip(*cells, strict=True))
    return buffer.getvalue()


def _texts(values: Sequence[str | None]) -> list[str | None]:
    return [value if value is None else neutral(value) for value in values]


def _times(values: Sequence[datetime | None]) -> list[str | None]:
    return [value if value is None else value.isoformat() for value in values]


def _truths(values: Sequence[bool | None]) -> list[str | None]:
    return [value if value is None else str(value).lower() for value in values]


def _lists(joint: str) -> Callable[[Sequence[Sequence[str]]], list[str]]:
    return lambda values: [neutral(joint.join(value)) for value in values]


def _stances(values: Sequence[Sequence[tuple[str, str]]]) -> list[str]:
    return [neutral(" ".join([f"{topic}={side}" for topic, side in value])) for value in values]


def _as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    return values


_WRITTEN: Mapping[str, Callable[[Sequence[Any]], Sequence[Any]]] = {
    "text": _texts,
    "word": _texts,
    "whole": _as_they_are,
    "share": _as_they_are,
    "truth": _truths,
    "time": _times,
    "slugs": _lists(_JOINTS["slugs"]),
    "names": _lists(_JOINTS["names"]),
    "stances": _stances,
}


# --- JSON lines -------------------------------------------------------------------------------------------------------


def _jsonl(export: Export) -> Iterator[Piece]:
    """A JSON object a line: what `--json` and the API tell of each, else the columns by name."""
    encoder, kind, done = msgspec.json.Encoder(), export.kind, 0
    for batch in export.batches():
        done += len(batch)
        told = kind.told(export.desk, batch) if kind.told else _named(kind, kind.rows(export.desk, batch))
        yield Piece(encoder.encode_lines(told), done, len(told))


def _named(kind: Kind, rows: Sequence[Row]) -> list[dict[str, Any]]:
    names = [column.name for column in kind.columns]
    return [dict(zip(names, row, strict=True)) for row in rows]
