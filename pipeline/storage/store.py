"""Opens the database and hands out transactions.

    store = Store("sqlite:///vigia.sqlite")
    with store.write() as db: entries.end(db, ...)
    with store.read() as db: items.load(db, 7)
    store.transact(lambda db: ...)                     # again, where another transaction got in its way

Contains no queries: those live in the module of their noun. What differs between SQLite and PostgreSQL beyond SQL
stands in sqlite.py and postgres.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, exc
from sqlalchemy.engine import make_url

from pipeline.errors import ConfigError, SchemaError, StoreContended
from pipeline.storage import revision as revisions
from pipeline.storage.database import Database, Limits
from pipeline.storage.postgres import Postgres
from pipeline.storage.sqlite import SQLite
from pipeline.storage.trouble import wrapped

#: one transaction, for the functions of the noun modules
Transaction = Connection

Result = TypeVar("Result")

#: a transaction that met another one so often is given up: it is work still to do
_TRIES = 6
_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")


class Store:
    """One database, of either kind. Thread-safe."""

    def __init__(self, url: str, limits: Limits | None = None, password: str = "") -> None:
        """`password` is for a server's address that holds none."""
        self.url = url
        self._database = _database(url, limits or Limits(), password)
        self.engine = self._database.engine
        #: what messages call it: the file, or the address without its password
        self.name = self._database.name
        #: the file; None on a server
        self.path = self._database.path
        #: `url` for people and files: without its password
        self.address = url if self.path else self.name

    def prepare(self) -> None:
        """Make ready to be used: a file is created or migrated, a server's schema must be the one of this code.

        Raises SchemaError for a database that is newer than this code, or that `vigia db upgrade` has to migrate.
        """
        if self.path is not None:
            self.upgrade()
        else:
            self.check()

    def upgrade(self) -> None:
        """Create or migrate the schema. Raises SchemaError for a database that is newer than this code."""
        self._database.make_room()
        with wrapped(self.name):
            if revisions.current(self.engine) == revisions.head():
                return
            from pipeline.storage import migrate

            migrate.upgrade(self.engine, self.name)

    def expect_revision(self, revision: str) -> None:
        """Raise SchemaError unless the schema could be brought down to it: one that is known, and not a later one."""
        from pipeline.storage import migrate

        with wrapped(self.name):
            migrate.expect_revision(self.engine, revision)

    def downgrade(self, revision: str) -> None:
        """Bring the schema down to a revision ("base" empties it). Raises SchemaError for one that is none."""
        from pipeline.storage import migrate

        with wrapped(self.name):
            migrate.downgrade(self.engine, revision)

    def check(self) -> None:
        """Raise SchemaError unless the schema is the one this code expects."""
        with wrapped(self.name):
            found, expected = revisions.current(self.engine), revisions.head()
        if found != expected:
            raise SchemaError(
                f"{self.name}: schema: expected revision {expected}, got {found or 'none'}; {revisions.advice(found)}"
            )

    def exists(self) -> bool:
        """Whether there is a database; of a server's, connecting will tell."""
        return self._database.exists()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write; commits at the end, rolls back on an exception.

        Raises StoreLost and StoreContended where it may be run again, StoreError where that is no use.
        """
        with wrapped(self.name), self._database.writing() as connection:
            yield connection

    @contextmanager
    def read(self, *, bounded: bool = True) -> Iterator[Connection]:
        """One consistent view that writes nothing. Raises OutOfTime where readers have a limit, and it is passed.

        Not `bounded` is what carries everything away: it takes as long as it takes.
        """
        with wrapped(self.name), self._database.reading(bounded=bounded) as connection:
            yield connection

    def transact(self, step: Callable[[Connection], Result]) -> Result:
        """Run `step` in one transaction, and again from its beginning where another transaction got in its way.

        The one place where that is decided: deadlocks, serialization failures, long waits for a lock, and keys that
        another transaction stored at the same moment. `step` looks into the store anew each time; it must keep nothing
        from one time to the next, and do nothing that a rollback does not undo. A conflict that is still there after
        several times is raised: StoreContended, a Retry, or the IntegrityError.
        """
        for left in reversed(range(_TRIES)):
            try:
                with self.write() as connection:
                    return step(connection)
            except (StoreContended, exc.IntegrityError) as error:
                if not left or not self._database.is_conflict(error):
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the store's only engine for as long as this lasts. Raises StoreError where there is another."""
        with wrapped(self.name), self._database.alone():
            yield

    @contextmanager
    def among(self) -> Iterator[Callable[[], None]]:
        """Be one of several who work on the store, none of whom is `alone`: for workers' beats.

        Gives what makes sure of it, to be called before each piece of work: a server that was away has forgotten.
        Both raise StoreError where an engine is alone on the store, and StoreLost while the server is away.
        """
        with wrapped(self.name), self._database.among() as still:

            def make_sure() -> None:
                with wrapped(self.name):
                    still()

            yield make_sure

    def revision(self) -> str:
        """The schema's revision; empty where there is none."""
        with wrapped(self.name):
            return revisions.current(self.engine) or ""

    def size(self) -> int:
        """Bytes on disk."""
        with wrapped(self.name):
            return self._database.size()

    def vacuum(self) -> None:
        """Give free space back."""
        with wrapped(self.name):
            self._database.vacuum()

    def integrity(self) -> str:
        """The database's own word on itself: "ok", or what is broken."""
        with wrapped(self.name):
            return self._database.integrity()

    def let_go(self) -> None:
        """Close every connection; who asks next makes another. Before a fork: no two processes may share one."""
        self._database.let_go()

    def close(self) -> None:
        """Close every connection; a thread that still tries to write is refused."""
        self._database.close()


def _database(url: str, limits: Limits, password: str = "") -> Database:
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise _refusal(url) from None
    if parsed.drivername in _POSTGRES and parsed.database:
        whole = parsed.set(drivername="postgresql+psycopg", password=parsed.password or password or None)
        return Postgres(whole, limits)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise _refusal(_bare(parsed))
    return SQLite(Path(parsed.database).expanduser().absolute(), limits)


def _refusal(got: str) -> ConfigError:
    return ConfigError("settings", "VIGIA_DATABASE_URL", "sqlite:///FILE or postgresql://USER@HOST/NAME", got)


def _bare(url: URL) -> str:
    """The address without what may be secret."""
    return url._replace(password=None, query={}).render_as_string()  # type: ignore[arg-type]
