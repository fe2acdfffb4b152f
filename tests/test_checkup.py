"""Source health through the whole flow: weeks of polls by a hand-set clock, check-ups, and what channels are told."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pipeline import ingest
from pipeline.checkup import check_sources
from pipeline.desk import Desk
from pipeline.errors import ConnectFailed, NotArticle
from pipeline.health import Change, SourceDay, Symptom
from pipeline.notices import notice, notice_change
from pipeline.runner import Runner
from pipeline.storage import days, feeds, symptoms
from pipeline.storage.schema import notices as notices_table
from pipeline.storage.store import Store
from pipeline.types import FeedState
from tests.days import START, made
from tests.fakes import NOW, Inbox
from tests.flows import DIARIO, Bench, analysis, bench, prose
from tests.test_ingest import FEED, item, rss
from tests.test_runner import HandPool

GACETA_FEED = "http://gaceta.example/rss"


@pytest.fixture
def desk(store: Store) -> Bench:
    made = bench(store)
    made.flow = dataclasses.replace(made.flow, notice_channels=("inbox",))
    return made


def health(desk: Bench) -> Desk:
    return Desk(desk.flow.store, desk.flow.clock, desk.flow.settings, desk.flow.sources)


def counted(desk: Bench, source: str = "diario") -> list[SourceDay]:
    with desk.flow.store.read() as db:
        return days.since(db, (NOW - timedelta(days=400)).date(), source)


def feed_of(desk: Bench, source: str) -> FeedState:
    with desk.flow.store.read() as db:
        return next(state for state, _ in feeds.listing(db) if state.source == source)


def live(desk: Bench, hours: int, *, diario: bool = True, off: bool = False) -> None:
    """Let hours go by: both outlets publish by day, and are polled every third hour unless the engine is off."""
    for _ in range(hours // 3):
        desk.clock.forward(hours=3)
        number = round((desk.clock.now() - NOW) / timedelta(hours=1))
        day = desk.clock.now().hour >= 6
        for url, publishes in ((FEED, diario), (GACETA_FEED, True)):
            if publishes and day:
                link = f"{url.removesuffix('rss')}{number}"
                desk.web.says(url, rss(item(number, link=link, hours=number)))
        if not off:
            for source in ("diario", "gaceta"):
                ingest.poll_feed(desk.flow, feed_of(desk, source).id)


def remember(desk: Bench, number: int) -> None:
    """Let as many days go by as if both outlets had published and been polled as in `live`, and prime their feeds."""
    for url in (FEED, GACETA_FEED):
        desk.web.says(url, rss(item(0, link=f"{url.removesuffix('rss')}0")))
    for source in ("diario", "gaceta"):
        ingest.poll_feed(desk.flow, feed_of(desk, source).id)
    with desk.flow.store.write() as db:
        for source in ("diario", "gaceta"):
            for day in made(number / 7, lambda day, hour: hour >= 6 and hour % 3 == 0, source=source):
                days.add(db, dataclasses.replace(day, day=day.day + (NOW.date() - START.date())))
    desk.clock.forward(days=number - 1, hours=12)


def told(desk: Bench) -> list[tuple[str, str]]:
    desk.deliver()
    found = [
        (str(message.fields["source"]), f"{message.fields['kind']} {message.fields['state']}")
        for message in desk.inbox.messages
    ]
    desk.inbox.messages.clear()
    return found  # fmt: skip


# --- counting ---------------------------------------------------------------------------------------------------------


def test_the_flow_counts_each_day_of_a_source(desk: Bench) -> None:
    desk.web.says(FEED, rss(item(1), item(2)))
    ingest.poll_feed(desk.flow, feed_of(desk, "diario").id)
    desk.clock.forward(hours=1)
    desk.web.says(FEED, rss(item(1), item(2), item(3), item(4)))
    ingest.poll_feed(desk.flow, feed_of(desk, "diario").id)
    desk.clock.forward(hours=1)
    desk.web.answers[FEED] = ConnectFailed("refused")
    ingest.poll_feed(desk.flow, feed_of(desk, "diario").id)
    noon, one, two = 1 << 12, 1 << 13, 1 << 14
    assert counted(desk) == [
        SourceDay(
            "diario",
            NOW.date(),
            hours_asked=noon | one | two,
            hours_answered=noon | one,
            hours_news=one,
            polls=3,
            polls_failed=1,
            reads=2,
            entries=2,
        )
    ]


def test_a_changed_entry_is_no_new_one(desk: Bench) -> None:
    for titles in (("one", "two"), ("one", "two, changed")):
        desk.web.says(FEED, rss(*(item(n, title) for n, title in enumerate(titles))))
        ingest.poll_feed(desk.flow, feed_of(desk, "diario").id)
        desk.clock.forward(hours=1)
    assert [day.entries for day in counted(desk)] == [0]


def test_a_step_that_runs_twice_counts_once(desk: Bench) -> None:
    url = "http://diario.example/1"
    desk.web.says(url, "<html>x</html>", content_type="text/html")
    entry_id = desk.announce(url)
    for _ in range(2):
        ingest.fetch_entry(desk.flow, entry_id)
    for _ in range(2):
        ingest.settle(desk.flow, entry_id, analysis(url, prose(1)))
    assert [(day.pages, day.items) for day in counted(desk)] == [(1, 1)]


@pytest.mark.parametrize(("status", "counted_as"), [(200, "pages"), (404, "pages_failed")])
def test_two_processes_that_fetch_the_same_page_count_it_once(desk: Bench, status: int, counted_as: str) -> None:
    """The second answer comes after the first was saved."""
    url = "http://diario.example/1"
    entry_id = desk.announce(url)
    desk.web.says(url, "<html>x</html>", status, content_type="text/html")
    answer = desk.web.answers[url]

    def meanwhile(request: Any) -> Any:
        desk.web.answers[url] = answer
        ingest.fetch_entry(desk.flow, entry_id)
        return answer

    desk.web.answers[url] = meanwhile
    ingest.fetch_entry(desk.flow, entry_id)
    assert [getattr(day, counted_as) for day in counted(desk)] == [1]


def test_pages_that_end_badly_are_counted_by_how(desk: Bench) -> None:
    for number, status in enumerate((404, 403)):
        url = f"http://diario.example/{number}"
        desk.web.says(url, "no", status=status)
        ingest.fetch_entry(desk.flow, desk.announce(url))
    ingest.settle(desk.flow, desk.announce("http://diario.example/9"), NotArticle("an index"))
    (day,) = counted(desk)
    assert (day.pages_failed, day.pages_refused, day.pages_empty, day.items) == (1, 1, 1, 0)


def test_pages_of_the_past_are_no_news_and_blame_nobody(desk: Bench) -> None:
    """A back-fill's archive may be full of dead links: forty of them opened the warning `pages`."""
    remember(desk, 30)
    before = counted(desk)
    for number in range(40):
        url = f"http://diario.example/2005/{number}"
        desk.web.says(url, "no", status=404)
        ingest.fetch_entry(desk.flow, desk.announce(url, quiet=True))
    url = "http://diario.example/2005/read"
    desk.web.says(url, "<html>x</html>", content_type="text/html")
    entry_id = desk.announce(url, quiet=True)
    ingest.fetch_entry(desk.flow, entry_id)
    ingest.settle(desk.flow, entry_id, analysis(url, prose(1)))
    assert counted(desk) == before
    assert check_sources(desk.flow) == ()


