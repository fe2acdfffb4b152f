"""PostgreSQL: several writers at once, in READ COMMITTED. What two of them may not do at once, `locks.py` says.

psycopg 3 is the driver. Every session is in UTC, and bounded: no statement and no wait for a lock takes for ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from pipeline.errors import ConfigError, StoreError
from pipeline.storage import deadline, trouble
from pipeline.storage.database import TAKEN, Limits

#: connections beyond the pool, while all of it is in use
_MORE = 4
#: seconds to connect, and to wait for a connection of the pool
_CONNECT, _WAIT = 10, 30
#: what an engine holds that must be the only one, in the words of `pg_advisory_lock`
_ENGINE = 0x7669676961
#: what stands for the one character that PostgreSQL keeps in no text; as long as that, so that offsets stay true
_NOTHING = "\N{REPLACEMENT CHARACTER}"


class Postgres:
    """A database on a server. Thread-safe; connects at first use."""

    path = None

    def __init__(self, url: URL, limits: Limits) -> None:
        # neither the password nor what else the query may hold belongs into a message
        self.name = url._replace(password=None, query={}, drivername="postgresql").render_as_string()  # type: ignore[arg-type]
        self.engine = _open(url, limits)
        self._limits = limits
        self._readers = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._closed = False

    def exists(self) -> bool:
        """Whether the server has it is known when it is connected to."""
        return True

    def make_room(self) -> None:
        """Databases are made by whoever runs the server."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write; commits at the end, rolls back on an exception."""
        if self._closed:
            raise StoreError(f"{self.name}: closed: this process is ending")
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self, *, bounded: bool) -> Iterator[Connection]:
        """One consistent view that writes nothing."""
        with self._readers.connect() as connection:
            if self._limits.reading and not bounded:
                limit = round(1000 * self._limits.statement_timeout)
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit}")
            with deadline.on_postgres(connection, self._limits.reading if bounded else 0):
                yield connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a lock of the session's, which the server releases however the process ends."""
        with _Seat(self.engine, self.name, "pg_try_advisory_lock"):
            yield

    @contextmanager
    def among(self) -> Iterator[Callable[[], None]]:
        """Share that lock; one that was lost with its session is taken anew when it is asked after."""
        with _Seat(self.engine, self.name, "pg_try_advisory_lock_shared") as seat:
            yield seat.keep

    def is_conflict(self, error: Exception) -> bool:
        """Whether another transaction was in the way: deadlock, serialization failure, the same key stored at once."""
        return trouble.is_conflict(error)

    def size(self) -> int:
        """Bytes of the database, indexes included, without the server's write-ahead log."""
        with self.reading(bounded=False) as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def vacuum(self) -> None:
        """Make room of dead rows usable again, and refresh the planner's statistics; blocks nobody."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            try:
                connection.exec_driver_sql("VACUUM (ANALYZE)")
            finally:
                connection.exec_driver_sql("RESET statement_timeout")

    def integrity(self) -> str:
        """What the server itself knows to be broken: indexes it may not use, pages whose checksums were wrong."""
        with self.reading(bounded=False) as connection:
            invalid = connection.execute(text(_INVALID)).scalars().all()
            wrong = connection.execute(text(_WRONG)).scalar()
        found = [f"index {name} is invalid" for name in invalid]
        found += [f"{wrong} pages failed their checksum"] if wrong else []
        return "; ".join(found) or "ok"

    def close(self) -> None:
        """Close every connection; a thread that still tries to write is refused."""
        self._closed = True
        self.let_go()

    def let_go(self) -> None:
        """Close every connection; who asks next makes another."""
        self.engine.dispose()


class _Seat:
    """A lock that a session of the server's holds, and loses with it. Not thread-safe."""

    def __init__(self, engine: Engine, name: str, how: str) -> None:
        self._engine, self._name, self._take = engine, name, text(f"SELECT {how}(:key)")
        self._session: Connection | None = None

    def keep(self) -> None:
        """Make sure of it. Raises StoreError where another has it, the driver's error where the server is away."""
        if self._session is None:
            self._session = self._taken()
            return
        try:
            self._session.exec_driver_sql("SELECT 1")
            self._session.commit()
        except DBAPIError:
            # lost with the session: to be taken again, by the next who asks
            self._leave()
            raise

    def __enter__(self) -> Self:
        self.keep()
        return self

    def __exit__(self, *of: object) -> None:
        try:
            self._give_back()
        finally:
            self._leave()

    def _give_back(self) -> None:
        """Whoever comes next finds it free at once: a session that ends keeps its lock until the server notices."""
        if self._session is not None:
            with suppress(DBAPIError):
                self._session.exec_driver_sql(_UNLOCK)

    def _leave(self) -> None:
        """The session ends, and whatever it holds with it."""
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()
            session.close()

    def _taken(self) -> Connection:
        session = self._engine.connect()
        free = session.execute(self._take, {"key": _ENGINE}).scalar_one()
        session.commit()
        if not free:
            session.close()
            raise StoreError(f"{self._name}: {TAKEN}")
        return session


_UNLOCK = "SELECT pg_advisory_unlock_all()"
_INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready) ORDER BY 1"
_WRONG = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"


def _open(url: URL, limits: Limits) -> Engine:
    try:
        engine = create_engine(
            url,
            pool_size=limits.pool,
            max_overflow=_MORE,
            pool_timeout=_WAIT,
            pool_pre_ping=True,
            json_serializer=_json,
            connect_args={"options": _options(url, limits), "connect_timeout": _CONNECT, "application_name": "vigia"},
        )
    except ModuleNotFoundError:
        expected = "a program with its driver: pip install 'vigia[distributed]'"
        raise ConfigError("settings", "VIGIA_DATABASE_URL", expected, "PostgreSQL without psycopg") from None
    event.listen(engine, "connect", _prepare_connection)
    return engine


def _options(url: URL, limits: Limits) -> str:
    asked = url.query.get("options", "")
    ours = {
        "timezone": "UTC",
        "statement_timeout": round(1000 * _shorter(limits.statement_timeout, limits.reading)),
        "lock_timeout": round(limits.lock_timeout * 1000),
        # whose process hangs in the middle of a transaction must not keep everybody else's locks
        "idle_in_transaction_session_timeout": 600_000,
        # compiling a statement takes longer than running any of ours
        "jit": "off",
    }
    return " ".join([*(f"-c {name}={value}" for name, value in ours.items()), *([asked] if asked else [])])  # type: ignore[list-item]


def _shorter(one: float, other: float) -> float:
    """Of two limits, 0 meaning none."""
    return min(one, other) if one and other else one or other


def _prepare_connection(connection: Any, _record: Any) -> None:
    """Texts come from strangers; NUL characters in them are replaced, as PostgreSQL refuses them."""
    from psycopg.types.string import StrDumperUnknown

    class Dumper(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", _NOTHING) if "\0" in obj else obj)

    connection.adapters.register_dumper(str, Dumper)


def _json(value: Any) -> str:
    return json.dumps(_without_nul(value), ensure_ascii=False)


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", _NOTHING)
        case dict():
            return {_without_nul(name): _without_nul(held) for name, held in value.items()}
        case list() | tuple():
            return [_without_nul(held) for held in value]
        case _:
            return value
