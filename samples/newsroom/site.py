"""What a host of the invented press answers to a request: feeds, sitemaps, pages, robots.txt, home pages, faults.

Pure: the same question in the same edition gets the same answer. Serving it is server.py's part.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from typing import NamedTuple
from urllib.parse import urlsplit

from samples.newsroom.faults import HTML, Answer, faulty, notice
from samples.newsroom.feeds import Body, child_sitemaps, feed
from samples.newsroom.press import Outlet, Press, Story
from samples.newsroom.render import page

_TRACKING = re.compile(r"[?&](utm_\w+)=[^&]*")
#: the hour of each edition
HOURS = {1: datetime(2012, 6, 26, 12, tzinfo=UTC), 2: datetime(2012, 6, 27, 12, tzinfo=UTC)}


class Asked(NamedTuple):
    """One request, as it came in. Header names are in lower case."""

    host: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Site:
    """The press in one edition, ready to answer."""

    edition: int
    press: Press
    #: (host, path and query) of every page that stands
    pages: Mapping[tuple[str, str], Story]
    #: (host, path and query) of every feed and sitemap
    feeds: Mapping[tuple[str, str], tuple[Outlet, Body]]
    #: (host, path and query) -> where it went
    moved: Mapping[tuple[str, str], str]
    homes: Mapping[str, Outlet]

    def answer(self, asked: Asked, visits: int = 0) -> Answer:
        """Answer a request; `visits` is how often this address was asked for before."""
        path = _TRACKING.sub("", asked.path)
        address = (asked.host, path)
        if address in self.moved:
            return Answer(301, (HTML, ("Location", self.moved[address])))
        if address in self.feeds:
            return self._feed(*self.feeds[address], asked)
        if address in self.pages:
            return self._page(self.pages[address], asked, visits)
        return self._other(asked, path)

    def _feed(self, outlet: Outlet, found: Body, asked: Asked) -> Answer:
        if outlet.feed.form == "gone":
            return notice(410, "Cerrado", "Este canal ya no existe.")
        headers = (("Content-Type", found.content_type), *self._validators(outlet, found.body))
        if outlet.feed.frozen and ("if-none-match" in asked.headers or "if-modified-since" in asked.headers):
            return Answer(304, headers[1:])
        return _unless_known(Answer(200, headers, found.body), asked)

    def _validators(self, outlet: Outlet, body: bytes) -> tuple[tuple[str, str], ...]:
        """ETag by content (weak where the outlet gzips), Last-Modified by the newest story."""
        tag = f'"{hashlib.sha1(body).hexdigest()[:16]}"'
        times = (story.updated or story.at for story in self.press.of(outlet.slug, self.edition))
        newest = max(times, default=HOURS[1])
        return (
            ("ETag", f"W/{tag}" if outlet.gzip else tag),
            ("Last-Modified", format_datetime(newest.astimezone(UTC), usegmt=True)),
        )

    def _page(self, story: Story, asked: Asked, visits: int) -> Answer:
        if story.fault:
            return faulty(self.press, story, self.edition, visits)
        outlet = self.press.outlets[story.outlet]
        # windows-1252 pages are labelled in the page alone, as old servers do
        label = "text/html" if outlet.charset != "utf-8" else "text/html; charset=utf-8"
        answer = Answer(200, (("Content-Type", label),), page(self.press, story, self.edition))
        if outlet.gzip and "gzip" in asked.headers.get("accept-encoding", ""):
            headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
            return Answer(200, headers, gzip.compress(answer.body, mtime=0))
        return answer

    def _other(self, asked: Asked, path: str) -> Answer:
        outlet = self.homes.get(asked.host)
        if path == "/robots.txt":
            text = outlet.robots if outlet else "User-agent: *\nDisallow:\n"
            return Answer(200, (("Content-Type", "text/plain; charset=utf-8"),), text.encode())
        if outlet is not None and (path == "/" or path.startswith(("/hub/", "/video/"))):
            return self._home(outlet)
        return notice(404, "404", "No page at this address.")

    def _home(self, outlet: Outlet) -> Answer:
        links = "".join(
            f'<li><a href="{escape(self.press.url_of(story))}">{escape(story.title)}</a></li>'
            for story in self.press.of(outlet.slug, self.edition)
        )
        markup = (
            f'<!DOCTYPE html><html lang="{outlet.language}"><head><title>{escape(outlet.name)}</title>'
            f'<link rel="alternate" type="application/rss+xml" href="{escape(outlet.feed.path)}"></head>'
            f"<body><h1>{escape(outlet.name)}</h1><ul>{links}</ul></body></html>"
        )
        return Answer(200, body=markup.encode())


def build(press: Press, edition: int) -> Site:
    """Lay out every address of the press in one edition."""
    feeds: dict[tuple[str, str], tuple[Outlet, Body]] = {}
    moved: dict[tuple[str, str], str] = {}
    for outlet in press.outlets.values():
        address = (outlet.host, outlet.feed.path)
        if outlet.feed.moved_to:
            moved[address] = outlet.feed.moved_to
            parts = urlsplit(outlet.feed.moved_to)
            address = (parts.hostname or "", parts.path)
        feeds[address] = (outlet, _body(press, outlet, edition))
        if outlet.feed.form == "sitemap-index":
            children = child_sitemaps(press, outlet, edition)
            feeds.update({(outlet.host, path): (outlet, child) for path, child in children.items()})
    pages = {(press.host_of(story), press.path_of(story)): story for story in press.edition(edition)}
    return Site(edition, press, pages, feeds, moved, {outlet.host: outlet for outlet in press.outlets.values()})


def _body(press: Press, outlet: Outlet, edition: int) -> Body:
    match outlet.feed.form:
        case "gone":
            return Body(b"", "text/html")
        case "html":
            return Body((_front_page(outlet)).encode(), "text/html; charset=utf-8")
        case _:
            return feed(press, outlet, edition)


def _front_page(outlet: Outlet) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="es"><head><meta charset="utf-8"><title>{escape(outlet.name)}</title></head>\n'
        f"<body><h1>{escape(outlet.name)}</h1>\n"
        "<p>Nuestro canal RSS cambia de casa. Mientras tanto, lea la portada.</p>\n"
        "<ul><li>El Gobierno presenta su plan contra las drogas</li><li>Lluvias en la costa</li></ul></body></html>\n"
    )


def _unless_known(answer: Answer, asked: Asked) -> Answer:
    """304 where the client holds this very body: by ETag, else by date (RFC 9110, 13.2.2)."""
    headers = dict(answer.headers)
    known = asked.headers.get("if-none-match")
    since = asked.headers.get("if-modified-since")
    if known is not None:
        same = headers["ETag"].removeprefix("W/") in known
    elif since is not None:
        same = parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)
    else:
        same = False
    validators = tuple((name, value) for name, value in answer.headers if name in ("ETag", "Last-Modified"))
    return Answer(304, validators) if same else answer
