"""The fault drill: whatever goes wrong ends in a named verdict or outcome, and afterwards everything is there once."""

from __future__ import annotations

import dataclasses
import random
import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import text

from pipeline import ingest
from pipeline.clock import ShiftedClock
from pipeline.errors import StoreError
from pipeline.fetch import Fetcher, HostGate
from pipeline.flow import Flow
from pipeline.reading import PagePool
from pipeline.rulebook import RuleBook
from pipeline.runner import Runner
from pipeline.settings import Settings
from pipeline.sources import UrlKeys
from pipeline.storage import entries, feeds, sources
from pipeline.storage.store import Store
from pipeline.types import Analysis, Ending, FeedAddress, FeedState, Page, Source
from tests import faults
from tests.fakes import NOW
from tests.fetch.conftest import Host, answer
from tests.flows import CONFIG, analysis, prose

NAME = "diario.example"
HURRY = {
    "fetch_connect_timeout": 0.5,
    "fetch_read_timeout": 0.3,
    "fetch_timeout": 0.6,
    "feed_timeout": 0.6,
    "page_max_bytes": 3_000_000,
    "feed_max_bytes": 2_000_000,
    "allow_addresses": "127.0.0.0/8",
    "robots": False,
    # the clock of connections is the real one: nobody waits ten minutes for it here
    "unreachable_ttl": 0.0,
    "attempts_max": 5,
}


