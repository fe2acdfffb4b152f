"""Hosts in the store: which asked to be left alone, and whose 304s are not believed."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, or_, select

from pipeline.storage.portable import insert
from pipeline.storage.schema import hosts
from pipeline.types import HostState

_FIELDS = tuple(field.name for field in dataclasses.fields(HostState))
_LOAD = select(hosts).where(hosts.c.host == bindparam("name"))


def load(db: Connection, host: str) -> HostState:
    """What is remembered of a host; nothing yet where it never asked for anything."""
    row = db.execute(_LOAD, {"name": host}).first()
    return HostState(host) if row is None else _state(row)


def remarkable(db: Connection, now: datetime) -> dict[str, HostState]:
    """The hosts that are stopped now, and those whose 304s are not believed."""
    query = select(hosts).where(or_(hosts.c.stop_until > now, hosts.c.distrust_until > now))
    return {row.host: _state(row) for row in db.execute(query)}


def save(db: Connection, host: HostState) -> None:
    """Write what we now remember."""
    values = {name: getattr(host, name) for name in _FIELDS}
    db.execute(insert(hosts).values(values).on_conflict_do_update(index_elements=["host"], set_=values))


def stopped(now: datetime | ColumnElement[datetime]) -> Select[Any]:
    """The names of the hosts that are to be left alone now, as a query to build on.

    As pipeline.poll.stopped has it: a stop that began in the future is none.
    """
    return select(hosts.c.host).where(hosts.c.stop_until > now, hosts.c.stopped_at <= now)


def stops(db: Connection, now: datetime) -> dict[str, datetime]:
    """Until when each host that is stopped now is to be left alone."""
    return {row.host: row.stop_until for row in db.execute(stopped(now).add_columns(hosts.c.stop_until))}


def _state(row: Row[Any]) -> HostState:
    return HostState(**{name: getattr(row, name) for name in _FIELDS})