def test_an_index_with_a_dead_child_is_no_body_that_was_mended(desk: Bench) -> None:
    children = "".join(f"<sitemap><loc>http://diario.example/s{n}.xml</loc></sitemap>" for n in (1, 2))
    desk.web.says(FEED, f"<sitemapindex>{children}</sitemapindex>")
    desk.web.says("http://diario.example/s1.xml", "<html>not here</html>")
    desk.web.says("http://diario.example/s2.xml", "<urlset><url><loc>http://diario.example/7</loc></url></urlset>")
    ingest.poll_feed(desk.flow, feed_of(desk, "diario").id)
    assert "child sitemap" in (feed_of(desk, "diario").last_error or "")
    assert [(day.reads, day.reads_mended) for day in counted(desk)] == [(1, 0)]


# --- check-ups --------------------------------------------------------------------------------------------------------


def test_a_source_that_falls_silent_is_told_once_and_its_recovery_once(desk: Bench) -> None:
    live(desk, 30 * 24)
    check_sources(desk.flow)
    assert told(desk) == []
    live(desk, 3 * 24, diario=False)
    for _ in range(3):
        check_sources(desk.flow)
        desk.clock.forward(hours=1)
    assert told(desk) == [("diario", "silence opened")]
    assert [symptom.kind for symptom in health(desk).health().of("diario")] == ["silence"]
    live(desk, 24)
    for _ in range(3):
        check_sources(desk.flow)
    assert told(desk) == [("diario", "silence recovered")]
    assert health(desk).health().symptoms == ()
    assert health(desk).health().last_poll_at == desk.clock.now()


