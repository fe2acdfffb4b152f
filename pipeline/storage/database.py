"""What a store asks of a database beyond SQL: sqlite.py and postgres.py are the two that answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine

#: what keeps an engine away that has to be alone, or is away from it
TAKEN = (
    "another vigia process works on this store, `run`, `poll`, `backfill --fetch`, `beat`, `worker` or `db`;"
    " stop it first"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the database one process may take. SQLite, a file of ours, knows `reading` only."""

    #: connections kept open; a few more while they are all in use
    pool: int = 8
    #: seconds that one statement may take, and that it may wait for what another transaction holds; 0: no limit
    statement_timeout: float = 60.0
    lock_timeout: float = 30.0
    #: seconds that a reader's transaction may take; 0: no limit
    reading: float = 0.0


class Database(Protocol):
    """One database, of one kind."""

    @property
    def engine(self) -> Engine:
        """Makes connections."""
        ...

    @property
    def name(self) -> str:
        """What messages call it: the file, or the address without its password."""
        ...

    @property
    def path(self) -> Path | None:
        """The file; None for a server."""
        ...

    def exists(self) -> bool:
        """Whether there is anything of ours."""
        ...

    def make_room(self) -> None:
        """Make what a new database needs before it can be connected to."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that may write; commits at the end, rolls back on an exception."""
        ...

    def reading(self, *, bounded: bool) -> AbstractContextManager[Connection]:
        """One consistent view that writes nothing; raises OutOfTime where it is `bounded` and takes too long."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Be the only engine on it, for as long as this process lives. Raises StoreError where there is another."""
        ...

    def among(self) -> AbstractContextManager[Callable[[], None]]:
        """Be one of several on it, none of whom is `alone`; gives what makes sure, at any time, that it is still so.

        Entering and that raise StoreError where somebody is alone, and a lost database's error where it is away.
        """
        ...

    def is_conflict(self, error: Exception) -> bool:
        """Whether a transaction failed only because of another one, so that running it again may succeed."""
        ...

    def size(self) -> int:
        """Bytes on disk."""
        ...

    def vacuum(self) -> None:
        """Give free space back, and refresh what the planner knows."""
        ...

    def integrity(self) -> str:
        """The database's own word on itself: "ok", or what is broken."""
        ...

    def let_go(self) -> None:
        """Close every connection; who asks next makes another."""
        ...

    def close(self) -> None:
        """Close every connection; who still tries to write is refused."""
        ...
