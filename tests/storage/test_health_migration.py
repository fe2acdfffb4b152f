"""A store from before source health: its days are counted from its entries, its deliveries stay, and it goes back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, LargeBinary, String, inspect, select, text
from sqlalchemy.exc import IntegrityError

from pipeline.health import SourceDay
from pipeline.storage import alerts, days, migrate
from pipeline.storage.columns import Instant
from pipeline.storage.schema import deliveries, metadata
from pipeline.storage.store import Store

NOON = datetime(2012, 6, 27, 12, 30, tzinfo=UTC)
BEFORE = "0002"
#: both databases take these for the type
SOME = {String: "", LargeBinary: b"", JSON: "[]", Boolean: False, Instant: "2012-06-26 10:00:00.000000"}


def put(store: Store, table: str, **values: Any) -> None:
    """A row, the columns that matter to nobody here filled with something of their type."""
    there = {column["name"] for column in inspect(store.engine).get_columns(table)}
    columns = [column for column in metadata.tables[table].columns if column.name in there]
    row = {column.name: _some(column) for column in columns if not column.nullable} | values
    row |= {name: bool(row[name]) for name in ("quiet", "enabled") if name in row}
    names = ", ".join(f'"{name}"' for name in row)
    with store.write() as db:
        db.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


def _some(column: Any) -> Any:
    for kind, value in SOME.items():
        if isinstance(column.type, kind):
            return value
    return 0


def entry(store: Store, number: int, source: str, first_seen: str, **values: Any) -> None:
    names = {"id": number, "key": f"k{number}", "url_key": f"u{number}", "source": source, "first_seen_at": first_seen}
    put(store, "entries", **{"feed_id": 1, "state": "ended", "quiet": 0, **names, **values})


@pytest.fixture
def old(store: Store) -> Store:
    migrate.downgrade(store.engine, BEFORE)
    for number, slug in enumerate(("diario", "gaceta"), 1):
        put(store, "sources", slug=slug)
        put(store, "feeds", id=number, source=slug, url=slug, declared_url=slug)
    return store


def day(source: str, number: int, **numbers: int) -> SourceDay:
    return SourceDay(source, date(2012, 6, number), **numbers)


def test_the_days_of_old_entries_are_counted(old: Store) -> None:
    claims = {"claimed_at": "2012-06-26 09:00:00.000000"}
    entry(old, 1, "diario", "2012-06-26 10:05:00.000000", quiet=1, outcome="gone", ended_at="2012-06-26 11:00:00")
    entry(old, 2, "diario", "2012-06-26 13:05:00.000000", **claims, outcome="stored", ended_at="2012-06-26 13:06:00")
    entry(old, 3, "diario", "2012-06-26 13:45:00.000000", outcome="blocked", ended_at="2012-06-27 00:01:00")
    entry(old, 4, "diario", "2012-06-27 02:00:00.000000", **claims, outcome="too_short", ended_at="2012-06-27 02:01:00")
    entry(old, 5, "gaceta", "2012-06-26 15:00:00.000000", **claims, outcome="gone", ended_at="2012-06-26 16:00:00")
    # a change of a known address and an import are no new entries of a feed
    entry(old, 6, "diario", "2012-06-27 03:00:00.000000", version="x", **claims)
    entry(old, 7, "diario", "2012-06-27 04:00:00.000000", feed_id=None, **claims)
    old.upgrade()
    hours = {hour: 1 << hour for hour in (2, 10, 13, 15)}
    awake = hours[10] | hours[13] | hours[15]
    with old.read() as db:
        assert days.since(db, date(2012, 1, 1)) == [
            day(
                "diario", 26, hours_asked=awake, hours_answered=awake, hours_news=hours[13], entries=2,
                undated=1, items=1,
            ),
            day(
                "diario", 27, hours_asked=hours[2], hours_answered=hours[2], hours_news=hours[2], entries=1,
                pages_refused=1, pages_empty=1,
            ),
            day(
                "gaceta", 26, hours_asked=awake, hours_answered=awake, hours_news=hours[15], entries=1, pages_failed=1
            ),
        ]  # fmt: skip


def test_deliveries_of_alerts_stay_as_they_were(old: Store) -> None:
    put(old, "items", id=3, source="diario")
    put(old, "alerts", id=7, key="abc", rule="said", title="T", item_id=3)
    put(old, "deliveries", id=9, alert_id=7, channel="file", state="waiting", attempts=4)
    old.upgrade()
    with old.read() as db:
        kept = alerts.load_delivery(db, 9)
    assert (kept.channel, kept.attempts, kept.message.id, kept.message.event) == ("file", 4, "abc", "alert")


def test_a_delivery_is_of_an_alert_or_of_a_notice(store: Store) -> None:
    with pytest.raises(IntegrityError):
        put(store, "deliveries", channel="file")


def test_going_back_keeps_alerts_and_forgets_notices(store: Store) -> None:
    put(store, "sources", slug="diario")
    put(store, "items", id=3, source="diario")
    put(store, "alerts", id=7, key="abc", item_id=3)
    put(store, "notices", id=1, key="def", source="diario")
    put(store, "deliveries", id=1, alert_id=7, channel="file")
    put(store, "deliveries", id=2, notice_id=1, channel="file")
    migrate.downgrade(store.engine, BEFORE)
    store.upgrade()
    with store.read() as db:
        assert db.execute(select(deliveries.c.id, deliveries.c.alert_id)).all() == [(1, 7)]