def test_a_source_that_fails_is_told_with_what_its_host_said(desk: Bench) -> None:
    remember(desk, 9)
    desk.web.says(FEED, "no", status=403)
    live(desk, 2 * 24, diario=False)
    (change,) = check_sources(desk.flow)
    assert change.symptom.kind == "errors"
    assert change.symptom.sentence.endswith(f"; last: {FEED}: the host refuses us: expected 200, got 403")
    assert [symptom.sentence for symptom in health(desk).health().symptoms] == [change.symptom.sentence]


def test_our_own_standstill_blames_nobody(desk: Bench) -> None:
    remember(desk, 30)
    live(desk, 10 * 24, off=True)
    check_sources(desk.flow)
    live(desk, 24)
    check_sources(desk.flow)
    assert told(desk) == []


def test_a_source_that_is_not_polled_any_more_is_forgotten_quietly(desk: Bench) -> None:
    remember(desk, 30)
    live(desk, 3 * 24, diario=False)
    check_sources(desk.flow)
    told(desk)
    with desk.flow.store.write() as db:
        feeds.sync(db, [dataclasses.replace(DIARIO, enabled=False, reason="closed")], desk.clock.now(), 300.0)
    check_sources(desk.flow)
    assert told(desk) == []
    with desk.flow.store.read() as db:
        assert symptoms.unended(db) == []


def test_what_is_open_survives_a_restart(desk: Bench, store: Store) -> None:
    remember(desk, 30)
    live(desk, 3 * 24, diario=False)
    check_sources(desk.flow)
    desk.inbox.failure = ConnectFailed("down")
    assert told(desk) == []
    again = Store(store.url)
    inbox = Inbox()
    desk.flow = dataclasses.replace(desk.flow, store=again, channels={"inbox": inbox})
    desk.inbox = inbox
    check_sources(desk.flow)
    desk.clock.forward(hours=2)
    assert told(desk) == [("diario", "silence opened")]
    again.close()


def test_without_channels_nothing_is_sent_but_all_is_kept(desk: Bench) -> None:
    desk.flow = dataclasses.replace(desk.flow, notice_channels=())
    remember(desk, 30)
    live(desk, 3 * 24, diario=False)
    check_sources(desk.flow)
    assert told(desk) == []
    assert health(desk).health().in_trouble == 1
    with desk.flow.store.read() as db:
        assert [row.kind for row in db.execute(notices_table.select())] == ["silence"]


# --- notices ----------------------------------------------------------------------------------------------------------


def test_a_notice_is_told_once_a_day(desk: Bench) -> None:
    def tell(kind: str = "retired") -> bool:
        with desk.flow.store.write() as db:
            made = notice(desk.flow, db, "diario", kind, "the host says that it is gone", desk.clock.now())
        return made is not None

    assert tell()
    assert not tell()
    assert tell("moved")
    desk.clock.forward(hours=25)
    assert tell()
    assert told(desk) == [("diario", "retired noted"), ("diario", "moved noted"), ("diario", "retired noted")]


