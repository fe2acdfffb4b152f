"""What real outlets do, by the numbers under which the catalogue of sources lists it: each is taken as it comes."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import Misdirected, NotAFeed
from pipeline.fetch.page import page_from
from pipeline.poll import interpret
from pipeline.settings import Settings
from pipeline.sources import UrlKeys, load_catalogue, read_feed
from pipeline.types import Entry, FeedDocument, FeedKind, FeedState, Request, Response
from tests.fakes import NOW

CONFIG = Path(__file__).resolve().parents[2] / "config"
KEYS = UrlKeys.load(CONFIG)
URL = "https://diario.example/feed.html"
RSS = '<rss version="2.0"><channel><item><title>{}</title><link>https://diario.example/nota</link>{}</item></channel></rss>'
NEWS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{}</urlset>'
)


def read(body: str | bytes, content_type: str = "text/html", url: str = URL) -> FeedDocument:
    raw = body.encode() if isinstance(body, str) else body
    return read_feed(raw, content_type, url, now=NOW, max_entries=2_000)


def rss(title: str = "Uno", inside: str = "") -> str:
    return RSS.format(title, inside)


def news(date: str, language: str = "spa", title: str = "<news:title>Uno</news:title>", more: str = "") -> str:
    publication = f"<news:publication><news:language>{language}</news:language></news:publication>"
    inside = f"<news:news>{publication}<news:publication_date>{date}</news:publication_date>{title}</news:news>"
    return NEWS.format(f"<url><loc>https://diario.example/nota</loc>{more}{inside}</url>")


def only(document: FeedDocument) -> Entry:
    [entry] = document.entries
    return entry


def test_oddity_1_a_feed_is_told_by_its_root_element_and_a_page_with_200_is_none() -> None:
    assert only(read(rss())).title == "Uno"
    with pytest.raises(NotAFeed, match="<html>"):
        read("<!doctype html><html><head><title>Portada</title></head></html>", "application/rss+xml")


def test_oddity_2_the_declaration_is_believed_first_then_the_header_then_windows_1252() -> None:
    declared = '<?xml version="1.0" encoding="ISO-8859-1"?>' + rss("Señaló “no”")
    assert only(read(declared.encode("cp1252"), "text/xml; charset=utf-8")).title == "Señaló “no”"
    assert only(read(rss("Señaló").encode("cp1252"), "text/xml; charset=windows-1252")).title == "Señaló"
    assert only(read(rss("Señaló “no”").encode("cp1252"), "text/xml")).title == "Señaló “no”"


@pytest.mark.parametrize(
    ("written", "code"), [("spa", "es"), ("eng", "en"), ("por", "pt"), ("es", "es"), ("es-419", "es")]
)
def test_oddity_3_news_sitemaps_have_days_for_dates_and_languages_of_three_letters(written: str, code: str) -> None:
    entry = only(read(news("2012-06-26", written)))
    assert (entry.claimed_at, entry.lang) == (datetime(2012, 6, 26, tzinfo=UTC), code)


def test_oddity_3_a_news_sitemap_may_be_empty() -> None:
    assert read(NEWS.format("")).entries == ()


def test_oddity_4_a_time_without_a_zone_is_utc_and_hubs_are_skipped() -> None:
    entry = only(read(news("2012-06-26T10:30:00", more="<lastmod>2012-06-26T12:00:00</lastmod>")))
    assert (entry.claimed_at, entry.updated_at) == (
        datetime(2012, 6, 26, 10, 30, tzinfo=UTC),
        datetime(2012, 6, 26, 12, tzinfo=UTC),
    )
    skipped = {source.slug: source.skip for source in load_catalogue(CONFIG)}
    assert {"/hub/", "/video/"} <= set(skipped["apnews"])


def test_oddity_5_titles_are_padded_with_spaces_in_cdata() -> None:
    assert (
        only(read(news("2012-06-26", title="<news:title><![CDATA[  Piden   debatir ]]></news:title>"))).title
        == "Piden debatir"
    )


def test_oddity_6_a_sitemap_without_titles_is_read_and_the_page_will_say() -> None:
    entry = only(read(NEWS.format("<url><loc>https://diario.example/nota</loc><lastmod>2012-06-26</lastmod></url>")))
    assert (entry.title, entry.updated_at) == ("", datetime(2012, 6, 26, tzinfo=UTC))


def test_oddity_7_an_index_names_its_children_newest_first() -> None:
    children = "".join(
        f"<sitemap><loc>/s{day}.xml</loc><lastmod>2012-06-0{day}</lastmod></sitemap>" for day in (1, 3, 2)
    )
    assert [child[-6:] for child in read(f"<sitemapindex>{children}</sitemapindex>").children] == [
        "s3.xml",
        "s2.xml",
        "s1.xml",
    ]


def test_oddity_8_gzip_is_told_by_its_first_bytes() -> None:
    assert only(read(gzip.compress(news("2012-06-26").encode()), "application/xml")).title == "Uno"


@pytest.mark.parametrize(
    ("inside", "summary", "content"),
    [
        ("", "", ""),
        ("<description>Una línea.</description>", "Una línea.", ""),
        (
            "<description>x</description><content:encoded>&lt;p&gt;Todo.&lt;/p&gt;</content:encoded>",
            "x",
            "<p>Todo.</p>",
        ),
    ],
    ids=["headline only", "a line", "full text"],
)
def test_oddity_9_a_feed_carries_much_or_little(inside: str, summary: str, content: str) -> None:
    body = rss("Uno", inside).replace("<rss", '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"')
    entry = only(read(body))
    assert (entry.summary, entry.content) == (summary, content)


def test_oddity_10_a_batch_published_at_one_moment_keeps_its_moment() -> None:
    date = "<pubDate>Tue, 26 Jun 2012 06:00:00 GMT</pubDate>"
    items = "".join(f"<item><link>https://diario.example/{n}</link>{date}</item>" for n in range(80))
    document = read(f'<rss version="2.0"><channel>{items}</channel></rss>')
    assert len(document.entries) == 80
    assert {entry.claimed_at for entry in document.entries} == {datetime(2012, 6, 26, 6, tzinfo=UTC)}


def test_oddity_11_the_pages_of_an_archive_are_feeds_like_any_other() -> None:
    paged = "https://diario.example/feed/?paged=2"
    assert only(read(rss(), url=paged)).url == "https://diario.example/nota"
    assert KEYS.key(paged) != KEYS.key("https://diario.example/feed/")


@pytest.mark.parametrize(
    "drifted",
    [
        "http://www.diario.example/nota",
        "https://diario.example/nota?utm_source=rss&utm_medium=x",
        "https://diario.example/nota?at_medium=RSS&at_campaign=KARANGA",
        "https://diario.example/nota?traffic_source=rss",
        "https://diario.example/nota?fbclid=x&gclid=y",
    ],
)
def test_oddity_12_a_page_is_known_by_its_canonical_address(drifted: str) -> None:
    assert KEYS.key(drifted) == KEYS.key("https://diario.example/nota")


def test_oddity_12_what_feedburner_counts_is_not_where_the_page_is() -> None:
    inside = "<feedburner:origLink>https://diario.example/otra</feedburner:origLink>"
    body = rss("Uno", inside).replace("<rss", '<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"')
    assert only(read(body)).url == "https://diario.example/otra"


def test_oddity_13_a_bare_query_names_the_page_and_stays_in_what_is_fetched() -> None:
    body = rss().replace("/nota<", "/anxml.aspx?59&amp;outputType=xml<")
    assert only(read(body)).url == "https://diario.example/anxml.aspx?59&outputType=xml"
    assert KEYS.key("https://diario.example/anxml.aspx?59") != KEYS.key("https://diario.example/anxml.aspx?60")


def test_oddity_14_too_many_redirects_are_said_and_the_feed_is_asked_again() -> None:
    verdict = interpret(FEED, ASKED, Misdirected("expected at most 5 redirects, got more"), NOW)
    assert (verdict.kind, "redirects" in verdict.notice) == ("failed", True)
    assert Settings().max_redirects == 5


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("15 de marzo de 2006", datetime(2006, 3, 15, tzinfo=UTC)),
        ("15 de setiembre de 2011", datetime(2011, 9, 15, tzinfo=UTC)),
        ("lunes 25 de junio de 2012", datetime(2012, 6, 25, tzinfo=UTC)),
        ("27 jun. 2012 08:05", datetime(2012, 6, 27, 8, 5, tzinfo=UTC)),
        # local time given as GMT, an hour ahead of us: kept
        ((NOW + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT"), NOW + timedelta(hours=1)),
        # more than a day ahead cannot be: dropped, not bent
        ((NOW + timedelta(days=1, minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT"), None),
    ],
)
def test_oddity_15_dates_in_words_and_in_the_wrong_zone(written: str, moment: datetime | None) -> None:
    assert only(read(rss("Uno", f"<pubDate>{written}</pubDate>"))).claimed_at == moment


@pytest.mark.parametrize("status", [401, 403, 451])
def test_oddity_16_a_host_that_refuses_is_named_and_asked_less(status: int) -> None:
    verdict = interpret(FEED, ASKED, Response(URL, URL, status, {}, b"", NOW, 0.1), NOW)
    assert (verdict.kind, verdict.weight, "refuses us" in verdict.notice) == ("failed", 1.0, True)


def test_oddity_17_dw_in_spanish_is_at_sp() -> None:
    feeds = {source.slug: source.feeds for source in load_catalogue(CONFIG)}
    assert [feed.url for feed in feeds["dw-es"]] == ["https://rss.dw.com/xml/rss-sp-all"]


def test_oddity_18_slow_hosts_have_the_time_they_take() -> None:
    assert Settings().feed_timeout > 10
    assert Settings().fetch_read_timeout > 10
    slow = Response(URL, URL, 200, {"content-type": "text/html"}, b"<html>x</html>", NOW, 9.5)
    assert page_from(slow).body == b"<html>x</html>"


FEED = FeedState(1, "diario", URL, FeedKind.RSS, NOW, 1_800.0)
ASKED = Request(URL, "feed")


def test_every_oddity_has_a_test() -> None:
    numbers = {int(number) for name in globals() for number in re.findall(r"^test_oddity_(\d+)_", name)}
    assert numbers == set(range(1, 19))
