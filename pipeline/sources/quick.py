"""Plain RSS, RDF and Atom, read by expat alone: a short cut past feedparser, which stays the authority.

A feed is plain when it is well-formed and nothing in it needs feedparser's care: no document type, no markup outside of
CDATA or escapes, no bases, no elements that it treats in ways of their own. Most feeds are. The first thing that is not
plain ends the attempt (NotPlainError), and feedparser reads the whole feed. What is read here is what feedparser makes
of the same bytes, field by field: which of several titles, dates and summaries counts, its names for namespaces, its
mending of text. tests/sources/test_quick.py compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from feedparser.api import StrictFeedParser
from feedparser.datetimes import _parse_date
from feedparser.urls import _urljoin, make_safe_absolute_uri

from pipeline.sources import habits
from pipeline.sources.habits import Attributes, NotPlainError, known_space, mended, named
from pipeline.sources.plain import is_whole

_DEPTH_MAX, _SPACES_MAX = 200, 50
_PARAMETER = re.compile("&([A-Za-z0-9_]+);")


def read(body: bytes, url: str) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """The feed's own fields and its entries, as feedparser would name them. Raises NotPlainError.

    `body` is in UTF-8 without a byte order mark; relative links are joined to `url`.
    """
    if body.startswith(b"<?xml") and not body[: body.find(b">")].endswith(b"?"):
        # feedparser writes the declaration anew, and takes it to end with the first >
        raise NotPlainError("a declaration with more in it than a declaration")
    reader = _Reader(url)
    try:
        reader.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise NotPlainError(str(error)) from error
    finally:
        # it and its handlers hold each other, and nobody should wait for the garbage collector
        del reader.parser
    return reader.feed, reader.entries


def _nothing(_: str) -> None:
    return


class _Reader:
    """Follows the elements of one feed; keeps the little of feedparser's state that decides what counts."""

    def __init__(self, url: str) -> None:
        self.parser = parser = expat.ParserCreate("utf-8", " ", {})
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartNamespaceDeclHandler, parser.StartDoctypeDeclHandler = self._namespace, self._doctype
        self.feed: dict[str, Any] = {}
        self.entries: list[dict[str, Any]] = []
        self._base = make_safe_absolute_uri(url, url) or url
        self._context = self.feed
        self._depth = self._feed_depth = self._entry_depth = self._image_depth = 0
        #: whether the element that is open may have no elements in it
        self._alone = False
        self._has_content = False
        #: depth of the title that counts; -1 before there is one
        self._title_depth = -1
        #: depth at which each field of the entry was found
        self._found_at: dict[str, int] = {}
        #: what to do with the text of the element that is open, and the text so far
        self._take: Callable[[str], None] | None = None
        self._pieces: list[str] = []
        #: depth of the element whose markup is text, too; 0 outside of one
        self._markup = 0
        #: the namespace of a format that was named first
        self._first = ""
        self._spaces: dict[str, str] = {}
        self._prefixes: dict[str | None, str] = {}
        #: what each name of an element means, under the namespaces seen so far
        self._meanings: dict[str, Callable[[Attributes], None] | None] = {}
        self._starts = self._all_starts()

    def _all_starts(self) -> dict[str, Callable[[Attributes], None]]:
        title, dated = self._title, self._dated
        starts: dict[str, Callable[[Attributes], None]] = {
            **dict.fromkeys(habits.HARMLESS_TEXT, self._unread),
            **dict.fromkeys(("item", "entry"), self._entry),
            **dict.fromkeys(("channel", "feed"), self._channel),
            **dict.fromkeys(("title", "dc_title"), lambda attrs: title(attrs, counts=True)),
            "media_title": lambda attrs: title(attrs, counts=False),
            **dict.fromkeys(("description", "dc_description", "media_description"), self._description),
            **dict.fromkeys(("summary", "itunes_summary"), lambda attrs: self._described(attrs, "summary")),
            "content": self._content,
            "content_encoded": self._content,
            **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), lambda _: dated("published")),
            **dict.fromkeys(("updated", "modified", "lastbuilddate"), lambda _: dated("updated")),
            **dict.fromkeys(("dc_date", "dcterms_modified"), lambda _: dated("updated")),
            **dict.fromkeys(("language", "dc_language"), lambda _: self._field("language", {})),
            **dict.fromkeys(("guid", "id"), self._id),
            "link": self._link,
            "image": self._image,
            "source": self._source,
            "rss": self._rss,
        }
        for name in ("feedburner_origlink", "ttl", "sy_updateperiod", "sy_updatefrequency"):
            starts[name] = lambda attrs, name=name: self._field(name, attrs)  # type: ignore[misc]
        return starts

    # --- elements -----------------------------------------------------------------------------------------------------

    def _start(self, name: str, attrs: Attributes) -> None:
        self._depth = depth = self._depth + 1
        if self._markup:
            self._mark_up(name, attrs)
            return
        if self._take is not None or self._alone or depth > _DEPTH_MAX:
            raise NotPlainError("elements where text was expected")
        try:
            meaning = self._meanings[name]
        except KeyError:
            meaning = self._meanings[name] = self._meaning(name)
        if self._image_depth:
            self._within_image(name)
        if meaning is not None:
            meaning(attrs)
        if attrs and self._take is None:
            self._refuse_base(attrs)

    def _refuse_base(self, attrs: Attributes) -> None:
        if "base" in habits.local_names(attrs):
            raise NotPlainError("a base of its own")

    def _end(self, name: str) -> None:
        depth = self._depth
        if self._take is not None:
            self._end_text(name)
        elif depth == self._entry_depth:
            self._entry_depth, self._context, self._has_content = 0, self.feed, False
        elif depth == self._image_depth:
            self._image_depth = 0
        elif depth == self._feed_depth:
            self._feed_depth = 0
        self._alone = False
        self._depth = depth - 1

    def _end_text(self, name: str) -> None:
        if self._markup and self._depth > self._markup:
            self._pieces.append(f"</{habits.local_name(name)}>")
            return
        pieces = habits.unwrapped(self._pieces) if self._markup else self._pieces
        take, self._take, self.parser.CharacterDataHandler = self._take, None, None
        self._pieces, self._markup = [], 0
        if take is not None:
            take("".join(pieces).strip())

    def _text(self, take: Callable[[str], None], attrs: Attributes | None = None) -> None:
        """Hand the text of the element that opens to `take`, once it closes; or its markup, where it has some."""
        self._take = take
        kind = named(attrs).get("type", "text").lower() if attrs else "text"
        if kind in habits.TEXT_TYPES:
            self.parser.CharacterDataHandler = self._pieces.append
        elif kind in habits.XHTML_TYPES and self._first == habits.ATOM:
            self._markup = self._depth
            self.parser.CharacterDataHandler = lambda text: self._pieces.append(escape(text))
        else:
            raise NotPlainError("text that is neither plain nor HTML")

    def _mark_up(self, name: str, attrs: Attributes) -> None:
        """A tag within a text, written down again as feedparser writes it."""
        tag = habits.local_name(name)
        if self._depth > _DEPTH_MAX or tag in ("svg", "math") or habits.is_treated(self._key(name)):
            raise NotPlainError("markup that is more than markup")
        written = {}
        for attribute, value in attrs.items():
            key = attribute.lower()
            if " " in key or key == "base":
                raise NotPlainError("markup with attributes of its own kind")
            written[key] = value.lower() if key in ("rel", "type") else value
        self._pieces.append(f"<{tag}{StrictFeedParser.strattrs(written.items())}>")

    def _unread(self, _: Attributes) -> None:
        self._text(_nothing)

    def _rss(self, _: Attributes) -> None:
        self._first = "rss"

    def _channel(self, attrs: Attributes) -> None:
        if self._feed_depth or self._entry_depth or not habits.local_names(attrs).isdisjoint(habits.CDF):
            raise NotPlainError("a feed within a feed")
        self._feed_depth = self._depth

    def _entry(self, attrs: Attributes) -> None:
        if self._entry_depth or self._image_depth or not habits.local_names(attrs).isdisjoint(habits.CDF):
            raise NotPlainError("an entry within an entry")
        self._context = {}
        self._found_at = {}
        self._title_depth = -1
        self._entry_depth = self._depth
        self.entries.append(self._context)
        for name, value in attrs.items():
            if name == habits.ABOUT and value:
                self._context["id"] = value
            elif "about" in name.lower():
                raise NotPlainError("about, but in another way")

    def _image(self, _: Attributes) -> None:
        """An image has a title and a link, too, which are not the feed's; within an entry it must be empty."""
        if self._entry_depth:
            self._alone = True
        else:
            self._image_depth = self._depth
        self._title_depth = -1

    def _source(self, _: Attributes) -> None:
        self._title_depth = -1
        self._alone = True

    def _within_image(self, name: str) -> None:
        if self._key(name) not in habits.IMAGE:
            raise NotPlainError("an image that is more than an image")

    # --- fields -------------------------------------------------------------------------------------------------------

    def _need_context(self) -> bool:
        """Whether what comes is the entry's or the feed's; not so within an image."""
        if self._entry_depth or (self._feed_depth and not self._image_depth):
            return True
        if not self._image_depth:
            raise NotPlainError("fields outside of feed and entries")
        return False

    def _store(self, name: str, value: str) -> None:
        """Keep a field; within an entry, what lies deeper than what was found before does not count."""
        if self._entry_depth:
            if self._found_at.get(name, self._depth) < self._depth:
                return
            self._found_at[name] = self._depth
        self._context[name] = value

    def _field(self, name: str, attrs: Attributes) -> None:
        if attrs:
            raise NotPlainError(f"{name} with attributes")
        if self._need_context():
            self._text(lambda text: self._store(name, mended(text)))
        else:
            self._unread(attrs)

    def _title(self, attrs: Attributes, *, counts: bool) -> None:
        is_read = self._need_context()

        def take(text: str) -> None:
            value = mended(text)
            if is_read and not -1 < self._title_depth <= self._depth:
                self._store("title", value)
            if value and counts:
                self._title_depth = self._depth

        self._text(take, attrs)

    def _described(self, attrs: Attributes, name: str) -> None:
        """A summary; the second one is the text itself."""
        if not self._need_context():
            self._unread(attrs)
        elif "summary" in self._context and not self._has_content:
            self._content(attrs)
        else:
            self._text(lambda text: self._store(name, mended(text)), attrs)

    def _description(self, attrs: Attributes) -> None:
        self._described(attrs, "summary" if self._entry_depth else "subtitle")

    def _content(self, attrs: Attributes) -> None:
        self._has_content = True
        if not self._entry_depth:
            # read by nobody, but the next entry is taken to have a content
            self._context.setdefault("summary", "")
            self._unread(attrs)
            return

        def take(text: str) -> None:
            value = mended(text)
            self._context.setdefault("content", []).append({"value": value})
            self._context.setdefault("summary", value)

        self._text(take, attrs)

    def _dated(self, name: str) -> None:
        if not self._entry_depth:
            self._unread({})
            return

        def take(text: str) -> None:
            value = mended(text)
            self._store(name, value)
            self._context[f"{name}_parsed"] = _parse_date(value)

        self._text(take)

    def _id(self, attrs: Attributes) -> None:
        self._need_context()
        self._refuse_base(attrs)
        is_link = named(attrs).get("ispermalink", "true") == "true"

        def take(text: str) -> None:
            value = mended(self._joined(text) if text and is_link else text)
            self._store("id", value)
            if is_link:
                self._context.setdefault("link", value)

        self._text(take)

    def _link(self, attrs: Attributes) -> None:
        is_read = self._need_context()
        self._refuse_base(attrs)
        said = named(attrs)
        if "url" in said or "uri" in said:
            raise NotPlainError("a link with attributes of its own kind")
        if "href" not in said:
            self._text(self._take_link if is_read else _nothing)
            return
        kind = said.get("type", "text/html").lower()
        if is_read and said.get("rel", "alternate").lower() == "alternate" and kind in habits.HTML_TYPES:
            self._context["link"] = self._joined(said["href"])

    def _take_link(self, text: str) -> None:
        value = mended(self._joined(text) if text else text)
        if self._entry_depth:
            value = value.replace("&amp;", "&")
        self._context["link"] = _PARAMETER.sub(r"&\1", value) if "&" in value else value

    def _joined(self, link: str) -> str:
        return link if is_whole(link) else _urljoin(self._base, link)

    # --- names --------------------------------------------------------------------------------------------------------

    def _doctype(self, *_: Any) -> None:
        raise NotPlainError("a document type")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if not uri:
            return
        if not self._first and uri.lower() in habits.FORMATS:
            self._first = uri.lower()
        known = known_space(uri)
        name = known if known is not None else prefix or ""
        written = "http://backend.userland.com/rss" if habits.USERLAND in uri.lower() else uri
        rebound = known is None and self._spaces.get(name, written) != written
        if rebound or len(self._spaces) > _SPACES_MAX or " " in uri:
            raise NotPlainError("a name for two namespaces")
        if name not in self._spaces or (known is not None and self._prefixes.get(prefix) != known):
            self._meanings.clear()
        self._spaces[name] = written
        if known is not None:
            self._prefixes[prefix] = known

    def _meaning(self, name: str) -> Callable[[Attributes], None] | None:
        """What the start of an element means: None for nothing. Raises NotPlainError."""
        key = self._key(name)
        start = self._starts.get(key)
        if start is not None:
            return start
        if key not in habits.HARMLESS and (habits.is_treated(key) or habits.stored_as(key) in habits.READ):
            raise NotPlainError(f"an element {key}")
        return None

    def _key(self, name: str) -> str:
        """The name of an element as feedparser's methods have it: dc_date for <dc:date>."""
        uri, _, local = name.rpartition(" ") if name.count(" ") < 2 else name.rpartition(" ")[0].rpartition(" ")
        prefix = known_space(uri)
        if not prefix and uri:
            prefix = next((short for short, long in self._spaces.items() if short and long == uri), "")
        prefix = (prefix or "").lower()
        prefix = self._prefixes.get(prefix, prefix)
        return f"{prefix}_{local.lower()}" if prefix else local.lower()
