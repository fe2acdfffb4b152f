"""The invented press, met as a stranger would: feeds found from home pages, yesterday found in sitemaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.backfill import backfill_page, begin
from pipeline.clock import ShiftedClock
from pipeline.fetch import Fetcher
from pipeline.settings import Settings
from pipeline.sources import Hints, load_catalogue, survey
from pipeline.storage.store import Store
from samples.newsroom.press import FOLDER, load_press
from samples.newsroom.server import Newsroom
from tests.flows import bench

NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)
HINTS = Hints.load(Path(__file__).parents[2] / "config")
#: what cannot be found: closed for good, or a page in place of a feed
LOST = ("despedida", "fachada")
SOURCES = {source.slug: source for source in load_catalogue(FOLDER)}


@pytest.fixture(scope="module")
def press() -> Iterator[Newsroom]:
    with Newsroom(2) as opened:
        yield opened


@pytest.fixture
def fetcher(press: Newsroom) -> Iterator[Fetcher]:
    opened = Fetcher(Settings(), ShiftedClock(NOW), dict.fromkeys(press.hosts, press.address))
    yield opened
    opened.close()


@pytest.mark.parametrize("slug", [slug for slug in SOURCES if slug not in LOST])
def test_from_the_home_page_the_feed_is_found(fetcher: Fetcher, slug: str) -> None:
    source, outlet = SOURCES[slug], load_press().outlets[slug]
    found = survey(fetcher.get, source.homepage, now=NOW, hints=HINTS)
    best = found.candidates[0]
    assert best.url == outlet.feed.moved_to or best.url == source.feeds[0].url
    assert best.kind is source.feeds[0].kind
    assert best.score > 0
    assert found.page.languages == source.languages


@pytest.mark.parametrize("slug", LOST)
def test_what_is_closed_or_a_page_is_not_taken_for_a_feed(fetcher: Fetcher, slug: str) -> None:
    assert survey(fetcher.get, SOURCES[slug].homepage, now=NOW, hints=HINTS).candidates == ()


def test_yesterday_is_found_in_the_sitemap_named_after_it(press: Newsroom, fetcher: Fetcher, store: Store) -> None:
    harbour = replace(SOURCES["harbour"], slug="diario")
    made = bench(store)
    flow = replace(made.flow, fetcher=fetcher, sources={"diario": harbour}, clock=ShiftedClock(NOW))
    current, _ = begin(flow, harbour, date(2012, 6, 26), date(2012, 6, 26), "sitemap")
    urls = []
    while current.state == "running":
        step = backfill_page(flow, current.id)
        urls.append(step.url.rpartition("/")[2])
        current = step.backfill
    assert (current.state, urls) == ("done", ["index.xml.gz", "2012-06-26.xml.gz"])
    stories = [story for story in load_press().of("harbour", 2) if story.at.date() == date(2012, 6, 26)]
    assert current.new == len(stories) > 0, "and no page of /video/, which is skipped"
