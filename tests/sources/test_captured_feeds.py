"""Real feeds: whatever feedparser finds in them is found, with the same titles and dates, and the same every time."""

from __future__ import annotations

import html
import json
import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest

from pipeline.sources import read_feed
from pipeline.sources.dates import possible, read_date
from pipeline.types import Entry, FeedDocument

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds"
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def captured() -> list[dict[str, Any]]:
    index = FOLDER / "feeds.jsonl"
    return [json.loads(line) for line in index.read_text("utf-8").splitlines()] if index.exists() else []


def read(body: bytes, host: str) -> FeedDocument:
    return read_feed(body, "", f"http://{host}/feed", now=LATER, max_entries=100_000)


def reference(body: bytes, host: str) -> list[Any]:
    """The entries as feedparser gives them with its own defaults, those that lead to a page."""
    headers = {"content-type": "application/xml", "content-location": f"http://{host}/feed"}
    parsed = feedparser.parse(BytesIO(body), response_headers=headers)
    return [entry for entry in parsed.entries if str(entry.get("link", entry.get("id", ""))).strip().startswith("http")]


def letters(text: str) -> str:
    """What is left of a title when tags, entities and white space cannot matter."""
    for _ in range(2):
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return re.sub(r"\W", "", text)


def moment(parsed: Any) -> datetime | None:
    try:
        return possible(datetime.fromtimestamp(timegm(parsed), UTC), LATER) if parsed else None
    except ValueError:
        return None


def differences(ours: Entry, theirs: Any) -> Iterator[tuple[str, object, object]]:
    """Where an entry of ours says something else than feedparser's; a date that it cannot read, we may."""
    if letters(theirs.get("title", ""))[:500] != letters(ours.title)[:500]:
        yield "title", theirs.get("title", ""), ours.title
    for name, stamp in (("published", ours.claimed_at), ("updated", ours.updated_at)):
        expected = moment(dict.get(theirs, f"{name}_parsed"))
        if stamp != expected and not (expected is None and stamp and read_date(dict.get(theirs, name), LATER)):
            yield name, expected, stamp


@pytest.mark.shared
def test_every_entry_that_feedparser_finds_is_found_with_its_title_and_dates() -> None:
    feeds = captured()
    if not feeds:
        pytest.skip("no captured feeds beside this checkout")
    missing, different, found = [], [], 0
    for feed in feeds:
        body, host = (FOLDER / feed["path"]).read_bytes(), feed["host"] or "outlet.example"
        ours, theirs = read(body, host).entries, reference(body, host)
        found += len(ours)
        if len(ours) < len(theirs):
            missing.append((feed["id"], len(theirs), len(ours)))
        elif len(ours) == len(theirs):
            different += [(feed["id"], *odd) for pair in zip(ours, theirs, strict=True) for odd in differences(*pair)]
        else:
            titles = {letters(entry.title) for entry in ours}
            different += [(feed["id"], e.title) for e in theirs if letters(e.get("title", ""))[:500] not in titles]
    assert missing == []
    assert different == []
    assert found >= sum(feed["entries"] for feed in feeds) * 0.95


@pytest.mark.shared
def test_a_second_reading_is_the_same() -> None:
    feeds = [feed for feed in captured() if feed["bytes"] < 20_000]
    if not feeds:
        pytest.skip("no captured feeds beside this checkout")
    for feed in feeds:
        body = (FOLDER / feed["path"]).read_bytes()
        assert read(body, "outlet.example") == read(body, "outlet.example"), feed["id"]
