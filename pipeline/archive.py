"""A whole store in one file, to move it to another database or to keep it: `vigia export --all`, `vigia import`.

The file is zstd: first a frame that decompressors skip and by which we know it, then lines of JSON. The first says
which schema it is of; then each table comes with its name and columns, its rows as arrays, and how many they were with
a sum over them; the last line says that it is whole. Row numbers are kept. What two databases write differently (times,
keys of objects) is written in one way, so that the sums of a store and of its copy agree, whatever they are kept in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard
from xxhash import xxh3_128_intdigest

from pipeline.errors import ArchiveError
from pipeline.storage import transfer
from pipeline.storage.store import Store, Transaction
from pipeline.storage.transfer import Row, Shape

_FORMAT = 1
_NAME = b"vigia archive\n"
#: a skippable frame (RFC 8878, 3.1.2): magic number, length, and what we say
_MARK = b"\x50\x2a\x4d\x18" + len(_NAME).to_bytes(4, "little") + _NAME
_LEVEL = 6
_SUM = 1 << 128
#: rows and bytes inserted at once
_ROWS, _BYTES = 500, 4_000_000

#: tables as they are done: name, rows so far, rows altogether (of an archive being read, not known: 0)
Watch = Callable[[str, int, int], None]


class Header(msgspec.Struct, frozen=True):
    """The first line."""

    format: int
    schema: str
    made_at: datetime


class Opening(msgspec.Struct, frozen=True):
    """The line before a table's rows."""

    table: str
    columns: tuple[str, ...]


class Closing(msgspec.Struct, frozen=True):
    """The line after a table's rows: how many they were, and a sum that does not depend on their order."""

    rows: int
    sum: str


class Ending(msgspec.Struct, frozen=True):
    """The last line."""

    tables: int


@dataclass(frozen=True, slots=True)
class Copied:
    """What an archive holds: rows and sums by table."""

    schema: str
    tables: dict[str, Closing]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(each.rows for each in self.tables.values())


class _Sum:
    """Counts rows and adds up what they hash to, modulo 2**128: the order of rows is the database's own."""

    def __init__(self) -> None:
        self.rows = self.total = 0

    def add(self, line: bytes) -> None:
        self.rows += 1
        self.total = (self.total + xxh3_128_intdigest(line)) % _SUM

    def closing(self) -> Closing:
        return Closing(self.rows, f"{self.total:032x}")


_encode = msgspec.json.Encoder(order="sorted").encode


