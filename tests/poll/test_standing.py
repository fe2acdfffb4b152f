"""How a feed stands: refused, lost, well again; and when something that may replace it is looked for."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pipeline.errors import NotAFeed, Retry, TimedOut
from pipeline.poll import Bounds, Reading, after_poll, interpret, proposed, request_for, wants_discovery
from pipeline.settings import Settings
from pipeline.types import Entry, FeedDocument, FeedKind, FeedState, Response
from tests.fakes import NOW

URL = "http://diario.example/rss"
SETTINGS = Settings(poll_lost_after=3.0, poll_search_every=7.0)
FEED = FeedState(1, "diario", URL, FeedKind.RSS, NOW, 1_800.0, etag='"1"', reads=5, body_entries=10)
DAY = timedelta(days=1)
FULL = FeedDocument(FeedKind.RSS, (Entry(f"{URL}/1"), Entry(f"{URL}/2")))
EMPTY = FeedDocument(FeedKind.RSS, ())


def said(status: int, body: bytes = b"<rss/>") -> Response:
    return Response(URL, URL, status, {"etag": '"1"'}, body, NOW, 0.1)


def polled(
    feed: FeedState, answer: object, days: float = 0.0, document: FeedDocument | None = None, **changes: object
) -> FeedState:
    settings, now = replace(SETTINGS, **changes), NOW + days * DAY  # type: ignore[arg-type]
    verdict = interpret(feed, request_for(feed, settings), answer, now)  # type: ignore[arg-type]
    reading = Reading(document) if document is not None else None
    return after_poll(feed, verdict, reading, now, random.Random(1), settings, Bounds(300, 14_400))


def since(feed: FeedState) -> datetime | None:
    return feed.standing_since


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 402, 403, 451])
def test_a_host_that_refuses_us_degrades_the_feed_and_says_why_and_since_when(status: int) -> None:
    feed = polled(FEED, said(status))
    assert (feed.standing, since(feed)) == ("degraded", NOW)
    assert str(status) in (feed.standing_reason or "")
    assert since(polled(feed, said(status), 1)) == NOW


@pytest.mark.parametrize("answer", [said(500), TimedOut("slow"), said(404)])
def test_other_trouble_neither_degrades_nor_clears(answer: Response | Retry) -> None:
    assert polled(FEED, answer).standing == "well"
    feed = polled(polled(FEED, said(403)), answer, 1)
    assert (feed.standing, since(feed)) == ("degraded", NOW)


@pytest.mark.parametrize(("answer", "document"), [(said(304), None), (said(200), FULL)])
def test_the_first_good_read_clears_it(answer: Response, document: FeedDocument | None) -> None:
    feed = polled(polled(FEED, said(403)), answer, 1, document)
    assert (feed.standing, since(feed), feed.standing_reason, feed.failing_since) == ("well", None, None, None)


# --- lost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [said(404), NotAFeed(f"{URL}: got <html>")])
def test_a_feed_that_was_not_there_for_days_is_lost(answer: Response | NotAFeed) -> None:
    feed = polled(FEED, answer)
    assert (feed.standing, feed.failing_since) == ("well", NOW)
    feed = polled(feed, answer, 2.9)
    assert feed.standing == "well"
    feed = polled(feed, answer, 3)
    assert (feed.standing, since(feed)) == ("lost", NOW + 3 * DAY)
    assert URL in (feed.standing_reason or "")
    assert feed.state == "active"


def test_trouble_of_the_network_is_no_loss() -> None:
    feed = FEED
    for days in range(30):
        feed = polled(feed, TimedOut("slow"), days)
    assert feed.standing == "well"


def test_a_feed_that_is_empty_for_days_is_lost_though_it_can_be_read() -> None:
    feed = polled(FEED, said(200), 0, EMPTY)
    feed = polled(feed, said(304), 2)
    assert (feed.standing, feed.failures) == ("well", 0.0)
    feed = polled(feed, said(304), 3)
    assert feed.standing == "lost"
    assert "without entries since 2012-06-27" in (feed.standing_reason or "")
    assert polled(feed, said(200, b"<rss></rss>"), 4, FULL).standing == "well"


def test_a_news_sitemap_may_be_empty() -> None:
    feed = replace(FEED, kind=FeedKind.NEWS_SITEMAP)
    for days in range(9):
        feed = polled(feed, said(200), days, FeedDocument(FeedKind.NEWS_SITEMAP, ()))
    assert feed.standing == "well"


def test_a_feed_that_comes_and_goes_is_not_lost() -> None:
    feed = polled(FEED, said(404))
    feed = polled(feed, said(304), 2)
    assert polled(feed, said(404), 4).standing == "well"


# --- what may replace it ----------------------------------------------------------------------------------------------


def test_a_lost_feed_is_looked_for_now_and_then() -> None:
    assert not wants_discovery(FEED, NOW, SETTINGS)
    assert not wants_discovery(replace(FEED, standing="degraded"), NOW, SETTINGS)
    lost = replace(FEED, standing="lost")
    assert wants_discovery(lost, NOW, SETTINGS)
    assert not wants_discovery(replace(lost, state="retired"), NOW, SETTINGS)
    looked = proposed(lost, None, NOW)
    assert not wants_discovery(looked, NOW + 6.9 * DAY, SETTINGS)
    assert wants_discovery(looked, NOW + 7 * DAY, SETTINGS)


def test_a_proposal_is_kept_and_the_address_stays() -> None:
    found = proposed(replace(FEED, standing="lost"), "http://diario.example/feed/", NOW)
    assert (found.url, found.proposed_url, found.proposed_at) == (URL, "http://diario.example/feed/", NOW)
    assert proposed(found, None, NOW + DAY).proposed_url == "http://diario.example/feed/"
    well = polled(found, said(200), 1, FULL)
    assert (well.proposed_url, well.proposed_at) == (None, None)


# --- hopeless ---------------------------------------------------------------------------------------------------------


def test_a_feed_that_looks_hopeless_is_asked_once_a_month_if_wished_and_never_given_up() -> None:
    feed = replace(FEED, failures=400.0, interval=14_400.0)
    assert polled(feed, said(500)).next_due_at - NOW < timedelta(days=1.1)
    waited = polled(feed, said(500), poll_hopeless_after=30.0).next_due_at - NOW
    assert timedelta(days=30) <= waited <= timedelta(days=33)
    young = polled(replace(feed, failures=29.0), said(500), poll_hopeless_after=30.0)
    assert young.next_due_at - NOW < timedelta(days=1.1)


def test_days_without_a_connection_are_not_days_without_a_feed() -> None:
    feed = FEED
    for day in range(5):
        feed = polled(feed, TimedOut("slow"), day)
    feed = polled(feed, said(404), 5)
    assert feed.standing == "well"
    assert polled(feed, said(404), 7).standing == "well"
    assert polled(feed, said(404), 8).standing == "lost"
    assert polled(polled(feed, said(200), 6, FULL), said(404), 8).standing == "well"


def test_a_first_body_without_entries_leaves_the_feed_unprimed() -> None:
    fresh = replace(FEED, reads=0)
    empty = polled(fresh, said(200), document=EMPTY)
    assert empty.reads == 0
    assert polled(empty, said(200, b"<rss>"), document=FULL).reads == 1
    assert polled(FEED, said(200), document=EMPTY).reads == FEED.reads + 1
