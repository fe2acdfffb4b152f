"""Makes what an outlet's feed serves: RSS 2.0 (full, summaries, WordPress), Atom, RDF, news sitemap, sitemap index.

Dates are written as each outlet writes them, right or wrong: `local-as-gmt` is local time labelled GMT, `no-zone` is
local time without a zone, `day` is the day alone. A story's own `feed_date` can falsify its date further.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from samples.newsroom.press import Form, Outlet, Press, Story
from samples.newsroom.render import feed_html

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CONTENT = ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_BLOG = ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
_ISO_639_2 = {"es": "spa", "en": "eng", "pt": "por"}


@dataclass(frozen=True, slots=True)
class Body:
    """A feed's bytes and how they are labelled."""

    body: bytes
    content_type: str


def feed(press: Press, outlet: Outlet, edition: int) -> Body:
    """The body at an outlet's feed address. Raises KeyError for a form that has none."""
    return _FORMS[outlet.feed.form](press, outlet, press.of(outlet.slug, edition))


def child_sitemaps(press: Press, outlet: Outlet, edition: int) -> dict[str, Body]:
    """The daily sitemaps behind a sitemap index, by path: gzipped, and nothing in the headers says so."""
    days: dict[str, list[Story]] = {}
    for story in press.of(outlet.slug, edition):
        days.setdefault(f"/sitemaps/{story.at:%Y-%m-%d}.xml.gz", []).append(story)
    return {path: _zipped(_urlset(press, outlet, stories)) for path, stories in days.items()}


# --- dates ------------------------------------------------------------------------------------------------------------


def date_of(outlet: Outlet, story: Story, at: datetime) -> str:
    """How the outlet's feed writes this time of this story; empty where it leaves it out."""
    match story.feed_date:
        case "missing":
            return ""
        case "1970":
            at = datetime(1970, 1, 1, tzinfo=UTC)
        case "future":
            at = at.replace(year=at.year + 1)
    match outlet.feed.dates:
        case "rfc822":
            return _rfc822(at, f"{at:%z}" or "+0000")
        case "local-as-gmt":
            return _rfc822(at, "GMT")
        case "no-zone":
            return f"{at:%Y-%m-%dT%H:%M:%S}"
        case "day":
            return f"{at:%Y-%m-%d}"
        case "iso":
            return at.isoformat()


def _rfc822(at: datetime, zone: str) -> str:
    return f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S} {zone}"


def _dated(outlet: Outlet, story: Story, at: datetime, element: str) -> str:
    text = date_of(outlet, story, at)
    return f"<{element}>{text}</{element}>" if text else ""


# --- RSS --------------------------------------------------------------------------------------------------------------


def _rss(press: Press, outlet: Outlet, stories: Sequence[Story]) -> Body:
    """Summaries; some publishers put HTML into them, escaped."""
    items = [
        f"""<item>
<title>{escape(story.title)}</title>
<link>{escape(press.link_of(story))}</link>
<guid isPermaLink="false">{outlet.slug}-{story.number}</guid>
<description>{escape(f"<p>{escape(story.summary)}</p>")}</description>
<category>{escape(story.section)}</category>
{_dated(outlet, story, _stamp(story), "pubDate")}
</item>"""
        for story in stories
    ]
    return _channel(outlet, items, "")


def _rss_full(press: Press, outlet: Outlet, stories: Sequence[Story]) -> Body:
    items = [
        f"""<item>
<title><![CDATA[ {story.title} ]]></title>
<link>{escape(press.link_of(story))}</link>
<guid>{escape(press.link_of(story))}</guid>
<dc:creator>{escape(story.author or outlet.name)}</dc:creator>
<description><![CDATA[{story.summary}]]></description>
<content:encoded><![CDATA[{feed_html(story)}]]></content:encoded>
{_dated(outlet, story, _stamp(story), "pubDate")}
</item>"""
        for story in stories
    ]
    return _channel(outlet, items, _CONTENT)


def _wordpress(press: Press, outlet: Outlet, stories: Sequence[Story]) -> Body:
    """What the blog software of that name writes: an excerpt with an ellipsis, the full text, a numbered guid."""
    items = [
        f"""<item>
<title>{escape(story.title)}</title>
<link>{escape(press.link_of(story))}</link>
<comments>{escape(press.link_of(story))}#respond</comments>
<pubDate>{date_of(outlet, story, story.at)}</pubDate>
<dc:creator><![CDATA[{story.author or outlet.name}]]></dc:creator>
<category><![CDATA[{story.section}]]></category>
<guid isPermaLink="false">http://{outlet.host}/?p={story.number}</guid>
<description><![CDATA[<p>{escape(_excerpt(story))} [&#8230;]</p>{_origin(press, outlet, story)}]]></description>
<content:encoded><![CDATA[{feed_html(story)}{_origin(press, outlet, story)}]]></content:encoded>
<slash:comments>{story.number % 7}</slash:comments>
</item>"""
        for story in stories
    ]
    extra = "<sy:updatePeriod>hourly</sy:updatePeriod>\n<sy:updateFrequency>1</sy:updateFrequency>\n"
    return _channel(outlet, items, _CONTENT + _BLOG, extra)


def _origin(press: Press, outlet: Outlet, story: Story) -> str:
    """The line that the software adds to every entry."""
    link = f'<a href="{press.link_of(story)}">{escape(story.title)}</a>'
    return f"<p>La entrada {link} se publicó primero en {escape(outlet.name)}.</p>"


def _excerpt(story: Story) -> str:
    return " ".join(" ".join(story.text).split()[:40])


