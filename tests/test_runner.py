"""The embedded engine: it ends when there is nothing to do, goes on when something breaks, and stops when told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from pipeline import ingest, polling
from pipeline.desk import Desk
from pipeline.errors import ConnectFailed, NotArticle, RateLimited, StoreError, WorkerDied
from pipeline.fetch import HostGate, Patient
from pipeline.importing import Line, settle_article
from pipeline.poll import Verdict
from pipeline.polling import Answered
from pipeline.rulebook import EVERY, RuleBook
from pipeline.ruledesk import RuleDesk
from pipeline.runner import Event, Runner, only_engine
from pipeline.storage import entries, feeds
from pipeline.storage.store import Store
from pipeline.types import AlertRule, FeedState, Message, Outcome, Page, Request, Response, Source
from tests.fakes import Inbox
from tests.flows import DIARIO, Bench, analysis, bench, prose, report
from tests.test_ingest import FEED, item, rss

GACETA_FEED = "http://gaceta.example/rss"


class HandPool:
    """Stands in for the reading processes: says of each page what a test told it to."""

    workers = 2

    def __init__(self, answer: Callable[[Page], Any]) -> None:
        self.answer = answer

    def read(self, page: Page, *, keep_all: bool) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(self.answer(page))
        return done

    def close(self) -> None:
        pass


def story(page: Page) -> Any:
    number = int(page.url.rsplit("/", 1)[1])
    return analysis(page.url, prose(number), report(prose(number, 12)))


@pytest.fixture
def desk(store: Store) -> Bench:
    made = bench(store, host_gap=0.0, process_attempts_max=1, retry_base=3600.0, retry_cap=3600.0)
    made.web.says(FEED, rss(*(item(n) for n in range(5))))
    made.web.says(GACETA_FEED, rss())
    for number in range(5):
        made.web.says(f"http://diario.example/{number}", "<html>x</html>", content_type="text/html")
    return made


@pytest.fixture
def runner(desk: Bench) -> Iterator[Runner]:
    made = engine(desk)
    yield made
    made.close()


def engine(desk: Bench, answer: Callable[[Page], Any] = story) -> Runner:
    return Runner(desk.flow, HandPool(answer))  # type: ignore[arg-type]


def outcomes(desk: Bench) -> dict[str, int]:
    return desk_of(desk).status().totals.outcomes


def desk_of(desk: Bench) -> Desk:
    return Desk(desk.flow.store, desk.flow.clock, desk.flow.settings, desk.flow.sources)


def test_a_round_works_until_nothing_is_left(desk: Bench, runner: Runner) -> None:
    runner.round(threading.Event())
    assert outcomes(desk) == {"stored": 5}
    asked = len(desk.web.asked)
    runner.round(threading.Event())
    assert len(desk.web.asked) == asked


def test_an_engine_that_runs_follows_the_rules_as_they_change(desk: Bench, runner: Runner) -> None:
    """Two pages, a rule made between them, and a third page once it is gone: it fires on the second alone."""
    rules = RuleDesk(desk.flow.store, desk.clock, (), ("inbox",))

    def read_page(number: int) -> None:
        desk.clock.forward(EVERY)
        desk.announce(f"http://diario.example/{number}")
        runner.round(threading.Event())

    desk.web.answers.pop(FEED)
    read_page(1)
    rules.save_rule({"name": "kept", "query": "topic:legalization", "channels": ["inbox"]}, "ana")
    read_page(2)
    rules.drop_rule("kept")
    read_page(3)
    assert outcomes(desk) == {"stored": 3}
    assert [one.url for one in desk.alerts("kept")] == ["http://diario.example/2"]
    assert [one.rule for one in desk.inbox.messages].count("kept") == 1
    assert len(desk.alerts("said")) == 3


def test_a_round_of_one_source_leaves_the_others_alone(desk: Bench, runner: Runner) -> None:
    runner.source = DIARIO.slug
    runner.round(threading.Event())
    assert GACETA_FEED not in {request.url for request in desk.web.asked}
    assert outcomes(desk) == {"stored": 5}


def test_pages_that_fail_do_not_stop_the_others(desk: Bench) -> None:
    def answer(page: Page) -> Any:
        if page.url.endswith("/1"):
            return WorkerDied("killed")
        return NotArticle("an index") if page.url.endswith("/2") else story(page)

    runner = engine(desk, answer)
    runner.round(threading.Event())
    runner.close()
    assert outcomes(desk) == {"stored": 3, "quarantined": 1, "not_article": 1}


def test_what_cannot_be_settled_is_quarantined_and_the_rest_goes_on(
    desk: Bench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = ingest.settle_analysis

    def broken(flow: Any, db: Any, work: Any, found: Any) -> Any:
        if work.url.endswith("/3"):
            raise ValueError("a bug of ours")
        return settle(flow, db, work, found)

    monkeypatch.setattr(ingest, "settle_analysis", broken)
    runner.round(threading.Event())
    assert outcomes(desk) == {"stored": 4, "quarantined": 1}
    (failure,) = desk_of(desk).failures()
    assert "a bug of ours" in failure.error


def test_retrying_takes_up_quarantined_pages_but_not_imports(desk: Bench) -> None:
    line = Line("http://otro.example/1", "T", prose(99), "otro")
    assert settle_article(desk.flow, line, WorkerDied("killed")).outcome == Outcome.QUARANTINED
    broken = engine(desk, lambda page: WorkerDied("killed"))
    broken.round(threading.Event())
    broken.close()
    assert desk_of(desk).retry() == 5
    mended = engine(desk)
    mended.round(threading.Event())
    mended.close()
    assert outcomes(desk) == {"stored": 5, "quarantined": 1}


def test_an_import_whose_process_died_is_not_lost_to_the_next_import(desk: Bench) -> None:
    line, found = Line("http://otro.example/1", "T", prose(99), "otro"), analysis("http://otro.example/1", prose(99))
    for _ in range(2):
        assert settle_article(desk.flow, line, WorkerDied("killed")).outcome == Outcome.QUARANTINED
    assert settle_article(desk.flow, line, found).outcome == Outcome.STORED
    assert settle_article(desk.flow, line, WorkerDied("killed")).detail == "imported before"
    assert outcomes(desk) == {"stored": 1}
    with desk.flow.store.read() as db:
        (entry_id,) = entries.with_outcome(db, Outcome.STORED)
        assert entries.load(db, entry_id).quiet


def test_an_import_that_is_taken_up_again_alerts_where_it_is_asked_to(desk: Bench) -> None:
    line, words = Line("http://otro.example/1", "T", prose(99), "otro"), prose(98, 12)
    settle_article(desk.flow, line, WorkerDied("killed"))
    settle_article(desk.flow, line, analysis(line.url, prose(99), report(words)), quiet=False)
    assert len(desk.alerts("written")) == 1


def test_a_stop_is_noticed_while_a_request_hangs(desk: Bench, runner: Runner) -> None:
    asked, free, stop = threading.Event(), threading.Event(), threading.Event()

    def hang(request: Request) -> Response:
        asked.set()
        free.wait(30)
        raise NotArticle("late")

    desk.web.answers["http://diario.example/0"] = hang
    working = threading.Thread(target=runner.run, args=(stop,))
    working.start()
    assert asked.wait(20)
    stop.set()
    working.join(10)
    assert not working.is_alive()
    free.set()


def test_an_engine_that_was_stopped_goes_on_where_it_was(desk: Bench) -> None:
    stop = threading.Event()
    first = engine(desk)
    first.watch = lambda event: stop.set() if event.ending else None
    first.round(stop)
    first.close()
    assert sum(outcomes(desk).values()) < 5
    second = engine(desk)
    second.round(threading.Event())
    second.close()
    assert outcomes(desk) == {"stored": 5}
    with desk.flow.store.read() as db:
        assert entries.next_try(db) is None


def test_a_store_has_one_engine(desk: Bench) -> None:
    store = desk.flow.store
    with only_engine(store), pytest.raises(StoreError, match="another vigia process"), only_engine(store):
        pass
    with only_engine(store):
        pass


# --- polling ----------------------------------------------------------------------------------------------------------


def feed_ids(desk: Bench) -> dict[str, int]:
    with desk.flow.store.read() as db:
        return {state.source: state.id for state, _ in feeds.listing(db)}


def takeable(desk: Bench) -> set[str]:
    with desk.flow.store.write() as db:
        return {feed.source for feed in feeds.take_due(db, desk.clock.now(), 99, 600)}


def test_a_host_that_asks_for_patience_gets_no_further_request(desk: Bench, runner: Runner) -> None:
    for number in range(5):
        desk.web.answers[f"http://diario.example/{number}"] = RateLimited("429", after=900)
    runner.round(threading.Event())
    pages = [request.url for request in desk.web.asked if request.purpose == "page"]
    # those that were on their way when the first answer came: as many as a host takes at once
    assert 1 <= len(pages) <= desk.flow.settings.host_concurrency
    desk.clock.forward(seconds=5_000)
    for number in range(5):
        desk.web.says(f"http://diario.example/{number}", "<html>x</html>", content_type="text/html")
    runner.round(threading.Event())
    assert outcomes(desk) == {"stored": 5}


def test_what_an_engine_took_is_free_again_when_it_ends(desk: Bench) -> None:
    stop = threading.Event()
    stop.set()
    engine_ = engine(desk)
    engine_._rounds.take(desk.clock.now(), None)
    assert takeable(desk) == set()
    engine_.close()
    assert takeable(desk) == {"diario", "gaceta"}


def test_what_a_killed_engine_took_is_taken_over_at_once(desk: Bench) -> None:
    assert takeable(desk) == {"diario", "gaceta"}
    second = engine(desk)
    second.take_over()
    second.round(threading.Event())
    second.close()
    assert outcomes(desk) == {"stored": 5}


def test_a_feed_that_cannot_be_settled_does_not_spoil_the_others(
    desk: Bench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.web.says(GACETA_FEED, rss(item(7, link="http://gaceta.example/7")))
    desk.web.says("http://gaceta.example/7", "<html>x</html>", content_type="text/html")
    bad = feed_ids(desk)["diario"]
    settle_polls = polling.settle_polls

    def broken(flow: Any, answers: Any) -> Any:
        if any(answer.feed_id == bad for answer in answers):
            raise ValueError("a bug of ours")
        return settle_polls(flow, answers)

    monkeypatch.setattr(polling, "settle_polls", broken)
    runner.round(threading.Event())
    assert outcomes(desk) == {"stored": 1}
    with desk.flow.store.read() as db:
        failed = feeds.load(db, bad)
    assert "a bug of ours" in (failed.last_error or "")
    assert failed.next_due_at > desk.clock.now()


def test_an_engine_notices_that_the_clock_was_put_back(desk: Bench, runner: Runner) -> None:
    runner.round(threading.Event())
    polls = sum(request.url == FEED for request in desk.web.asked)
    desk.clock.put_back(days=1)
    for _ in range(3):
        runner.round(threading.Event())
    assert sum(request.url == FEED for request in desk.web.asked) == polls + 1


def test_a_clock_put_back_keeps_no_alert_and_no_page_waiting(desk: Bench, runner: Runner) -> None:
    urls = [f"http://diario.example/{number}" for number in (8, 9)]
    for url in urls:
        desk.announce(url)
    desk.web.says(urls[0], "<html>x</html>", content_type="text/html")
    desk.web.answers[urls[1]] = ConnectFailed("refused")
    desk.inbox.failure = ConnectFailed("down")
    runner.round(threading.Event())
    desk.clock.forward(days=3)
    runner.round(threading.Event())
    desk.clock.put_back(days=1)
    runner.round(threading.Event())
    desk.web.says(urls[1], "<html>x</html>", content_type="text/html")
    desk.inbox.failure = None
    desk.clock.forward(hours=2)
    runner.round(threading.Event())
    assert outcomes(desk) == {"stored": 7}
    # what was read two days later is too old for an alert
    assert [message.rule for message in desk.inbox.messages] == ["said", "written"]


def test_a_search_waits_at_the_gate_of_the_engine_and_takes_none_of_its_places(desk: Bench) -> None:
    """With one place for each host, a search that kept one for its whole time would wait for itself for ever."""
    gate = HostGate(0.0, 1, desk.clock)
    patient = Patient(desk.web, gate, lambda seconds: pytest.fail("nobody else is inside"))

    def seek(source: Source, feed: FeedState) -> str | None:
        return patient.get(Request("http://diario.example/feed/")).url

    desk.web.says(FEED, "<html>Welcome</html>", content_type="text/html")
    desk.web.says("http://diario.example/feed/", rss())
    desk.flow = replace(desk.flow, seek=seek, gate=gate)
    made = engine(desk)
    for _ in range(6):
        made.round(threading.Event())
        desk.clock.forward(days=1.2)
    made.close()
    with desk.flow.store.read() as db:
        assert feeds.load(db, feed_ids(desk)["diario"]).proposed_url == "http://diario.example/feed/"


def test_a_lost_feed_is_looked_for_by_the_engine(desk: Bench) -> None:
    desk.web.says(FEED, "<html>Welcome</html>", content_type="text/html")
    desk.flow = replace(desk.flow, seek=lambda source, feed: "http://diario.example/feed/")
    made = engine(desk)
    for _ in range(6):
        made.round(threading.Event())
        desk.clock.forward(days=1.2)
    made.close()
    with desk.flow.store.read() as db:
        assert feeds.load(db, feed_ids(desk)["diario"]).proposed_url == "http://diario.example/feed/"


def test_a_backlog_of_pages_does_not_keep_a_feed_of_its_host_waiting(store: Store) -> None:
    desk = bench(store, host_gap=0.0, host_concurrency=1)
    desk.web.says(FEED, rss(item(9)))
    desk.web.says(GACETA_FEED, rss())
    for number in range(6):
        url = f"http://diario.example/{number}"
        desk.announce(url)
        desk.web.says(url, "<html>x</html>", content_type="text/html")
    runner = engine(desk)
    runner.round(threading.Event())
    runner.close()
    asked = [request.url for request in desk.web.asked if "diario" in request.url]
    assert asked.index(FEED) <= 1


def test_a_round_leaves_to_the_next_what_comes_due_meanwhile(store: Store) -> None:
    desk = bench(store, host_gap=0.0, poll_min=1.0, poll_max=1.0)
    for url in (FEED, GACETA_FEED):
        desk.web.says(url, rss())
    runner, stop = engine(desk), threading.Event()

    def time_goes_by(event: Event) -> None:
        desk.clock.forward(seconds=60)
        if len(desk.web.asked) > 8:
            stop.set()

    runner.watch = time_goes_by
    for number in (1, 2):
        runner.round(stop)
        assert [request.url for request in desk.web.asked].count(FEED) == number
    runner.close()


def test_few_lost_feeds_are_looked_for_at_once_and_none_twice(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    sought, free, lock = list[int](), threading.Event(), threading.Lock()

    def seek(flow: Any, feed_id: int) -> None:
        with lock:
            sought.append(feed_id)
        free.wait(20)

    monkeypatch.setattr(ingest, "seek_feed", seek)
    runner = engine(desk)
    told = polling.Polled("diario", FEED, "failed", 0, "", lost=True)
    for number in (1, 2, 3, 4, 1, 3):
        runner._told(Answered(number, Request(f"http://{number}.example/"), Verdict("failed")), told)
    runner._start_seeking()
    assert sum(task.step == "seek" for task in runner._running.values()) == 2
    free.set()
    runner.round(threading.Event())
    runner.close()
    assert sorted(sought) == [1, 2, 3, 4]


def test_a_channel_that_hangs_delays_no_other(desk: Bench) -> None:
    free = threading.Event()

    class Hanging(Inbox):
        def send(self, message: Message) -> None:
            free.wait(20)
            super().send(message)

    hanging = Hanging()
    declared = [AlertRule("said", "topic:legalization", channels=("inbox", "hanging"))]
    rules = RuleBook(desk.clock, declared, ("inbox", "hanging"))
    desk.flow = replace(desk.flow, rules=rules, channels={"inbox": desk.inbox, "hanging": hanging})
    for number in range(3):
        url = f"http://diario.example/{number}"
        desk.settle(analysis(url, prose(number), report(prose(number, 12))))
    runner = engine(desk)
    for _ in range(40):
        runner._start_deliveries(desk.clock.now())
        runner._finish(0.05)
        if len(desk.inbox.messages) == 3:
            break
    assert (len(desk.inbox.messages), len(hanging.messages)) == (3, 0)
    free.set()
    runner.round(threading.Event())
    runner.close()
    assert [message.title for message in hanging.messages] == [message.title for message in desk.inbox.messages]


def test_a_running_engine_removes_once_a_day_what_need_not_be_kept(desk: Bench, runner: Runner) -> None:
    def kept() -> int:
        with desk.flow.store.read() as db:
            return len(db.execute(text("SELECT entry_id FROM pages")).all())

    runner.round(threading.Event())
    desk.clock.forward(minutes=90)
    runner.round(threading.Event())
    assert kept() == 5
    desk.clock.forward(days=366)
    runner.round(threading.Event())
    assert kept() == 0
    assert outcomes(desk) == {"stored": 5}
