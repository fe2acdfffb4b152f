"""Two transactions at the same moment on PostgreSQL: each thing is stored, told and sent once.

`Meeting` makes the moment: a transaction that has done its work waits, before it commits, for another one to have done
its own. Where the store keeps them apart the other cannot get that far: once it is seen to wait, the first goes on.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select, text, update

from pipeline import ingest, polling
from pipeline.errors import StoreContended
from pipeline.poll import Verdict
from pipeline.polling import Answered
from pipeline.storage import alerts, entries, feeds, locks, sources
from pipeline.storage.database import Limits
from pipeline.storage.schema import appearances, deliveries, items, reports, statements
from pipeline.storage.schema import sources as sources_table
from pipeline.storage.store import Store, Transaction
from pipeline.types import Analysis, Ending, Entry, FeedDocument, FeedKind, Message, Request
from tests.fakes import NOW
from tests.flows import DIARIO, GACETA, Bench, analysis, bench, prose, report

TEXT, WORDS = prose(1), "Legalizar la marihuana sería un grave error para el Perú"
#: seconds after which one that nobody comes to meet goes on, and the test fails
PATIENCE = 30.0

Result = TypeVar("Result")


class Meeting(Store):
    """A store on which a transaction commits once another has done its work, too, or is seen to wait for it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._arrived = threading.Semaphore(0)
        self.begun = self.done = 0

    def transact(self, step: Callable[[Transaction], Result]) -> Result:
        def met(db: Transaction) -> Result:
            self.begun += 1
            result = step(db)
            self.done += 1
            end = time.monotonic() + PATIENCE
            while self.done < 2 and not somebody_waits(self) and time.monotonic() < end:
                self._arrived.acquire(timeout=0.005)
            return result

        return super().transact(met)

    @property
    def met(self) -> bool:
        """Whether both had done their work, each without the other's."""
        return self.begun == self.done == 2


def somebody_waits(store: Store) -> bool:
    with store.engine.connect() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


@pytest.fixture
def desk(postgres_store: Store) -> Bench:
    return bench(postgres_store)


@pytest.fixture
def meeting(desk: Bench) -> Iterator[Meeting]:
    with closing(Meeting(desk.flow.store.url)) as store:
        yield store


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(call) for call in calls]]


def settle_at_once(desk: Bench, meeting: Meeting, *found: Analysis) -> list[Ending | None]:
    flow = replace(desk.flow, store=meeting)
    ids = [desk.announce(one.article.url, (DIARIO, GACETA)[place % 2]) for place, one in enumerate(found)]
    pairs = zip(ids, found, strict=True)
    return at_once(*(lambda pair=pair: ingest.settle(flow, *pair) for pair in pairs))  # type: ignore[misc]


def count(store: Store, table: Any) -> int:
    with store.read() as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())


def outcomes(ended: list[Ending | None]) -> list[str]:
    return sorted(one.outcome for one in ended if one is not None)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_two_copies_at_one_moment_are_one_item(desk: Bench, meeting: Meeting) -> None:
    found = [analysis(f"http://diario.example/{n}", TEXT, report(WORDS)) for n in range(2)]
    ended = settle_at_once(desk, meeting, *found)
    assert outcomes(ended) == ["reprint", "stored"]
    assert len({one.item_id for one in ended if one}) == 1
    assert (count(meeting, items), count(meeting, appearances), count(meeting, statements)) == (1, 2, 1)
    assert (len(desk.alerts("said")), len(desk.alerts("written"))) == (1, 1)
    assert count(meeting, deliveries) == 2


@pytest.mark.parametrize("other", [prose(1)[:-150] + " y nada más que decir hoy", " ".join(prose(1).split()[:120])])
def test_a_near_copy_at_the_same_moment_is_no_second_item(desk: Bench, meeting: Meeting, other: str) -> None:
    found = analysis("http://diario.example/1", TEXT), analysis("http://gaceta.example/2", other)
    assert found[0].fingerprint != found[1].fingerprint
    assert outcomes(settle_at_once(desk, meeting, *found)) == ["reprint", "stored"]
    assert count(meeting, items) == 1


