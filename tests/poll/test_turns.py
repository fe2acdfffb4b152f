"""What a poll changed for a feed that a person should hear of."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from pipeline.poll import turns
from pipeline.types import FeedKind, FeedState
from tests.fakes import NOW

FEED = FeedState(1, "diario", "http://diario.example/rss", FeedKind.RSS, NOW, 300.0)


def test_a_poll_like_any_other_is_nothing_to_tell() -> None:
    assert turns(FEED, dataclasses.replace(FEED, polls=1, failures=0.5, last_error="timed out")) == ()


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"state": "retired", "last_error": "gone for good (410)"}, "retired", "gone for good"),
        ({"url": "http://nuevo.example/rss"}, "moved", "now poll http://nuevo.example/rss"),
        ({"standing": "degraded", "standing_reason": "got 403"}, "degraded", "refuses us: got 403"),
        ({"standing": "lost", "standing_reason": "got <html>"}, "lost", "no feed for days: got <html>"),
        ({"proposed_url": "http://diario.example/feed/"}, "replacement", "http://diario.example/feed/ may replace"),
    ],
)
def test_what_changes_for_a_feed_is_told_with_its_address(changes: dict[str, str], kind: str, said: str) -> None:
    [turn] = turns(FEED, dataclasses.replace(FEED, **changes))  # type: ignore[arg-type]
    assert turn.kind == kind
    assert said in turn.sentence
    assert FEED.url in turn.sentence
    assert turns(dataclasses.replace(FEED, **changes), dataclasses.replace(FEED, **changes)) == ()  # type: ignore[arg-type]


def test_a_feed_that_can_be_read_again_says_since_when_it_could_not() -> None:
    before = dataclasses.replace(FEED, standing="lost", standing_since=NOW - timedelta(days=3))
    [turn] = turns(before, FEED)
    assert turn.kind == "well"
    assert f"{NOW - timedelta(days=3):%Y-%m-%d}" in turn.sentence
