"""feedparser's habits, as far as plain feeds meet them: which elements matter, what it calls them, how it mends text.

feedparser is the authority; what stands here is compared with it by tests/sources/test_quick.py. For the sake of
quick.py alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

from feedparser.api import StrictFeedParser
from feedparser.html import _cp1252
from feedparser.util import FeedParserDict

Attributes = Mapping[str, str]

#: fields of an entry or a feed that somebody reads, under feedparser's names
READ = frozenset((
    "id", "link", "links", "title", "summary", "content", "published", "published_parsed", "updated",
    "updated_parsed", "language", "dc_language", "feedburner_origlink", "ttl", "sy_updateperiod", "sy_updatefrequency",
))  # fmt: skip
#: elements that feedparser treats in ways of their own, none of which touches what is read
HARMLESS = frozenset((
    "author", "managingeditor", "contributor", "name", "email", "url", "uri", "homepage", "width", "height",
    "webmaster", "created", "expirationdate", "category", "keywords", "cloud", "enclosure", "generator",
    "dc_author", "dc_creator", "dc_publisher", "dc_subject", "dc_contributor", "dcterms_created", "dcterms_valid",
    "itunes_author", "itunes_name", "itunes_email", "itunes_owner", "itunes_keywords", "itunes_category",
    "itunes_image", "itunes_link", "itunes_block", "itunes_explicit",
    "media_category", "media_keywords", "media_group", "media_rating", "media_credit", "media_restriction",
    "media_license", "media_content", "media_thumbnail", "media_player",
    "psc_chapters", "psc_chapter", "georss_point", "georss_line", "georss_polygon", "georss_box",
    "admin_generatoragent", "admin_errorreportsto", "cc_license", "creativecommons_license",
))  # fmt: skip
#: the same, but what is in them must be text
HARMLESS_TEXT = frozenset((
    "subtitle", "tagline", "rights", "copyright", "info", "feedburner_browserfriendly", "dc_rights", "itunes_subtitle",
))  # fmt: skip
TEXT_TYPES = frozenset(("text", "plain", "text/plain", "html", "text/html"))
XHTML_TYPES = frozenset(("xhtml", "application/xhtml+xml"))
HTML_TYPES = XHTML_TYPES | {"html", "text/html"}
#: namespaces that tell feedparser what the format is: the first one does
ATOM = "http://www.w3.org/2005/atom"
FORMATS = (ATOM, "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
_C1 = re.compile("[\x80-\x9f]")
#: attributes by which the format that came before RSS gave dates and links
CDF = frozenset(("href", "lastmod"))
#: attributes that say something
_MEANT = frozenset(("href", "url", "uri", "rel", "type", "mode", "ispermalink"))
#: elements of an image; any other would be the feed's again
IMAGE = frozenset(("title", "link", "description", "url", "href", "width", "height"))
ABOUT = "http://www.w3.org/1999/02/22-rdf-syntax-ns# about rdf"
_NAMESPACES = {uri.lower(): prefix for uri, prefix in StrictFeedParser.namespaces.items()}
USERLAND = "backend.userland.com/rss"


class NotPlainError(Exception):
    """The feed has something in it that only feedparser knows how to read."""


def known_space(uri: str) -> str | None:
    """feedparser's name for a namespace; empty for those of feeds themselves, None for a foreign one."""
    lower = uri.lower()
    return "" if USERLAND in lower else _NAMESPACES.get(lower)


@lru_cache(4_096)
def is_treated(key: str) -> bool:
    """Whether feedparser treats an element in a way of its own."""
    return hasattr(StrictFeedParser, f"_start_{key}") or hasattr(StrictFeedParser, f"_end_{key}")


def stored_as(key: str) -> str:
    """Where feedparser stores the text of an element that it does not know."""
    name = FeedParserDict.keymap.get(key, key)
    return str(name[0] if isinstance(name, list) else name)


def local_names(attrs: Attributes) -> set[str]:
    """Names of attributes, in lower case, without their namespaces."""
    return {name.lower().partition(" ")[2].partition(" ")[0] or name.lower() for name in attrs}


def named(attrs: Attributes) -> dict[str, str]:
    """Attributes of no namespace by their names in lower case; those of others must not look like ours."""
    named = {}
    for name, value in attrs.items():
        if name.lower() == "mode":
            raise NotPlainError("an encoding of its own")
        if " " not in name:
            named[name.lower()] = value
        elif name.split(" ")[1].lower() in _MEANT and not known_space(name.split(" ")[0]):
            raise NotPlainError("attributes of a foreign namespace")
    return named


def local_name(name: str) -> str:
    """The name of an element, in lower case, without its namespace."""
    return (name.split(" ")[1] if " " in name else name).lower()


def unwrapped(pieces: list[str]) -> list[str]:
    """Markup without the one <div> that Atom puts around it."""
    whole = [number for number, piece in enumerate(pieces) if piece.strip()]
    inside = pieces[whole[0] : whole[-1] + 1] if whole else pieces[:1]
    if not inside or not (inside[0] == "<div>" or inside[0].startswith("<div ")) or inside[-1] != "</div>":
        return inside
    depth = 0
    for piece in inside[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return inside
        elif piece.startswith("<"):
            depth += 1
    return inside[1:-1]


def mended(text: str) -> str:
    """Text as feedparser mends it: UTF-8 taken for Latin-1 and encoded again, and windows-1252 taken for Latin-1."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode()
    return text.translate(_cp1252) if _C1.search(text) else text
