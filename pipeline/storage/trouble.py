"""What a driver's error means for us: another transaction in the way, the connection lost, or a fault that stays.

By SQLSTATE (PostgreSQL's manual, appendix A); SQLite gives none, and its errors stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, exc

from pipeline.errors import StoreContended, StoreError, StoreLost, VigiaError

Result = TypeVar("Result")

#: another transaction got in the way: serialization failure, deadlock, waited too long for a lock
_CONTENDED = ("40001", "40P01", "55P03")
#: connection errors, too few resources, an operator's intervention (shutdown, crash, statement_timeout), a session that
#: was idle within a transaction for too long
_LOST = ("08", "53", "57", "25P03", "25P04")
_UNIQUE = "23505"


@contextmanager
def wrapped(name: str) -> Iterator[None]:
    """Driver errors leave this package as StoreError, named after the database; broken constraints as they are."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.DBAPIError as error:
        raise _kind(error)(f"{name}: {_words(error)}") from error
    except exc.TimeoutError as error:
        raise StoreLost(f"{name}: no connection was free in time: {error}") from error


def sqlstate(error: BaseException | None) -> str:
    """The five letters that say what went wrong; empty where nobody says."""
    found = getattr(getattr(error, "orig", error), "sqlstate", None)
    return found or ""


def is_conflict(error: Exception) -> bool:
    """Whether running the transaction again may succeed: it met another one, or what another one just stored."""
    return isinstance(error, StoreContended) or sqlstate(error) == _UNIQUE


@dataclass(frozen=True, slots=True)
class Fault:
    """What our own code failed of, on one of many: it is named, and does not stop the others."""

    error: Exception

    def __str__(self) -> str:
        return f"{type(self.error).__name__}: {self.error!a}"


def attempted(db: Connection, step: Callable[[], Result]) -> Result | Fault:
    """Run `step` on one of many within the transaction of all; what it wrote is undone where our own code fails.

    Raises what is no fault of that one: errors of ours that say so, and what the database could not do.
    """
    try:
        with db.begin_nested():
            return step()
    except (VigiaError, exc.DBAPIError):
        raise
    except Exception as error:  # noqa: BLE001 - what it is, nobody can know: it is named and handed on
        return Fault(error)


def _kind(error: exc.DBAPIError) -> type[StoreError]:
    state = sqlstate(error)
    if state in _CONTENDED:
        return StoreContended
    # a connection that was never made, or that broke, has no state at all
    broken = error.connection_invalidated or (isinstance(error, exc.OperationalError) and _is_postgres(error))
    if state.startswith(_LOST) or (not state and broken):
        return StoreLost
    return StoreError


def _is_postgres(error: exc.DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("psycopg")


def _words(error: exc.DBAPIError) -> str:
    """The server's words on one line."""
    return " ".join(str(error.orig).split())
