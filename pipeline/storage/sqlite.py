"""SQLite: one file, one writer. Writers of this process queue up in memory, those of others by BEGIN IMMEDIATE."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, text

from pipeline.errors import StoreError
from pipeline.storage import deadline
from pipeline.storage.database import TAKEN, Limits

#: milliseconds a writer waits for another process's writer
BUSY_TIMEOUT = 30_000


class SQLite:
    """A file. Thread-safe; its single writer is queued here rather than by polling the file's lock."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path: Path = path
        self.name = str(path)
        self.engine = _open(path)
        self._limits = limits
        self._writer = threading.Lock()
        self._write_connection: Connection | None = None
        self._closed = False

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def make_room(self) -> None:
        """Make the folder."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.path.parent}: cannot be made: {error.strerror}") from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write; commits at the end, rolls back on an exception."""
        with self._writer:
            if self._closed:
                raise StoreError(f"{self.name}: closed: this process is ending")
            # one connection serves all writers in turn: taking one out of the pool costs as much as a small query
            connection = self._write_connection = self._write_connection or self.engine.connect()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                # a commit that fails, on a full disk say, is rolled back, too, or nothing could ever be written again
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    @contextmanager
    def reading(self, *, bounded: bool) -> Iterator[Connection]:
        """One consistent view that writes nothing."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                with deadline.on_sqlite(connection, self._limits.reading if bounded else 0):
                    yield connection
            finally:
                connection.rollback()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a lock on a file beside it, which the system releases however the process ends."""
        with self._held(fcntl.LOCK_EX):
            yield

    @contextmanager
    def among(self) -> Iterator[Callable[[], None]]:
        """Share that lock; a file's is not lost while the process lives."""
        with self._held(fcntl.LOCK_SH):
            yield lambda: None

    @contextmanager
    def _held(self, how: int) -> Iterator[None]:
        lock = self.path.with_name(self.path.name + ".lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("w") as handle:
            try:
                fcntl.flock(handle, how | fcntl.LOCK_NB)
            except OSError:
                raise StoreError(f"{self.name}: {TAKEN}") from None
            yield

    def is_conflict(self, error: Exception) -> bool:
        """Never: with one writer at a time, what fails fails by itself."""
        return False

    def size(self) -> int:
        """Bytes on disk, the write-ahead log included."""
        wal = self.path.with_name(self.path.name + "-wal")
        return sum(file.stat().st_size for file in (self.path, wal) if file.exists())

    def vacuum(self) -> None:
        """Give free space back to the file system."""
        with self._writer, self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            # the write-ahead log holds the copy that was made: only now is anything given back
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def integrity(self) -> str:
        """SQLite's own word on the file: "ok", or what is broken."""
        with self.reading(bounded=False) as connection:
            return str(connection.execute(text("PRAGMA integrity_check")).scalar_one())

    def close(self) -> None:
        """Close every connection; a thread that still tries to write is refused."""
        self._closed = True
        self.let_go()

    def let_go(self) -> None:
        """Close every connection; who asks next makes another."""
        if self._write_connection is not None:
            self._write_connection.close()
            self._write_connection = None
        self.engine.dispose()


def _open(path: Path) -> Engine:
    connecting = {"timeout": BUSY_TIMEOUT / 1000, "check_same_thread": False}
    # lists of items read a column of JSON for every row
    engine = create_engine(f"sqlite:///{path}", connect_args=connecting, json_deserializer=msgspec.json.decode)
    event.listen(engine, "connect", _prepare_connection)
    return engine


def _prepare_connection(connection: Any, _record: Any) -> None:
    # the driver must not begin transactions of its own: ours are BEGIN IMMEDIATE, so that two writers queue up
    # instead of failing when a reader turns into a writer
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
