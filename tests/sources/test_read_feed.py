"""Every form in which outlets say what they published is read alike, and what is no feed is named for what it is."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import NotAFeed
from pipeline.sources import read_feed
from pipeline.types import Entry, FeedDocument, FeedKind
from tests.fakes import NOW

URL = "https://diario.example/rss/portada.xml"
AT = datetime(2012, 6, 26, 15, 30, tzinfo=UTC)


def read(body: str | bytes, content_type: str = "application/xml", max_entries: int = 2_000) -> FeedDocument:
    raw = body.encode() if isinstance(body, str) else body
    return read_feed(raw, content_type, URL, now=NOW, max_entries=max_entries)


def rss(*items: str, head: str = "", prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'{prolog}<rss version="2.0" {spaces}><channel><title>Diario</title><link>https://diario.example/</link>'
        f"{head}{inside}</channel></rss>"
    )


def one(item: str) -> Entry:
    return read(rss(item)).entries[0]


LINK = "<link>https://diario.example/nota</link>"


# --- forms ------------------------------------------------------------------------------------------------------------


def test_rss() -> None:
    document = read(
        rss(
            "<title>El ministro &amp; la coca</title><link>https://diario.example/2012/06/nota.html</link>"
            "<guid isPermaLink='false'>n-17</guid><pubDate>Tue, 26 Jun 2012 10:30:00 -0500</pubDate>"
            "<description>&lt;p&gt;Dijo que &lt;b&gt;no&lt;/b&gt;, otra vez.&lt;/p&gt;</description>"
            "<content:encoded><![CDATA[<p>Dijo que <b>no</b>, otra vez, ante el Congreso.</p>]]></content:encoded>"
        )
    )
    assert document == FeedDocument(
        FeedKind.RSS,
        (
            Entry(
                "https://diario.example/2012/06/nota.html",
                "El ministro & la coca",
                "n-17",
                "Dijo que no, otra vez.",
                AT,
                content="<p>Dijo que <b>no</b>, otra vez, ante el Congreso.</p>",
            ),
        ),
        "Diario",
    )


def test_atom() -> None:
    document = read(
        """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://diario.example/blog/">
        <title>Diario</title><entry><title type="html">Dijo &amp;quot;no&amp;quot;</title>
        <link rel="replies" href="/comentarios"/><link rel="alternate" href="nota.html"/>
        <id>tag:diario.example,2012:17</id>
        <published>2012-06-26T15:30:00Z</published><updated>2012-06-26T11:30:00-05:00</updated>
        <summary>Otra vez.</summary></entry></feed>"""
    )
    [entry] = document.entries
    assert (entry.url, entry.title) == ("https://diario.example/blog/nota.html", 'Dijo "no"')
    assert (entry.claimed_at, entry.updated_at) == (AT, AT.replace(hour=16))
    assert (entry.guid, entry.summary) == ("tag:diario.example,2012:17", "Otra vez.")


def test_an_atom_entry_that_was_only_updated_claims_no_publication() -> None:
    document = read(
        """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Uno</title><link href="https://diario.example/1"/>
        <updated>2012-06-26T15:30:00Z</updated></entry></feed>"""
    )
    assert (document.entries[0].claimed_at, document.entries[0].updated_at) == (None, AT)


def test_rdf() -> None:
    document = read(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Diario</title></channel>
        <item rdf:about="https://diario.example/1"><title>Uno</title><link>https://diario.example/1</link>
        <dc:date>2012-06-26T10:30:00-05:00</dc:date><dc:language>es-PE</dc:language></item></rdf:RDF>"""
    )
    [entry] = document.entries
    assert (entry.url, entry.title, entry.updated_at) == ("https://diario.example/1", "Uno", AT)


def test_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Diario",
        "items": [
            {
                "id": "17",
                "url": "/nota",
                "title": "El ministro",
                "content_html": "<p>Dijo</p>",
                "content_text": "Dijo",
                "date_published": "2012-06-26T10:30:00-05:00",
                "language": "es-PE",
            },
            {"id": "18", "title": "Sin dirección"},
            {"id": "https://diario.example/19"},
            "no item at all",
        ],
    }
    document = read(json.dumps(feed), "application/feed+json")
    assert document.entries[0] == Entry(
        "https://diario.example/nota", "El ministro", "17", "Dijo", AT, lang="es", content="<p>Dijo</p>"
    )
    assert [entry.url for entry in document.entries[1:]] == ["https://diario.example/19"]
    assert document.trouble == "2 entries without a usable link"


