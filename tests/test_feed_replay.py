"""Feeds polled again: nothing comes twice, whatever dress it comes in; real ones, through a server, as made ones."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from sqlalchemy import text

from pipeline import ingest
from pipeline.clock import ShiftedClock
from pipeline.fetch import Fetcher, HostGate
from pipeline.flow import Flow
from pipeline.rulebook import RuleBook
from pipeline.settings import Settings
from pipeline.sources import UrlKeys
from pipeline.sources.plain import address
from pipeline.storage import feeds, sources
from pipeline.storage.store import Store
from pipeline.types import FeedAddress, Source
from tests.fakes import NOW
from tests.fetch.conftest import Host, answer
from tests.flows import CONFIG, Bench, bench
from tests.test_ingest import feed, item, poll, works

PAGE = "http://diario.example/2012/06/nota-{}"


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


# --- the same pages in another dress ----------------------------------------------------------------------------------

DRESSES: dict[str, Callable[[str], str]] = {
    "as they were": lambda url: url,
    "tracking": lambda url: f"{url}?utm_source=rss&utm_medium=feed&at_campaign=x&fbclid=y&traffic_source=rss",
    "https and www": lambda url: url.replace("http://", "https://www."),
    "port": lambda url: url.replace("diario.example", "diario.example:80"),
    "mobile twin": lambda url: url.replace("//", "//m."),
    "amp host": lambda url: url.replace("//", "//amp."),
    "amp path": lambda url: f"{url}/amp/",
    "amp query": lambda url: f"{url}?amp=1",
    "amp at google": lambda url: url.replace("http://", "https://www.google.com/amp/s/"),
    "amp cache": lambda url: url.replace("http://", "https://diario-example.cdn.ampproject.org/c/s/"),
    "slash": lambda url: f"{url}/",
    "index page": lambda url: f"{url}/index.html",
    "session": lambda url: f"{url};jsessionid=0A1B2C",
    "dots": lambda url: url.replace("/06/", "/x/../06/./"),
    "escapes": lambda url: url.replace("nota-", "%6eota%2D"),
}


@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
@pytest.mark.parametrize("ids", ["same", "new"])
def test_known_pages_in_another_dress_add_nothing(desk: Bench, dress: Callable[[str], str], ids: str) -> None:
    poll(desk, *(item(n, guid=f"n-{n}", link=PAGE.format(n)) for n in range(8)))
    again = [item(n, guid=f"n-{n}" if ids == "same" else f"{n}-x", link=dress(PAGE.format(n))) for n in range(8)]
    assert poll(desk, *again, "<!-- so that the bytes differ -->").kind == "read"
    assert len(works(desk)) == 8


def test_a_feed_that_changes_all_its_ids_for_ever_adds_nothing(desk: Bench) -> None:
    for edition in range(5):
        poll(desk, *(item(n, guid=f"{edition}-{n}", link=PAGE.format(n)) for n in range(30)))
    assert len(works(desk)) == 30


def test_a_feed_that_gives_all_its_entries_one_id_loses_none(desk: Bench) -> None:
    poll(desk, *(item(n, guid="siempre", link=PAGE.format(n)) for n in range(20)))
    poll(desk, *(item(n, guid="siempre", link=PAGE.format(n)) for n in range(5, 25)))
    assert len(works(desk)) == 25


def test_entries_that_lead_to_one_page_are_no_changes_of_each_other(desk: Bench) -> None:
    minutes = [item(n, f"Minuto {n}", hours=n - 9, link="http://diario.example/en-vivo") for n in range(8)]
    assert poll(desk, *minutes).new == 1
    assert works(desk)[0].entry.title == "Minuto 7"
    assert poll(desk, *reversed(minutes)).new == 0
    assert poll(desk, *minutes[:5]).new == 0
    later = item(9, "Minuto 9", hours=0, link="http://diario.example/en-vivo")
    assert poll(desk, later, *minutes).new == 1


def test_an_index_within_an_index_is_said_and_not_followed(desk: Bench) -> None:
    index = "<sitemapindex>{}</sitemapindex>"
    child = "<sitemap><loc>http://diario.example/{}.xml</loc></sitemap>"
    desk.web.says("http://diario.example/rss", index.format(child.format("a") + child.format("b")))
    desk.web.says("http://diario.example/a.xml", index.format(child.format("c")))
    desk.web.says("http://diario.example/b.xml", "<urlset><url><loc>http://diario.example/7</loc></url></urlset>")
    assert ingest.poll_feed(desk.flow, feed(desk).id).new == 1
    assert "an index itself" in (feed(desk).last_error or "")
    assert "http://diario.example/c.xml" not in {request.url for request in desk.web.asked}


# --- captured feeds through a server ----------------------------------------------------------------------------------

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "feeds"


def captured() -> list[dict[str, Any]]:
    index = FOLDER / "feeds.jsonl"
    return [json.loads(line) for line in index.read_text("utf-8").splitlines()] if index.exists() else []


@pytest.fixture
def host() -> Iterator[Host]:
    opened = Host()
    yield opened
    opened.close()


def reference(body: bytes, url: str) -> list[str]:
    """Addresses of the entries that feedparser finds with its own defaults."""
    headers = {"content-type": "application/xml", "content-location": url}
    parsed = feedparser.parse(BytesIO(body), response_headers=headers)
    links = (address(url, entry.get("feedburner_origlink") or entry.get("link")) for entry in parsed.entries)
    return [link for link in links if link]


@pytest.mark.shared
@pytest.mark.timeout(120)
def test_every_captured_feed_polled_twice_is_there_once(store: Store, host: Host) -> None:
    rows = captured()
    if not rows:
        pytest.skip("no captured feeds beside this checkout")
    names = {row["id"]: f"f{number}.example" for number, row in enumerate(rows)}
    outlets = [
        Source(f"f{number}", row["id"], "PE", ("es",), "", (FeedAddress(f"http://{names[row['id']]}/feed"),))
        for number, row in enumerate(rows)
    ]
    settings = dataclasses.replace(Settings(), robots=False)
    clock = ShiftedClock(NOW.replace(year=2090))
    fetcher = Fetcher(settings, clock, dict.fromkeys(names.values(), host.address))
    with store.write() as db:
        sources.sync(db, outlets)
        feeds.sync(db, outlets, clock.now(), settings.poll_min)
    catalogue = {outlet.slug: outlet for outlet in outlets}
    keys = UrlKeys.load(CONFIG)
    flow = Flow(
        settings,
        store,
        clock,
        random.Random(1),
        fetcher,
        catalogue,
        keys,
        RuleBook(clock, (), ()),
        {},
        HostGate(0.0, 100, clock),
    )
    serve(host, rows, names, b"")
    first = [ingest.poll_feed(flow, number) for number in range(1, len(rows) + 1)]
    # as if somebody had touched each file: every feed is read again
    serve(host, rows, names, b"\n<!-- -->")
    second = [ingest.poll_feed(flow, number) for number in range(1, len(rows) + 1)]
    fetcher.close()
    assert [polled for polled in (*first, *second) if polled.kind not in ("read", "failed")] == []
    assert [polled for polled in first if polled.kind == "failed" and not polled.notice] == []
    assert [polled for polled in second if polled.new] == []
    with store.read() as db:
        stored = set(db.execute(text("SELECT url_key FROM entries")).scalars())
    missing = [
        (row["id"], link)
        for row in rows
        for link in reference((FOLDER / row["path"]).read_bytes(), f"http://{names[row['id']]}/feed")
        if keys.key(link) not in stored
    ]
    assert missing == []


def serve(host: Host, rows: list[dict[str, Any]], names: dict[str, str], after: bytes) -> None:
    for row in rows:
        body = (FOLDER / row["path"]).read_bytes() + after
        host.says[names[row["id"]], "/feed"] = answer(200, body, content_type="application/xml")