class DrillClock:
    """The time of day as a test sets it; what requests take is measured as ever."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()


class Reader:
    """Stands in for the reading of pages: what came as a page is a story of its own."""

    words = 200

    def read(self, page: Page, *, keep_all: bool) -> Analysis:
        return analysis(page.url, prose(int(page.url.rsplit("/", 1)[1]), self.words))


@dataclass
class Drill:
    """A flow on real sockets and a real store, and a host that can be told to misbehave."""

    flow: Flow
    host: Host
    clock: DrillClock
    #: what the name of the host resolves to, or why it does not
    resolved: list[str | Exception]

    @property
    def root(self) -> str:
        return f"http://{NAME}:{self.host.address[1]}"

    def feed(self) -> FeedState:
        with self.flow.store.read() as db:
            return feeds.load(db, 1)

    def body(self, *numbers: int) -> bytes:
        items = "".join(self._item(number) for number in numbers)
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>D</title>{items}</channel></rss>'.encode()

    def _item(self, number: int) -> str:
        date = format_datetime(NOW - timedelta(hours=9 - number))
        return (
            f"<item><title>Nota {number}</title><link>{self.root}/{number}</link><guid>{number}</guid>"
            f"<pubDate>{date}</pubDate><description>{'palabra ' * 30}</description></item>"
        )

    def publish(self, *numbers: int) -> None:
        self.host.says[NAME, "/rss"] = answer(200, self.body(*numbers), content_type="application/rss+xml")
        for number in numbers:
            self.host.says[NAME, f"/{number}"] = answer(200, b"<html><p>Nota</p></html>", content_type="text/html")

    def poll(self) -> ingest.Polled:
        """Poll when the feed is due."""
        self.clock.at = max(self.clock.at, self.feed().next_due_at)
        return ingest.poll_feed(self.flow, 1)

    def work(self) -> dict[str, Ending | None]:
        """Fetch and read everything that waits, once, when its time has come."""
        ended: dict[str, Ending | None] = {}
        with self.flow.store.read() as db:
            due = entries.next_try(db)
            self.clock.at = max(self.clock.at, due or self.clock.at)
            waiting = entries.to_fetch(db, self.clock.at, 100, 100)
        for entry_id, _, url in waiting:
            ended[url] = ingest.fetch_entry(self.flow, entry_id)
        with self.flow.store.read() as db:
            fetched = entries.to_process(db, self.clock.at, 100)
        for entry_id in fetched:
            ingest.process_page(self.flow, entry_id, Reader())  # type: ignore[arg-type]
        return ended

    def outcomes(self) -> Counter[tuple[str, str | None]]:
        """How often each URL is there with each outcome."""
        with self.flow.store.read() as db:
            rows = db.execute(text("SELECT url, outcome FROM entries")).all()
        return Counter((row.url.rpartition("/")[2], row.outcome) for row in rows)

    def once(self, *numbers: int) -> Counter[tuple[str, str | None]]:
        return Counter((str(number), "stored") for number in numbers)


@pytest.fixture
def drill(store: Store) -> Iterator[Drill]:
    host, clock = Host(), DrillClock()
    resolved: list[str | Exception] = ["127.0.0.1"]
    settings = dataclasses.replace(Settings(), **HURRY)  # type: ignore[arg-type]
    fetcher = Fetcher(settings, clock, {}, resolver=lambda name, port: resolve(resolved, name))
    feed = FeedAddress(f"http://{NAME}:{host.address[1]}/rss")
    source = Source("diario", "Diario", "PE", ("es",), f"http://{NAME}", (feed,))
    with store.write() as db:
        sources.sync(db, [source])
        feeds.sync(db, [source], clock.now(), settings.poll_min)
    flow = Flow(
        settings,
        store,
        clock,
        random.Random(1),
        fetcher,
        {source.slug: source},
        UrlKeys.load(CONFIG),
        RuleBook(clock, (), ()),
        {},
        HostGate(0.0, 100, clock),
    )
    yield Drill(flow, host, clock, resolved)
    fetcher.close()
    host.close()


def resolve(resolved: list[str | Exception], name: str) -> list[str]:
    """The host's name as the test has it; numbers are what they are."""
    if name != NAME:
        return [name.strip("[]")]
    if isinstance(resolved[0], Exception):
        raise resolved[0]
    return [str(resolved[0])]


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and how it is told for a feed and for a page; no outcome: tried again later."""

    name: str
    told: str
    verdict: str = "failed"
    outcome: str | None = None
    says: Callable[[bytes], Any] | None = None
    resolves: str | Exception | None = None

    def begin(self, drill: Drill, path: str, body: bytes) -> None:
        if self.resolves is not None:
            drill.resolved[0] = self.resolves
        if self.says is not None:
            drill.host.says[NAME, path] = drill.host.says[NAME, f"{path}?otra"] = self.says(body)


FAULTS = [
    # nothing listens on any other address of the loopback network
    Fault("connection refused", "refused", resolves="127.0.0.2"),
    Fault("name not found", "name not found", resolves=socket.gaierror(-2, "Name or service not known")),
    Fault("reset mid-body", "reset", says=faults.reset),
    Fault("body cut short", "received", says=faults.cut_short),
    Fault("truncated gzip", "cut short", says=faults.truncated_gzip),
    Fault("gzip bomb", "at most", outcome="not_article", says=faults.bomb),
    Fault("5 GB", "at most", outcome="not_article", says=faults.endless),
    Fault("a byte at a time", "expected an answer within", says=faults.drip),
    Fault("redirect loop", "redirects", outcome="not_article", says=faults.to("?otra")),
    Fault("redirect to cloud metadata", "public", outcome="blocked", says=faults.to("http://169.254.169.254/latest")),
    Fault("redirect to loopback", "public", outcome="blocked", says=faults.to("http://[::1]:80/")),
    Fault("429", "429", says=faults.storm),
]
#: what is a fault in a feed's body, and left to the reader of pages in a page's
BODIES = [
    Fault("gzip file bomb", "after gunzip", says=faults.packed_bomb),
    Fault("billion laughs", "entities", says=faults.laughs),
    Fault("200,000 nested tags", "nested", says=faults.nested),
    Fault("body longer than said", "", verdict="read", says=faults.overlong),
]


#: what a page comes to that holds such a body
SPOILT = {"gzip file bomb": "not_article", "billion laughs": "not_article", "200,000 nested tags": "not_article"}
STORY = f"<html><head><title>Nota</title></head><body><article>{f'<p>{prose(1, 60)}</p>' * 3}</article></body></html>"


def named(fault: Fault) -> str:
    return fault.name


@pytest.mark.parametrize("fault", [*FAULTS, *BODIES], ids=named)
def test_a_feed_that_fails_says_so_and_loses_nothing(drill: Drill, fault: Fault) -> None:
    drill.publish(1, 2)
    drill.poll()
    drill.work()
    drill.publish(1, 2, 3, 4)
    fault.begin(drill, "/rss", drill.body(1, 2, 3, 4))
    polled = drill.poll()
    assert (polled.kind, fault.told in polled.notice) == (fault.verdict, True), polled.notice
    assert drill.feed().state == "active"
    assert drill.feed().next_due_at > drill.clock.now()
    drill.resolved[0] = "127.0.0.1"
    drill.publish(1, 2, 3, 4)
    assert drill.poll().kind == "read"
    assert drill.feed().failures == 0
    drill.work()
    assert drill.outcomes() == drill.once(1, 2, 3, 4)


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_a_page_that_fails_ends_by_name_or_waits_and_is_there_once(drill: Drill, fault: Fault) -> None:
    drill.publish(1, 2)
    drill.poll()
    fault.begin(drill, "/1", b"<html><p>" + b"Nota " * 500 + b"</p></html>")
    ended = drill.work()[f"{drill.root}/1"]
    assert (ended and str(ended.outcome)) == fault.outcome
    if ended is not None:
        assert fault.told in ended.detail
    drill.resolved[0] = "127.0.0.1"
    drill.publish(1, 2, 3)
    drill.work()
    drill.poll()
    drill.work()
    expected = drill.once(2, 3) + Counter([("1", fault.outcome or "stored")])
    assert drill.outcomes() == expected


def test_a_storm_of_429_is_waited_out_as_long_as_the_host_asks(drill: Drill) -> None:
    drill.publish(1)
    drill.poll()
    drill.host.says[NAME, "/1"] = answer(429, retry_after="7200")
    for _ in range(3):
        before = drill.clock.now()
        assert drill.work() == {f"{drill.root}/1": None}
        with drill.flow.store.read() as db:
            assert (entries.next_try(db) or before) - drill.clock.now() >= timedelta(hours=2)
    drill.publish(1)
    drill.work()
    assert drill.outcomes() == drill.once(1)


def test_no_more_of_a_bomb_is_taken_than_the_cap_needs(drill: Drill) -> None:
    drill.publish(1)
    drill.poll()
    sent = 0

    def counted(connection: socket.socket, stop: threading.Event) -> None:
        nonlocal sent
        connection.sendall(faults.head(content_type="text/html"))
        while not stop.is_set():
            sent += connection.send(bytes(65_536))

    drill.host.says[NAME, "/1"] = counted
    drill.work()
    assert drill.outcomes() == Counter([("1", "not_article")])
    # what lies in the buffers of both sockets comes on top of the cap
    assert sent < drill.flow.settings.page_max_bytes + 20_000_000


def test_a_clock_that_jumps_back_a_day_loses_and_repeats_nothing(drill: Drill) -> None:
    drill.publish(1, 2)
    drill.poll()
    drill.work()
    drill.clock.at -= timedelta(days=1)
    drill.publish(1, 2, 3)
    assert ingest.poll_feed(drill.flow, 1).new == 1
    drill.work()
    drill.clock.at += timedelta(days=1)
    drill.publish(1, 2, 3, 4)
    drill.poll()
    drill.work()
    assert drill.outcomes() == drill.once(1, 2, 3, 4)


# --- the disk ---------------------------------------------------------------------------------------------------------


@contextmanager
def no_more_pages(store: Store) -> Iterator[None]:
    """The database may not grow: a statement fails."""
    store.vacuum()
    with store.write() as db:
        pages = db.execute(text("PRAGMA page_count")).scalar_one()
        db.execute(text(f"PRAGMA max_page_count = {pages}"))
    yield
    with store.write() as db:
        db.execute(text("PRAGMA max_page_count = 1073741823"))


@contextmanager
def no_more_bytes(store: Store) -> Iterator[None]:
    """No file may grow: the commit fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = store.path.with_name(store.path.name + "-wal")
    # what the log holds is copied first, so that it must grow again
    with store.read() as db:
        db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 40_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


