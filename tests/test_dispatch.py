"""What is sent to workers, once; what they do with what comes twice, late or kills them; on both databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipeline import dispatch, ingest
from pipeline.analysis import Analyst
from pipeline.errors import BrokerAway, StoreLost
from pipeline.polling import Polled
from pipeline.storage import alerts, entries, feeds, hosts, leases, pages
from pipeline.storage.store import Store
from pipeline.types import Analysis, HostState, Outcome, Page, Work
from tests.fakes import NOW
from tests.flows import GACETA, Bench, analysis, bench, prose, report

PAGE = "<html><p>Nota</p></html>"
MANY = 100
#: longer than any lease of these tests
LATER = 600.0


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


class Reader:
    """Stands in for the reading of pages; `dies` while it reads, as a child that is killed does."""

    def __init__(self) -> None:
        self.read_pages: list[str] = []
        self.dies = False
        self.fails: BaseException | None = None

    def read(self, page: Page, *, keep_all: bool) -> Analysis:
        self.read_pages.append(page.url)
        if self.dies:
            raise KeyboardInterrupt
        if self.fails is not None:
            raise self.fails
        return analysis(page.url, prose(len(page.url)), report("Nadie quiere eso aquí y ahora"))


def never(_: float) -> None:
    raise AssertionError("nobody was to be waited for")


def fetch(desk: Bench, entry_id: int, task: str = "one") -> str | None:
    return dispatch.fetch(desk.flow, entry_id, task, never)


def read(desk: Bench, entry_id: int, reader: Reader, task: str = "one") -> Any:
    analyst: Analyst = reader  # type: ignore[assignment]
    return dispatch.read(desk.flow, entry_id, task, analyst, never)


def killed(desk: Bench, entry_id: int, task: str) -> None:
    reader = Reader()
    reader.dies = True
    with pytest.raises(KeyboardInterrupt):
        read(desk, entry_id, reader, task)


def fetched(desk: Bench, url: str) -> int:
    entry_id = desk.announce(url)
    desk.web.says(url, PAGE, content_type="text/html")
    page = Page(url, url, PAGE.encode(), "text/html", NOW)
    with desk.flow.store.write() as db:
        pages.save(db, entry_id, page, NOW)
        entries.fetched(db, entry_id)
    return entry_id


def work(desk: Bench, entry_id: int) -> Work:
    with desk.flow.store.read() as db:
        return entries.load(db, entry_id)


# --- sending ----------------------------------------------------------------------------------------------------------


def test_what_is_sent_is_sent_once_and_again_only_when_it_counts_as_lost(desk: Bench) -> None:
    entry_id = fetched(desk, "http://diario.example/1")
    assert dispatch.due_pages(desk.flow, MANY) == [entry_id]
    assert dispatch.due_pages(desk.flow, MANY) == []
    desk.clock.forward(desk.flow.settings.resend_after)
    assert dispatch.due_pages(desk.flow, MANY) == [entry_id]


def test_no_more_is_sent_than_there_is_room_for_the_oldest_first(desk: Bench) -> None:
    ids = [fetched(desk, f"http://diario.example/{number}") for number in range(5)]
    assert dispatch.due_pages(desk.flow, 2) == ids[:2]
    assert dispatch.due_pages(desk.flow, MANY) == ids[2:]


def test_one_page_is_sent_right_after_it_was_fetched(desk: Bench) -> None:
    first, second = (fetched(desk, f"http://diario.example/{number}") for number in range(2))
    assert dispatch.due_pages(desk.flow, MANY, only=second) == [second]
    assert dispatch.due_pages(desk.flow, MANY) == [first]


def test_of_one_host_no_more_is_under_way_than_it_takes_at_once(desk: Bench) -> None:
    mine = [desk.announce(f"http://diario.example/{number}") for number in range(5)]
    other = desk.announce("http://gaceta.example/1", GACETA)
    assert dispatch.due_fetches(desk.flow, MANY) == [*mine[:2], other]
    assert dispatch.due_fetches(desk.flow, MANY) == []
    desk.web.says("http://diario.example/0", PAGE, content_type="text/html")
    assert fetch(desk, mine[0]) == "diario.example"
    assert dispatch.due_fetches(desk.flow, MANY, host="diario.example") == [mine[2]]


def test_feeds_are_sent_in_batches_of_one_host_and_no_host_twice(desk: Bench) -> None:
    batches = dispatch.due_polls(desk.flow, MANY)
    assert sorted(feed for batch in batches for feed in batch) == [1, 2]
    assert all(len(batch) == 1 for batch in batches)
    assert dispatch.due_polls(desk.flow, MANY) == []
    desk.clock.forward(dispatch.poll_lease(desk.flow.settings))
    assert len(dispatch.due_polls(desk.flow, MANY)) == 2


def test_what_a_stopped_host_keeps_waiting_is_not_sent(desk: Bench) -> None:
    desk.announce("http://diario.example/1")
    stop(desk, "diario.example")
    assert dispatch.due_fetches(desk.flow, MANY) == []
    assert dispatch.due_polls(desk.flow, MANY) == [[2]]


def stop(desk: Bench, host: str) -> None:
    until = desk.clock.now() + timedelta(hours=1)
    with desk.flow.store.write() as db:
        hosts.save(db, HostState(host, desk.clock.now(), until, "429"))


# --- what comes twice -------------------------------------------------------------------------------------------------


def test_a_message_that_comes_twice_fetches_once(desk: Bench) -> None:
    entry_id = desk.announce("http://diario.example/1")
    with desk.flow.store.write() as db:
        assert leases.begin_entry(db, entry_id, "to_fetch", "another", desk.clock.now(), 60) == 0
    assert fetch(desk, entry_id) is None
    assert desk.web.asked == []
    assert work(desk, entry_id).attempts == 0


def test_a_message_about_what_was_done_does_nothing(desk: Bench) -> None:
    entry_id, reader = fetched(desk, "http://diario.example/1"), Reader()
    assert read(desk, entry_id, reader).outcome == Outcome.STORED
    assert read(desk, entry_id, reader, "two") is None
    assert fetch(desk, entry_id, "three") is None
    assert len(reader.read_pages) == 1
    assert desk.web.asked == []


def test_a_message_that_comes_before_the_next_attempt_is_due_does_nothing(desk: Bench) -> None:
    """A duplicate of one that failed meanwhile: the host asked for patience."""
    entry_id = desk.announce("http://diario.example/1")
    assert fetch(desk, entry_id) == "diario.example"
    assert work(desk, entry_id).attempts == 1
    desk.clock.forward(desk.flow.settings.host_gap)
    assert fetch(desk, entry_id, "duplicate") is None
    assert len(desk.web.asked) == 1


def test_a_message_about_what_nobody_knows_does_nothing(desk: Bench) -> None:
    assert fetch(desk, 4711) is None
    assert read(desk, 4711, Reader()) is None
    assert not dispatch.deliver(desk.flow, 4711, "one")


def test_a_message_about_a_feed_that_was_polled_or_is_being_polled_does_nothing(desk: Bench) -> None:
    dispatch.due_polls(desk.flow, MANY)
    desk.web.says("http://diario.example/rss", "<rss><channel></channel></rss>")
    assert isinstance(dispatch.poll(desk.flow, 1, "one", never), Polled)
    assert dispatch.poll(desk.flow, 1, "two", never) is None
    with desk.flow.store.write() as db:
        assert leases.begin_poll(db, 2, "one", desk.clock.now(), 60)
    assert dispatch.poll(desk.flow, 2, "two", never) is None
    assert len(desk.web.asked) == 1


# --- what kills -------------------------------------------------------------------------------------------------------


def test_a_page_that_kills_its_reader_is_counted_out_and_read_no_more(desk: Bench) -> None:
    entry_id = fetched(desk, "http://diario.example/1")
    for number in range(desk.flow.settings.process_attempts_max):
        assert dispatch.due_pages(desk.flow, MANY) == [entry_id]
        assert work(desk, entry_id).attempts == number
        killed(desk, entry_id, f"task {number}")
        assert dispatch.due_pages(desk.flow, MANY) == [], "its lease has not run out"
        desk.clock.forward(LATER)
    assert dispatch.due_pages(desk.flow, MANY) == [entry_id]
    reader = Reader()
    assert read(desk, entry_id, reader, "last") is None
    assert reader.read_pages == []
    assert work(desk, entry_id).outcome == Outcome.QUARANTINED
    assert work(desk, entry_id).attempts == desk.flow.settings.process_attempts_max


def test_a_feed_that_kills_who_polls_it_is_asked_ever_more_rarely(desk: Bench) -> None:
    desk.web.answers["http://diario.example/rss"] = KeyboardInterrupt()  # type: ignore[assignment]
    waited = []
    for number in range(4):
        since = desk.clock.now()
        while [1] not in dispatch.due_polls(desk.flow, MANY):
            desk.clock.forward(20)
        waited.append((desk.clock.now() - since).total_seconds())
        with pytest.raises(KeyboardInterrupt):
            dispatch.poll(desk.flow, 1, f"task {number}", never)
    assert waited[0] == 0
    assert waited[1] <= dispatch.poll_lease(desk.flow.settings) + 20
    assert waited[1] < waited[2] < waited[3]
    with desk.flow.store.read() as db:
        assert feeds.load(db, 1).last_error == leases.DIED


def test_a_task_that_comes_again_died_the_first_time(desk: Bench) -> None:
    """As a killed child's message does, at once: it must not wait for its lease, nor go round for ever."""
    entry_id = fetched(desk, "http://diario.example/1")
    killed(desk, entry_id, "same")
    killed(desk, entry_id, "same")
    assert work(desk, entry_id).attempts == 1
    assert read(desk, entry_id, Reader(), "same").outcome == Outcome.STORED


