"""A query as a feed: RSS 2.0 and Atom 1.0 (RFC 4287), the newest of what it finds, for feed readers.

An entry's id is a tag URI (RFC 4151) of the address that serves the feed, the day on which we first saw the thing, and
its number: it stays whatever the entry says later. Whatever is no XML character is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal, get_args
from urllib.parse import quote, urlsplit

from lxml import etree

Form = Literal["atom", "rss"]
FORMS: tuple[Form, ...] = get_args(Form)
MEDIA = {"atom": "application/atom+xml; charset=utf-8", "rss": "application/rss+xml; charset=utf-8"}
#: entries of a feed, and at most
ENTRIES, MOST = 100, 1_000

_ATOM = "http://www.w3.org/2005/Atom"
#: what is no character of XML 1.0
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WEB = re.compile(r"https?://[^\s]+", re.IGNORECASE)
#: a feed without entries changed at no time that we know of
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: a tag names a day on which its authority was its own; of a feed, which has no day, this
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a feed."""

    #: what it is, and its number: "items", 17
    about: str
    number: int
    title: str
    link: str
    summary: str
    #: when we first saw it, and what its outlet says
    seen_at: datetime
    published_at: datetime | None
    #: who wrote or said it; empty where nobody knows
    author: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, newest entry first."""

    title: str
    #: what it finds, in a sentence
    explanation: str
    #: where it is served, and where a reader would look
    address: str
    home: str
    #: host name of the address
    authority: str
    #: its address within that host, which it is known by
    name: str
    entries: Sequence[Entry]

    @property
    def updated_at(self) -> datetime:
        """When the last entry came in."""
        return max((entry.seen_at for entry in self.entries), default=_NEVER).replace(microsecond=0)


def feed(about: str, query: str, explanation: str, base: str, form: Form, entries: Sequence[Entry]) -> Feed:
    """The feed of a query, served below `base`, an address that ends with a slash."""
    asked = f"?q={quote(query, safe='')}" if query else ""
    host = urlsplit(base).hostname or ""
    return Feed(
        title=f"Vigía: {query or about}",
        explanation=explanation,
        address=f"{base}feeds/{about}.{form}{asked}",
        home=f"{base}search?about={about.removesuffix('s')}{asked.replace('?', '&', 1)}",
        # a tag has room for names only
        authority=host if host and ":" not in host else "localhost",
        name=f"feeds/{about}{asked}",
        entries=entries,
    )


def written(feed: Feed, form: Form) -> bytes:
    """The feed as a file."""
    root = _atom(feed) if form == "atom" else _rss(feed)
    whole: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return whole


def tag(feed: Feed, day: datetime, what: str) -> str:
    """A tag URI: an authority, a day on which it was its own, and what it means there."""
    return f"tag:{feed.authority},{day:%Y-%m-%d}:{what}"


# --- Atom -------------------------------------------------------------------------------------------------------------


def _atom(feed: Feed) -> etree._Element:
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    _add(root, "id", tag(feed, _DAY, feed.name))
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.explanation)
    _add(root, "updated", _stamp(feed.updated_at))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    # entries without an author need one of the feed (RFC 4287, 4.1.1)
    _add(_add(root, "author"), "name", "Vigía")
    _add(root, "generator", "Vigía")
    for entry in feed.entries:
        _atom_entry(_add(root, "entry"), feed, entry)
    return root


def _atom_entry(node: etree._Element, feed: Feed, entry: Entry) -> None:
    _add(node, "id", tag(feed, entry.seen_at, f"{entry.about}/{entry.number}"))
    _add(node, "title", entry.title, type="text")
    _add(node, "updated", _stamp(entry.seen_at))
    if entry.published_at is not None:
        _add(node, "published", _stamp(entry.published_at))
    if _WEB.fullmatch(entry.link):
        _add(node, "link", rel="alternate", href=entry.link)
    if entry.author:
        _add(_add(node, "author"), "name", entry.author)
    # without a link the RFC wants content (4.1.2)
    _add(node, "summary" if _WEB.fullmatch(entry.link) else "content", entry.summary, type="text")
    for topic in entry.topics:
        _add(node, "category", term=topic)


def _add(node: etree._Element, name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    made = etree.SubElement(node, f"{{{_ATOM}}}{name}")
    return _filled(made, text, attributes)


def _filled(node: etree._Element, text: str | None, attributes: dict[str, str]) -> etree._Element:
    for name, value in attributes.items():
        node.set(name, _xml(value))
    if text is not None:
        node.text = _xml(text)
    return node


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _xml(text: str) -> str:
    return _NO_CHARACTER.sub("", text)


# --- RSS --------------------------------------------------------------------------------------------------------------


def _rss(feed: Feed) -> etree._Element:
    root = etree.Element("rss", version="2.0", nsmap={"atom": _ATOM})
    channel = _put(root, "channel")
    _put(channel, "title", feed.title)
    _put(channel, "link", feed.home)
    _put(channel, "description", feed.explanation)
    _put(channel, "lastBuildDate", _mail_date(feed.updated_at))
    # RSS Advisory Board, best practices: a channel says where it is itself
    _add(channel, "link", rel="self", type="application/rss+xml", href=feed.address)
    for entry in feed.entries:
        _rss_item(_put(channel, "item"), feed, entry)
    return root


def _rss_item(node: etree._Element, feed: Feed, entry: Entry) -> None:
    _put(node, "title", entry.title)
    if _WEB.fullmatch(entry.link):
        _put(node, "link", entry.link)
    # a description is HTML: what strangers wrote is escaped twice, and so is shown as they wrote it
    _put(node, "description", _html(entry.summary))
    _put(node, "guid", tag(feed, entry.seen_at, f"{entry.about}/{entry.number}"), isPermaLink="false")
    _put(node, "pubDate", _mail_date(entry.published_at or entry.seen_at))
    for topic in entry.topics:
        _put(node, "category", topic)


def _html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>")


def _put(node: etree._Element, name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    return _filled(etree.SubElement(node, name), text, attributes)


def _mail_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
