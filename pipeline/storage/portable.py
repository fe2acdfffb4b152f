"""What SQLite and PostgreSQL say differently, in one way for both: upserts, the greater of two values, JSON, lists.

`insert` is PostgreSQL's, with ON CONFLICT: SQLite took the clause over from there, and SQLAlchemy's compiler for SQLite
reads it as it stands, which the documentation does not promise. Every storage test runs on both databases, so a release
that ends this is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, Select, cast, func, select
from sqlalchemy import JSON as _JSON
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import ReturnTypeFromArgs

#: kept as binary JSON where there is such a thing
JSON = _JSON().with_variant(JSONB(), "postgresql")
#: the same, where None is an empty column rather than JSON's null
JSON_OR_NULL = _JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class greatest(ReturnTypeFromArgs[Any]):  # noqa: N801 - a function of SQL's
    """The greatest of several values. Of none that may be NULL: SQLite would answer NULL, PostgreSQL would not."""

    inherit_cache = True


class least(ReturnTypeFromArgs[Any]):  # noqa: N801 - a function of SQL's
    """The least of several values. Of none that may be NULL, as `greatest`."""

    inherit_cache = True


@compiles(greatest, "sqlite")
def _max(element: greatest, compiler: SQLCompiler, **how: Any) -> str:
    return f"max({compiler.process(element.clauses, **how)})"


@compiles(least, "sqlite")
def _min(element: least, compiler: SQLCompiler, **how: Any) -> str:
    return f"min({compiler.process(element.clauses, **how)})"


@contextmanager
def planned_anew(db: Connection) -> Iterator[None]:
    """What is asked within is planned for the words and times that it has, however often it was asked.

    What is asked again and again, psycopg prepares, and PostgreSQL then plans for any word: for one that many texts
    have, which took seconds for one that a handful has.
    """
    if db.dialect.name == "sqlite":
        yield
        return
    driver: Any = db.connection.driver_connection
    before, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        yield
    finally:
        driver.prepare_threshold = before


def these(db: Connection, numbers: Collection[int]) -> Select[tuple[int]]:
    """Numbers as rows, for `in_`: one parameter however many they are."""
    if db.dialect.name == "sqlite":
        return select(func.json_each(json.dumps(list(numbers))).table_valued("value").c.value)
    return select(func.unnest(cast(list(numbers), ARRAY(BigInteger))))
