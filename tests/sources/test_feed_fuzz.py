"""Whatever a host sends as a feed is read, or refused by name; no body crashes the poller."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import NotAFeed
from pipeline.sources import read_feed
from pipeline.types import FeedDocument
from tests.fakes import NOW

RSS = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;">]><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/" xml:base="https://diario.example/"><channel><title>Diario</title>
<link>https://diario.example/</link><ttl>30</ttl><item><title>Señaló &amp; dijo</title><link>/nota?a=1&amp;b=2</link>
<guid isPermaLink="true">https://diario.example/nota</guid><pubDate>Tue, 26 Jun 2012 10:30:00 -0500</pubDate>
<dc:creator>Ana (ana@diario.example)</dc:creator><description><![CDATA[<p>Uno</p> <img src="a.jpg"/>]]></description>
<content:encoded>&lt;p&gt;Dos&lt;/p&gt;</content:encoded>
<media:content url="a.jpg"><media:title>x</media:title></media:content>
<enclosure url="a.mp3" length="1" type="audio/mpeg"/></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es" xml:base="https://diario.example/"><title>Diario</title>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Uno <b>dos</b></div></title><id>tag:x,2012:1</id>
<link rel="alternate" href="nota"/><author><name>Ana</name><email>a@b.example</email></author>
<content type="html">&lt;p&gt;Dos&lt;/p&gt;</content><updated>2012-06-26T15:30:00Z</updated></entry></feed>"""
NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://diario.example/1</loc><lastmod>2012-06-26</lastmod><n:news><n:publication><n:language>spa</n:language>
</n:publication><n:publication_date>2012-06-26T10:30:00-05:00</n:publication_date><n:title>Uno</n:title></n:news>
</url></urlset>"""
INDEX = "<sitemapindex><sitemap><loc>https://diario.example/a.xml.gz</loc><lastmod>2012-06-26</lastmod></sitemap></sitemapindex>"
JSON = """{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "url": "https://diario.example/1",
"title": "Uno", "date_published": "2012-06-26T15:30:00Z", "content_html": "<p>x</p>"}]}"""
SEEDS = [seed.encode() for seed in (RSS, ATOM, NEWS, INDEX, JSON)] + [
    RSS.encode("utf-16"),
    gzip.compress(ATOM.encode(), mtime=0),
]

#: pieces that have broken readers of feeds
PIECES = [
    b"<", b">", b"&", b"&#0;", b"&#xD800;", b"&#99999999999;", b"&nbsp;", b"&nope;", b"<![CDATA[", b"]]>", b"<!--",
    b"-->", b"<?", b"<!DOCTYPE x [", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", b"\xed\xa0\x80", b"http://[",
    b"http://[::1", b"http://x:99999999/", b"javascript:", b"//", b"%", b"%zz", b"0000-00-00", b"9" * 400,
    b"99999-99-99T99:99:99Z", b"Mon, 99 Foo 9999 99:99:99 +9999", b"-1", b"1e999", b" xmlns=''", b" xmlns:a='",
    b"<item>", b"</item>", b"<a " * 40, b"<link/>", b"<link href=''/>", b"<guid isPermaLink='",
    b"xml:base='http://[x'", b"encoding='utf-7'", b"{" * 50, b"null",
]  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A feed with pieces put in, taken out, doubled or swapped."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        to = min(len(body), at + draw(st.integers(0, 60)))
        put = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.just(body[at:to] * 2)))
        body = body[:at] + put + body[to:]
    return body


def read(body: bytes, content_type: str = "", url: str = "https://diario.example/rss") -> FeedDocument | None:
    try:
        return read_feed(body, content_type, url, now=NOW, max_entries=50)
    except NotAFeed:
        return None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bodies(), st.sampled_from(["", "text/xml", "application/xml; charset=utf-16", "x; charset=nope", "text/html"]))
def test_a_broken_feed_is_read_or_refused(body: bytes, content_type: str) -> None:
    document = read(body, content_type)
    for entry in document.entries if document else ():
        assert entry.url.startswith(("http://", "https://"))
        assert entry.claimed_at is None or entry.claimed_at.utcoffset() is not None
        (entry.url + entry.title + entry.summary + entry.content + str(entry.guid)).encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_are_read_or_refused(body: bytes, content_type: str) -> None:
    read(body, content_type)


@pytest.mark.parametrize("url", ["http://[::1", "", "nonsense", "https://diario.example/ñ?\ud800"])
def test_an_odd_address_of_the_feed_itself_is_no_crash(url: str) -> None:
    for seed in SEEDS:
        read(seed, url=url)
