"""Rows in bulk, into SQLite and PostgreSQL: what makes a store of hundreds of thousands in minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pipeline.storage.store import Store


def insert(store: Store, columns: Mapping[str, Sequence[str]], rows: Mapping[str, list[Any]]) -> None:
    """Write rows, in the order of `columns` each, in one transaction; tables in the order in which they are given."""
    with store.engine.connect() as connection:
        raw: Any = connection.connection
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:
            raw.execute("BEGIN")
        for table, many in rows.items():
            names = ", ".join(f'"{name}"' for name in columns[table])
            if on_sqlite:
                marks = ", ".join("?" * len(columns[table]))
                raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", many)
            else:
                _copy(raw, f"COPY {table} ({names}) FROM STDIN", many)
        raw.commit()


def _copy(raw: Any, statement: str, rows: list[Any]) -> None:
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def indexed_afterwards(store: Store) -> Iterator[None]:
    """PostgreSQL lays full text over many rows sooner than row by row; both databases count what they then hold."""
    made: list[str] = []
    with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            found = "SELECT indexdef FROM pg_indexes WHERE indexname ~ 'words_fts$'"
            made = list(connection.exec_driver_sql(found).scalars())
            connection.exec_driver_sql("DROP INDEX item_words_fts, statement_words_fts")
        connection.commit()
    yield
    with store.engine.connect() as connection:
        ample = ["SET maintenance_work_mem = '512MB'", "SET statement_timeout = 0"] if made else []
        for statement in (*ample, *made):
            connection.exec_driver_sql(statement)
        connection.commit()


def settle(store: Store) -> None:
    """Let PostgreSQL's index-only scans trust what was copied in, as VACUUM does in time."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM (ANALYZE)")
