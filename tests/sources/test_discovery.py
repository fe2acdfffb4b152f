"""Finding the feeds of a site: from a home page, a page, or a feed; politely, and within a budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError, Disallowed, TimedOut
from pipeline.sources import Hints, UrlKeys, discover, survey
from pipeline.sources.discovery import REQUESTS, replacement
from pipeline.sources.leads import read_page, read_robots
from pipeline.types import FeedAddress, FeedKind, Response, Source
from tests.fakes import FakeWeb, ManualClock

NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)
HINTS = Hints.load(Path(__file__).parents[2] / "config")
SITE = "http://puente.example"


@pytest.fixture
def web() -> FakeWeb:
    web = FakeWeb(ManualClock(NOW))
    for path in ("/robots.txt", *HINTS.paths):
        web.says(SITE + path, "nothing here", 404)
    return web


def rss(*links: str, title: str = "El Puente", age: timedelta = timedelta(hours=1)) -> str:
    at = f"{NOW - age:%a, %d %b %Y %H:%M:%S +0000}"
    items = "".join(
        f"<item><title>Nota {link}</title><link>{SITE}{link}</link><pubDate>{at}</pubDate></item>" for link in links
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'


def news(*links: str) -> str:
    urls = "".join(
        f"<url><loc>{SITE}{link}</loc><n:news><n:publication_date>2012-06-27</n:publication_date>"
        f"<n:title>Nota {link}</n:title></n:news></url>"
        for link in links
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def sitemap(*links: str) -> str:
    urls = "".join(f"<url><loc>{SITE}{link}</loc><lastmod>2012-06-27</lastmod></url>" for link in links)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def page(*links: str, body: str = "") -> str:
    tags = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    return f'<!DOCTYPE html><html lang="es-PE"><head>{tags}<title>El Puente | Noticias</title></head>{body}</html>'


def urls(web: FakeWeb, url: str = SITE + "/") -> list[str]:
    return [found.url for found in discover(web.get, url, now=NOW, hints=HINTS)]


def test_the_feed_that_the_home_page_declares(web: FakeWeb) -> None:
    web.says(SITE + "/", page("/canal.xml"))
    web.says(SITE + "/canal.xml", rss("/a", "/b"))
    site = survey(web.get, SITE + "/", now=NOW, hints=HINTS)
    assert site.refused == (), "a page is no feed that failed"
    (found,) = site.candidates
    assert (found.url, found.kind, found.title, found.entries) == (SITE + "/canal.xml", FeedKind.RSS, "El Puente", 2)
    assert found.newest == NOW - timedelta(hours=1)
    assert found.titles == ("Nota /a", "Nota /b")
    assert found.score > 0
    assert len(web.asked) == site.requests == 3, (
        "home page, robots.txt and the feed: nothing is guessed where something was found"
    )


def test_a_page_of_the_site_leads_to_the_feed_of_all_of_it(web: FakeWeb) -> None:
    web.says(SITE + "/politica/nota", page("/politica/nota/feed/comments"))
    web.says(SITE + "/politica/nota/feed/comments", rss("/politica/nota#c1", title="Comentarios en Nota"))
    web.says(SITE + "/", page("/canal.xml"))
    web.says(SITE + "/canal.xml", rss("/a", "/b"))
    assert urls(web, SITE + "/politica/nota")[0] == SITE + "/canal.xml"


def test_the_address_of_a_feed_is_enough(web: FakeWeb) -> None:
    web.says(SITE + "/canal.xml", rss("/a"))
    assert urls(web, SITE + "/canal.xml") == [SITE + "/canal.xml"]
    assert len(web.asked) == 1


def test_the_stream_comes_before_its_sections_and_comments_come_last(web: FakeWeb) -> None:
    web.says(SITE + "/", page("/comments/feed/", "/category/deportes/feed/", "/feed/"))
    web.says(SITE + "/comments/feed/", rss("/a#1", "/a#2", title="Comentarios"))
    web.says(SITE + "/category/deportes/feed/", rss("/d", "/e"))
    web.says(SITE + "/feed/", rss("/a", "/b", "/c"))
    assert urls(web)[:2] == [SITE + "/feed/", SITE + "/category/deportes/feed/"]
    assert SITE + "/comments/feed/" not in urls(web)[:1]


def test_news_sitemaps_that_robots_names_come_before_plain_ones(web: FakeWeb) -> None:
    web.says(SITE + "/", page())
    web.says(SITE + "/robots.txt", f"User-agent: *\nSitemap: {SITE}/sitemap.xml\nsitemap:{SITE}/noticias.xml\n")
    web.says(SITE + "/sitemap.xml", sitemap("/a", "/quienes-somos", "/contacto"))
    web.says(SITE + "/noticias.xml", news("/a", "/b"))
    found = discover(web.get, SITE, now=NOW, hints=HINTS)
    assert [one.kind for one in found] == [FeedKind.NEWS_SITEMAP, FeedKind.SITEMAP]


def test_an_index_of_news_sitemaps_is_one(web: FakeWeb) -> None:
    index = f"<sitemapindex><sitemap><loc>{SITE}/hoy.xml</loc></sitemap></sitemapindex>"
    web.says(SITE + "/", page())
    web.says(SITE + "/robots.txt", f"Sitemap: {SITE}/indice.xml")
    web.says(SITE + "/indice.xml", index)
    web.says(SITE + "/hoy.xml", news("/a", "/b"))
    (found,) = discover(web.get, SITE, now=NOW, hints=HINTS)
    assert (found.url, found.kind, found.entries) == (SITE + "/indice.xml", FeedKind.NEWS_SITEMAP, 2)


def test_one_content_under_two_addresses_is_one_feed(web: FakeWeb) -> None:
    updated = "<updated>2012-06-27T10:00:00Z</updated>"
    atom = "".join(f'<entry><id>{n}</id><title>Nota</title><link href="{SITE}/{n}"/>{updated}</entry>' for n in "abcde")
    web.says(SITE + "/", page("/rss.xml", "/atom"))
    web.says(SITE + "/rss.xml", rss(*(f"/{letter}" for letter in "abcde")))
    web.says(SITE + "/atom", f'<feed xmlns="http://www.w3.org/2005/Atom"><title>El Puente</title>{atom}</feed>')
    assert len(urls(web)) == 1


def test_usual_paths_are_tried_only_when_nothing_is_named(web: FakeWeb) -> None:
    web.says(SITE + "/", page())
    web.says(SITE + "/feed.xml", rss("/a"))
    assert urls(web) == [SITE + "/feed.xml"]
    asked = [request.url for request in web.asked]
    assert SITE + "/atom.xml" not in asked, "the first that can be read ends the guessing"


def test_feeds_that_only_a_link_leads_to(web: FakeWeb) -> None:
    web.says(SITE + "/", page(body='<a href="/servicios/rss/portada">RSS</a> <a href="/politica">Política</a>'))
    web.says(SITE + "/servicios/rss/portada", rss("/a"))
    assert urls(web) == [SITE + "/servicios/rss/portada"]


def test_a_feed_that_sleeps_is_found_and_said_to_sleep(web: FakeWeb) -> None:
    web.says(SITE + "/", page("/viejo.xml"))
    web.says(SITE + "/viejo.xml", rss("/a", age=timedelta(days=400)))
    (found,) = discover(web.get, SITE, now=NOW, hints=HINTS)
    assert found.score <= 0
    assert "asleep since 2011-05-24" in found.verdict


def test_a_feed_that_moved_for_good_is_found_at_its_new_address(web: FakeWeb) -> None:
    body = rss("/a").encode()
    answer = Response(SITE + "/rss", SITE + "/nuevo.xml", 200, {}, body, NOW, 0.1, ((301, SITE + "/rss"),))
    web.answers[SITE + "/rss"] = answer
    assert urls(web, SITE + "/rss") == [SITE + "/nuevo.xml"]


def test_a_host_that_does_not_answer_is_asked_once(web: FakeWeb) -> None:
    web.answers[SITE + "/"] = TimedOut("silence")
    found = survey(web.get, SITE + "/", now=NOW, hints=HINTS)
    assert (found.candidates, len(web.asked)) == ((), 1)
    assert found.refused == ((SITE + "/", "silence"),)


def test_a_host_that_falls_silent_is_left_alone(web: FakeWeb) -> None:
    web.says(SITE + "/", page("/a.xml", "/b.xml", "/c.xml"))
    for path in ("/a.xml", "/b.xml", "/c.xml"):
        web.answers[SITE + path] = TimedOut("silence")
    assert urls(web) == []
    assert [request.url for request in web.asked] == [SITE + "/", SITE + "/robots.txt", SITE + "/a.xml"]


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {}), (429, {"retry_after": "900"}), (503, {"retry_after": "60"})]
)
def test_a_host_that_asks_for_patience_is_left_alone(web: FakeWeb, status: int, headers: dict[str, str]) -> None:
    for path in ("/", "/robots.txt", "/a.xml", *HINTS.paths):
        web.says(SITE + path, "slow down", status, **headers)
    found = survey(web.get, SITE + "/", now=NOW, hints=HINTS)
    assert (found.candidates, found.requests, len(web.asked)) == ((), 1, 1)
    web.says(SITE + "/", page("/a.xml", "/b.xml"))
    web.asked.clear()
    assert urls(web, SITE + "/") == []
    assert [request.url for request in web.asked] == [SITE + "/", SITE + "/robots.txt"]


def test_comments_alone_are_not_worth_polling(web: FakeWeb) -> None:
    web.says(SITE + "/", page("/comments/feed/"))
    web.says(SITE + "/comments/feed/", rss("/a#1", title="Comentarios"))
    (found,) = discover(web.get, SITE, now=NOW, hints=HINTS)
    assert found.score <= 0
    assert "not the news (comment" in found.verdict


def test_the_stream_is_asked_for_before_a_crowd_of_sections(web: FakeWeb) -> None:
    sections = [f"/category/c{number}/feed/" for number in range(30)]
    web.says(SITE + "/", page(*sections, "/canal.xml"))
    for number, path in enumerate(sections):
        web.says(SITE + path, rss(f"/{number}"))
    web.says(SITE + "/canal.xml", rss("/a", "/b"))
    assert urls(web)[0] == SITE + "/canal.xml"


def test_what_is_no_address_is_said_so(web: FakeWeb) -> None:
    found = survey(web.get, "http://[", now=NOW, hints=HINTS)
    assert (found.candidates, web.asked) == ((), [])
    assert "expected a web address" in found.refused[0][1]


def test_what_robots_forbids_is_told(web: FakeWeb) -> None:
    web.says(SITE + "/", page("/canal.xml"))
    web.answers[SITE + "/canal.xml"] = Disallowed(f"{SITE}/canal.xml: robots.txt forbids it")
    found = survey(web.get, SITE + "/", now=NOW, hints=HINTS)
    assert (SITE + "/canal.xml", f"{SITE}/canal.xml: robots.txt forbids it") in found.refused


def test_the_number_of_requests_is_bounded(web: FakeWeb) -> None:
    many = [f"/feed{number}.xml" for number in range(200)]
    web.says(SITE + "/", page(*many))
    web.says(SITE + "/robots.txt", "\n".join(f"Sitemap: {SITE}/s{number}.xml" for number in range(200)))
    for path in many:
        web.says(SITE + path, f"<sitemapindex><sitemap><loc>{SITE}{path}.child</loc></sitemap></sitemapindex>")
    web.says(SITE + "/nota", page())
    assert survey(web.get, SITE + "/nota", now=NOW, hints=HINTS).requests == len(web.asked) == REQUESTS


def test_the_page_says_who_the_outlet_is(web: FakeWeb) -> None:
    body = '<meta property="og:site_name" content="El Puente &amp; Cía"><meta property="og:locale" content="es_PE">'
    web.says(SITE + "/", page("/canal.xml", body=body))
    web.says(SITE + "/canal.xml", rss("/a"))
    found = survey(web.get, SITE + "/", now=NOW, hints=HINTS).page
    assert (found.name, found.languages, found.country) == ("El Puente & Cía", ("es",), "PE")


@pytest.mark.parametrize(
    ("claim", "country"),
    [("es_PE", "PE"), ("pt-br", "BR"), ("es_LA", None), ("en_US", None), ("es-419", None), ("es", None)],
)
def test_what_a_page_claims_of_its_country(claim: str, country: str | None) -> None:
    markup = f'<html><head><meta property="og:locale" content="{claim}"></head></html>'
    assert read_page(markup.encode(), "", SITE + "/", HINTS).country == country


def test_what_stands_in_a_comment_is_not_declared() -> None:
    markup = '<!-- <link rel="alternate" type="application/rss+xml" href="/viejo.xml"> --><html lang="es"><head></head>'
    assert read_page(markup.encode(), "", SITE + "/", HINTS).leads == ()


def test_links_are_read_from_the_base_of_the_page() -> None:
    markup = '<base href="http://otra.example/x/"><link rel=alternate type=application/rss+xml href=canal.xml>'
    (lead,) = read_page(markup.encode(), "", SITE + "/", HINTS).leads
    assert lead.url == "http://otra.example/x/canal.xml"


@given(st.binary(max_size=2_000) | st.text(alphabet="<>!-/ \"'=alink hrefs:", max_size=400).map(str.encode))
def test_any_page_and_any_robots_can_be_read(body: bytes) -> None:
    for lead in (*read_page(body, "text/html", SITE + "/", HINTS).leads, *read_robots(body, SITE + "/robots.txt")):
        assert lead.url.startswith(("http://", "https://"))


@pytest.mark.parametrize("markup", ["<!--" * 300_000, "<a " * 400_000, '<a href="' * 100_000, "<a " + "x=" * 500_000])
def test_no_page_takes_long(markup: str) -> None:
    """A pattern that is quadratic on one of these would take many minutes, which the suite's time limit ends."""
    assert read_page(markup.encode(), "", SITE + "/", HINTS).leads == ()


