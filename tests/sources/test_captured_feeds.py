"""Real feeds: whatever feedparser finds in them is found, with the same titles and dates, and the same every time."""

from __future__ import annotations

import html
import json
import re
from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest

from pipeline.sources import read_feed
from pipeline.types import Entry, FeedDocument

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds"
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def captured() -> list[dict[str, Any]]:
    index = FOLDER / "feeds.jsonl"
    return [json.loads(line) for line in index.read_text("utf-8").splitlines()] if index.exists() else []


def read(body: bytes, host: str) -> FeedDocument:
    return read_feed(body, "", f"http://{host}/feed", now=LATER, max_entries=100_000)


def reference(body: bytes, host: str) -> list[Any]:
    """The entries as feedparser gives them, those with something that leads to a page."""
    headers = {"content-type": "application/xml", "content-location": f"http://{host}/feed"}
    parsed = feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    return [entry for entry in parsed.entries if str(entry.get("link", entry.get("id", ""))).strip().startswith("http")]


def letters(text: str) -> str:
    """What is left of a title when tags, entities and white space cannot matter."""
    for _ in range(2):
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return re.sub(r"\W", "", text)


def date_of(entry: Any) -> datetime | None:
    parsed = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None


def dated(entry: Entry) -> datetime | None:
    return entry.claimed_at or entry.updated_at


@pytest.mark.shared
def test_all_that_feedparser_finds_is_found() -> None:
    feeds = captured()
    if not feeds:
        pytest.skip("no captured feeds beside this checkout")
    missing, titles, dates = [], [], []
    for feed in feeds:
        body, host = (FOLDER / feed["path"]).read_bytes(), feed["host"] or "outlet.example"
        ours, theirs = read(body, host).entries, reference(body, host)
        if len(ours) < len(theirs):
            missing.append((feed["id"], len(theirs), len(ours)))
            continue
        by_letters = {letters(entry.title) for entry in ours}
        by_date = {dated(entry) for entry in ours}
        titles += [(feed["id"], e.title) for e in theirs if letters(e.get("title", ""))[:500] not in by_letters]
        dates += [(feed["id"], d) for e in theirs if (d := date_of(e)) and d.year >= 1990 and d not in by_date]
    assert missing == []
    assert titles == []
    assert dates == []


@pytest.mark.shared
def test_a_second_reading_is_the_same() -> None:
    feeds = [feed for feed in captured() if feed["bytes"] < 20_000]
    if not feeds:
        pytest.skip("no captured feeds beside this checkout")
    for feed in feeds:
        body = (FOLDER / feed["path"]).read_bytes()
        assert read(body, "outlet.example") == read(body, "outlet.example"), feed["id"]
