"""Opens the database and hands out transactions.

    store = Store("sqlite:///vigia.sqlite")
    with store.write() as db: entries.end(db, ...)
    with store.read() as db: items.load(db, 7)

Contains no queries: those live in the module of their noun.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import make_url

from pipeline.errors import ConfigError, SchemaError, StoreError
from pipeline.storage import migrate

#: one transaction, for the functions of the noun modules
Transaction = Connection

#: milliseconds a writer waits for another process's writer
BUSY_TIMEOUT = 30_000


class Store:
    """One database. Thread-safe; SQLite's single writer is queued here rather than by polling the file's lock."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = _sqlite_path(url)
        self._writer = threading.Lock()
        self._write_connection: Connection | None = None
        self._closed = False
        self.engine = _open(self.path)

    def prepare(self) -> None:
        """Create or migrate the schema. Raises SchemaError for a database that is newer than this code."""
        _make_room(self.path)
        with _wrapped(self.path):
            migrate.upgrade(self.engine)

    def check(self) -> None:
        """Raise SchemaError unless the schema is the one this code expects."""
        with _wrapped(self.path):
            found, expected = migrate.current(self.engine), migrate.head()
        if found != expected:
            raise SchemaError(
                f"{self.path}: schema: expected revision {expected}, got {found or 'none'}; run `vigia db upgrade`"
            )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write; commits at the end, rolls back on an exception."""
        with _wrapped(self.path), self._writer:
            if self._closed:
                raise StoreError(f"{self.path}: closed: this process is ending")
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
    def read(self) -> Iterator[Connection]:
        """One consistent view that writes nothing."""
        with _wrapped(self.path), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    def revision(self) -> str:
        """The schema's revision; empty where there is none."""
        return migrate.current(self.engine) or ""

    def size(self) -> int:
        """Bytes on disk, the write-ahead log included."""
        wal = self.path.with_name(self.path.name + "-wal")
        return sum(file.stat().st_size for file in (self.path, wal) if file.exists())

    def vacuum(self) -> None:
        """Give free space back to the file system."""
        with _wrapped(self.path), self._writer, self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            # the write-ahead log holds the copy that was made: only now is anything given back
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def integrity(self) -> str:
        """SQLite's own word on the file: "ok", or what is broken."""
        with self.read() as connection:
            return str(connection.execute(text("PRAGMA integrity_check")).scalar_one())

    def close(self) -> None:
        """Close every connection; a thread that still tries to write is refused."""
        self._closed = True
        if self._write_connection is not None:
            self._write_connection.close()
            self._write_connection = None
        self.engine.dispose()


def _sqlite_path(url: str) -> Path:
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise ConfigError(
            "settings", "VIGIA_DATABASE_URL", "a database URL such as sqlite:///vigia.sqlite", url
        ) from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ConfigError(
            "settings", "VIGIA_DATABASE_URL", "sqlite:///FILE (PostgreSQL is not supported by this version)", url
        )
    return Path(parsed.database).expanduser().absolute()


def _make_room(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: cannot be made: {error.strerror}") from error


def _open(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT / 1000, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_connection)
    return engine


def _prepare_connection(connection: Any, _record: Any) -> None:
    # the driver must not begin transactions of its own: ours are BEGIN IMMEDIATE, so that two writers queue up
    # instead of failing when a reader turns into a writer
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _wrapped(path: Path) -> Iterator[None]:
    """Driver errors leave this package as StoreError, named after the file."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.DBAPIError as error:
        raise StoreError(f"{path}: {error.orig}") from error
