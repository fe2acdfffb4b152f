"""Polls in a real store: equal entries, wrong 304s, hosts that ask for patience, refusals, lost feeds, batches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline import ingest
from pipeline.errors import ConnectFailed, NotAFeed, RateLimited
from pipeline.flow import Flow
from pipeline.patience import Considerate
from pipeline.poll import HostRules
from pipeline.sources import Hints
from pipeline.sources.discovery import replacement
from pipeline.storage import entries, feeds, hosts
from pipeline.storage.store import Store
from pipeline.types import FeedState, Response, Source
from tests.flows import CONFIG, Bench, bench
from tests.test_ingest import FEED, feed, item, poll, rss, works

CHALLENGE = '<html><head><script src="/cdn-cgi/challenge-platform/x.js"></script></head><body>Wait</body></html>'


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store, host_stop=300.0)


def polled(desk: Bench) -> ingest.Polled:
    return ingest.poll_feed(desk.flow, feed(desk).id)


def stopped(desk: Bench) -> set[str]:
    with desk.flow.store.read() as db:
        return set(hosts.stops(db, desk.clock.now()))


# --- equal entries ----------------------------------------------------------------------------------------------------


def test_a_feed_that_prints_the_time_announces_nothing_twice(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def dressed(when: str) -> str:
        return rss(f"<lastBuildDate>{when}</lastBuildDate>", item(1), item(2))

    desk.web.says(FEED, dressed("Wed, 27 Jun 2012 12:00:00 GMT"))
    assert polled(desk).new == 2
    asked = []
    monkeypatch.setattr(entries, "known_keys", lambda *_: asked.append(1))
    desk.web.says(FEED, dressed("Wed, 27 Jun 2012 12:10:00 GMT"))
    assert (polled(desk).kind, polled(desk).new, asked) == ("read", 0, [])


def test_an_entry_that_was_left_out_is_found_once_it_is_wanted(desk: Bench) -> None:
    """`skip` may change while the feed does not."""
    sources = dict(desk.flow.sources)
    sources["diario"] = replace(sources["diario"], skip=("/2",))
    picky = replace(desk.flow, sources=sources)
    desk.web.says(FEED, rss(item(1), item(2)))
    assert ingest.poll_feed(picky, feed(desk).id).new == 1
    desk.web.says(FEED, rss(item(1), item(2), "<!-- -->"))
    assert polled(desk).new == 1


# --- 304s that are wrong ----------------------------------------------------------------------------------------------


def test_a_host_that_hides_news_behind_304_is_not_asked_for_304s_again(store: Store) -> None:
    desk = bench(store, poll_unconditional_every=4)
    desk.web.says(FEED, rss(item(1)), etag='"1"')
    polled(desk)
    desk.web.says(FEED, "", 304)
    for _ in range(2):
        desk.clock.forward(hours=1)
        assert polled(desk).kind == "unchanged"
    desk.web.says(FEED, rss(item(1), item(2)), etag='"1"')
    desk.clock.forward(hours=1)
    assert polled(desk).new == 1
    polled(desk)
    assert [request.etag for request in desk.web.asked] == [None, '"1"', '"1"', None, None]
    desk.clock.forward(days=31)
    polled(desk)
    assert desk.web.asked[-1].etag == '"1"'


# --- patience ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {}), (429, {"retry_after": "900"}), (503, {"retry_after": "900"})]
)
def test_a_host_that_asks_a_poll_for_patience_is_left_alone_by_fetches_too(
    desk: Bench, status: int, headers: dict[str, str]
) -> None:
    poll(desk, item(1))
    (work,) = works(desk)
    desk.web.says(FEED, "slow down", status, **headers)
    assert polled(desk).kind == "failed"
    asked = len(desk.web.asked)
    assert ingest.fetch_entry(desk.flow, work.id) is None
    assert polled(desk).kind == "held"
    assert len(desk.web.asked) == asked
    with desk.flow.store.read() as db:
        assert entries.load(db, work.id).attempts == 0
        assert entries.to_fetch(db, desk.clock.now(), 9, 9) == []
        assert (entries.next_try(db, desk.clock.now()) or desk.clock.now()) > desk.clock.now()
    desk.clock.forward(seconds=900)
    assert ingest.fetch_entry(desk.flow, work.id) is None
    assert len(desk.web.asked) == asked + 1


def test_a_page_that_asks_for_patience_stops_polls_of_its_host(desk: Bench) -> None:
    entry_id = desk.announce("http://diario.example/1")
    desk.web.answers["http://diario.example/1"] = RateLimited("429", after=600)
    ingest.fetch_entry(desk.flow, entry_id)
    assert stopped(desk) == {"diario.example"}
    with desk.flow.store.write() as db:
        assert [taken.source for taken in feeds.take_due(db, desk.clock.now(), 9, 600)] == ["gaceta"]


@pytest.mark.parametrize("status", [500, 503, 502, 404])
def test_other_trouble_stops_no_host(desk: Bench, status: int) -> None:
    desk.web.says(FEED, "no", status)
    polled(desk)
    assert stopped(desk) == set()


def test_a_relay_is_never_stopped_as_a_whole(desk: Bench) -> None:
    flow = replace(desk.flow, hosts=HostRules(relays=frozenset({"diario.example"})))
    desk.web.says(FEED, "slow down", 429, retry_after="7200")
    ingest.poll_feed(flow, feed(desk).id)
    assert stopped(desk) == set()
    assert feed(desk).next_due_at - desk.clock.now() >= timedelta(hours=2)


def test_pages_of_hosts_that_share_a_limit_wait_together(desk: Bench) -> None:
    flow = replace(desk.flow, hosts=HostRules(shared=frozenset({"blogs.example"})))
    links = (item(n, link=f"http://{name}.blogs.example/{n}") for n, name in enumerate(("ana", "eva")))
    desk.web.says(FEED, rss(*links))
    ingest.poll_feed(flow, feed(desk).id)
    ana, eva = works(desk)
    desk.web.answers[ana.url] = RateLimited("429", after=600)
    ingest.fetch_entry(flow, ana.id)
    asked = len(desk.web.asked)
    ingest.fetch_entry(flow, eva.id)
    assert len(desk.web.asked) == asked


def test_a_feed_that_moved_for_good_counts_for_its_new_host(desk: Bench) -> None:
    moved = "http://nuevo.example/rss"
    for number in range(3):
        body = rss(item(number)).encode()
        desk.web.answers[FEED] = Response(FEED, moved, 200, {}, body, desk.clock.now(), 0.1, ((301, FEED),))
        polled(desk)
    assert (feed(desk).url, feed(desk).host) == (moved, "nuevo.example")


# --- refused, lost ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_in_place_of_a_feed_is_a_refusal(desk: Bench, status: int) -> None:
    desk.web.says(FEED, CHALLENGE, status, content_type="text/html")
    polled(desk)
    assert feed(desk).standing == "degraded"
    assert "refuses us" in (feed(desk).standing_reason or "")
    poll(desk, item(1))
    assert feed(desk).standing == "well"


def lost(desk: Bench) -> ingest.Polled:
    desk.web.says(FEED, "<html>Welcome</html>", content_type="text/html")
    for _ in range(4):
        last = polled(desk)
        desk.clock.forward(days=1)
    return last


def test_a_lost_feed_is_looked_for_and_what_is_found_is_only_proposed(desk: Bench) -> None:
    def seek(source: Source, feed: FeedState) -> str | None:
        return f"{source.homepage}/feed/"

    assert not lost(desk).lost, "nobody looks where nobody can"
    flow = replace(desk.flow, seek=seek)
    assert ingest.poll_feed(flow, feed(desk).id).lost
    assert ingest.seek_feed(flow, feed(desk).id) == "http://diario.example/feed/"
    assert (feed(desk).url, feed(desk).proposed_url) == (FEED, "http://diario.example/feed/")
    assert not ingest.poll_feed(flow, feed(desk).id).lost
    desk.clock.forward(days=8)
    assert ingest.poll_feed(flow, feed(desk).id).lost


def test_a_feed_is_not_proposed_to_replace_itself(desk: Bench) -> None:
    lost(desk)
    assert ingest.seek_feed(replace(desk.flow, seek=lambda source, feed: feed.url), feed(desk).id) is None


@pytest.mark.parametrize("error", [ConnectFailed("down"), NotAFeed("html")])
def test_looking_in_vain_is_remembered_and_tried_again_later(desk: Bench, error: Exception) -> None:
    def seek(source: Source, feed: FeedState) -> str | None:
        raise error

    lost(desk)
    flow = replace(desk.flow, seek=seek)
    assert ingest.seek_feed(flow, feed(desk).id) is None
    assert (feed(desk).proposed_url, feed(desk).proposed_at) == (None, desk.clock.now())
    assert not ingest.poll_feed(flow, feed(desk).id).lost


def searching(desk: Bench) -> Flow:
    """A flow that really searches, in the web of the desk."""
    web, hints, key = Considerate(desk.flow), Hints.load(CONFIG), desk.flow.url_keys.key

    def seek(source: Source, feed: FeedState) -> str | None:
        return replacement(web.get, source, feed.url, now=desk.clock.now(), hints=hints, key=key)

    return replace(desk.flow, seek=seek)


def test_a_search_stops_with_the_host_and_is_made_up_for(desk: Bench) -> None:
    lost(desk)
    flow = searching(desk)
    asked = len(desk.web.asked)
    desk.web.says("http://diario.example/", "slow down", 429, retry_after="900")
    assert ingest.seek_feed(flow, feed(desk).id) is None
    assert (len(desk.web.asked), stopped(desk)) == (asked + 1, {"diario.example"})
    assert ingest.seek_feed(flow, feed(desk).id) is None
    assert len(desk.web.asked) == asked + 1, "it is stopped for searches, too"
    desk.clock.forward(seconds=900)
    desk.web.says("http://diario.example/", '<link rel=alternate type="application/rss+xml" href="/nuevo">')
    desk.web.says("http://diario.example/nuevo", rss(item(1), item(2)))
    assert ingest.poll_feed(flow, feed(desk).id).lost, "what was cut short is no search in vain"
    assert ingest.seek_feed(flow, feed(desk).id) == "http://diario.example/nuevo"


# --- many at once -----------------------------------------------------------------------------------------------------


def test_what_many_feeds_answered_is_settled_at_once(desk: Bench) -> None:
    desk.web.says(FEED, rss(item(1), item(2)))
    desk.web.says("http://gaceta.example/rss", rss(item(2), item(3)))
    with desk.flow.store.write() as db:
        taken = feeds.take_due(db, desk.clock.now(), 9, 600)
    settled = ingest.settle_polls(desk.flow, [ingest.ask_feed(desk.flow, each) for each in taken])
    assert [(told.source, told.new) for told in settled] == [("diario", 2), ("gaceta", 1)]


def test_a_source_keeps_its_own_bounds(desk: Bench) -> None:
    sources = dict(desk.flow.sources)
    sources["diario"] = replace(sources["diario"], poll_min=7_200.0, poll_max=10_800.0)
    desk.web.says(FEED, rss(item(1), item(2, hours=-1)))
    ingest.poll_feed(replace(desk.flow, sources=sources), feed(desk).id)
    assert timedelta(hours=2) <= feed(desk).next_due_at - desk.clock.now() <= timedelta(hours=2.2)


def test_what_a_feed_asks_for_holds_while_it_does_not_change(desk: Bench) -> None:
    poll(desk, "<ttl>180</ttl><skipHours><hour>14</hour><hour>15</hour></skipHours>", item(1), item(2, hours=-1))
    for _ in range(2):
        wait = feed(desk).next_due_at - desk.clock.now()
        assert timedelta(hours=4) <= wait < timedelta(hours=4.4)
        assert polled(desk).kind == "unchanged"


def test_each_feed_that_ended_is_told_of_once(desk: Bench) -> None:
    told = replace(desk.flow, notice_channels=("inbox",))
    for url in (FEED, "http://gaceta.example/rss"):
        desk.web.says(url, "", status=410)
    with told.store.read() as db:
        known = [state for state, _ in feeds.listing(db)]
    ingest.settle_polls(told, [ingest.ask_feed(told, one) for one in (*known, known[0])])
    desk.clock.forward(seconds=1)
    desk.deliver()
    assert sorted((message.fields["source"], message.fields["kind"]) for message in desk.inbox.messages) == [
        ("diario", "retired"),
        ("gaceta", "retired"),
    ]


def test_what_an_empty_first_body_is_followed_by_is_the_past_too(desk: Bench) -> None:
    desk.web.says(FEED, rss())
    polled(desk)
    desk.web.says(FEED, rss(item(1)))
    polled(desk)
    desk.web.says(FEED, rss(item(1), item(2)))
    polled(desk)
    assert [(work.url.rsplit("/", 1)[1], work.quiet) for work in works(desk)] == [("1", True), ("2", False)]


def test_a_change_of_what_is_not_read_yet_is_as_quiet_as_that(desk: Bench) -> None:
    for entry in (item(1, "A title"), item(1, "Another title", hours=1)):
        desk.web.says(FEED, rss(entry))
        polled(desk)
    assert [work.quiet for work in works(desk)] == [True, True]


def test_a_feed_that_moved_onto_another_one_is_told_of_as_retired(desk: Bench) -> None:
    told = replace(desk.flow, notice_channels=("inbox",))
    other = "http://gaceta.example/rss"
    for number in range(3):
        body = rss(item(number)).encode()
        desk.web.answers[FEED] = Response(FEED, other, 200, {}, body, desk.clock.now(), 0.1, ((301, FEED),))
        ingest.poll_feed(told, feed(desk).id)
    desk.clock.forward(seconds=1)
    desk.deliver()
    assert [message.fields["kind"] for message in desk.inbox.messages] == ["retired"]


def test_a_feed_that_got_well_meanwhile_is_not_looked_for(desk: Bench) -> None:
    looked = []
    flow = replace(desk.flow, seek=lambda source, lost: looked.append(lost.url))
    assert ingest.seek_feed(flow, feed(desk).id) is None
    assert looked == []
