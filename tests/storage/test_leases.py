"""A feed is taken by one process at a time; what a dead process had taken comes back by itself."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.storage import alerts, entries, feeds, hosts, notices, sources
from pipeline.storage.entries import Announcement
from pipeline.storage.store import Store
from pipeline.types import Entry, FeedAddress, FeedState, HostState, Message, Source
from tests.fakes import NOW
from tests.storage.test_health_migration import put

LEASE = 600.0
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def outlets(store: Store, number: int, feeds_each: int = 1, shared: str = "") -> None:
    catalogue = [
        Source(
            f"s{n}",
            f"S{n}",
            "PE",
            ("es",),
            f"http://s{n}.example",
            tuple(FeedAddress(f"http://s{n}.example/{feed}") for feed in range(feeds_each)),
        )
        for n in range(number)
    ]
    with store.write() as db:
        sources.sync(db, catalogue)
        feeds.sync(db, catalogue, NOW, 300, (lambda url: shared) if shared else feeds.hostname)


def take(store: Store, later: timedelta = timedelta(), limit: int = 100, **more: object) -> list[FeedState]:
    with store.write() as db:
        return feeds.take_due(db, NOW + later, limit, LEASE, **more)  # type: ignore[arg-type]


def urls(taken: list[FeedState]) -> list[str]:
    return [feed.url for feed in taken]


def test_what_is_taken_is_nobody_elses_until_it_is_saved(store: Store) -> None:
    outlets(store, 2)
    first, second = take(store)
    assert take(store) == []
    with store.write() as db:
        feeds.save(db, first)
    assert urls(take(store)) == [first.url]
    with store.write() as db:
        assert feeds.release(db, [second.id]) == 1
    assert urls(take(store)) == [second.url]


def test_a_dead_process_loses_its_lease(store: Store) -> None:
    outlets(store, 1)
    assert take(store)
    assert take(store, timedelta(seconds=LEASE - 1)) == []
    assert take(store, timedelta(seconds=LEASE))


def test_a_lease_from_a_clock_that_was_put_back_is_none(store: Store) -> None:
    outlets(store, 1)
    with store.write() as db:
        feeds.make_due(db, NOW - timedelta(days=2))
    assert take(store)
    assert take(store, -timedelta(days=1))


def test_many_processes_never_take_one_feed_twice(store: Store) -> None:
    outlets(store, 60)
    taken: list[str] = []

    def work() -> None:
        mine = Store(store.url)
        while found := take(mine, limit=3):
            taken.extend(urls(found))
        mine.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_the_longest_overdue_come_first_and_no_host_fills_the_batch(store: Store) -> None:
    outlets(store, 3, feeds_each=5)
    with store.write() as db:
        feeds.make_due(db, NOW - MINUTE, "s1")
    found = take(store, limit=4, per_host=2)
    assert urls(found)[:2] == ["http://s1.example/0", "http://s1.example/1"]
    assert len({feed.host for feed in found[2:]}) == 1
    assert "s0.example" not in {feed.host for feed in take(store, avoid={"s0.example"})}


def test_a_host_whose_overdue_feeds_fill_the_queue_keeps_nobody_waiting(store: Store) -> None:
    outlets(store, 2, feeds_each=150)
    with store.write() as db:
        feeds.make_due(db, NOW - HOUR, "s0")
    taken = take(store, limit=4, per_host=2)
    assert [feed.source for feed in taken] == ["s0", "s0", "s1", "s1"]


def test_hosts_that_share_a_limit_count_as_one(store: Store) -> None:
    outlets(store, 4, shared="blogs.example")
    assert len(take(store, per_host=1)) == 1


def test_only_one_source_may_be_wanted(store: Store) -> None:
    outlets(store, 3)
    assert urls(take(store, source="s1")) == ["http://s1.example/0"]


def test_on_postgresql_what_another_process_is_taking_is_skipped() -> None:
    """One statement for both databases; SQLite, which has one writer, leaves the lock out."""
    taking = feeds._taking(of_source=True)
    assert "FOR UPDATE SKIP LOCKED" in str(taking.compile(dialect=postgresql.dialect()))
    assert "FOR UPDATE" not in str(taking.compile(dialect=sqlite.dialect()))


# --- stopped hosts ----------------------------------------------------------------------------------------------------


def stop(store: Store, host: str = "s0.example", minutes: int = 60) -> None:
    with store.write() as db:
        hosts.save(db, HostState(host, NOW, NOW + minutes * MINUTE, "429", 1))


def test_feeds_of_a_stopped_host_wait_and_the_others_do_not(store: Store) -> None:
    outlets(store, 2)
    stop(store)
    with store.read() as db:
        assert hosts.stops(db, NOW) == {"s0.example": NOW + 60 * MINUTE}
        assert feeds.next_due(db, "s0", NOW) == NOW + 60 * MINUTE
        assert feeds.next_due(db, None, NOW) == NOW
    assert urls(take(store)) == ["http://s1.example/0"]
    assert urls(take(store, 60 * MINUTE))[0] == "http://s0.example/0"


def test_a_taken_feed_is_waited_for_until_its_lease_ends(store: Store) -> None:
    outlets(store, 1)
    take(store)
    with store.read() as db:
        assert feeds.next_due(db, None, NOW) == NOW + timedelta(seconds=LEASE)


def test_a_stop_outlives_the_process(store: Store) -> None:
    outlets(store, 1)
    stop(store)
    other = Store(store.url)
    assert take(other) == []
    other.close()


@pytest.mark.parametrize("host", ["s0.example", "s1.example"])
def test_a_stop_of_the_future_is_none(store: Store, host: str) -> None:
    outlets(store, 2)
    stop(store, host)
    with store.write() as db:
        feeds.make_due(db, NOW - timedelta(days=3))
    assert len(take(store, -timedelta(days=1))) == 2


# --- the clock --------------------------------------------------------------------------------------------------------


def test_a_clock_put_back_a_day_neither_stalls_nor_hammers(store: Store) -> None:
    outlets(store, 1)
    (feed,) = take(store)
    polled = replace(feed, last_polled_at=NOW, next_due_at=NOW + 30 * MINUTE)
    yesterday = -timedelta(days=1)
    with store.write() as db:
        feeds.save(db, polled)
    assert take(store, yesterday) == []
    with store.write() as db:
        assert feeds.clock_put_back(db, NOW + yesterday) == 1
        assert feeds.clock_put_back(db, NOW + yesterday) == 0
    assert len(take(store, yesterday)) == 1


def test_a_clock_put_right_by_minutes_changes_nothing(store: Store) -> None:
    outlets(store, 1)
    (feed,) = take(store)
    with store.write() as db:
        feeds.save(db, replace(feed, last_polled_at=NOW, next_due_at=NOW + 30 * MINUTE))
        assert feeds.clock_put_back(db, NOW - 5 * MINUTE) == 0


@pytest.mark.parametrize(
    ("back", "seen", "left"),
    [
        (timedelta(days=1), True, HOUR),
        (timedelta(days=300), True, HOUR),
        (timedelta(days=300), False, timedelta()),
        # nobody knows by how much it was put back; hosts may ask for a day
        (timedelta(hours=20), False, 21 * HOUR),
    ],
)
def test_an_entry_known_for_long_keeps_what_was_left_of_its_wait(
    store: Store, back: timedelta, seen: bool, left: timedelta
) -> None:
    outlets(store, 1)
    (feed,) = take(store)
    announcement, long_ago, now = (
        Announcement(Entry("http://s0.example/a"), "k", "u", host="s0.example"),
        timedelta(days=400),
        NOW - back,
    )
    with store.write() as db:
        (entry_id,) = entries.announce(db, "s0", feed.id, [announcement], NOW - long_ago, quiet=False)
        entries.postpone(db, entry_id, "timed out", NOW + HOUR)
        entries.clock_put_back(db, now, NOW if seen else None)
        assert entries.next_try(db) == now + left


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("kind", ["alert", "notice"])
def test_an_alert_of_tomorrow_is_sent_today(store: Store, kind: str, seen: bool) -> None:
    outlets(store, 1)
    message, yesterday = Message("m", "r", "T", "B", "http://s0.example", NOW, {}), NOW - timedelta(days=1)
    put(store, "items", id=1, source="s0")
    with store.write() as db:
        if kind == "notice":
            notices.tell(db, message, "s0", "retired", "retired", ["inbox"])
        else:
            alerts.fire(db, message, "x", item_id=1, statement_id=None, channels=["inbox"])
        assert alerts.next_of_each(db, yesterday) == {}
        assert alerts.clock_put_back(db, yesterday, NOW if seen else None) == 1
        assert len(alerts.next_of_each(db, yesterday)) == 1


def test_entries_of_tomorrow_are_work_today(store: Store) -> None:
    outlets(store, 1)
    (feed,) = take(store)
    yesterday = NOW - timedelta(days=1)
    with store.write() as db:
        entries.announce(
            db,
            "s0",
            feed.id,
            [Announcement(Entry("http://s0.example/a"), "k", "u", host="s0.example")],
            NOW,
            quiet=False,
        )
        assert entries.to_fetch(db, yesterday, 9, 9) == []
        assert entries.clock_put_back(db, yesterday) == 1
        assert len(entries.to_fetch(db, yesterday, 9, 9)) == 1
