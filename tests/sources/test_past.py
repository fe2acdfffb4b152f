"""Where an outlet lists its past, and what belongs into the time that was asked for."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError, NotAFeed
from pipeline.sources.catalogue import parse_catalogue
from pipeline.sources.past import Ahead, Archive, Cursor, FeedPages, PostPages, Sitemaps, Span, restored, written
from pipeline.sources.past.archive import looks_like_article
from pipeline.sources.past.span import belongs, period_named, period_of
from pipeline.types import Entry, Response

NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)
MAY = Span(datetime(2012, 5, 1, tzinfo=UTC), datetime(2012, 5, 31, 23, 59, 59, tzinfo=UTC))
SITE, FILE = "http://puente.example", Path("sources.toml")


def says(body: str | bytes, url: str = SITE, status: int = 200, **headers: str) -> Response:
    raw = body.encode() if isinstance(body, str) else body
    return Response(url, url, status, {name.replace("_", "-"): value for name, value in headers.items()}, raw, NOW, 0.1)


def urls(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.url.removeprefix(SITE) for entry in entries]


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "first", "last"),
    [
        ("/2012/06/27/nota", date(2012, 6, 27), date(2012, 6, 27)),
        ("/nota-2012-6-7.html", date(2012, 6, 7), date(2012, 6, 7)),
        ("/2012/02/nota", date(2012, 2, 1), date(2012, 2, 29)),
    ],
)
def test_addresses_tell_dates(url: str, first: date, last: date) -> None:
    assert period_of(SITE + url) == (first, last)


@pytest.mark.parametrize("url", ["/nota/201206/x", "/nota/20120627", "/2012/13/nota", "/120120627", "/2012", "/a"])
def test_numbers_of_articles_are_no_dates(url: str) -> None:
    assert period_of(SITE + url) is None
    assert period_of("http://diario2012-06.example:2012/a") is None


@pytest.mark.parametrize(
    ("url", "first", "last"),
    [
        ("/sitemap-2012.xml", date(2012, 1, 1), date(2012, 12, 31)),
        ("/sitemap_201206.xml.gz", date(2012, 6, 1), date(2012, 6, 30)),
        ("/sitemap/2012/06/27.xml", date(2012, 6, 27), date(2012, 6, 27)),
        ("/s?date=20120627", date(2012, 6, 27), date(2012, 6, 27)),
    ],
)
def test_names_of_sitemaps_tell_dates(url: str, first: date, last: date) -> None:
    assert period_named(SITE + url) == (first, last)


@pytest.mark.parametrize(
    ("entry", "inside"),
    [
        (Entry(SITE + "/a", claimed_at=datetime(2012, 5, 9, tzinfo=UTC)), True),
        (Entry(SITE + "/a", claimed_at=datetime(2012, 6, 9, tzinfo=UTC)), False),
        (Entry(SITE + "/2012/06/09/a", claimed_at=datetime(2012, 5, 9, tzinfo=UTC)), True),
        (Entry(SITE + "/2012/05/a", updated_at=datetime(2012, 6, 9, tzinfo=UTC)), True),
        (Entry(SITE + "/2011/05/a", updated_at=datetime(2012, 5, 9, tzinfo=UTC)), False),
        (Entry(SITE + "/a", updated_at=datetime(2012, 4, 9, tzinfo=UTC)), False),
        (Entry(SITE + "/a", updated_at=datetime(2012, 6, 9, tzinfo=UTC)), True),
        (Entry(SITE + "/a"), None),
    ],
)
def test_what_belongs_into_the_span(entry: Entry, inside: bool | None) -> None:
    """The time of a change rules out what was last changed before the span, and nothing else."""
    assert belongs(entry, MAY) is inside


# --- WordPress --------------------------------------------------------------------------------------------------------


def feed(*days: str) -> str:
    items = "".join(
        f"<item><title>{day}</title><link>{SITE}/nota-{day}</link><guid>{SITE}/?p={number}</guid>"
        f"<pubDate>{datetime.fromisoformat(day):%a, %d %b %Y} 10:00:00 +0000</pubDate></item>"
        for number, day in enumerate(days)
    )
    return f'<rss version="2.0"><channel><title>El Puente</title>{items}</channel></rss>'


def test_a_feed_is_turned_page_by_page_until_it_is_older_than_the_span() -> None:
    start = FeedPages(SITE + "/feed/")
    assert start.url(MAY) == SITE + "/feed/"
    turn, second = start.read(says(feed("2012-06-20", "2012-05-30")), MAY, NOW)
    assert urls(turn.entries) == ["/nota-2012-05-30"]
    assert isinstance(second, FeedPages)
    assert second.url(MAY) == SITE + "/feed/?paged=2"
    turn, third = second.read(says(feed("2012-05-02", "2012-04-30")), MAY, NOW)
    assert urls(turn.entries) == ["/nota-2012-05-02"]
    assert isinstance(third, FeedPages)
    turn, end = third.read(says(feed("2012-04-29", "2012-04-28")), MAY, NOW)
    assert (turn.entries, end) == ((), None)


def test_a_feed_that_shows_the_same_page_again_has_no_more() -> None:
    _, second = FeedPages(SITE + "/feed/").read(says(feed("2012-05-30")), MAY, NOW)
    assert second is not None
    turn, end = second.read(says(feed("2012-05-30")), MAY, NOW)
    assert (turn.entries, end) == ((), None)
    assert "same page again" in turn.note


@pytest.mark.parametrize(("dated", "turned"), [(False, 50), (True, 200)])
def test_a_feed_without_dates_is_not_turned_for_ever(dated: bool, turned: int) -> None:
    cursor: FeedPages | None = FeedPages(SITE + "/feed/")
    pages = 0
    while cursor is not None and pages < 200:
        pages += 1
        at = "<pubDate>Wed, 09 May 2012 10:00:00 GMT</pubDate>" if dated else ""
        body = f'<rss version="2.0"><channel><item><link>{SITE}/{pages}</link>{at}</item></channel></rss>'
        turn, cursor = cursor.read(says(body), MAY, NOW)
    assert pages == turned
    assert ("without a date" in turn.note) is not dated


def test_the_query_of_a_feed_is_kept() -> None:
    assert FeedPages(SITE + "/?feed=rss2&paged=9", 3).url(MAY) == SITE + "/?feed=rss2&paged=3"


def post(day: str, **more: object) -> dict[str, object]:
    return {
        "link": f"{SITE}/nota-{day}",
        "guid": {"rendered": f"{SITE}/?p=1"},
        "title": {"rendered": "Ministra &#8220;rechaza&#8221; legalizar"},
        "excerpt": {"rendered": "<p>Un <b>resumen</b></p>"},
        "date_gmt": f"{day}T10:00:00",
        "modified_gmt": f"{day}T11:00:00",
        **more,
    }


def test_posts_are_listed_by_date_until_the_last_page() -> None:
    start = PostPages(SITE + "/inicio")
    assert start.url(MAY).startswith(f"{SITE}/wp-json/wp/v2/posts?per_page=100&page=1&")
    assert "after=2012-04-30T00%3A00%3A00" in start.url(MAY)
    body = json.dumps([post("2012-05-30"), post("2012-06-01"), {"link": "javascript:x"}])
    turn, second = start.read(says(body, x_wp_totalpages="2"), MAY, NOW)
    (entry,) = turn.entries
    assert (entry.url, entry.title, entry.summary) == (
        f"{SITE}/nota-2012-05-30",
        "Ministra “rechaza” legalizar",
        "Un resumen",
    )
    assert (entry.guid, entry.claimed_at) == (f"{SITE}/?p=1", datetime(2012, 5, 30, 10, tzinfo=UTC))
    assert second is not None
    assert "page=2" in second.url(MAY)
    assert second.read(says("[]", x_wp_totalpages="2"), MAY, NOW)[1] is None
    assert second.read(says("[]"), MAY, NOW)[1] is None
    assert second.read(says(body, x_wp_totalpages="2"), MAY, NOW)[1] is None


def test_a_page_of_posts_without_the_number_of_pages_is_not_the_last() -> None:
    body = json.dumps([post("2012-05-30")])
    _, second = PostPages(SITE).read(says(body, x_wp_totalpages="3"), MAY, NOW)
    assert second is not None
    _, third = second.read(says(body), MAY, NOW)
    assert third == PostPages(SITE, 3, 3)
    assert third.read(says(body), MAY, NOW)[1] is None


@pytest.mark.parametrize("body", ["<html></html>", '{"code": "rest_disabled"}', "[1]", "[" * 5_000])
def test_what_is_no_list_of_posts_is_refused(body: str) -> None:
    with pytest.raises(NotAFeed, match="list of posts"):
        PostPages(SITE).read(says(body), MAY, NOW)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.sampled_from(
    ["link", "guid", "title", "rendered", "date_gmt", "excerpt"]), inner)))  # fmt: skip
def test_any_post_can_be_read(value: object) -> None:
    body = json.dumps([value if isinstance(value, dict) else {"link": value}])
    PostPages(SITE).read(says(body), MAY, NOW)


# --- sitemaps ---------------------------------------------------------------------------------------------------------


def index(*children: tuple[str, str]) -> str:
    each = "".join(f"<sitemap><loc>{SITE}{path}</loc><lastmod>{at}</lastmod></sitemap>" for path, at in children)
    return f"<sitemapindex>{each}</sitemapindex>"


def sitemap(*pages: tuple[str, str]) -> str:
    each = "".join(f"<url><loc>{SITE}{path}</loc>{at and f'<lastmod>{at}</lastmod>'}</url>" for path, at in pages)
    return f"<urlset>{each}</urlset>"


def ahead(cursor: Cursor | None) -> list[str]:
    assert isinstance(cursor, Sitemaps)
    return [one.url.removeprefix(SITE) for one in cursor.ahead]


def test_of_an_index_those_children_are_walked_that_may_hold_something_newest_first() -> None:
    body = index(
        ("/2012-04.xml", "2012-06-20"), ("/2012-05.xml", "2012-06-01"), ("/2012-06.xml", "2012-06-20"),
        ("/secciones.xml", "2012-06-20"), ("/viejas.xml", "2012-04-20"), ("/2012-05-b.xml", "2011-01-01"),
    )  # fmt: skip
    _, onward = Sitemaps((Ahead(SITE + "/i.xml"), Ahead(SITE + "/z.xml"))).read(says(body), MAY, NOW)
    assert ahead(onward) == ["/secciones.xml", "/2012-05.xml", "/2012-05-b.xml", "/z.xml"]


def test_a_sitemap_gives_what_belongs_and_counts_what_nothing_dates() -> None:
    body = sitemap(("/a", "2012-05-03"), ("/b", "2012-04-03"), ("/2012/05/04/c", ""), ("/d", ""))
    turn, end = Sitemaps((Ahead(SITE + "/mapa.xml"),)).read(says(body), MAY, NOW)
    assert (sorted(urls(turn.entries)), turn.seen, turn.undated, end) == (["/2012/05/04/c", "/a"], 4, 1, None)
    named, _ = Sitemaps((Ahead(SITE + "/mapa-2012-05.xml"),)).read(says(body), MAY, NOW)
    assert (sorted(urls(named.entries)), named.undated) == (["/2012/05/04/c", "/a", "/d"], 0)


def test_circles_end() -> None:
    cursor: Sitemaps | None = Sitemaps((Ahead(SITE + "/a.xml"),))
    asked = []
    while cursor is not None:
        asked.append(cursor.url(MAY))
        _, cursor = cursor.read(says(index(("/a.xml", "2012-06-01"), ("/b.xml", "2012-06-01"))), MAY, NOW)
    assert asked == [SITE + "/a.xml", SITE + "/b.xml"]


# --- archives ---------------------------------------------------------------------------------------------------------

DAILY = Archive(SITE + "/archivo/{year}/{month:02}/{day:02}/", ("puente.example",), date(2012, 5, 2))


def links(*hrefs: str) -> str:
    return "".join(f'<a href="{href}">x</a>' for href in hrefs)


def test_an_archive_is_walked_day_by_day_and_its_articles_are_of_that_day() -> None:
    assert DAILY.url(MAY) == SITE + "/archivo/2012/05/02/"
    body = links(
        "/politica/ministra-rechaza-legalizar-marihuana", "/nota/123456#comentarios", "/politica",
        "/archivo/2012/05/01/", "http://www.puente.example/economia/dolar-sube-otra-vez-hoy", "http://otro.example/nota-de-otro-diario-nacional",
        "/2011/05/02/una-nota-de-otro-ano", "mailto:a@puente.example",
    )  # fmt: skip
    turn, onward = DAILY.read(says(body, DAILY.url(MAY)), MAY, NOW)
    assert urls(turn.entries) == [
        "/politica/ministra-rechaza-legalizar-marihuana",
        "/nota/123456",
        "http://www.puente.example/economia/dolar-sube-otra-vez-hoy",
    ]
    assert {entry.claimed_at for entry in turn.entries} == {datetime(2012, 5, 2, tzinfo=UTC)}
    assert isinstance(onward, Archive)
    assert onward.day == date(2012, 5, 1)
    assert onward.after_nothing(MAY) is None


def test_the_archive_does_not_find_itself() -> None:
    """Its own addresses look like articles here: a number of eight digits."""
    compact = Archive(SITE + "/archivo/{year}{month:02}{day:02}", ("puente.example",), date(2012, 5, 2))
    turn, _ = compact.read(says(links("/archivo/20120501", "/nota/123456"), compact.url(MAY)), MAY, NOW)
    assert urls(turn.entries) == ["/nota/123456"]


def test_a_day_that_leads_home_has_no_news() -> None:
    turn, onward = DAILY.read(says(links("/nota/123456"), SITE + "/"), MAY, NOW)
    assert turn.entries == ()
    assert onward == DAILY.after_nothing(MAY)


def test_pages_of_a_day_are_turned_while_they_bring_something_else() -> None:
    start = Archive(SITE + "/a/{year}-{month:02}-{day:02}?p={page}", ("puente.example",), date(2012, 5, 2))
    _, second = start.read(says(links("/nota/123456"), start.url(MAY)), MAY, NOW)
    assert second is not None
    assert second.url(MAY) == SITE + "/a/2012-05-02?p=2"
    turn, onward = second.read(says(links("/nota/123456"), second.url(MAY)), MAY, NOW)
    assert (turn.entries, onward and onward.url(MAY)) == ((), SITE + "/a/2012-05-01?p=1")


@pytest.mark.parametrize(
    ("template", "earlier"),
    [
        ("/{year}/{month}/", date(2012, 4, 30)),
        ("/{year}", date(2011, 12, 31)),
        ("/{year}{month}{day}", date(2012, 5, 30)),
    ],
)
def test_archives_of_months_and_years(template: str, earlier: date) -> None:
    span = Span(datetime(2010, 1, 1, tzinfo=UTC), MAY.until)
    onward = Archive(SITE + template, ("puente.example",), date(2012, 5, 31)).after_nothing(span)
    assert onward is not None
    assert onward.day == earlier


@pytest.mark.parametrize("url", ["/politica", "/politica/peru", "/tag/a-b", "/autor/juan-perez"])
def test_sections_are_no_articles(url: str) -> None:
    assert not looks_like_article(SITE + url)


@pytest.mark.parametrize(
    "archive",
    [
        "{month}",
        "http://x.example/{day}",
        "http://x.example/{year}/{day}",
        "http://x.example/",
        "http://x.example/{year.real}",
        "http://x.example/{year:q}",
        "http://x.example/{",
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused_at_load(archive: str) -> None:
    table = '[[source]]\nslug = "a"\nname = "A"\ncountry = "PE"\nlanguages = ["es"]\nhomepage = "http://x.example/"\n'
    feeds = 'feeds = [{ url = "http://x.example/rss" }]\n'
    parse_catalogue(f'{table}{feeds}archive = "http://x.example/{{year}}/{{month:02}}/"', FILE)
    with pytest.raises(ConfigError, match="archive"):
        parse_catalogue(f'{table}{feeds}archive = "{archive}"', FILE)


# --- cursors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cursor", [DAILY, FeedPages(SITE, 3, "x"), PostPages(SITE, 2, 9), Sitemaps((Ahead(SITE, 1), Ahead("a")), 1)]
)
def test_a_cursor_is_stored_and_goes_on(cursor: Cursor) -> None:
    assert restored(*written(cursor)) == cursor


def test_a_walk_that_was_stored_before_lists_stood_apart_goes_on() -> None:
    stored = '{"type":"sitemap","ahead":[{"url":"http://puente.example/2.xml","depth":1}],"done":["http://x.example/"]}'
    assert restored(stored) == Sitemaps((Ahead(SITE + "/2.xml", 1),))


def test_a_list_of_sitemaps_is_written_once_and_not_for_each_of_them() -> None:
    """With the list in every cursor, 5,500 sitemaps came to two gigabytes."""
    body = index(*((f"/mapa-{number}.xml", "2012-05-20") for number in range(1_000)))
    cursor: Cursor = Sitemaps((Ahead(SITE + "/i.xml"),))
    _, onward = cursor.read(says(body), MAY, NOW)
    bytes_written = asked = 0
    while onward is not None:
        place, listed = written(onward, cursor)
        bytes_written += len(place) + len(listed or "")
        cursor, (_, onward) = onward, onward.read(says(sitemap()), MAY, NOW)
        asked += 1
    assert asked == 1_000
    assert bytes_written < 200 * asked
