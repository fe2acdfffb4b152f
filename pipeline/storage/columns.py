"""What every table is made of: times in UTC, row numbers, and the names of indexes and keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, MetaData, String, TypeDecorator, text


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC on databases with and without time zones. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without zone: expected an aware datetime, got {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back an aware datetime."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


#: which rows an index of leases holds: few at any time
LEASED = text("leased_until IS NOT NULL")
#: SQLite counts rows only in INTEGER columns
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> Column[int]:
    """The primary key of most tables."""
    return Column("id", Id, primary_key=True, comment="row number")


def number(name: str, comment: str) -> Column[int]:
    """A number that is counted up from 0."""
    return Column(name, Integer, nullable=False, server_default="0", comment=comment)


def lease() -> tuple[Column[Any], Column[Any]]:
    """Who works on a row, among workers; the embedded engine needs none."""
    until = "until then a message about it is under way or a worker works on it; empty in the embedded engine"
    by = "the task that works on it, or died of it; empty while it only waits in a queue"
    return Column("leased_until", Instant, comment=until), Column("leased_by", String(40), comment=by)