def test_memory_that_runs_out_is_a_failure_that_is_tried_again(desk: Bench) -> None:
    entry_id, reader = fetched(desk, "http://diario.example/1"), Reader()
    reader.fails = MemoryError()
    assert read(desk, entry_id, reader) is None
    assert work(desk, entry_id).attempts == 1
    assert dispatch.due_pages(desk.flow, MANY) == [], "not before its time"
    desk.clock.forward(LATER)
    assert dispatch.due_pages(desk.flow, MANY) == [entry_id]


def test_a_bug_in_fetching_ends_its_entry_alone(desk: Bench) -> None:
    entry_id = desk.announce("http://diario.example/1")
    desk.web.answers["http://diario.example/1"] = ZeroDivisionError("oops")
    assert fetch(desk, entry_id) == "diario.example"
    assert work(desk, entry_id).outcome == Outcome.QUARANTINED


def test_a_page_that_is_not_there_any_more_ends_quarantined(desk: Bench) -> None:
    entry_id = fetched(desk, "http://diario.example/1")
    with desk.flow.store.write() as db:
        pages.drop(db, entry_id)
    assert read(desk, entry_id, Reader()).outcome == Outcome.QUARANTINED


# --- what is away -----------------------------------------------------------------------------------------------------


class Gate:
    """A gate that answers what a test says."""

    def __init__(self, *waits: float | Exception) -> None:
        self.waits = list(waits)
        self.left: list[str] = []

    def wait(self, host: str) -> float:
        found = self.waits.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def leave(self, host: str) -> None:
        self.left.append(host)


