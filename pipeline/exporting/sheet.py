"""A table as a spreadsheet has it: a line of column names, then rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.exporting.cells import Cell, written


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under named columns. The rows may be an iterator: they are read once."""

    columns: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180), the column names first; each ends with CRLF."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in _all(sheet):
        writer.writerow([written(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _all(sheet: Sheet) -> Iterator[Sequence[Cell]]:
    yield sheet.columns
    yield from sheet.rows
