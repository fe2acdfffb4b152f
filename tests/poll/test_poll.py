"""Polling policy: what an answer means for a feed, and when it is asked again. Pure: tables in, states out."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import (
    AddressRefused,
    ConnectFailed,
    Disallowed,
    Gone,
    Misdirected,
    NotAFeed,
    RateLimited,
    ServerFailed,
    TimedOut,
    TooLarge,
    Unreadable,
)
from pipeline.poll import MOVES_SEEN, Bounds, Reading, Verdict, after_poll, request_for
from pipeline.poll import interpret as interpret_answer
from pipeline.poll.verdict import HARD, SOFT
from pipeline.settings import Settings
from pipeline.types import Entry, FeedDocument, FeedKind, FeedState, Request, Response
from tests.fakes import NOW

URL = "http://diario.example/rss"
MOVED = "https://diario.example/feed"
SETTINGS = Settings(poll_min=300, poll_max=14_400, poll_failure_cap=86_400, poll_unconditional_every=12)
BOUNDS = Bounds(SETTINGS.poll_min, SETTINGS.poll_max)
FEED = FeedState(1, "diario", URL, FeedKind.RSS, NOW, 1_800.0, etag='"1"', last_modified="then", reads=5)
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


class Dice(random.Random):
    """Rolls what it is told; 0 is no jitter at all."""

    def __init__(self, rolled: float = 0.0) -> None:
        super().__init__()
        self.rolled = rolled

    def random(self) -> float:
        return self.rolled


def said(
    status: int = 200, body: bytes = b"<rss/>", hops: tuple[tuple[int, str], ...] = (), **headers: str
) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(URL, MOVED if hops else URL, status, named, body, NOW, 0.1, hops)


def published(*ages: float, ttl: float | None = None) -> FeedDocument:
    """A feed whose entries were published so many seconds ago."""
    entries = [Entry(f"{URL}/{n}", claimed_at=NOW - timedelta(seconds=age)) for n, age in enumerate(ages)]
    return FeedDocument(FeedKind.RSS, tuple(entries), ttl=ttl)


def every(gap: float, entries: int = 10) -> FeedDocument:
    return published(*(gap * n for n in range(entries)))


def polled(
    answer: object = None,
    document: FeedDocument | None = None,
    new: int = 0,
    feed: FeedState = FEED,
    jitter: float = 0.0,
) -> FeedState:
    """The state after one poll."""
    answer = said() if answer is None else answer
    return remembered(feed, interpret(feed, answer), document, new, Dice(jitter))


def interpret(feed: FeedState, answer: object) -> Verdict:
    return interpret_answer(feed, request_for(feed, SETTINGS), answer, NOW)  # type: ignore[arg-type]


def remembered(
    feed: FeedState, verdict: Verdict, document: FeedDocument | None, new: int, rng: random.Random
) -> FeedState:
    reading = Reading(document, new) if document is not None else None
    return after_poll(feed, verdict, reading, NOW, rng, SETTINGS, BOUNDS)


def wait(state: FeedState) -> float:
    return (state.next_due_at - NOW).total_seconds()


# --- the request ------------------------------------------------------------------------------------------------------


def test_validators_are_sent_back() -> None:
    assert request_for(FEED, SETTINGS) == Request(URL, "feed", '"1"', "then")


def test_every_so_often_no_validators_are_sent() -> None:
    asked = [request_for(replace(FEED, polls=n), SETTINGS).etag is None for n in range(25)]
    assert [n for n, bare in enumerate(asked) if bare] == [11, 23]


@pytest.mark.parametrize(("setting", "bare"), [(1, 10), (0, 0)])
def test_validators_can_be_switched_off_and_always_be_trusted(setting: int, bare: int) -> None:
    settings = replace(SETTINGS, poll_unconditional_every=setting)
    assert sum(request_for(replace(FEED, polls=n), settings).etag is None for n in range(10)) == bare


# --- what an answer means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "weight"),
    [
        (said(200), "read", 0.0),
        (said(304), "unchanged", 0.0),
        (said(410), "retired", 0.0),
        (Gone("gone"), "retired", 0.0),
        (said(400), "failed", HARD),
        (said(401), "failed", HARD),
        (said(403), "failed", HARD),
        (said(404), "failed", SOFT),
        (said(408), "failed", SOFT),
        (said(429), "failed", SOFT),
        (said(451), "failed", HARD),
        (said(500), "failed", SOFT),
        (said(503), "failed", SOFT),
        (said(522), "failed", SOFT),
        (said(204), "failed", HARD),
        (said(301), "failed", HARD),
        (ConnectFailed("refused"), "failed", SOFT),
        (TimedOut("slow"), "failed", SOFT),
        (ServerFailed("robots.txt 500"), "failed", SOFT),
        (RateLimited("robots.txt 429"), "failed", SOFT),
        (Disallowed("robots"), "failed", SOFT),
        (NotAFeed("html"), "failed", SOFT),
        (AddressRefused("10.0.0.1"), "failed", HARD),
        (TooLarge("6 MB"), "failed", HARD),
        (Misdirected("circles"), "failed", HARD),
        (Unreadable("a bug"), "failed", HARD),
    ],
    ids=lambda value: f"{value.status}" if isinstance(value, Response) else type(value).__name__,
)
def test_each_answer_has_a_meaning(answer: object, kind: str, weight: float) -> None:
    verdict = interpret(FEED, answer)
    assert (verdict.kind, verdict.weight) == (kind, weight)
    assert verdict.notice or verdict.kind == "read"


def test_the_same_body_needs_no_reading() -> None:
    feed = replace(FEED, body_hash=sha256(b"<rss/>").hexdigest())
    assert interpret(feed, said(etag='"2"')) == Verdict(
        "unchanged", "same body", 200, etag='"2"', body_hash=feed.body_hash
    )
    assert interpret(feed, said(body=b"<rss></rss>")).kind == "read"


def test_a_304_that_nobody_asked_for_is_a_failure() -> None:
    """A host that answers 304 to a question without conditions would otherwise look well for ever."""
    for feed in (replace(FEED, polls=11), replace(FEED, etag=None, last_modified=None)):
        assert interpret(feed, said(304)).kind == "failed"


def test_a_304_keeps_the_validators_and_takes_newer_ones() -> None:
    feed = replace(FEED, body_hash="abc")
    kept = remembered(feed, interpret(feed, said(304)), None, 0, Dice())
    assert (kept.etag, kept.last_modified, kept.body_hash) == ('"1"', "then", "abc")
    assert polled(said(304, etag='"2"')).etag == '"2"'


def test_a_reading_replaces_the_validators() -> None:
    state = polled(said(etag='"2"'), every(HOUR))
    assert (state.etag, state.last_modified) == ('"2"', None)
    assert state.body_hash == sha256(b"<rss/>").hexdigest()


def test_a_failure_keeps_the_validators() -> None:
    state = polled(said(500))
    assert (state.etag, state.last_modified) == ('"1"', "then")


def test_a_sitemap_index_is_always_read() -> None:
    """It may stay the same while the sitemaps that it lists change."""
    index = FeedDocument(FeedKind.SITEMAP, (), children=("http://diario.example/s1.xml",))
    state = polled(said(etag='"2"', last_modified="now"), index)
    assert (state.etag, state.last_modified, state.body_hash) == (None, None, None)
    assert polled(said(), index, feed=state).reads == FEED.reads + 2


def test_what_a_poll_did_is_remembered() -> None:
    state = polled(said(), every(HOUR), feed=replace(FEED, failures=3.0, last_error="down"))
    assert (state.polls, state.reads, state.failures) == (FEED.polls + 1, FEED.reads + 1, 0.0)
    assert (state.last_polled_at, state.last_read_at, state.last_status, state.last_error) == (NOW, NOW, 200, None)
    troubled = polled(said(), replace(every(HOUR), trouble="not well-formed"))
    assert troubled.last_error == "not well-formed"
    assert polled(said(304)).reads == FEED.reads


# --- moved, gone ------------------------------------------------------------------------------------------------------

PERMANENT = ((301, URL),)


def test_a_permanent_move_is_followed_for_good_once_it_was_seen_thrice() -> None:
    feed, urls, notices = FEED, [], []
    for _ in range(MOVES_SEEN):
        answer = said(hops=PERMANENT)
        notices.append(interpret(feed, answer).notice)
        feed = polled(answer, every(HOUR), feed=feed)
        urls.append(feed.url)
    assert urls == [URL, URL, MOVED]
    assert (feed.moved_to, feed.moved_seen) == (None, 0)
    assert notices[0] == f"moved for good to {MOVED}, seen 1 of 3 times"
    assert notices[1].endswith(f"moved for good to {MOVED}, seen 2 of 3 times")


def test_a_not_modified_behind_a_permanent_move_counts() -> None:
    feed = replace(FEED, moved_to=MOVED, moved_seen=2)
    assert polled(said(304, hops=((308, URL),)), feed=feed).url == MOVED


@pytest.mark.parametrize(
    "answer",
    [said(), said(hops=((302, URL),)), said(hops=((307, URL),)), said(hops=((301, URL), (302, "http://x.example/")))],
    ids=["straight", "302", "307", "301 then 302"],
)
def test_anything_but_a_permanent_move_ends_the_count(answer: Response) -> None:
    state = polled(answer, every(HOUR), feed=replace(FEED, moved_to=MOVED, moved_seen=2))
    assert (state.url, state.moved_to, state.moved_seen) == (URL, None, 0)


def test_a_permanent_move_to_elsewhere_starts_the_count_again() -> None:
    state = polled(said(hops=PERMANENT), every(HOUR), feed=replace(FEED, moved_to="http://x.example/", moved_seen=2))
    assert (state.url, state.moved_to, state.moved_seen) == (URL, MOVED, 1)


def test_a_move_to_what_is_no_feed_is_not_followed() -> None:
    """Sites send dead feeds to their front page, permanently."""
    feed = replace(FEED, moved_to=MOVED, moved_seen=2)
    assert polled(NotAFeed("html"), feed=feed).url == URL


def test_a_feed_that_is_gone_retires_and_says_so() -> None:
    state = polled(said(410))
    assert state.state == "retired"
    assert "gone for good" in (state.last_error or "")
    assert state.next_due_at == FEED.next_due_at


# --- when to ask again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        (every(10), 5 * MINUTE),
        (every(20 * MINUTE), 10 * MINUTE),
        (every(60 * MINUTE), 30 * MINUTE),
        (every(3 * HOUR), HOUR),
        (every(DAY), HOUR),
        (published(6.9 * DAY), HOUR),
        (published(7 * DAY, 8 * DAY), HOUR),
        (published(14 * DAY, 15 * DAY), 2 * HOUR),
        (published(30 * DAY, 31 * DAY), 4 * HOUR),
        (published(3_000 * DAY), 4 * HOUR),
        (published(-3_600, 0), 30 * MINUTE),
        (published(60, 60, 60, 60), 5 * MINUTE),
        (FeedDocument(FeedKind.RSS, (Entry(URL), Entry(f"{URL}/2"))), 5 * MINUTE),
        (FeedDocument(FeedKind.RSS, (Entry(URL),)), HOUR),
        (FeedDocument(FeedKind.RSS, ()), HOUR),
    ],
    ids=[
        "seconds", "20 min", "1 h", "3 h", "a day", "one, 6.9 days ago", "7 days", "14 days", "30 days", "years",
        "from the future", "one batch", "undated", "one, undated", "empty",
    ],
)  # fmt: skip
def test_the_first_reading_sets_the_interval_by_the_gaps_between_publications(
    document: FeedDocument, seconds: float
) -> None:
    state = polled(said(), document, new=len(document.entries), feed=replace(FEED, reads=0, interval=300.0))
    assert state.interval == pytest.approx(seconds)
    assert wait(state) == pytest.approx(seconds)


def test_what_a_feed_updates_counts_as_published() -> None:
    entries = tuple(Entry(f"{URL}/{n}", updated_at=NOW - timedelta(minutes=20 * n)) for n in range(5))
    state = polled(said(), FeedDocument(FeedKind.SITEMAP, entries), feed=replace(FEED, reads=0))
    assert state.interval == 10 * MINUTE


def test_two_polls_that_do_not_overlap_halve_the_interval() -> None:
    feed, seen = FEED, []
    for _ in range(4):
        feed = polled(said(), every(HOUR), new=10, feed=feed)
        seen.append(feed.interval)
    assert seen == [900.0, 450.0, 300.0, 300.0]


@pytest.mark.parametrize(("new", "halved"), [(0, False), (5, False), (6, False), (7, True), (10, True)])
def test_less_than_a_third_known_is_too_little_overlap(new: int, halved: bool) -> None:
    assert (polled(said(), every(HOUR), new=new).interval == 900.0) is halved


def test_the_first_reading_has_nothing_to_overlap_with() -> None:
    assert polled(said(), every(HOUR), new=10, feed=replace(FEED, reads=0)).interval == 30 * MINUTE


def test_an_undated_feed_keeps_what_overlap_taught_it() -> None:
    undated = FeedDocument(FeedKind.RSS, tuple(Entry(f"{URL}/{n}") for n in range(10)))
    feed = polled(said(), undated, new=10, feed=replace(FEED, interval=HOUR))
    assert feed.interval == 30 * MINUTE
    calm = replace(feed, interval=10 * MINUTE, arrivals=0.0, pace=0.0)
    assert polled(said(), undated, new=3, feed=calm).interval == 20 * MINUTE
    assert polled(said(), undated, new=4, feed=calm).interval == 10 * MINUTE


def test_a_feed_that_falls_silent_is_asked_less_and_less() -> None:
    """Not modified for ever: nothing is read, so no date in it can tell."""
    feed, elapsed, at = replace(FEED, interval=300.0), 0.0, {}
    while elapsed < 60 * DAY:
        feed = polled(said(304), feed=replace(feed, polls=0))
        elapsed += wait(feed)
        at.setdefault(int(elapsed // DAY), feed.interval)
    assert at[0] == pytest.approx(330.0)
    assert HOUR <= at[1] < 2 * HOUR
    assert HOUR < at[7] < at[21] <= 4 * HOUR
    assert feed.interval == 4 * HOUR


@pytest.mark.parametrize(
    ("headers", "ttl", "seconds"),
    [
        ({}, None, 30 * MINUTE),
        ({"cache_control": "public, max-age=3600"}, None, HOUR),
        ({"cache_control": "MAX-AGE=3600"}, None, HOUR),
        ({"cache_control": 'max-age="3600"'}, None, HOUR),
        ({"cache_control": "max-age=60"}, None, 30 * MINUTE),
        ({"cache_control": "max-age=0"}, None, 30 * MINUTE),
        ({"cache_control": "max-age=soon"}, None, 30 * MINUTE),
        ({"cache_control": f"max-age={'9' * 400}"}, None, 4 * HOUR),
        ({"cache_control": "no-cache, max-age=3600"}, None, 30 * MINUTE),
        ({"cache_control": "no-store"}, None, 30 * MINUTE),
        ({"expires": format_datetime(NOW + timedelta(hours=2), usegmt=True)}, None, 2 * HOUR),
        ({"expires": format_datetime(NOW - timedelta(hours=2), usegmt=True)}, None, 30 * MINUTE),
        ({"expires": "0"}, None, 30 * MINUTE),
        ({"expires": "Thu, 99 Foo 2012 99:99:99 GMT"}, None, 30 * MINUTE),
        ({"cache_control": "max-age=60", "expires": format_datetime(NOW + timedelta(hours=2))}, None, 30 * MINUTE),
        ({}, HOUR, HOUR),
        ({}, 10 * MINUTE, 30 * MINUTE),
        ({}, DAY, 4 * HOUR),
        ({"cache_control": "max-age=7200"}, HOUR, 2 * HOUR),
    ],
)
def test_nothing_is_asked_before_host_or_feed_want_it(
    headers: dict[str, str], ttl: float | None, seconds: float
) -> None:
    state = polled(said(**headers), replace(every(HOUR), ttl=ttl), new=1)
    assert wait(state) == pytest.approx(seconds)


def test_a_not_modified_may_ask_for_patience_too() -> None:
    assert wait(polled(said(304, cache_control="max-age=7200"))) == 2 * HOUR


def test_a_ttl_is_not_obeyed_at_the_price_of_lost_entries() -> None:
    assert wait(polled(said(), replace(every(HOUR), ttl=4 * HOUR), new=10)) == 15 * MINUTE


@given(st.floats(0, 0.999999), st.floats(300, 14_400))
def test_jitter_delays_by_at_most_a_tenth_and_never_hastens(rolled: float, interval: float) -> None:
    feed = replace(FEED, interval=interval)
    calm, shaken = wait(polled(said(304), feed=feed)), wait(polled(said(304), feed=feed, jitter=rolled))
    assert calm - 0.001 <= shaken <= calm * 1.1 + 0.001


def test_jitter_spreads_feeds_that_began_together() -> None:
    rng = random.Random(1)
    verdict = interpret(FEED, said(304))
    due = {remembered(FEED, verdict, None, 0, rng).next_due_at for _ in range(50)}
    assert len(due) == 50


# --- failures ---------------------------------------------------------------------------------------------------------


def failing(answer: object, times: int, feed: FeedState = FEED) -> list[float]:
    waits = []
    for _ in range(times):
        feed = polled(answer, feed=feed)
        waits.append(wait(feed))
    return waits


def test_a_failing_feed_is_asked_less_and_less_linearly_and_never_given_up() -> None:
    assert failing(said(403), 4) == [1_800, 3_600, 5_400, 7_200]
    assert failing(said(500), 6) == [1_800, 1_800, 2_700, 3_600, 4_500, 5_400]
    assert failing(said(403), 100)[-1] == DAY
    assert polled(said(403), feed=replace(FEED, failures=500.0)).state == "active"


def test_a_failing_feed_that_was_asked_often_waits_at_least_the_least_interval() -> None:
    assert failing(said(403), 1, replace(FEED, interval=1.0)) == [300]


def test_the_interval_survives_failures() -> None:
    assert polled(said(500)).interval == FEED.interval


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (said(429, retry_after="7200"), 2 * HOUR),
        (said(503, retry_after="7200"), 2 * HOUR),
        (said(429, retry_after=format_datetime(NOW + timedelta(hours=3), usegmt=True)), 3 * HOUR),
        (said(429, retry_after=format_datetime(NOW - timedelta(hours=3), usegmt=True)), 30 * MINUTE),
        (said(429, retry_after="60"), 30 * MINUTE),
        (said(429, retry_after="soon"), 30 * MINUTE),
        (said(429, retry_after="-5"), 30 * MINUTE),
        (said(429, retry_after="9" * 400), DAY),
        (said(429), 30 * MINUTE),
        (RateLimited("robots.txt: 429", 7200), 2 * HOUR),
    ],
)
def test_a_host_that_asks_for_patience_gets_it_for_a_day_at_most(answer: object, seconds: float) -> None:
    assert wait(polled(answer)) == pytest.approx(seconds)


@pytest.mark.parametrize("answer", [said(403), ConnectFailed(f"{URL}: refused"), NotAFeed(f"{URL}: got <html>")])
def test_a_failure_says_what_happened(answer: object) -> None:
    state = polled(answer)
    assert URL in (state.last_error or "")
    assert state.last_polled_at == NOW
    assert state.last_read_at is None


@given(st.text(max_size=60))
def test_whatever_stands_in_the_headers_something_comes_of_it(written: str) -> None:
    for answer in (said(200, cache_control=written, expires=written), said(429, retry_after=written)):
        state = polled(answer, every(HOUR))
        assert timedelta() < state.next_due_at - NOW <= timedelta(days=1)


@given(
    st.lists(
        st.sampled_from([said(), said(304), said(404), said(403), TimedOut("slow"), said(hops=PERMANENT)]), max_size=30
    ),
    st.integers(0, 10),
)
def test_whatever_happens_the_next_poll_lies_within_its_bounds(answers: list[object], new: int) -> None:
    feed = replace(FEED, interval=300.0, reads=0)
    for answer in answers:
        document = every(HOUR) if isinstance(answer, Response) and answer.status == 200 else None
        feed = polled(answer, document, new=new, feed=feed, jitter=0.5)
        longest = SETTINGS.poll_failure_cap if feed.failures else SETTINGS.poll_max
        assert SETTINGS.poll_min <= wait(feed) <= longest * 1.1
        assert SETTINGS.poll_min <= feed.interval <= SETTINGS.poll_max


@pytest.mark.parametrize(
    "written",
    ["Mon, 01 Jan 0001 00:00:00 GMT", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "01 Jan 2012 00:00:00 +9999"],
)
def test_the_clock_of_a_host_may_be_anywhere(written: str) -> None:
    assert wait(polled(said(200, expires=written), every(HOUR))) == 30 * MINUTE
    assert wait(polled(said(503, retry_after=written))) == 30 * MINUTE


def test_a_host_that_asks_for_no_wait_at_all_is_left_alone_as_one_that_says_nothing() -> None:
    for written in ("0", format_datetime(NOW - timedelta(hours=1), usegmt=True)):
        assert interpret(FEED, said(429, retry_after=written)) == interpret(FEED, said(429))


def test_a_date_without_a_known_zone_is_utc() -> None:
    assert wait(polled(said(503, retry_after="27 Jun 2012 14:00:00 -0000"))) == 2 * HOUR