def with_gate(desk: Bench, *waits: float | Exception) -> Gate:
    gate = Gate(*waits)
    desk.flow = dataclasses.replace(desk.flow, gate=gate)  # type: ignore[arg-type]
    return gate


def test_what_waits_long_for_its_host_is_put_back_and_not_counted(desk: Bench) -> None:
    entry_id = desk.announce("http://diario.example/1")
    gate = with_gate(desk, 5.0)
    assert fetch(desk, entry_id) is None
    assert gate.left == []
    assert dispatch.due_fetches(desk.flow, MANY) == []
    desk.clock.forward(5)
    assert dispatch.due_fetches(desk.flow, MANY) == [entry_id]
    assert work(desk, entry_id).attempts == 0


def test_what_waits_for_a_moment_waits_on_its_thread(desk: Bench) -> None:
    entry_id, slept = desk.announce("http://diario.example/1"), list[float]()
    desk.web.says("http://diario.example/1", PAGE, content_type="text/html")
    gate = with_gate(desk, 0.4, 0.3, 0.0)
    assert dispatch.fetch(desk.flow, entry_id, "one", slept.append) == "diario.example"
    assert slept == [0.4, 0.3]
    assert gate.left == ["diario.example"]


@pytest.mark.parametrize("away", [BrokerAway("no Redis")])
def test_without_the_shared_gate_nothing_is_asked_of_anybody(desk: Bench, away: Exception) -> None:
    entry_id = desk.announce("http://diario.example/1")
    dispatch.due_polls(desk.flow, MANY)
    with_gate(desk, away, away)
    assert fetch(desk, entry_id) is None
    assert dispatch.poll(desk.flow, 1, "one", never) is None
    assert desk.web.asked == []
    desk.clock.forward(LATER)
    assert dispatch.due_fetches(desk.flow, MANY) == [entry_id]
    assert work(desk, entry_id).attempts == 0, "it was nobody's fault of its own"
    assert [1] in dispatch.due_polls(desk.flow, MANY)


