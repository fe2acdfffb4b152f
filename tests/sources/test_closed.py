"""Feeds say when they do not want to be polled."""

from __future__ import annotations

import pytest

from pipeline.sources import read_feed
from pipeline.types import FeedDocument
from tests.fakes import NOW


def read(channel: str) -> FeedDocument:
    body = f'<rss version="2.0"><channel><title>Diario</title>{channel}</channel></rss>'.encode()
    return read_feed(body, "text/xml", "http://diario.example/rss", now=NOW, max_entries=10)


def test_hours_and_days_are_read_whatever_their_case() -> None:
    found = read(
        "<skipHours><hour>0</hour><hour> 1 </hour><hour>23</hour></skipHours>"
        "<skipdays><day>Saturday</day><day>sunday</day></skipdays>"
    )
    assert (found.skip_hours, found.skip_days) == ({0, 1, 23}, {5, 6})


def test_midnight_may_be_twenty_four() -> None:
    assert read("<skipHours><hour>24</hour></skipHours>").skip_hours == {0}


@pytest.mark.parametrize(
    "channel",
    [
        "",
        "<skipHours></skipHours><skipDays/>",
        "<skipHours><hour>25</hour><hour>-1</hour><hour>x</hour></skipHours>",
        "<skipDays><day>lunes</day></skipDays>",
        "<hour>3</hour><day>Monday</day>",
        "<skipHours><hour>3</hour>",
    ],
)
def test_what_says_nothing_closes_nothing(channel: str) -> None:
    found = read(channel)
    assert (found.skip_hours, found.skip_days) == (set(), set())