def test_one_page_settled_twice_at_one_moment_ends_once(desk: Bench, meeting: Meeting) -> None:
    found = analysis("http://diario.example/1", TEXT, report(WORDS))
    flow, entry_id = replace(desk.flow, store=meeting), desk.announce("http://diario.example/1")
    first, second = at_once(*[lambda: ingest.settle(flow, entry_id, found)] * 2)
    assert first is not None
    assert second is not None
    assert (first.outcome, first.item_id) == (second.outcome, second.item_id)
    assert (count(meeting, items), count(meeting, appearances), len(desk.alerts("said"))) == (1, 1, 1)


def test_texts_that_have_nothing_in_common_do_not_wait(desk: Bench, meeting: Meeting) -> None:
    found = [
        analysis(f"http://diario.example/{n}", prose(n), report(f"{prose(n + 50, 12)} prohibir", f"Minister {n}"))
        for n in range(2)
    ]
    assert outcomes(settle_at_once(desk, meeting, *found)) == ["stored", "stored"]
    assert meeting.met


# --- statements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nearly", [WORDS, f"{WORDS}, dijo ayer"], ids=["the same words", "nearly the same"])
@pytest.mark.parametrize("speaker", ["Rosa Quintanilla", None], ids=["named", "unnamed"])
def test_one_statement_in_two_articles_at_one_moment(
    desk: Bench, meeting: Meeting, speaker: str | None, nearly: str
) -> None:
    def said(words: str) -> Any:
        told = report(words)
        return told if speaker else replace(told, speaker=replace(told.speaker, name=None, key=None))

    # the speaker is known: what is new is the statement alone
    desk.settle(analysis("http://diario.example/0", prose(9), said("Otra cosa distinta dije yo aquella tarde")))
    found = [
        analysis("http://diario.example/1", prose(1), said(WORDS)),
        analysis("http://gaceta.example/2", prose(2), said(nearly)),
    ]
    assert outcomes(settle_at_once(desk, meeting, *found)) == ["stored", "stored"]
    assert (count(meeting, statements), count(meeting, reports), len(desk.alerts("said"))) == (2, 3, 2)