NEWS = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://agencia.example/1 </loc><lastmod>2012-06-26T12:00:00</lastmod>
  <image:image><image:loc>https://agencia.example/foto.jpg</image:loc><image:title>Foto</image:title></image:image>
  <news:news><news:publication><news:name>Agencia</news:name><news:language>spa</news:language></news:publication>
  <news:publication_date>2012-06-26T10:30:00-05:00</news:publication_date>
  <news:title><![CDATA[  Piden debatir   la legalización ]]></news:title></news:news></url>
<url><loc>https://agencia.example/2</loc><news:news><news:publication><news:language>en</news:language></news:publication>
  <news:publication_date>2012-06-26</news:publication_date><news:title>A second one</news:title></news:news></url>
</urlset>"""


def test_news_sitemap() -> None:
    document = read(NEWS)
    assert document.kind == FeedKind.NEWS_SITEMAP
    first, second = document.entries
    assert first == Entry(
        "https://agencia.example/1",
        "Piden debatir la legalización",
        claimed_at=AT,
        updated_at=datetime(2012, 6, 26, 12, tzinfo=UTC),
        lang="es",
    )
    assert (second.claimed_at, second.lang) == (datetime(2012, 6, 26, tzinfo=UTC), "en")


def test_a_sitemap_puts_first_what_was_changed_last() -> None:
    pages = "".join(
        f"<url><loc>https://diario.example/{day}</loc><lastmod>2012-06-{day:02}</lastmod></url>" for day in (3, 9, 1, 7)
    )
    document = read(f"<urlset>{pages}<url><loc>https://diario.example/undated</loc></url></urlset>", max_entries=3)
    assert document.kind == FeedKind.SITEMAP
    assert [entry.url[-1] for entry in document.entries] == ["9", "7", "3"]


def test_of_a_sitemap_without_dates_both_ends_are_read() -> None:
    """Some outlets put what is new at the top, some at the bottom."""
    pages = "".join(f"<url><loc>https://diario.example/{number}</loc></url>" for number in range(9))
    document = read(f"<urlset>{pages}</urlset>", max_entries=5)
    assert [entry.url[-1] for entry in document.entries] == ["0", "1", "2", "7", "8"]


def test_of_a_news_sitemap_that_is_too_long_the_newest_are_read() -> None:
    pages = "".join(
        f"<url><loc>https://diario.example/{day}</loc><n:news><n:publication_date>2012-06-0{day}</n:publication_date>"
        "</n:news></url>"
        for day in (3, 9, 1, 7)
    )
    document = read(f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{pages}</urlset>", max_entries=2)
    assert [entry.url[-1] for entry in document.entries] == ["9", "7"]


def test_a_sitemap_index_lists_its_children_newest_first() -> None:
    children = "".join(
        f"<sitemap><loc>/mapas/{day}.xml.gz</loc><lastmod>2012-06-{day:02}</lastmod></sitemap>" for day in (3, 9, 7)
    )
    document = read(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>')
    assert document.entries == ()
    assert [child.rpartition("/")[2] for child in document.children] == ["9.xml.gz", "7.xml.gz", "3.xml.gz"]
    assert document.children[0] == "https://diario.example/mapas/9.xml.gz"


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss()).entries == ()
    assert read("<urlset></urlset>").entries == ()


def test_gzip_is_told_by_its_first_bytes() -> None:
    assert read(gzip.compress(rss(LINK).encode()), "text/plain").entries[0].url == "https://diario.example/nota"
    assert len(read(gzip.compress(NEWS.encode())).entries) == 2
    assert len(read(gzip.compress(NEWS[:400].encode()) + gzip.compress(NEWS[400:].encode()) + bytes(20)).entries) == 2


@pytest.mark.parametrize("content_type", ["text/html", "", "application/octet-stream", "nonsense"])
def test_the_root_element_counts_and_not_the_header(content_type: str) -> None:
    assert len(read(rss(LINK), content_type).entries) == 1


@pytest.mark.parametrize(
    "before",
    [
        "\ufeff",
        "\n\n  ",
        "<!-- hecho con amor -->",
        '<?xml-stylesheet type="text/xsl" href="a.xsl"?><!-- a --><!-- b -->',
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">',
        '<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>',
        "<!doctype rss>",
    ],
)
def test_what_may_stand_before_a_feed(before: str) -> None:
    assert len(read(rss(LINK, prolog=before)).entries) == 1
    assert len(read(before + NEWS.partition("?>")[2]).entries) == 2


def test_a_feed_behind_a_warning_or_within_a_page_is_found() -> None:
    feed = f'<rss version="2.0"><channel><item>{LINK}</item></channel></rss>'
    assert len(read(f"<br />\n<b>Warning</b>: mysql_connect() in <b>/var/www/x.php</b>{feed}").entries) == 1
    assert len(read(f"<html><body>{feed}</body></html>").entries) == 1


# --- what is no feed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"", "nothing"),
        (b"  \n ", "nothing"),
        (b"<!DOCTYPE html><html><head><title>Portada</title></head></html>", "<html>"),
        (b"<HTML><body>Un momento</body></HTML>", "<html>"),
        (b"No encontrado", "No encontrado"),
        (b'{"error": "not found"}', "other JSON"),
        (b'{"items": [', "expected JSON Feed"),
        (b"<opml version='2.0'></opml>", "<opml>"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg>"),
        (b"\x1f\x8b\x08 garbled", "garbled"),
        (gzip.compress(b"<rss version='2.0'></rss>", mtime=0)[:-6], "cut short"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "PNG"),
        (b"<!DOCTYPE rss [ never closed", "DOCTYPE"),
        (b"<urlset", "<urlset>|expected a sitemap"),
    ],
)
def test_what_is_no_feed_is_named_for_what_it_is(body: bytes, got: str) -> None:
    with pytest.raises(NotAFeed, match=rf"^https://diario\.example/rss/portada\.xml: .*({got})"):
        read(body)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://outlet.example/x.dtd"> %p;]>',
        f'<!DOCTYPE rss [<!ENTITY long "{"a b " * 50_000}">]>',
    ],
)
def test_entities_that_make_much_of_little_are_refused(doctype: str) -> None:
    with pytest.raises(NotAFeed):
        read(rss(f"{LINK}<title>&l9;&x;&long;</title>", prolog=doctype))
    with pytest.raises(NotAFeed):
        read(f"{doctype}<urlset><url><loc>https://diario.example/&x;</loc></url></urlset>")


def test_an_article_about_entities_is_no_bomb() -> None:
    assert one(f"{LINK}<description><![CDATA[<!ENTITY nbsp]]></description>").url


def test_a_gzip_bomb_is_refused() -> None:
    with pytest.raises(NotAFeed, match="after gunzip"):
        read(gzip.compress(b"<urlset>" + bytes(60_000_000)))


def test_gzip_of_more_members_than_anybody_makes_is_refused() -> None:
    """Each empty one costs a copy of all that follows: 5 MB took ten seconds."""
    body = rss(f"{LINK}<title>Hola</title>").encode().ljust(2_000)
    members = [gzip.compress(body[at : at + 2]) for at in range(0, 2_000, 2)]
    assert read(b"".join(members)).entries[0].title == "Hola"
    with pytest.raises(NotAFeed, match="at most 1000 members"):
        read(gzip.compress(b"") * 250_000)


def test_a_mass_of_tags_is_refused() -> None:
    with pytest.raises(NotAFeed, match="at most 300000 tags"):
        read(b"<rss version='2.0'>" + b"<a>" * 400_000)


# --- entries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("<link>https://diario.example/a b</link>", "https://diario.example/a%20b"),
        ("<link>\n https://diario.example/a \n</link>", "https://diario.example/a"),
        ("<link>/a?x=1&amp;y=2</link>", "https://diario.example/a?x=1&y=2"),
        ("<link>//otra.example/a</link>", "https://otra.example/a"),
        ("<guid>https://diario.example/a</guid>", "https://diario.example/a"),
        ("<guid isPermaLink='false'>https://diario.example/a</guid>", "https://diario.example/a"),
        (
            "<link>http://cuenta.example/~r/x</link><feedburner:origLink>https://diario.example/a</feedburner:origLink>",
            "https://diario.example/a",
        ),
    ],
)
def test_links(written: str, url: str) -> None:
    assert one(written).url == url


@pytest.mark.parametrize(
    "written",
    [
        "",
        "<link></link>",
        "<link>javascript:alert(1)</link>",
        "<link>mailto:a@diario.example</link>",
        "<guid isPermaLink='false'>17</guid>",
        "<link>http://[::1/</link>",
        f"<link>https://diario.example/{'a' * 3000}</link>",
    ],
)
def test_an_entry_without_a_usable_link_is_dropped_and_counted(written: str) -> None:
    document = read(rss(f"<title>Uno</title>{written}", LINK))
    assert [entry.url for entry in document.entries] == ["https://diario.example/nota"]
    assert document.trouble == "1 entries without a usable link"


def test_an_origlink_that_is_no_text_is_no_link() -> None:
    odd = "<feedburner:origLink href='x'>https://diario.example/a</feedburner:origLink>"
    assert one(LINK + odd).url == "https://diario.example/nota"


def test_dates_that_cannot_be_are_dropped() -> None:
    for written in ("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 29 Jun 2012 00:00:00 GMT", "mañana", "0000-00-00"):
        assert one(f"{LINK}<pubDate>{written}</pubDate>").claimed_at is None


def test_dates_in_words_are_read_where_feedparser_gives_up() -> None:
    assert one(f"{LINK}<pubDate>Ter, 26 Jun 2012 12:30:00 -0300</pubDate>").claimed_at == AT
    assert one(f"{LINK}<pubDate>15 de setiembre de 2011</pubDate>").claimed_at == datetime(2011, 9, 15, tzinfo=UTC)


def test_a_summary_as_long_as_an_article_is_its_text() -> None:
    text = "<p>" + "El ministro dijo que no. " * 100 + "</p>"
    entry = one(f"{LINK}<description><![CDATA[{text}]]></description>")
    assert entry.content == text
    assert one(f"{LINK}<description>Breve.</description>").content == ""


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>60</ttl>", 3600.0),
        ("<ttl>0</ttl>", None),
        ("<ttl>a while</ttl>", None),
        ("<ttl>" + "9" * 5000 + "</ttl>", float("inf")),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800.0),
        ("<sy:updatePeriod> Daily </sy:updatePeriod>", 86_400.0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("", None),
    ],
)
def test_how_long_a_feed_wants_us_to_wait(head: str, seconds: float | None) -> None:
    assert read(rss(LINK, head=head)).ttl == seconds


def test_no_more_entries_than_asked_for() -> None:
    items = [f"<link>https://diario.example/{number}</link>" for number in range(9)]
    document = read(rss(*items), max_entries=4)
    assert [entry.url[-1] for entry in document.entries] == ["0", "1", "2", "3"]
    assert document.trouble is None


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        (rss("<title>Año</title>" + LINK), False),
        (rss("<title>Año\x0b</title>" + LINK), True),
        (rss("<title>Año</title>" + LINK).encode("cp1252"), True),
        (rss("<title>no link</title>", LINK), False),
        (rss("<title>N & M</title>" + LINK), False),
    ],
)
def test_only_bytes_that_are_not_what_they_say_are_mended(body: str | bytes, mended: bool) -> None:
    document = read(body)
    assert document.mended is mended
    assert not mended or document.trouble


def test_a_feed_that_breaks_off_keeps_what_came_before() -> None:
    body = rss(*(f"<title>N & M</title><link>https://diario.example/{number}</link>" for number in range(5)))
    document = read(body[: body.index("/3</link>")])
    assert [entry.url[-1] for entry in document.entries][:3] == ["0", "1", "2"]
    assert document.trouble is not None
    assert "not well-formed" in document.trouble


def test_a_sitemap_that_breaks_off_keeps_what_came_before() -> None:
    document = read(NEWS[: NEWS.index("A second")])
    assert document.entries[0].url == "https://agencia.example/1"
    assert document.trouble
    assert "not well-formed" in document.trouble


def test_a_body_that_is_a_file_name_opens_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """feedparser opens what it is given, unless it is given a stream."""
    (tmp_path / "<rss version='2.0'>").write_text(rss(LINK), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read(b"<rss version='2.0'>").entries == ()


@pytest.mark.parametrize(
    "hostile",
    [
        "<!DOCTYPE " + "a" * 300_000,
        "<!--" * 80_000,
        rss("<author>" + "a" * 300_000 + "</author>" + LINK),
        rss(LINK + "<title>" + "&lt;!--" * 40_000 + "</title>"),
        rss(LINK + "<description><![CDATA[" + "<a " * 100_000 + "]]></description>"),
        rss(LINK + "<pubDate>" + "1 de " * 60_000 + "</pubDate>"),
        "<urlset>" + "<url>" * 60_000,
        "<urlset>" + "<url a='1'>" * 30_000,
        '{"items":' + "[" * 300_000,
    ],
    ids=["doctype", "comments", "author", "title", "summary", "date", "nested", "attributes", "json"],
)
@pytest.mark.timeout(10)
def test_hostile_bodies_cost_no_more_than_long_ones(hostile: str) -> None:
    try:
        read(hostile)
    except NotAFeed:
        return