def recognises(file: Path) -> bool:
    """Whether a file is an archive of a store, by its first bytes."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MARK)) == _MARK
    except OSError:
        return False


# --- out --------------------------------------------------------------------------------------------------------------


def write(store: Store, file: Path, now: datetime, watch: Watch) -> Copied:
    """Write all of a store, as of one moment; `file` is there when it is whole. Raises OSError, StoreError."""
    store.check()
    part = file.with_name(file.name + ".part")
    try:
        with part.open("wb") as out:
            out.write(_MARK)
            with (
                zstandard.ZstdCompressor(_LEVEL, write_checksum=True).stream_writer(out, closefd=False) as packed,
                store.read() as db,
            ):
                transfer.take_time(db)
                copied = _write(db, packed, Header(_FORMAT, store.revision(), now), watch)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return copied


def _write(db: Transaction, out: Any, header: Header, watch: Watch) -> Copied:
    out.write(_encode(header) + b"\n")
    tables = {shape.table: _write_table(db, out, shape, watch) for shape in transfer.shapes()}
    out.write(_encode(Ending(len(tables))) + b"\n")
    return Copied(header.schema, tables)


def _write_table(db: Transaction, out: Any, shape: Shape, watch: Watch) -> Closing:
    out.write(_encode(Opening(shape.table, shape.columns)) + b"\n")
    total, summed = transfer.count(db, shape.table), _Sum()
    for line in _lines(db, shape):
        summed.add(line)
        out.write(line + b"\n")
        if summed.rows % _ROWS == 0:
            watch(shape.table, summed.rows, total)
    watch(shape.table, summed.rows, total)
    out.write(_encode(summed.closing()) + b"\n")
    return summed.closing()


def _lines(db: Transaction, shape: Shape) -> Iterator[bytes]:
    """Every row as JSON. NUL characters are replaced, as they are on the way into PostgreSQL: it keeps none."""
    for row in transfer.rows(db, shape.table):
        line = _encode(row)
        yield line if b"\\u0000" not in line else _encode(_without_nul(row))


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case dict():
            return {_without_nul(name): _without_nul(held) for name, held in value.items()}
        case list() | tuple():
            return [_without_nul(held) for held in value]
        case _:
            return value


# --- in ---------------------------------------------------------------------------------------------------------------


def restore(store: Store, file: Path, watch: Watch, *, replace: bool = False) -> Copied:
    """Fill a store from an archive, in one transaction: all of it, or nothing where it is damaged or does not fit.

    The store must be empty unless its rows are to be replaced. What was stored is read again and must come to the sums
    that the archive says. Raises ArchiveError, StoreError.
    """
    store.check()
    with file.open("rb") as opened, store.write() as db:
        transfer.take_time(db)
        _make_way(db, store, replace)
        copied = _read(db, opened, file, store.revision, watch)
        transfer.count_on(db)
        verify(db, copied, file)
    return copied


def _make_way(db: Transaction, store: Store, replace: bool) -> None:
    if replace:
        transfer.empty(db)
    elif there := transfer.filled(db):
        got = f"rows in {', '.join(there)}; `vigia db restore --replace` deletes them"
        raise ArchiveError(f"{store.name}: expected an empty store, got {got}")


def verify(db: Transaction, copied: Copied, file: Path) -> None:
    """Compare what is in a store with what an archive said of it. Raises ArchiveError for the first that differs."""
    for shape in transfer.shapes():
        summed = _Sum()
        for line in _lines(db, shape):
            summed.add(line)
        if (found := summed.closing()) != (expected := copied.tables[shape.table]):
            raise ArchiveError(f"{file}: {shape.table}: expected {_told(expected)}, stored {_told(found)}")


def _read(db: Transaction, opened: BinaryIO, file: Path, revision: Callable[[], str], watch: Watch) -> Copied:
    lines = _unpacked(opened, file)
    header = _decode(next(lines, b""), Header, file)
    if (header.format, header.schema) != (_FORMAT, revision()):
        expected = f"format {_FORMAT} of schema {revision()}"
        got = f"format {header.format} of schema {header.schema}"
        raise ArchiveError(
            f"{file}: expected {expected}, got {got}; restore it with the vigia that wrote it, then upgrade"
        )
    tables = {shape.table: _read_table(db, lines, shape, file, watch) for shape in transfer.shapes()}
    _decode(next(lines, b""), Ending, file)
    # to the very end, as zstd's own checksum stands there
    if next(lines, None) is not None:
        raise ArchiveError(f"{file}: expected nothing after the last line, got more")
    return Copied(header.schema, tables)


def _read_table(db: Transaction, lines: Iterator[bytes], shape: Shape, file: Path, watch: Watch) -> Closing:
    opening = _decode(next(lines, b""), Opening, file)
    if (opening.table, opening.columns) != (shape.table, shape.columns):
        raise ArchiveError(
            f"{file}: expected table {shape.table} {shape.columns}, got {opening.table} {opening.columns}"
        )
    row_of = msgspec.json.Decoder(tuple[shape.types])  # type: ignore[name-defined]
    batch: list[Row] = []
    summed, held = _Sum(), 0
    for line in lines:
        if line.startswith(b"{"):
            break
        summed.add(line)
        batch.append(_row(row_of, line, shape, file))
        held += len(line)
        if len(batch) >= _ROWS or held >= _BYTES:
            transfer.put(db, shape, batch)
            batch, held = [], 0
            watch(shape.table, summed.rows, 0)
    else:
        raise ArchiveError(f"{file}: cut short within {shape.table}, after {summed.rows} rows")
    transfer.put(db, shape, batch)
    closing: Closing = _decode(line, Closing, file)
    if closing != summed.closing():
        raise ArchiveError(f"{file}: {shape.table}: expected {_told(closing)}, got {_told(summed.closing())}")
    watch(shape.table, summed.rows, summed.rows)
    return closing


def _row(row_of: msgspec.json.Decoder[Any], line: bytes, shape: Shape, file: Path) -> Row:
    try:
        row: Row = row_of.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{file}: {shape.table}: no row of it: {error}") from error
    return row


def _decode(line: bytes, kind: type[Any], file: Path) -> Any:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{file}: expected a line of kind {kind.__name__.lower()}: {error}") from error


def _unpacked(opened: BinaryIO, file: Path) -> Iterator[bytes]:
    """The lines of an archive, without their ends; memory holds one piece at a time."""
    if opened.read(len(_MARK)) != _MARK:
        raise ArchiveError(f"{file}: expected an archive as `vigia export --all` writes it, got something else")
    try:
        with zstandard.ZstdDecompressor().stream_reader(opened, closefd=False) as unpacked:
            yield from _split(iter(lambda: unpacked.read(1 << 20), b""))
    except zstandard.ZstdError as error:
        raise ArchiveError(f"{file}: damaged: {error}") from error


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _told(closing: Closing) -> str:
    return f"{closing.rows} rows of sum {closing.sum}"