def test_without_claims_unique_keys_and_the_retry_still_keep_one_statement(
    desk: Bench, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The net beneath: the second transaction stores what the first one just did, and begins again."""
    desk.settle(analysis("http://diario.example/0", prose(9), report("Otra cosa distinta dije yo aquella tarde")))
    monkeypatch.setattr(locks, "hold", lambda *_: None)
    found = [analysis(f"http://diario.example/{n}", prose(n), report(WORDS)) for n in (1, 2)]
    assert outcomes(settle_at_once(desk, meeting, *found)) == ["stored", "stored"]
    assert (count(meeting, statements), count(meeting, reports)) == (2, 3)
    assert len(desk.alerts("said")) == 2
    assert meeting.begun == 3


# --- polls ------------------------------------------------------------------------------------------------------------


def test_two_feeds_that_announce_the_same_pages_at_one_moment(desk: Bench, meeting: Meeting) -> None:
    told = [Entry(f"http://agency.example/{n}", f"Title {n}") for n in range(30)]
    flow = replace(desk.flow, store=meeting)

    def polled(feed_id: int, announced: list[Entry]) -> Callable[[], int]:
        document = FeedDocument(FeedKind.RSS, tuple(announced))
        verdict = Verdict("read", "", status=200)
        answered = Answered(feed_id, Request("http://agency.example/rss", "feed"), verdict, document, "hash")
        return lambda: sum(one.new for one in polling.settle_polls(flow, [answered]))

    with desk.flow.store.read() as db:
        first, second = (state.id for state, _ in feeds.listing(db))
    assert sum(at_once(polled(first, told), polled(second, told[::-1]))) == 30
    with desk.flow.store.read() as db:
        assert len(entries.to_process(db, NOW, 99)) + len(entries.to_fetch(db, NOW, 99, 99)) == 30


# --- everything at once -----------------------------------------------------------------------------------------------


def test_many_workers_in_any_order_store_what_one_would(desk: Bench) -> None:
    """Eight texts, each published six times, trimmed or whole, settled by six workers with stores of their own."""
    work: list[tuple[int, Analysis]] = []
    for n in range(8):
        for place in range(6):
            text = prose(n) if place % 2 else " ".join(prose(n).split()[:150])
            found = analysis(f"http://diario.example/{n}/{place}", text, report(f"{WORDS} número {n} del año"))
            work.append((desk.announce(found.article.url, (DIARIO, GACETA)[place % 2]), found))
    random.Random(5).shuffle(work)

    def worker(mine: list[tuple[int, Analysis]]) -> None:
        with closing(Store(desk.flow.store.url)) as store:
            for entry_id, found in mine:
                ingest.settle(replace(desk.flow, store=store), entry_id, found)

    at_once(*[lambda place=place: worker(work[place::6]) for place in range(6)])  # type: ignore[misc]
    store = desk.flow.store
    assert (count(store, items), count(store, appearances), count(store, statements)) == (8, 48, 8)
    with store.read() as db:
        ended = [entries.load(db, entry_id).outcome for entry_id, _ in work]
    assert sorted(outcome or "" for outcome in ended) == ["reprint"] * 40 + ["stored"] * 8
    assert (len(desk.alerts("said")), len(desk.alerts("written"))) == (8, 8)
    desk.deliver()
    assert len(desk.inbox.messages) == len({message.id for message in desk.inbox.messages}) == 16


# --- the retry --------------------------------------------------------------------------------------------------------


def rename(first: str, second: str, both: threading.Barrier, tried: list[str]) -> Callable[[Transaction], str]:
    def step(db: Transaction) -> str:
        tried.append(first)
        change = update(sources_table).values(name=f"{first} before {second}")
        db.execute(change.where(sources_table.c.slug == first))
        if len(tried) <= 2:
            both.wait(PATIENCE)
        db.execute(change.where(sources_table.c.slug == second))
        return first

    return step


def test_of_two_that_wait_for_each_other_one_begins_again(desk: Bench) -> None:
    store, both = desk.flow.store, threading.Barrier(2)
    tried: list[str] = []
    calls = [rename("diario", "gaceta", both, tried), rename("gaceta", "diario", both, tried)]
    assert at_once(*(lambda call=call: store.transact(call) for call in calls)) == ["diario", "gaceta"]  # type: ignore[misc]
    # more than once, where it comes back before the other was waked
    assert len(tried) >= 3
    with store.read() as db:
        assert len(set(db.execute(select(sources_table.c.name)).scalars())) == 1, "the last of them, and whole"


def test_a_lock_that_is_not_given_up_ends_in_a_retry(desk: Bench) -> None:
    impatient = Store(desk.flow.store.url, Limits(lock_timeout=0.05))
    with closing(impatient), desk.flow.store.write() as db:
        locks.hold(db, ["text"])
        with pytest.raises(StoreContended, match="lock timeout"):
            impatient.transact(lambda other: locks.hold(other, ["text"]))


def test_an_error_of_our_own_is_not_tried_again(desk: Bench) -> None:
    tried = []

    def step(db: Transaction) -> None:
        tried.append(1)
        sources.ensure(db, "x")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        desk.flow.store.transact(step)
    assert len(tried) == 1
    with desk.flow.store.read() as db:
        assert "x" not in sources.names(db)


def test_an_alert_that_two_fire_at_once_is_one(desk: Bench, meeting: Meeting) -> None:
    ended = desk.settle(analysis("http://diario.example/1", TEXT, topics=("hemp",)))
    assert ended.item_id is not None

    def fire(key: str) -> Callable[[], int | None]:
        message = Message(key, "r", "T", "B", "http://diario.example/1", NOW, {})
        return lambda: meeting.transact(
            lambda db: alerts.fire(
                db, message, "subject", item_id=ended.item_id or 0, statement_id=None, channels=["inbox"]
            )
        )

    made = at_once(fire("a"), fire("b"))
    assert [one is None for one in made].count(True) == 1
    assert count(meeting, deliveries) == 1 + len(desk.alerts("written"))
