"""What need not be kept goes, in its time; what is work, news or known to a feed stays known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline import ingest
from pipeline.analysis import off_topic
from pipeline.errors import ConfigError
from pipeline.settings import Settings, load
from pipeline.storage import entries, feeds, pages
from pipeline.storage.store import Store
from pipeline.tidying import Tidied, tidy, tidy_all, untidy
from pipeline.types import Outcome
from tests.again import ask, run_sql
from tests.flows import DIARIO, Bench, bench

FEED = DIARIO.feeds[0].url
OFF, ON = "http://diario.example/futbol", "http://diario.example/marihuana"


def rss(*urls: str) -> str:
    entries = "".join(f"<item><title>T</title><link>{url}</link><guid>{url}</guid></item>" for url in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>D</title>{entries}</channel></rss>'


def poll(desk: Bench, *urls: str) -> int:
    desk.web.says(FEED, rss(*urls), content_type="application/rss+xml")
    with desk.flow.store.read() as db:
        feed_id = next(state.id for state, _ in feeds.listing(db) if state.source == "diario")
    return ingest.poll_feed(desk.flow, feed_id).new


def end_all(desk: Bench, outcome: Outcome = Outcome.OFF_TOPIC) -> None:
    """Every entry ended so a moment ago, its page still there."""
    at = f"{desk.clock.now():%Y-%m-%d %H:%M:%S.%f}"
    run_sql(
        desk.flow.store,
        f"UPDATE entries SET state = 'ended', outcome = '{outcome}', ended_at = '{at}' WHERE outcome IS NULL",
        "INSERT INTO pages SELECT id, url, 'text/html', x'00', first_seen_at FROM entries "
        "WHERE id NOT IN (SELECT entry_id FROM pages)",
    )


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store, keep_pages=90.0, keep_off_topic_pages=7.0, keep_off_topic=30.0)


def test_an_entry_that_a_feed_still_announces_does_not_come_back_as_new(desk: Bench) -> None:
    assert poll(desk, OFF, ON) == 2
    end_all(desk)
    desk.clock.forward(days=31)
    assert tidy_all(desk.flow) == Tidied(pages=2, entries=2)
    assert ask(desk.flow.store, "SELECT id FROM entries") == []
    assert poll(desk, OFF, ON, "http://diario.example/nuevo") == 1
    assert ask(desk.flow.store, "SELECT url FROM entries") == [("http://diario.example/nuevo",)]


def test_nor_under_another_address_with_the_same_id_or_another_id_with_the_same_address(desk: Bench) -> None:
    poll(desk, OFF)
    end_all(desk)
    desk.clock.forward(days=31)
    tidy_all(desk.flow)
    item = "<item><title>T</title><link>{}</link><guid>{}</guid></item>"
    for link, guid in ((f"{OFF}-otra-vez", OFF), (OFF, "otro")):
        body = rss().replace("</channel>", item.format(link, guid) + "</channel>")
        desk.web.says(FEED, body, content_type="application/rss+xml")
        with desk.flow.store.read() as db:
            feed_id = next(state.id for state, _ in feeds.listing(db) if state.source == "diario")
        assert ingest.poll_feed(desk.flow, feed_id).new == 0


def test_each_kind_goes_in_its_time(desk: Bench) -> None:
    poll(desk, ON)
    end_all(desk, Outcome.TOO_SHORT)
    poll(desk, ON, OFF)
    end_all(desk, Outcome.OFF_TOPIC)
    assert tidy_all(desk.flow) == Tidied()
    desk.clock.forward(days=8)
    assert untidy(desk.flow) == Tidied(pages=1)
    assert tidy_all(desk.flow) == Tidied(pages=1)
    desk.clock.forward(days=23)
    assert tidy_all(desk.flow) == Tidied(entries=1)
    desk.clock.forward(days=60)
    assert tidy_all(desk.flow) == Tidied(pages=1)
    assert ask(desk.flow.store, "SELECT url, outcome FROM entries") == [(ON, "too_short")]


def test_work_and_what_can_be_taken_up_again_stays_whatever_its_age(desk: Bench) -> None:
    poll(desk, OFF)
    end_all(desk, Outcome.QUARANTINED)
    poll(desk, OFF, ON)
    run_sql(
        desk.flow.store,
        "INSERT INTO pages SELECT id, url, 'text/html', x'00', first_seen_at FROM entries WHERE outcome IS NULL",
        "UPDATE entries SET state = 'to_process' WHERE outcome IS NULL",
    )
    desk.clock.forward(days=4000)
    assert tidy_all(desk.flow) == Tidied()
    assert ask(desk.flow.store, "SELECT count(*) FROM pages") == [(2,)]


def test_a_url_that_was_on_topic_once_keeps_all_its_entries(desk: Bench) -> None:
    desk.announce(ON)
    end_all(desk)
    desk.announce(ON, version="later")
    end_all(desk, Outcome.STORED)
    run_sql(desk.flow.store, "DELETE FROM pages")
    desk.clock.forward(days=4000)
    assert tidy_all(desk.flow) == Tidied()


def test_much_goes_in_batches(desk: Bench) -> None:
    for number in range(1201):
        desk.announce(f"{OFF}/{number}")
    end_all(desk)
    desk.clock.forward(days=31)
    batches = list(tidy(desk.flow))
    assert max(batch.pages for batch in batches) == 200
    assert max(batch.entries for batch in batches) == 500
    assert sum(batches, Tidied()) == Tidied(pages=1201, entries=1201)


def test_for_ever_is_for_ever(desk: Bench) -> None:
    settings = replace(Settings(), keep_pages=float("inf"), keep_off_topic_pages=float("inf"))
    desk.flow = replace(desk.flow, settings=settings)
    poll(desk, OFF, ON)
    end_all(desk)
    desk.clock.forward(days=40_000)
    assert tidy_all(desk.flow) == untidy(desk.flow) == Tidied()


def test_an_off_topic_page_is_kept_only_where_it_is_asked_for(store: Store) -> None:
    for kept, days in ((0, 0.0), (1, 7.0)):
        desk = bench(store, keep_off_topic_pages=days)
        entry_id = desk.announce(f"{OFF}/{days}")
        desk.web.says(f"{OFF}/{days}", "<html><body><p>El equipo ganó el partido.</p></body></html>")
        ingest.fetch_entry(desk.flow, entry_id)
        with store.read() as db:
            page = pages.load(db, entry_id, entries.load(db, entry_id).entry)
        ingest.settle(desk.flow, entry_id, off_topic(page))
        assert ask(store, f"SELECT count(*) FROM pages WHERE entry_id = {entry_id}") == [(kept,)]


@pytest.mark.parametrize("days", ["29", "0", "nan", "-1"])
def test_entries_that_are_still_counted_are_not_forgotten(days: str) -> None:
    with pytest.raises(ConfigError, match="VIGIA_KEEP_OFF_TOPIC"):
        load({"VIGIA_KEEP_OFF_TOPIC": days})
