"""Feeds: due when their time has come, in step with the catalogue, redirected without twins."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.storage import feeds, sources
from pipeline.storage.store import Store
from pipeline.types import FeedAddress, FeedKind, Source

NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)


def outlet(*urls: str, enabled: bool = True) -> Source:
    addresses = tuple(FeedAddress(url, FeedKind.NEWS_SITEMAP) for url in urls)
    reason = "" if enabled else "its terms bar it"
    return Source("diario", "Diario", "PE", ("es",), "http://d.example", addresses, enabled=enabled, reason=reason)


def sync(store: Store, *catalogue: Source) -> None:
    with store.write() as db:
        sources.sync(db, catalogue)
        feeds.sync(db, catalogue, NOW, 300)


def due(store: Store, now: datetime = NOW) -> list[str]:
    with store.write() as db:
        taken = feeds.take_due(db, now, 100, 60.0)
        feeds.release(db, [feed.id for feed in taken])
    return [feed.url for feed in taken]


def test_new_feeds_are_due_at_once(store: Store) -> None:
    sync(store, outlet("http://d.example/a", "http://d.example/b"))
    assert due(store) == ["http://d.example/a", "http://d.example/b"]


@pytest.mark.parametrize(
    "catalogue", [[outlet("http://d.example/a", enabled=False)], []], ids=["disabled", "taken out"]
)
def test_a_source_that_is_switched_off_is_not_polled(store: Store, catalogue: list[Source]) -> None:
    sync(store, outlet("http://d.example/a"))
    sync(store, *catalogue)
    assert due(store) == []
    sync(store, outlet("http://d.example/a"))
    assert due(store) == ["http://d.example/a"]


def test_what_we_remember_survives_and_rules_the_next_poll(store: Store) -> None:
    sync(store, outlet("http://d.example/a"))
    with store.write() as db:
        (feed,) = feeds.take_due(db, NOW, 1, 60.0)
        changed = dataclasses.replace(
            feed, etag='"1"', polls=3, reads=2, failures=0.5, last_polled_at=NOW, next_due_at=NOW + timedelta(hours=1)
        )
        feeds.save(db, changed)
        assert feeds.load(db, feed.id) == changed
        assert feeds.next_due(db) == NOW + timedelta(hours=1)
    sync(store, outlet("http://d.example/a"))
    assert due(store) == []
    assert due(store, NOW + timedelta(hours=1)) == ["http://d.example/a"]


def test_a_feed_that_said_gone_stays_retired(store: Store) -> None:
    sync(store, outlet("http://d.example/a"))
    with store.write() as db:
        (feed,) = feeds.take_due(db, NOW, 1, 60.0)
        feeds.save(db, dataclasses.replace(feed, state="retired"))
    sync(store, outlet("http://d.example/a"))
    assert due(store) == []


def test_a_feed_that_moved_keeps_its_row(store: Store) -> None:
    sync(store, outlet("http://d.example/a"))
    with store.write() as db:
        (feed,) = feeds.take_due(db, NOW, 1, 60.0)
        feeds.save(db, dataclasses.replace(feed, url="http://d.example/new"))
    sync(store, outlet("http://d.example/a"))
    assert due(store) == ["http://d.example/new"]


def test_a_feed_that_moved_onto_another_one_is_retired(store: Store) -> None:
    sync(store, outlet("http://d.example/a", "http://d.example/b"))
    with store.write() as db:
        (feed,) = feeds.take_due(db, NOW, 1, 60.0)
        kept = feeds.where_free(db, dataclasses.replace(feed, url="http://d.example/b"))
        feeds.save(db, kept)
    assert (kept.url, kept.state) == ("http://d.example/a", "retired")
    assert due(store) == ["http://d.example/b"]


def test_feeds_can_be_made_due_and_put_off(store: Store) -> None:
    sync(store, outlet("http://d.example/a"))
    with store.write() as db:
        (feed,) = feeds.take_due(db, NOW, 1, 60.0)
        feeds.postpone(db, feed.id, "a bug", NOW + timedelta(days=1))
    assert due(store) == []
    with store.write() as db:
        assert feeds.make_due(db, NOW, "diario") == 1
        assert feeds.make_due(db, NOW, "otro") == 0
    assert due(store) == ["http://d.example/a"]


def test_a_feed_that_we_followed_goes_on_where_the_catalogue_catches_up(store: Store) -> None:
    sync(store, outlet("http://d.example/a"))
    with store.write() as db:
        (feed,) = feeds.take_due(db, NOW, 1, 60.0)
        feeds.save(db, dataclasses.replace(feed, url="http://d.example/new", reads=7))
    sync(store, outlet("http://d.example/new"))
    assert due(store) == ["http://d.example/new"]
    with store.read() as db:
        assert feeds.load(db, feed.id).reads == 7


def test_a_feed_that_is_declared_by_another_source_is_polled_for_it(store: Store) -> None:
    sync(store, outlet("http://d.example/a"))
    sync(store, dataclasses.replace(outlet("http://d.example/a"), slug="gaceta"))
    with store.read() as db:
        assert [state.source for state, _ in feeds.listing(db)] == ["gaceta"]


def test_what_came_due_later_is_left_for_the_next_round(store: Store) -> None:
    sync(store, outlet("http://d.example/a"))
    later = NOW + timedelta(seconds=9)
    with store.write() as db:
        assert feeds.take_due(db, later, 10, 60, due_by=NOW - timedelta(seconds=1)) == []
        assert [feed.url for feed in feeds.take_due(db, later, 10, 60, due_by=NOW)] == ["http://d.example/a"]