def test_the_last_word_on_a_feed_is_true_however_it_flaps(desk: Bench) -> None:
    remember(desk, 1)
    feed_id = feed_of(desk, "diario").id
    for status in (403, 200, 403):
        desk.web.says(FEED, rss(item(status)), status)
        ingest.poll_feed(desk.flow, feed_id)
        desk.clock.forward(minutes=20)
    assert told(desk) == [("diario", f"{kind} noted") for kind in ("degraded", "well", "degraded")]


@pytest.mark.parametrize(("last", "word"), [(403, "degraded"), (200, "well")])
def test_a_feed_that_flaps_is_told_a_few_times_a_day_and_then_how_it_ends(desk: Bench, last: int, word: str) -> None:
    remember(desk, 1)
    feed_id, statuses = feed_of(desk, "diario").id, [403, 200] * 12 + [last]
    heard = []
    for number, status in enumerate(statuses):
        desk.web.says(FEED, rss(item(number)), status)
        ingest.poll_feed(desk.flow, feed_id)
        heard += told(desk)
        desk.clock.forward(minutes=10)
    assert heard == [("diario", f"{kind} noted") for kind in ("degraded", "well") * 2]
    desk.clock.forward(days=1)
    assert told(desk) == ([("diario", f"{word} noted")] if word != "well" else [])
    with desk.flow.store.read() as db:
        assert db.execute(select(notices_table.c.kind).order_by(notices_table.c.id.desc()).limit(1)).scalar() == word


def test_a_second_outage_on_the_same_day_is_told(desk: Bench) -> None:
    def change(state: str) -> None:
        symptom = Symptom(
            "", "outage", desk.clock.now(), "nobody answers" if state == "opened" else "they do", "warning"
        )
        with desk.flow.store.write() as db:
            notice_change(desk.flow, db, Change(symptom, state), desk.clock.now())  # type: ignore[arg-type]
        desk.clock.forward(hours=3)

    for state in ("opened", "recovered", "opened"):
        change(state)
    assert told(desk) == [("None", "outage opened"), ("None", "outage recovered"), ("None", "outage opened")]


def test_what_was_told_while_the_clock_was_ahead_silences_nothing(desk: Bench) -> None:
    desk.clock.forward(days=365)
    for _ in range(2):
        with desk.flow.store.write() as db:
            assert notice(desk.flow, db, "diario", "retired", "it is gone", desk.clock.now()) is not None
        desk.clock.forward(days=-365)


# --- the engine -------------------------------------------------------------------------------------------------------


class Rounds(threading.Event):
    """Stops an engine after so many looks; every wait is an hour on the clock."""

    def __init__(self, desk: Bench, looks: int) -> None:
        super().__init__()
        self.desk, self.left = desk, looks

    def wait(self, timeout: float | None = None) -> bool:
        self.desk.clock.forward(hours=1)
        self.left -= 1
        if self.left <= 0:
            self.set()
        return self.is_set()


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, desk: Bench) -> list[str]:
    times: list[str] = []
    monkeypatch.setattr("pipeline.checkup.check_sources", lambda flow: times.append(f"{flow.clock.now():%H}") or ())
    desk.web.says(FEED, rss())
    desk.web.says(GACETA_FEED, rss())
    return times


def test_a_running_engine_checks_every_hour(desk: Bench, checked: list[str]) -> None:
    runner = Runner(desk.flow, HandPool(lambda page: None))  # type: ignore[arg-type]
    runner.run(Rounds(desk, 6))
    runner.close()
    assert checked == sorted(set(checked))
    assert 4 <= len(checked) <= 6


def test_a_round_ends_with_one_check(desk: Bench, checked: list[str]) -> None:
    runner = Runner(desk.flow, HandPool(lambda page: None))  # type: ignore[arg-type]
    runner.round(threading.Event())
    runner.close()
    assert len(checked) == 1


def test_a_check_that_fails_stops_nothing(desk: Bench, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr("pipeline.checkup.check_sources", lambda flow: 1 / 0)
    runner = Runner(desk.flow, HandPool(lambda page: None))  # type: ignore[arg-type]
    runner.round(threading.Event())
    runner.close()
    assert "check-up of the sources failed" in caplog.text