def _channel(outlet: Outlet, items: Sequence[str], spaces: str, extra: str = "") -> Body:
    text = f"""<?xml version="1.0" encoding="{outlet.charset}"?>
<rss version="2.0"{spaces}>
<channel>
<title>{escape(outlet.name)}</title>
<link>http://{outlet.host}/</link>
<description>{escape(outlet.name)}</description>
<language>{outlet.language}-{outlet.country.lower()}</language>
{extra}{chr(10).join(items)}
</channel>
</rss>
"""
    return Body(text.encode(outlet.charset, "xmlcharrefreplace"), "application/rss+xml")


def _rdf(press: Press, outlet: Outlet, stories: Sequence[Story]) -> Body:
    links = "\n".join(f'<rdf:li rdf:resource="{escape(press.link_of(story))}"/>' for story in stories)
    items = "\n".join(
        f"""<item rdf:about="{escape(press.link_of(story))}">
<title>{escape(story.title)}</title>
<link>{escape(press.link_of(story))}</link>
<description>{escape(story.summary)}</description>
{_dated(outlet, story, _stamp(story), "dc:date")}
</item>"""
        for story in stories
    )
    text = f"""<?xml version="1.0" encoding="{outlet.charset}"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://{outlet.host}{outlet.feed.path}">
<title>{escape(outlet.name)}</title>
<link>http://{outlet.host}/</link>
<description>{escape(outlet.name)}</description>
<items><rdf:Seq>
{links}
</rdf:Seq></items>
</channel>
{items}
</rdf:RDF>
"""
    return Body(text.encode(outlet.charset), "text/xml")


def _atom(press: Press, outlet: Outlet, stories: Sequence[Story]) -> Body:
    entries = "\n".join(
        f"""<entry>
<id>tag:{outlet.host},2012:{story.number}</id>
<title type="text">{escape(story.title)}</title>
<link rel="alternate" type="text/html" href="{escape(press.link_of(story))}"/>
<author><name>{escape(story.author or outlet.name)}</name></author>
<published>{date_of(outlet, story, story.at)}</published>
<updated>{date_of(outlet, story, _stamp(story))}</updated>
<summary type="html">{escape(escape(story.summary))}</summary>
</entry>"""
        for story in stories
    )
    newest = max(stories, key=_stamp, default=None)
    updated = f"<updated>{date_of(outlet, newest, _stamp(newest))}</updated>" if newest else ""
    text = f"""<?xml version="1.0" encoding="{outlet.charset}"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">
<id>tag:{outlet.host},2012:todo</id>
<title>{escape(outlet.name)}</title>
<link rel="self" href="http://{outlet.host}{outlet.feed.path}"/>
<link rel="alternate" href="http://{outlet.host}/"/>
{updated}
{entries}
</feed>
"""
    return Body(text.encode(outlet.charset), "application/atom+xml; charset=utf-8")


# --- sitemaps ---------------------------------------------------------------------------------------------------------


def _news_sitemap(press: Press, outlet: Outlet, stories: Sequence[Story]) -> Body:
    """Google's news sitemap. Titles are padded, as CDATA written by content systems often is."""
    urls = [
        f"""<url>
<loc>{escape(press.link_of(story))}</loc>
<news:news>
<news:publication><news:name>{escape(outlet.name)}</news:name><news:language>{_ISO_639_2[outlet.language]}</news:language></news:publication>
<news:publication_date>{date_of(outlet, story, _stamp(story))}</news:publication_date>
<news:title><![CDATA[  {story.title} ]]></news:title>
<news:keywords>{escape(", ".join(story.tags))}</news:keywords>
</news:news>
</url>"""
        for story in stories
    ]
    hub = f"<url><loc>http://{outlet.host}/hub/drugs-and-society</loc></url>" if outlet.language == "en" else ""
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{chr(10).join(urls)}
{hub}
</urlset>
"""
    return Body(text.encode(), "application/xml")


def _sitemap_index(press: Press, outlet: Outlet, stories: Sequence[Story]) -> Body:
    days: dict[str, Story] = {}
    for story in stories:
        newest = days.setdefault(f"{story.at:%Y-%m-%d}", story)
        days[f"{story.at:%Y-%m-%d}"] = max(newest, story, key=_stamp)
    children = "\n".join(
        f"<sitemap><loc>http://{outlet.host}/sitemaps/{day}.xml.gz</loc>"
        f"<lastmod>{date_of(outlet, story, _stamp(story))}</lastmod></sitemap>"
        for day, story in sorted(days.items())
    )
    return _zipped(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{children}
</sitemapindex>
"""
    )


def _urlset(press: Press, outlet: Outlet, stories: Sequence[Story]) -> str:
    urls = "\n".join(
        f"<url><loc>{escape(press.link_of(story))}</loc>{_dated(outlet, story, _stamp(story), 'lastmod')}</url>"
        for story in stories
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>http://{outlet.host}/video/harbour-lights-{stories[0].at:%d}</loc></url>
{urls}
</urlset>
"""


def _zipped(text: str) -> Body:
    """Gzip told by its magic bytes alone; the fixed time keeps it the same every time."""
    return Body(gzip.compress(text.encode(), mtime=0), "application/octet-stream")


def _stamp(story: Story) -> datetime:
    return story.updated or story.at


_FORMS: dict[Form, Callable[[Press, Outlet, Sequence[Story]], Body]] = {
    "rss": _rss,
    "rss-full": _rss_full,
    "wordpress": _wordpress,
    "rdf": _rdf,
    "atom": _atom,
    "news-sitemap": _news_sitemap,
    "sitemap-index": _sitemap_index,
}