def test_a_gate_that_goes_away_within_a_fetch_blames_nobody(desk: Bench) -> None:
    entry_id = desk.announce("http://diario.example/1")
    desk.web.answers["http://diario.example/1"] = BrokerAway("no Redis")
    assert fetch(desk, entry_id) is None
    assert work(desk, entry_id).outcome is None
    assert work(desk, entry_id).attempts == 0


def test_a_host_that_stopped_meanwhile_is_not_asked(desk: Bench) -> None:
    entry_id = desk.announce("http://diario.example/1")
    dispatch.due_fetches(desk.flow, MANY)
    stop(desk, "diario.example")
    assert fetch(desk, entry_id) is None
    dispatch.due_polls(desk.flow, MANY)
    assert desk.web.asked == []
    desk.clock.forward(hours=1)
    assert dispatch.due_fetches(desk.flow, MANY) == [entry_id]
    assert work(desk, entry_id).attempts == 0


def test_a_store_that_goes_away_is_waited_for_with_what_was_read(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    entry_id, reader, slept = fetched(desk, "http://diario.example/1"), Reader(), list[float]()
    settle: Callable[..., Any] = ingest.settle
    away = [StoreLost("down"), StoreLost("still down")]

    def settled(*args: Any) -> Any:
        if away:
            raise away.pop()
        return settle(*args)

    monkeypatch.setattr(ingest, "settle", settled)
    ending = dispatch.read(desk.flow, entry_id, "one", reader, slept.append)  # type: ignore[arg-type]
    assert ending is not None
    assert ending.outcome == Outcome.STORED
    assert len(reader.read_pages) == 1
    assert len(slept) == 2


# --- deliveries -------------------------------------------------------------------------------------------------------


def test_messages_reach_a_channel_one_at_a_time_in_order_and_once(desk: Bench) -> None:
    for number in range(2):
        words = f"Nadie quiere eso aquí, dicen {number} veces de cada cien"
        desk.settle(analysis(f"http://diario.example/{number}", prose(number), report(words)))
    with desk.flow.store.read() as db:
        first = alerts.next_of_each(db, desk.clock.now())["inbox"]
    assert dispatch.due_deliveries(desk.flow) == [first]
    assert dispatch.due_deliveries(desk.flow) == [], "its channel is being delivered to"
    assert dispatch.deliver(desk.flow, first, "one")
    assert not dispatch.deliver(desk.flow, first, "two")
    assert len(desk.inbox.messages) == 1
    assert dispatch.due_deliveries(desk.flow) == [first + 1]


def test_a_message_that_another_delivers_is_left_to_it(desk: Bench) -> None:
    desk.settle(analysis("http://diario.example/1", prose(1), report("Nadie quiere eso aquí y ahora")))
    [delivery] = dispatch.due_deliveries(desk.flow)
    with desk.flow.store.write() as db:
        leases.begin_delivery(db, delivery, "another", desk.clock.now(), 60)
    assert not dispatch.deliver(desk.flow, delivery, "one")
    assert desk.inbox.messages == []


def test_a_bug_in_delivering_does_not_block_its_channel(desk: Bench) -> None:
    desk.settle(analysis("http://diario.example/1", prose(1), report("Nadie quiere eso aquí y ahora")))
    desk.inbox.failure = ZeroDivisionError("oops")
    [delivery] = dispatch.due_deliveries(desk.flow)
    assert not dispatch.deliver(desk.flow, delivery, "one")
    with desk.flow.store.read() as db:
        assert alerts.load_delivery(db, delivery).state == "dead"
