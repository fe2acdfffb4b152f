"""Reads a body that should be a feed or a sitemap: what it is is told by its root element, never by its address.

body -> gunzipped by magic bytes -> UTF-8 -> root element -> syndication.py (RSS, Atom, RDF) | sitemap.py | jsonfeed.py
"""

from __future__ import annotations

import dataclasses
import re
import zlib
from datetime import datetime

from pipeline.errors import NotAFeed
from pipeline.sources import jsonfeed, sitemap, syndication
from pipeline.sources.encoding import to_utf8
from pipeline.types import FeedDocument

#: bytes that a body may unpack to: what sitemaps.org allows a sitemap
_GUNZIP_MAX = 50 * 1024 * 1024
#: parts that a gzip file may have: what is made of empty ones unpacks to nothing for as long as it likes
_MEMBERS_MAX = 1_000
#: tags in a feed: more cost feedparser minutes, and no outlet's feed has as many
_TAGS_MAX = 300_000
#: where the root element must begin
_HEAD = 64 * 1024
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
#: a feed behind a warning of the outlet's own software, or wrapped into a page
_ROOT_INSIDE = re.compile(rb"<(?:[a-z]+:)?(rss|feed|rdf|urlset|sitemapindex)\s[^<>]*?(?:xmlns|version)", re.IGNORECASE)
#: an entity for a character or a word; anything else is a way to make much of little, or to read our files
_HARMLESS_ENTITY = re.compile(rb"<!ENTITY\s+[\w.-]+\s+(?:\"(?:&#\w+;|\w+)\"|'(?:&#\w+;|\w+)')\s*>")
_SYNDICATION = (b"rss", b"rdf", b"feed", b"channel")
_SITEMAPS = (b"urlset", b"sitemapindex")


def read_feed(body: bytes, content_type: str, url: str, *, now: datetime, max_entries: int) -> FeedDocument:
    """Read the entries of a feed, at most `max_entries`; `url` is where the body came from.

    What had to be recovered from is said in `trouble`. Raises NotAFeed.
    """
    text, mended = to_utf8(_gunzipped(body, url), content_type)
    text = text.lstrip()
    root, prolog, start = _root(text)
    if root in _SITEMAPS:
        _refuse_entities(text[:start], url)
        read = sitemap.read(text[start:], url, now=now, max_entries=max_entries)
    elif root in _SYNDICATION:
        _refuse_entities(text[:start], url)
        _refuse_masses(text, url)
        feed = text if start == prolog else text[start:]
        read = syndication.read(feed, url, now=now, max_entries=max_entries)
    elif text.startswith(b"{"):
        read = jsonfeed.read(text, url, now=now, max_entries=max_entries)
    else:
        raise NotAFeed(f"{url}: expected a feed or sitemap, got {_what(text, root)}")
    trouble = "; ".join(filter(None, (mended, read.trouble)))
    return dataclasses.replace(read, trouble=trouble or None, mended=mended is not None)


def _gunzipped(body: bytes, url: str) -> bytes:
    """Unpack gzip, told by its magic bytes: hosts label it as they like."""
    if body[:2] != b"\x1f\x8b":
        return body
    plain, rest, members = bytearray(), body, 0
    # a gzip file may have several members; whatever else follows is padding
    while rest.startswith(b"\x1f\x8b"):
        members += 1
        if members > _MEMBERS_MAX:
            raise NotAFeed(f"{url}: expected gzip of at most {_MEMBERS_MAX} members, got more")
        plain += _member(inflater := zlib.decompressobj(47), rest, _GUNZIP_MAX - len(plain), url)
        rest = inflater.unused_data
    return bytes(plain)


def _member(inflater: zlib._Decompress, rest: bytes, most: int, url: str) -> bytes:
    try:
        plain = inflater.decompress(rest, most)
    except zlib.error as error:
        raise NotAFeed(f"{url}: expected gzip, got garbled bytes: {error}") from error
    if len(plain) >= most:
        raise NotAFeed(f"{url}: expected less than {_GUNZIP_MAX} bytes after gunzip, got more")
    if not inflater.eof:
        raise NotAFeed(f"{url}: expected a whole gzip file, got one cut short")
    return plain


def _root(body: bytes) -> tuple[bytes, int, int]:
    """The local name of the root element, in lower case, where the prolog ends, and where the element begins.

    The two differ where a feed stands in something else; there is no name where there is no element.
    """
    head = body[:_HEAD]
    at = _after_prolog(head)
    found = _ROOT.match(head, at)
    root = found[1].lower() if found else b""
    if root not in _SYNDICATION + _SITEMAPS and (inside := _ROOT_INSIDE.search(head)):
        return inside[1].lower(), at, inside.start()
    return root, at, at


def _after_prolog(head: bytes) -> int:
    """Where the root element should begin, after declaration, comments and document type."""
    at = 0
    while True:
        at += len(head) - at - len(head[at:].lstrip())
        if head.startswith(b"<?", at):
            end = head.find(b"?>", at) + 2
        elif head.startswith(b"<!--", at):
            end = head.find(b"-->", at) + 3
        elif head[at : at + 9].upper() == b"<!DOCTYPE":
            end = _after_doctype(head, at)
        else:
            return at
        if end <= at:
            return at
        at = end


def _after_doctype(head: bytes, at: int) -> int:
    end, subset = head.find(b">", at), head.find(b"[", at)
    if 0 <= subset < end:
        end = head.find(b">", head.find(b"]", subset))
    return end + 1


def _refuse_entities(prolog: bytes, url: str) -> None:
    if b"<!ENTITY" in _HARMLESS_ENTITY.sub(b"", prolog):
        raise NotAFeed(f"{url}: expected a feed without entities of its own, got one with them")


def _refuse_masses(body: bytes, url: str) -> None:
    tags = body.count(b"<")
    if tags > _TAGS_MAX:
        raise NotAFeed(f"{url}: expected a feed of at most {_TAGS_MAX} tags, got {tags}")


def _what(body: bytes, root: bytes) -> str:
    if not body:
        return "nothing"
    return f"<{root.decode('ascii', 'replace')}>" if root else repr(body[:40])