@pytest.mark.parametrize("blank", ["\n", " \n", "\r\n", " ", "\t", "sitemap\n", "sitemap:\n"])
def test_no_robots_takes_long(blank: str) -> None:
    """As with pages: 500 kB of any of these, and a minute each if the pattern were quadratic on it."""
    body = f"{blank * (500_000 // len(blank))}\nSitemap: {SITE}/mapa.xml"
    assert [lead.url for lead in read_robots(body.encode(), SITE + "/robots.txt")] == [SITE + "/mapa.xml"]


def test_a_line_of_robots_ends_with_the_line() -> None:
    body = b"Sitemap:\r\nUser-agent: *\r\n\tsitemap : /mapa.xml \r\nSitemap: /otro.xml"
    leads = read_robots(body, SITE + "/robots.txt")
    assert [lead.url for lead in leads] == [SITE + "/mapa.xml", SITE + "/otro.xml"]


@pytest.mark.parametrize(
    ("old", "new", "named"), [('"/feed/"', '"feed/"', "paths"), ('uk = "GB"', 'uk = "Britain"', "countries.uk")]
)
def test_a_mistake_in_the_hints_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    text = (Path(__file__).parents[2] / "config" / "discovery.toml").read_text("utf-8")
    (tmp_path / "discovery.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigError, match=named):
        Hints.load(tmp_path)


@pytest.mark.parametrize(
    ("host", "country"),
    [("diario.pe", "PE"), ("news.co.uk", "GB"), ("diario.com", None), ("canal.tv", None), ("diario.com.br", "BR")],
)
def test_a_host_may_tell_its_country(host: str, country: str | None) -> None:
    assert HINTS.country_of(host) == country


def test_what_may_replace_a_lost_feed_is_none_that_is_polled_already(web: FakeWeb) -> None:
    lost, keys = SITE + "/rss", UrlKeys.load(Path(__file__).parents[2] / "config")
    web.says(SITE + "/", page("/rss", "/canal.xml", "/mundo/rss.xml"))
    web.says(SITE + "/canal.xml", rss("/a", "/b", "/c"))
    web.says(SITE + "/mundo/rss.xml", rss("/d", "/e"))
    web.says(lost, "<html>gone</html>")

    def found(*polled: str) -> str | None:
        feeds = tuple(FeedAddress(SITE + path) for path in ("/rss", *polled))
        outlet = Source("puente", "El Puente", "PE", ("es",), SITE + "/", feeds)
        return replacement(web.get, outlet, lost, now=NOW, hints=HINTS, key=keys.key)

    assert found() == SITE + "/canal.xml"
    assert found("/canal.xml?utm_source=x") == SITE + "/mundo/rss.xml"
    assert found("/canal.xml", "/mundo/rss.xml") is None
