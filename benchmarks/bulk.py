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
    """PostgreSQL lays full text over many rows sooner than row by row."""
    made: list[str] = []
    with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            found = "SELECT indexdef FROM pg_indexes WHERE indexname ~ 'words_fts(_pairs)?$'"
            made = list(connection.exec_driver_sql(found).scalars())
            connection.exec_driver_sql("DROP INDEX item_words_fts, item_words_fts_pairs, statement_words_fts")
        connection.commit()
    yield
    if not made:
        return
    with store.engine.connect() as connection:
        ample = ("SET maintenance_work_mem = '512MB'", "SET statement_timeout = 0")
        # as migration 0019 leaves them
        plain = (f"ALTER INDEX item_words_{of} ALTER COLUMN 1 SET STATISTICS 0" for of in ("fts", "fts_pairs"))
        for statement in (*ample, *made, *plain):
            connection.exec_driver_sql(statement)
        connection.commit()


def settle(store: Store) -> None:
    """Let PostgreSQL's index-only scans trust what was copied in, as VACUUM does in time."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM (ANALYZE)")
