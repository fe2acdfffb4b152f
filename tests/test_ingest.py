"""The four steps with a fake network and a real store: what is announced, fetched, tried again, given up, delivered."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from pipeline import ingest
from pipeline.errors import (
    AddressRefused,
    ConnectFailed,
    DeliveryRefused,
    Disallowed,
    RateLimited,
    TimedOut,
    WorkerDied,
)
from pipeline.flow import Flow
from pipeline.storage import alerts, entries, feeds, pages
from pipeline.storage.store import Store, Transaction
from pipeline.types import Analysis, Ending, FeedState, Outcome, Work
from tests.fakes import NOW
from tests.flows import Bench, analysis, bench, prose, report

FEED = "http://diario.example/rss"


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


def rss(*items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Diario</title>{"".join(items)}</channel></rss>'


def item(number: int, title: str = "", guid: str | None = None, hours: int = 0, link: str | None = None) -> str:
    date = format_datetime(NOW - timedelta(hours=1) + timedelta(hours=hours))
    return (
        f"<item><title>{title or f'Title {number}'}</title><link>{link or f'http://diario.example/{number}'}</link>"
        f"<guid>{guid or number}</guid><pubDate>{date}</pubDate></item>"
    )


def feed(desk: Bench) -> FeedState:
    with desk.flow.store.read() as db:
        return next(state for state, _ in feeds.listing(db) if state.source == "diario")


def poll(desk: Bench, *items: str) -> ingest.Polled:
    desk.web.says(FEED, rss(*items))
    return ingest.poll_feed(desk.flow, feed(desk).id)


def works(desk: Bench) -> list[Work]:
    with desk.flow.store.read() as db:
        found = entries.to_fetch(db, desk.clock.now() + timedelta(days=400), 1000, 1000)
        # as they were announced; what is fetched first is another question
        return [entries.load(db, entry_id) for entry_id in sorted(entry_id for entry_id, _, _ in found)]


# --- poll -------------------------------------------------------------------------------------------------------------


def test_what_a_feed_announces_is_work(desk: Bench) -> None:
    polled = poll(desk, item(1), item(2))
    assert (polled.kind, polled.new) == ("read", 2)
    assert [work.entry.title for work in works(desk)] == ["Title 1", "Title 2"]
    assert feed(desk).next_due_at > desk.clock.now()


def test_the_first_poll_is_quiet_and_later_ones_are_not(desk: Bench) -> None:
    poll(desk, item(1))
    poll(desk, item(1), item(2))
    assert [work.quiet for work in works(desk)] == [True, False]


def test_polling_again_adds_nothing(desk: Bench) -> None:
    poll(desk, item(1), item(2))
    assert poll(desk, item(2), item(1)).new == 0


def test_new_ids_for_known_addresses_add_nothing(desk: Bench) -> None:
    poll(desk, item(1, guid="a"), item(2, guid="b"))
    assert poll(desk, item(1, guid="c"), item(2, guid="d")).new == 0


def test_tracking_parameters_make_no_new_page(desk: Bench) -> None:
    poll(desk, item(1))
    assert poll(desk, item(1, guid="x", link="https://www.diario.example/1?utm_source=rss")).new == 0


def test_new_addresses_for_known_ids_add_nothing(desk: Bench) -> None:
    poll(desk, item(1, guid="urn:1"), item(2, guid="urn:2"))
    moved = [item(n, guid=f"urn:{n}", link=f"http://nuevo.diario.example/{n}") for n in (1, 2)]
    assert poll(desk, *moved).new == 0


def test_a_change_of_a_known_page_is_announced_once(desk: Bench) -> None:
    poll(desk, item(1))
    changed = item(1, "Title 1, corrected", hours=1)
    assert poll(desk, changed).new == 1
    assert poll(desk, changed, item(2)).new == 1
    assert [work.entry.title for work in works(desk)] == ["Title 1", "Title 1, corrected", "Title 2"]


def test_a_page_that_changes_for_ever_is_let_go(store: Store) -> None:
    desk = bench(store, updates_max=3)
    assert sum(poll(desk, item(1, f"Title at {n} o'clock", hours=n)).new for n in range(10)) == 1 + 3


def test_an_unchanged_feed_is_not_read(desk: Bench) -> None:
    poll(desk, item(1))
    assert poll(desk, item(1)).kind == "unchanged"


def test_validators_are_sent_and_not_modified_is_understood(desk: Bench) -> None:
    desk.web.says(FEED, rss(item(1)), etag='"1"', last_modified="Wed, 27 Jun 2012 10:00:00 GMT")
    ingest.poll_feed(desk.flow, feed(desk).id)
    desk.web.says(FEED, "", 304)
    assert ingest.poll_feed(desk.flow, feed(desk).id).kind == "unchanged"
    assert (desk.web.asked[1].etag, desk.web.asked[1].last_modified) == ('"1"', "Wed, 27 Jun 2012 10:00:00 GMT")
    assert feed(desk).etag == '"1"'


@pytest.mark.parametrize(
    "answer", [ConnectFailed("refused"), TimedOut("slow"), AddressRefused("10.0.0.1"), Disallowed("robots")]
)
def test_a_feed_that_cannot_be_had_says_why_and_backs_off(desk: Bench, answer: Exception) -> None:
    desk.web.answers[FEED] = answer
    waits = []
    for _ in range(4):
        assert ingest.poll_feed(desk.flow, feed(desk).id).kind == "failed"
        waits.append(feed(desk).next_due_at - desk.clock.now())
    assert str(answer) in (feed(desk).last_error or "")
    assert waits[-1] > waits[0]


@pytest.mark.parametrize("body", ["<html><body>Welcome</body></html>", "", "%PDF-1.4", '{"a": 1}', "<rss><chan"])
def test_a_body_that_is_no_feed_fails_the_poll_and_loses_nothing(desk: Bench, body: str) -> None:
    poll(desk, item(1))
    desk.web.says(FEED, body)
    ingest.poll_feed(desk.flow, feed(desk).id)
    assert len(works(desk)) == 1
    assert poll(desk, item(1), item(2)).new == 1
    assert feed(desk).failures == 0


def test_a_feed_that_is_gone_is_polled_no_more(desk: Bench) -> None:
    desk.web.says(FEED, "", 410)
    assert ingest.poll_feed(desk.flow, feed(desk).id).kind == "retired"
    with desk.flow.store.write() as db:
        assert FEED not in [due.url for due in feeds.take_due(db, desk.clock.now() + timedelta(days=999), 10, 60.0)]


def test_a_sitemap_index_is_followed_one_level(desk: Bench) -> None:
    desk.web.says(FEED, "<sitemapindex><sitemap><loc>http://diario.example/s1.xml</loc></sitemap></sitemapindex>")
    desk.web.says("http://diario.example/s1.xml", "<urlset><url><loc>http://diario.example/7</loc></url></urlset>")
    assert ingest.poll_feed(desk.flow, feed(desk).id).new == 1


def test_one_bad_child_does_not_spoil_the_index(desk: Bench) -> None:
    children = "".join(f"<sitemap><loc>http://diario.example/s{n}.xml</loc></sitemap>" for n in (1, 2, 3))
    desk.web.says(FEED, f"<sitemapindex>{children}</sitemapindex>")
    desk.web.says("http://diario.example/s1.xml", "<html>not here</html>")
    desk.web.says("http://diario.example/s3.xml", "<urlset><url><loc>http://diario.example/7</loc></url></urlset>")
    assert ingest.poll_feed(desk.flow, feed(desk).id).new == 1
    assert "child sitemap" in (feed(desk).last_error or "")


# --- fetch ------------------------------------------------------------------------------------------------------------


def announced(desk: Bench, url: str = "http://diario.example/1") -> int:
    return desk.announce(url)


def work(desk: Bench, entry_id: int) -> Work:
    with desk.flow.store.read() as db:
        return entries.load(db, entry_id)


def test_a_fetched_page_waits_to_be_read(desk: Bench) -> None:
    entry_id = announced(desk)
    desk.web.says("http://diario.example/1", "<html>...</html>", content_type="text/html")
    assert ingest.fetch_entry(desk.flow, entry_id) is None
    assert work(desk, entry_id).state == "to_process"
    with desk.flow.store.read() as db:
        assert pages.load(db, entry_id, work(desk, entry_id).entry).body == b"<html>...</html>"
    assert ingest.fetch_entry(desk.flow, entry_id) is None
    assert len(desk.web.asked) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (403, Outcome.BLOCKED),
        (401, Outcome.BLOCKED),
        (451, Outcome.BLOCKED),
        (204, Outcome.NOT_ARTICLE),
    ],
)
def test_an_answer_for_good_is_the_outcome(desk: Bench, status: int, outcome: Outcome) -> None:
    entry_id = announced(desk)
    desk.web.says("http://diario.example/1", "no", status)
    ending = ingest.fetch_entry(desk.flow, entry_id)
    assert ending is not None
    assert ending.outcome == outcome
    assert work(desk, entry_id).outcome == outcome


def test_a_failure_that_may_pass_is_tried_again_later_and_later_until_quarantine(store: Store) -> None:
    desk = bench(store, attempts_max=4, retry_base=60.0)
    entry_id = announced(desk)
    waits = []
    for _ in range(3):
        assert ingest.fetch_entry(desk.flow, entry_id) is None
        with desk.flow.store.read() as db:
            waits.append(((entries.next_try(db) or NOW) - desk.clock.now()).total_seconds())
    ending = ingest.fetch_entry(desk.flow, entry_id)
    assert ending is not None
    assert ending.outcome == Outcome.QUARANTINED
    assert "after 4 attempts" in ending.detail
    with desk.flow.store.read() as db:
        (failure,) = entries.failures(db, [Outcome.QUARANTINED], 9)
    assert failure.attempts == 4
    assert "refused" in ending.detail
    assert [wait >= 60 * 2**n for n, wait in enumerate(waits)] == [True] * 3


def test_a_host_that_asks_for_patience_gets_it(desk: Bench) -> None:
    entry_id = announced(desk)
    desk.web.answers["http://diario.example/1"] = RateLimited("429", after=7200)
    ingest.fetch_entry(desk.flow, entry_id)
    with desk.flow.store.read() as db:
        assert entries.to_fetch(db, desk.clock.now() + timedelta(seconds=7199), 9, 9) == []


# --- process ----------------------------------------------------------------------------------------------------------


def test_a_page_that_kills_its_reader_is_quarantined_after_the_counted_attempts(store: Store) -> None:
    desk = bench(store, process_attempts_max=3)
    entry_id = announced(desk)
    for _ in range(2):
        assert ingest.settle(desk.flow, entry_id, WorkerDied("killed")) is None
    ending = ingest.settle(desk.flow, entry_id, WorkerDied("killed"))
    assert ending is not None
    assert ending.outcome == Outcome.QUARANTINED


def test_off_topic_pages_are_not_kept(desk: Bench) -> None:
    entry_id = announced(desk)
    desk.web.says("http://diario.example/1", "<html>...</html>", content_type="text/html")
    ingest.fetch_entry(desk.flow, entry_id)
    ingest.settle(desk.flow, entry_id, analysis("http://diario.example/1", prose(1), topics=()))
    with desk.flow.store.read() as db, pytest.raises(KeyError):
        pages.load(db, entry_id, work(desk, entry_id).entry)


# --- deliver ----------------------------------------------------------------------------------------------------------

WORDS = "No firmaremos ninguna ley que legalice la cocaína en este periodo"


def fired(desk: Bench) -> None:
    desk.settle(analysis("http://diario.example/1", prose(1), report(WORDS)))


def deliveries(desk: Bench) -> list[str]:
    return [delivery.state for alert in desk.alerts() for delivery in alert.deliveries]


def test_an_alert_is_delivered_once(desk: Bench) -> None:
    fired(desk)
    desk.deliver()
    desk.deliver()
    said = [message for message in desk.inbox.messages if message.rule == "said"]
    assert len(said) == 1
    assert WORDS in said[0].body
    assert deliveries(desk) == ["sent"]


def test_a_channel_that_is_down_gets_it_later(desk: Bench) -> None:
    fired(desk)
    desk.inbox.failure = ConnectFailed("down")
    desk.deliver()
    assert deliveries(desk) == ["waiting"]
    desk.inbox.failure = None
    desk.clock.forward(hours=2)
    desk.deliver()
    assert deliveries(desk) == ["sent"]


def test_a_channel_that_refuses_is_not_asked_again(desk: Bench) -> None:
    fired(desk)
    desk.inbox.failure = DeliveryRefused("400")
    desk.deliver()
    assert deliveries(desk) == ["dead"]


def test_a_channel_that_stays_down_is_given_up(store: Store) -> None:
    desk = bench(store, deliver_attempts_max=3)
    fired(desk)
    desk.inbox.failure = ConnectFailed("down")
    for _ in range(5):
        desk.deliver()
        desk.clock.forward(days=1)
    with desk.flow.store.read() as db:
        assert alerts.next_of_each(db, desk.clock.now()) == {}
    assert deliveries(desk) == ["dead"]


def test_pages_settled_together_are_all_saved_or_none(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = ingest.settle_analysis

    def broken(flow: Flow, db: Transaction, work: Work, found: Analysis) -> Ending:
        if work.url.endswith("/2"):
            raise ValueError("a bug of ours")
        return settled(flow, db, work, found)

    urls = ["http://diario.example/1", "http://diario.example/2"]
    read = [(desk.announce(url), analysis(url, prose(number))) for number, url in enumerate(urls)]
    monkeypatch.setattr(ingest, "settle_analysis", broken)
    with pytest.raises(ValueError, match="a bug of ours"):
        ingest.settle_all(desk.flow, read)
    assert [work.outcome for work in works(desk)] == [None, None]
    monkeypatch.setattr(ingest, "settle_analysis", settled)
    endings = ingest.settle_all(desk.flow, read)
    assert [ending and ending.outcome for ending in endings] == [Outcome.STORED, Outcome.STORED]
