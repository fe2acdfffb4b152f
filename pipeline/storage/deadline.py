"""The time that one reader of the store has: one question of a page or of the API must not keep all others waiting.

No statement is begun when none of it is left. SQLite asks every few thousand steps of its machine whether to go on;
PostgreSQL ends a statement by its own clock, and is told how much is left once some of it is gone.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from pipeline.errors import OutOfTime
from pipeline.storage import trouble

#: steps of SQLite's machine between two looks at the clock, about a millisecond's
_STEPS = 20_000
#: the session's own limit does until so much of the time is gone: to set another takes a message there and back
_GONE = 0.1
_CANCELLED = "57014"


@contextmanager
def on_sqlite(connection: Connection, seconds: float) -> Iterator[None]:
    """Bound a transaction to so many seconds; 0: not at all. Raises OutOfTime."""
    if not seconds:
        yield
        return
    until = time.monotonic() + seconds
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() >= until, _STEPS)
    try:
        with _asked_first(connection, until, seconds):
            yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise OutOfTime(seconds) from error
        raise
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def on_postgres(connection: Connection, seconds: float) -> Iterator[None]:
    """The same of a session none of whose statements may take longer in any case. Raises OutOfTime."""
    if not seconds:
        yield
        return

    def limit(cursor: Any, left: float) -> None:
        if left < (1 - _GONE) * seconds:
            cursor.execute(f"SET LOCAL statement_timeout = {max(1, round(1000 * left))}")

    try:
        with _asked_first(connection, time.monotonic() + seconds, seconds, limit):
            yield
    except DBAPIError as error:
        if trouble.sqlstate(error) == _CANCELLED:
            raise OutOfTime(seconds) from error
        raise


@contextmanager
def _asked_first(
    connection: Connection, until: float, seconds: float, limit: Callable[[Any, float], None] | None = None
) -> Iterator[None]:
    """Before each statement, see that time is left."""

    def begin(_: Connection, cursor: Any, *_more: object) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise OutOfTime(seconds)
        if limit is not None:
            limit(cursor, left)

    event.listen(connection, "before_cursor_execute", begin)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", begin)
