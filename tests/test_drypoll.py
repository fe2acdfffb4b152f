"""Dry polls: what is said of each feed, and what is advised."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.drypoll import Checked, DryPoll, Question, check_all, check_feed
from pipeline.errors import AddressRefused, ConnectFailed, Misdirected, ServerFailed, TooLarge
from pipeline.sources import Hints, UrlKeys
from pipeline.types import FeedKind, Response
from tests.fakes import FakeWeb, ManualClock

CONFIG = Path(__file__).parent.parent / "config"
NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)
URL = "http://uno.example/rss"
RSS = (
    '<rss version="2.0"><channel><item><title>Nota</title><link>http://uno.example/nota?utm_source=rss</link>'
    "<pubDate>Wed, 27 Jun 2012 10:00:00 GMT</pubDate></item></channel></rss>"
)


@pytest.fixture
def web() -> FakeWeb:
    return FakeWeb(ManualClock(NOW))


def dry(web: FakeWeb, unknown: object = None) -> DryPoll:
    return DryPoll(web.get, NOW, Hints.load(CONFIG), UrlKeys.load(CONFIG), 2_000, unknown)  # type: ignore[arg-type]


def checked(web: FakeWeb, kind: FeedKind | None = FeedKind.RSS) -> Checked:
    return check_feed(dry(web), Question("uno", URL, kind))


def test_all_is_well(web: FakeWeb) -> None:
    web.says(URL, RSS)
    found = checked(web)
    assert (found.verdict, found.advice, found.trouble, found.entries, found.dated) == ("ok", "", "", 1, 1.0)
    assert found.newest == datetime(2012, 6, 27, 10, tzinfo=UTC)


def test_entries_are_compared_with_the_store_by_their_keys(web: FakeWeb) -> None:
    web.says(URL, RSS)

    def unknown(keys: Collection[str]) -> int:
        return len(set(keys) - {"uno.example/nota"})

    assert check_feed(dry(web, unknown), Question("uno", URL)).new == 0
    assert checked(web).new is None


def test_an_address_that_moved_for_good_is_to_be_written_down(web: FakeWeb) -> None:
    there = "http://uno.example/nuevo"
    web.answers[URL] = Response(URL, there, 200, {}, RSS.encode(), NOW, 0.1, ((301, URL),))
    assert (checked(web).verdict, checked(web).advice) == (
        "warning",
        f"moved for good: `vigia sources move uno {URL} {there}`",
    )
    web.answers[URL] = Response(URL, there, 200, {}, RSS.encode(), NOW, 0.1, ((302, URL),))
    assert checked(web).verdict == "ok"


def test_the_kind_is_compared_where_one_is_declared(web: FakeWeb) -> None:
    web.says(URL, RSS)
    assert checked(web, FeedKind.SITEMAP).advice == 'write kind = "rss"'
    assert checked(web, None).advice == ""


@pytest.mark.parametrize(
    ("error", "robots", "advice"),
    [
        (ServerFailed("http://uno.example/robots.txt: expected 200 or 404, got 500"), "unread", "try again later"),
        (ConnectFailed("http://uno.example/rss: refused"), "allowed", "try again later"),
        (AddressRefused("http://uno.example/rss: 10.0.0.1 is not public"), "allowed", "VIGIA_ALLOW_ADDRESSES"),
        (TooLarge("http://uno.example/rss: expected at most 5000000 bytes"), "allowed", "VIGIA_FEED_MAX_BYTES"),
        (Misdirected("http://uno.example/rss: redirects in circles"), "allowed", "correct the address"),
    ],
)
def test_what_keeps_us_from_an_answer(web: FakeWeb, error: Exception, robots: str, advice: str) -> None:
    web.answers[URL] = error
    found = checked(web)
    assert (found.verdict, found.status, found.robots) == ("failed", None, robots)
    assert advice in found.advice
    assert ("correct the address" in found.advice) == (advice == "correct the address")
    assert found.trouble == str(error)


def test_an_empty_feed_has_failed(web: FakeWeb) -> None:
    web.says(URL, '<rss version="2.0"><channel></channel></rss>')
    assert (checked(web).verdict, "empty" in checked(web).advice) == ("failed", True)


def test_many_hosts_at_once_and_each_answer_in_its_place(web: FakeWeb) -> None:
    asked = [Question(str(number), f"http://host{number % 7}.example/{number}") for number in range(40)]
    for question in asked[::2]:
        web.says(question.url, RSS)
    found = dict(check_all(dry(web), asked, 4))
    assert [found[place].source for place in range(40)] == [question.source for question in asked]
    assert [found[place].verdict for place in range(40)] == ["ok", "failed"] * 20


def test_a_bug_of_ours_is_not_swallowed(web: FakeWeb) -> None:
    web.answers[URL] = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        list(check_all(dry(web), [Question("uno", URL)], 2))


def test_an_index_of_indexes_is_told_as_a_poll_tells_it(web: FakeWeb) -> None:
    web.says(URL, "<sitemapindex><sitemap><loc>http://uno.example/2.xml</loc></sitemap></sitemapindex>")
    web.says(
        "http://uno.example/2.xml",
        "<sitemapindex><sitemap><loc>http://uno.example/3.xml</loc></sitemap></sitemapindex>",
    )
    assert "an index itself, not followed: http://uno.example/2.xml" in checked(web).trouble
