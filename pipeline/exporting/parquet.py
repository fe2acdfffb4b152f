"""Parquet: typed columns, lists as lists, groups of rows. An extra: the library is large (`vigia[parquet]`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError
from pipeline.exporting.columns import Column
from pipeline.exporting.export import GROUP, Export, Piece
from pipeline.exporting.kinds import Row

if TYPE_CHECKING:
    from types import ModuleType


def pieces(export: Export) -> Iterator[Piece]:
    """The file, a group of rows at a time. Raises ConfigError at once where pyarrow is not there."""
    return _pieces(export, _arrow())


def _arrow() -> ModuleType:
    try:
        import pyarrow as pa
        import pyarrow.parquet  # makes pa.parquet
    except ImportError:
        expected = "the extra `parquet` (pip install 'vigia[parquet]')"
        raise ConfigError("export", "parquet", expected, "no pyarrow") from None
    found: ModuleType = pa
    return found


def _pieces(export: Export, arrow: Any) -> Iterator[Piece]:
    out = _Outflow()
    schema = _schema(export.kind.columns, arrow)
    with arrow.parquet.ParquetWriter(arrow.PythonFile(out, mode="w"), schema, compression="zstd") as writer:
        for done, rows in _groups(export):
            writer.write_table(_table(rows, export.kind.columns, schema, arrow))
            yield Piece(out.taken(), done, len(rows))
    # the rest is what the file holds, at its end
    yield Piece(out.taken(), len(export.keys), 0)


def _groups(export: Export) -> Iterator[tuple[int, list[Row]]]:
    """Rows of a group, and how much of what was found is done with it."""
    rows: list[Row] = []
    done = 0
    for batch in export.batches():
        rows += export.kind.rows(export.desk, batch)
        done += len(batch)
        if len(rows) >= GROUP:
            yield done, rows
            rows = []
    if rows:
        yield done, rows


def _schema(columns: Sequence[Column], arrow: Any) -> Any:
    words = arrow.dictionary(arrow.int32(), arrow.string())
    kinds: Mapping[str, Any] = {
        "text": arrow.string(),
        "word": words,
        "whole": arrow.int64(),
        "share": arrow.float64(),
        "truth": arrow.bool_(),
        "time": arrow.timestamp("us", tz="UTC"),
        "slugs": arrow.list_(arrow.string()),
        "names": arrow.list_(arrow.string()),
        "stances": arrow.map_(arrow.string(), arrow.string()),
    }
    return arrow.schema(
        [arrow.field(one.name, kinds[one.holds], metadata={"description": one.meaning}) for one in columns]
    )


def _table(rows: list[Row], columns: Sequence[Column], schema: Any, arrow: Any) -> Any:
    cells = zip(*rows, strict=True)
    return arrow.table([arrow.array(list(values), schema.field(n).type) for n, values in enumerate(cells)], schema)


class _Outflow:
    """What the library takes for a file, and what comes out of it."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def write(self, piece: Any) -> int:
        """Take a piece."""
        taken = bytes(piece)
        self._pieces.append(taken)
        self._length += len(taken)
        return len(taken)

    def tell(self) -> int:
        """How much came so far."""
        return self._length

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing to be done; what came last is still to be taken."""

    def taken(self) -> bytes:
        """What came since it was last asked."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole
