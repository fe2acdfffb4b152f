"""A host that asks for patience gets it from all of us; one that was caught with stale 304s is not asked for any."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.fetch import HostGate
from pipeline.fetch.address import web_address
from pipeline.poll import (
    HostRules,
    Reading,
    Verdict,
    after_refusal,
    believes_nothing,
    caught_stale,
    distrusted,
    stopped,
)
from pipeline.settings import Settings
from pipeline.types import FeedDocument, FeedKind, FeedState, HostState, Request
from tests.fakes import NOW, ManualClock

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Settings(host_stop=300.0)
HOST = HostState("diario.example")
RULES = HostRules(frozenset({"blogs.example"}), frozenset({"bridge.example"}))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def refused(host: HostState = HOST, wait: float | None = None, later: timedelta = timedelta()) -> HostState:
    return after_refusal(host, wait, "429", NOW + later, SETTINGS)


def length(host: HostState) -> timedelta:
    assert host.stop_until is not None
    assert host.stopped_at is not None
    return host.stop_until - host.stopped_at


# --- stops ------------------------------------------------------------------------------------------------------------


def test_a_host_is_left_alone_as_long_as_it_asks() -> None:
    host = refused(wait=7_200.0)
    assert stopped(host, NOW)
    assert stopped(host, NOW + 2 * HOUR - MINUTE)
    assert not stopped(host, NOW + 2 * HOUR)
    assert host.reason == "429"


def test_nobody_is_left_alone_for_more_than_a_day() -> None:
    assert length(refused(wait=1e12)) == DAY


def test_a_host_that_does_not_say_how_long_is_left_alone_longer_each_time() -> None:
    host, lengths = HOST, []
    at = timedelta()
    for _ in range(4):
        host = refused(host, later=at)
        lengths.append(length(host))
        at += lengths[-1] + MINUTE
    assert lengths == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE]


def test_a_host_that_was_good_for_an_hour_starts_anew() -> None:
    assert length(refused(refused(), later=5 * MINUTE + HOUR)) == 5 * MINUTE


def test_answers_that_were_on_their_way_are_no_new_offence() -> None:
    host = refused(refused(wait=600.0), later=MINUTE)
    assert host.stops == 1
    assert host.stop_until == NOW + 10 * MINUTE


def test_a_clock_put_back_ends_a_stop() -> None:
    assert not stopped(refused(wait=600.0), NOW - DAY)


@pytest.mark.parametrize("host", [None, HOST])
def test_a_host_that_never_asked_is_not_stopped(host: HostState | None) -> None:
    assert not stopped(host, NOW)
    assert not distrusted(host, NOW)


# --- which hosts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://diario.example/rss", "diario.example"),
        ("https://WWW.Diario.Example:8443/rss", "www.diario.example"),
        ("https://ana.blogs.example/rss", "blogs.example"),
        ("https://x.ana.blogs.example/", "blogs.example"),
        ("https://blogs.example/", "blogs.example"),
        ("https://notblogs.example/", "notblogs.example"),
        ("http://[::1", ""),
        ("nonsense", ""),
        ("https://ana.blogs.example./", "blogs.example"),
        ("https://Diario.example./rss", "diario.example"),
        ("https://peñalosa.example/rss", "xn--pealosa-5za.example"),
        ("https://PEÑALOSA.example/rss", "xn--pealosa-5za.example"),
        ("https://xn--pealosa-5za.example/rss", "xn--pealosa-5za.example"),
        (f"https://{'ñ' * 80}.example/rss", f"{'ñ' * 80}.example"),
    ],
)
def test_hosts_that_share_a_limit_have_one_key(url: str, key: str) -> None:
    assert RULES.key(url) == key


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("diario.example", True),
        ("8.8.8.8", True),
        ("bridge.example", False),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("::1", False),
        ("fd00::1", False),
        ("localhost", False),
        ("rss-bridge", False),
        ("nas.local", False),
        ("rss.home.arpa", False),
        ("", False),
    ],
)
def test_private_hosts_and_relays_are_never_stopped_as_a_whole(host: str, may: bool) -> None:
    assert RULES.may_stop(host) is may


@pytest.mark.parametrize("name", ["peñalosa.example", "straße.example", "diario.example.", "ana.blogs.example."])
def test_a_host_is_named_as_the_fetcher_names_it_to_the_gate(name: str) -> None:
    """So that what a robots.txt asks for holds for whoever waits at the gate."""
    clock = ManualClock()
    gate = HostGate(5.0, 1, clock, RULES.limit_of)
    gate.widen(web_address(f"http://{name}/").raw_host.decode("ascii"), 30.0)
    assert gate.wait(RULES.key(f"http://{name}/")) == 0
    assert gate.wait(RULES.key(f"http://{name}/otra")) == 30.0
    assert gate.wait(name) == 30.0


def test_a_list_may_be_written_in_letters(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_text('shared = ["peñalosa.example"]\nrelays = ["ñandú.example"]\n', "utf-8")
    rules = HostRules.load(tmp_path)
    assert rules.key("http://ana.peñalosa.example/") == rules.key("http://xn--pealosa-5za.example/")
    assert not rules.may_stop(rules.key("http://ñandú.example/"))


def test_the_shipped_list_can_be_read() -> None:
    assert HostRules.load(ROOT / "config").key("https://ana.tumblr.com/rss") == "tumblr.com"


@pytest.mark.parametrize("name", ["https://blogs.example", "Blogs.example", ".blogs.example", ""])
def test_what_is_no_host_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "hosts.toml").write_text(f'shared = ["{name}"]\nrelays = []\n')
    with pytest.raises(ConfigError, match=r"hosts\.toml: shared: expected host names"):
        HostRules.load(tmp_path)


# --- stale 304s -------------------------------------------------------------------------------------------------------

FEED = FeedState(
    1, "diario", "http://diario.example/rss", FeedKind.RSS, NOW, 1_800.0, etag='"1"', not_modified=3, last_polled_at=NOW
)
BARE, CONDITIONAL = Request(FEED.url, "feed"), Request(FEED.url, "feed", '"1"')
SAME, OTHER = Verdict("read", etag='"1"'), Verdict("read", etag='"2"')
DOCUMENT = FeedDocument(FeedKind.RSS, ())


def test_news_under_the_validators_of_yesterday_is_proof() -> None:
    assert caught_stale(FEED, BARE, SAME, Reading(DOCUMENT, 1, NOW))
    undated = replace(FEED, etag=None, last_modified="Mon")
    assert caught_stale(undated, BARE, Verdict("read", last_modified="Mon"), Reading(DOCUMENT, 1))


def test_news_that_is_older_than_the_last_304_is_proof() -> None:
    assert caught_stale(FEED, BARE, OTHER, Reading(DOCUMENT, 2, NOW - 2 * HOUR))


@pytest.mark.parametrize(
    ("feed", "asked", "verdict", "reading"),
    [
        (FEED, BARE, OTHER, Reading(DOCUMENT, 1, NOW)),
        (FEED, BARE, OTHER, Reading(DOCUMENT, 1, NOW - HOUR / 2)),
        (FEED, BARE, OTHER, Reading(DOCUMENT, 1, None)),
        (FEED, BARE, SAME, Reading(DOCUMENT, 0)),
        (FEED, BARE, SAME, None),
        (FEED, CONDITIONAL, SAME, Reading(DOCUMENT, 1, NOW - DAY)),
        (replace(FEED, not_modified=0), BARE, SAME, Reading(DOCUMENT, 1, NOW - DAY)),
        (replace(FEED, etag=None), BARE, Verdict("read"), Reading(DOCUMENT, 1, NOW - DAY)),
    ],
    ids=["since", "late", "undated", "none", "failed", "conditional", "never 304", "no validators"],
)
def test_news_that_came_since_is_no_proof(
    feed: FeedState, asked: Request, verdict: Verdict, reading: Reading | None
) -> None:
    assert not caught_stale(feed, asked, verdict, reading)


def test_a_host_that_was_caught_gets_another_chance_after_a_while() -> None:
    host = believes_nothing(HOST, NOW)
    assert distrusted(host, NOW + 29 * DAY)
    assert not distrusted(host, NOW + 30 * DAY)
