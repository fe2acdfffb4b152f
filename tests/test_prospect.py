"""What is proposed for a new source, and on what grounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.prospect import Given, Proposal, propose
from pipeline.sources import Candidate, Hints, Survey
from pipeline.sources.leads import FrontPage
from pipeline.topics import Topics
from pipeline.types import FeedKind

CONFIG = Path(__file__).parent.parent / "config"
HINTS, TOPICS = Hints.load(CONFIG), Topics.load(CONFIG)
SPANISH = (
    "El presidente del Congreso dijo que la ley de la marihuana no será aprobada este año",
    "Los vecinos de la ciudad piden que se arregle la carretera que lleva a la costa",
)
TODAY = datetime(2012, 6, 27, tzinfo=UTC)
FEED = Candidate(
    "http://elpuente.example/feed/", FeedKind.RSS, "link of the page", "El Puente", 50, TODAY, ("en",), 1.0, 0.0,
    SPANISH, 4.0, "feed, lively",
)  # fmt: skip
NOTHING, SILENT = Given(), FrontPage()
NEWS = replace(FEED, url="http://elpuente.example/news.xml", kind=FeedKind.NEWS_SITEMAP)
PLAIN = replace(FEED, url="http://elpuente.example/sitemap.xml", kind=FeedKind.SITEMAP, score=2.0)


def proposed(
    *feeds: Candidate,
    url: str = "http://www.elpuente.com.pe/",
    page: FrontPage = SILENT,
    given: Given = NOTHING,
    taken: tuple[str, ...] = (),
) -> Proposal:
    return propose(Survey(url, feeds or (FEED,), page, (), 3), given, TOPICS, HINTS, taken)


def chosen(proposal: Proposal) -> list[str]:
    assert proposal.source is not None
    return [feed.url.rpartition("/")[2] or "feed" for feed in proposal.source.feeds]


def test_the_host_tells_slug_and_country_and_the_titles_the_language() -> None:
    source = proposed().source
    assert source is not None
    assert (source.slug, source.country, source.languages) == ("elpuente", "PE", ("es",)), "not the feed's word: en"
    assert (source.name, source.homepage) == ("El Puente", "http://www.elpuente.com.pe/")


def test_titles_on_topic_are_counted() -> None:
    (prospect,) = proposed().prospects
    assert prospect.on_topic == 0.5


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://larepublica.pe/", "larepublica"),
        ("https://www.abc.net.au/noticias", "abc"),
        ("https://m.diario.com.mx/", "diario"),
        ("https://el-pais.uy/", "el-pais"),
        ("http://127.0.0.1:8000/", "el-puente"),
    ],
)
def test_slugs_come_from_hosts_or_names(url: str, slug: str) -> None:
    assert proposed(url=url, given=Given(country="PE")).source.slug == slug  # type: ignore[union-attr]


def test_a_slug_that_is_taken_gets_the_country_then_a_number() -> None:
    assert proposed(taken=("elpuente",)).source.slug == "elpuente-pe"  # type: ignore[union-attr]
    assert proposed(taken=("elpuente", "elpuente-pe")).source.slug == "elpuente-2"  # type: ignore[union-attr]


def test_the_page_knows_its_name_best() -> None:
    page = FrontPage(name="El Puente de Lima", title="Noticias | El Puente")
    assert proposed(page=page).source.name == "El Puente de Lima"  # type: ignore[union-attr]
    assert proposed(replace(FEED, title="El Puente - Portada")).source.name == "El Puente"  # type: ignore[union-attr]


def test_without_a_country_in_the_host_the_page_and_then_the_titles_are_asked() -> None:
    world = "http://elpuente.com/"
    assert proposed(url=world, page=FrontPage(country="BO")).source.country == "BO"  # type: ignore[union-attr]
    lima = replace(FEED, titles=("El alcalde de Lima habló en el Perú", *SPANISH))
    found = proposed(lima, url=world)
    assert found.source is not None
    assert (found.source.country, "look twice" in found.grounds["country"]) == ("PE", True)
    assert proposed(url=world).missing == ("country",)


def test_what_is_given_counts_before_any_guess() -> None:
    given = Given("puente", "Puente", "CL", ("es", "en"), (NEWS.url,))
    found = proposed(FEED, NEWS, given=given)
    assert chosen(found) == ["news.xml"]
    assert set(found.grounds.values()) == {"given"}


def test_a_short_feed_is_joined_by_the_news_sitemap_and_a_long_one_is_not() -> None:
    assert chosen(proposed(replace(FEED, entries=10), NEWS, PLAIN)) == ["feed", "news.xml"]
    assert chosen(proposed(FEED, NEWS, PLAIN)) == ["feed"]
    assert chosen(proposed(NEWS, PLAIN)) == ["news.xml"]
    assert chosen(proposed(PLAIN)) == ["sitemap.xml"]


def test_nothing_is_proposed_where_no_feed_is_worth_polling() -> None:
    found = proposed(replace(FEED, score=-1.0))
    assert (found.source, "feeds" in found.missing) == (None, True)
