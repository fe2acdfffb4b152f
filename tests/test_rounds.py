"""What one engine polls: a few feeds of each host, settled together, given back when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.polling import Answered, Polled
from pipeline.runner.rounds import Ask, Rounds
from pipeline.storage import feeds
from pipeline.storage.store import Store
from pipeline.types import FeedState
from tests.flows import Bench, bench
from tests.test_ingest import FEED, item, rss

GACETA = "http://gaceta.example/rss"


@pytest.fixture
def desk(store: Store) -> Bench:
    made = bench(store)
    made.web.says(FEED, rss(item(1)))
    made.web.says(GACETA, rss(item(2)))
    return made


def answers(desk: Bench, rounds: Rounds) -> list[Answered]:
    """Take what is due and ask all of it."""
    heard = []

    def begin(feed: FeedState, ask: Ask) -> float:
        heard.append(ask(desk.flow, feed.id))
        return 0.0

    rounds.take(desk.clock.now(), None)
    rounds.start(begin, 99)
    return heard


def settled(rounds: Rounds, *, more: bool) -> list[int | str]:
    return [told.new if isinstance(told, Polled) else str(told) for _, told in rounds.settle(more=more)]


def test_answers_wait_for_others_that_are_under_way_but_not_for_long(desk: Bench) -> None:
    rounds = Rounds(desk.flow)
    first, second = answers(desk, rounds)
    rounds.heard(first)
    assert settled(rounds, more=True) == []
    rounds.heard(second)
    desk.clock.forward(seconds=0.2)
    assert settled(rounds, more=True) == [1, 1]
    assert settled(rounds, more=True) == []


def test_the_last_answer_waits_for_nobody(desk: Bench) -> None:
    rounds = Rounds(desk.flow)
    for answered in answers(desk, rounds):
        rounds.heard(answered)
    assert settled(rounds, more=False) == [1, 1]


def test_what_was_answered_when_the_engine_ends_is_kept(desk: Bench) -> None:
    rounds = Rounds(desk.flow)
    first, second = answers(desk, rounds)
    rounds.heard(first)
    rounds.give_back([second.feed_id])
    with desk.flow.store.write() as db:
        assert feeds.load(db, first.feed_id).reads == 1
        assert [feed.id for feed in feeds.take_due(db, desk.clock.now(), 9, 600)] == [second.feed_id]


def test_feeds_that_may_not_start_stay_ours_and_say_when(desk: Bench) -> None:
    rounds = Rounds(desk.flow)
    rounds.take(desk.clock.now(), None)
    assert rounds.start(lambda feed, ask: 7.0 if feed.source == "diario" else 3.0, 99) == 3.0
    assert rounds.start(lambda feed, ask: 0.0, 99) == float("inf")


def test_a_stop_takes_what_waits_for_that_host_away(desk: Bench) -> None:
    rounds = Rounds(desk.flow)
    desk.web.says(FEED, "slow down", 429, retry_after="900")
    rounds.take(desk.clock.now(), None)
    rounds.start(lambda feed, ask: rounds.heard(ask(desk.flow, feed.id)) or 9.0, 99)  # type: ignore[func-returns-value]
    list(rounds.settle(more=False))
    left: list[str] = []
    rounds.start(lambda feed, ask: left.append(feed.source) or 9.0, 99)  # type: ignore[func-returns-value]
    assert left == ["gaceta"]


def test_no_more_is_begun_than_there_are_threads_for(desk: Bench) -> None:
    rounds = Rounds(desk.flow)
    rounds.take(desk.clock.now(), None)
    begun: list[str] = []

    def begin(feed: FeedState, ask: Ask) -> float:
        begun.append(feed.source)
        return 0.0

    rounds.start(begin, 0)
    assert begun == []
    rounds.start(begin, 1)
    assert len(begun) == 1
    rounds.start(begin, 1)
    assert set(begun) == {"diario", "gaceta"}


def test_feeds_that_wait_for_their_host_keep_no_others_waiting(store: Store) -> None:
    desk = bench(store, fetch_threads=1, host_concurrency=1)
    rounds = Rounds(desk.flow)
    with store.write() as db:
        feeds.make_due(db, desk.clock.now() + timedelta(minutes=5), "gaceta")
    rounds.take(desk.clock.now(), None)
    rounds.start(lambda feed, ask: 5.0, 1)
    desk.clock.forward(minutes=5)
    rounds.take(desk.clock.now(), None)
    begun: list[str] = []
    rounds.start(lambda feed, ask: begun.append(feed.source) or 5.0, 1)  # type: ignore[func-returns-value]
    assert set(begun) == {"diario", "gaceta"}