Full = Callable[[Store], AbstractContextManager[None]]
FULL = pytest.mark.parametrize("full", [no_more_pages, no_more_bytes])


@FULL
def test_a_full_disk_while_polling_is_said_and_the_entries_come_with_the_next_poll(drill: Drill, full: Full) -> None:
    drill.publish(1)
    drill.poll()
    drill.work()
    drill.publish(*range(1, 200))
    with full(drill.flow.store), pytest.raises(StoreError, match=r"full|disk I/O"):
        drill.poll()
    assert drill.outcomes() == drill.once(1)
    drill.poll()
    for _ in range(2):
        drill.work()
    assert drill.outcomes() == drill.once(*range(1, 200))


@FULL
def test_a_full_disk_while_fetching_leaves_the_work_undone(drill: Drill, full: Full) -> None:
    drill.publish(1)
    drill.poll()
    drill.host.says[NAME, "/1"] = answer(200, b"<p>" + random.Random(1).randbytes(900_000), content_type="text/html")
    with full(drill.flow.store), pytest.raises(StoreError, match=r"full|disk I/O"):
        drill.work()
    assert drill.outcomes() == Counter([("1", None)])
    drill.work()
    assert drill.outcomes() == drill.once(1)


@FULL
def test_a_full_disk_while_settling_leaves_the_work_undone(
    drill: Drill, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    drill.publish(1)
    drill.poll()
    assert ingest.fetch_entry(drill.flow, 1) is None
    monkeypatch.setattr(Reader, "words", 50_000)
    with full(drill.flow.store), pytest.raises(StoreError, match=r"full|disk I/O"):
        drill.work()
    assert drill.outcomes() == Counter([("1", None)])
    drill.work()
    assert drill.outcomes() == drill.once(1)


# --- the whole engine -------------------------------------------------------------------------------------------------


@pytest.mark.timeout(60)
def test_one_round_of_the_engine_over_every_fault_at_once(drill: Drill) -> None:
    """Each fault is a page of one feed, and some of them hang whoever reads them; a sound page stands among them."""
    broken = [fault for fault in FAULTS if fault.says and fault.name != "429"] + BODIES[:3]
    numbers = range(1, len(broken) + 2)
    drill.publish(*numbers)
    for number, fault in enumerate(broken, 2):
        fault.begin(drill, f"/{number}", b"<html><p>" + b"Nota " * 500 + b"</p></html>")
    drill.host.says[NAME, "/1"] = answer(200, STORY.encode(), content_type="text/html; charset=utf-8")
    settings = dataclasses.replace(
        drill.flow.settings,
        attempts_max=2,
        retry_base=0.01,
        retry_cap=0.01,
        host_gap=0.0,
        host_concurrency=8,
        process_timeout=3.0,
        process_attempts_max=1,
        process_workers=1,
        keep="all",
    )
    flow = dataclasses.replace(drill.flow, settings=settings, clock=ShiftedClock(NOW))
    runner = Runner(flow, PagePool(CONFIG, settings))
    try:
        runner.round(threading.Event(), patience=1.0)
    finally:
        runner.close()
    found = dict(drill.outcomes().keys())
    assert found.pop("1") == "stored"
    assert found == {
        str(number): fault.outcome or ("quarantined" if fault in FAULTS else SPOILT[fault.name])
        for number, fault in enumerate(broken, 2)
    }
