"""Where feeds of a site may be, told from what the site itself says; and what its pages say of the outlet. Pure.

Pages are searched tag by tag with bounded patterns rather than parsed: they come from anywhere, and every HTML parser
in C has pages that hang it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit

import msgspec

from pipeline.errors import ConfigError
from pipeline.sources.encoding import to_utf8
from pipeline.sources.plain import address, language, plain
from pipeline.tomlfile import read_toml

FILE = "discovery.toml"
#: of a page so much is searched
_PAGE_MAX = 2_000_000
#: links of one page that are looked at, and leads taken from them
_LINKS_MAX, _LEADS_MAX = 2_000, 200
_TAG = re.compile(r"<(link|a|html|base|meta)\s([^<>]{1,2000})>", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,500})", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z:-]{1,30})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
#: blanks of its own line only: with line ends among them, empty lines cost quadratic time
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2048})", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")
_SAYS_NOTHING = ("ES", "US", "LA")
_COUNTRY = re.compile(r"[A-Z]{2}")

Way = Literal["address given", "link of the page", "robots.txt", "link to follow", "usual path"]


class Hints(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is known of how outlets name their feeds: config/discovery.toml."""

    paths: tuple[str, ...]
    links: tuple[str, ...]
    aside: tuple[str, ...]
    section: tuple[str, ...]
    news: tuple[str, ...]
    worldwide: tuple[str, ...]
    countries: dict[str, str]

    @classmethod
    def load(cls, folder: Path) -> Hints:
        """Read discovery.toml in `folder`. Raises ConfigError."""
        file = folder / FILE
        hints = read_toml(file, cls)
        for path in hints.paths:
            if not path.startswith("/"):
                raise ConfigError(str(file), "paths", "paths from the root of a site", path)
        for ending, country in hints.countries.items():
            if not _COUNTRY.fullmatch(country):
                raise ConfigError(str(file), f"countries.{ending}", "an ISO 3166-1 alpha-2 code", country)
        return hints

    def country_of(self, host: str) -> str | None:
        """The country that a host's ending belongs to; None where it belongs to the world."""
        ending = host.rpartition(".")[2].lower()
        if ending in self.countries:
            return self.countries[ending]
        is_country = len(ending) == 2 and ending.isalpha() and ending not in self.worldwide
        return ending.upper() if is_country else None


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may be a feed, and how we came by it."""

    url: str
    way: Way
    #: what the page calls it
    title: str = ""


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What a page says of its outlet. `languages` and `country` are those it claims."""

    leads: tuple[Lead, ...] = ()
    #: what the site calls itself, where it says so in so many words
    name: str = ""
    #: of the page: mostly the name and something beside it
    title: str = ""
    languages: tuple[str, ...] = ()
    country: str | None = None


def words_of(text: str) -> set[str]:
    """The words of an address or a title, in lower case."""
    return set(_WORD.findall(text.lower()))


def read_page(body: bytes, content_type: str, url: str, hints: Hints) -> FrontPage:
    """What a page says: links to feeds that it declares, links whose address looks like one, and who it is."""
    text = _without_comments(to_utf8(body[:_PAGE_MAX], content_type)[0].decode("utf-8", "replace"))
    base, declared, linked = url, dict[str, Lead](), dict[str, Lead]()
    claims: list[str] = []
    names: dict[str, str] = {}
    for tag, attributes in _tags(text):
        if tag == "base":
            base = address(url, attributes.get("href")) or url
        elif tag == "link":
            _declare(base, attributes, declared)
        elif tag == "a":
            _link(base, attributes, linked, hints)
        elif tag == "html":
            claims.append(attributes.get("lang") or attributes.get("xml:lang") or "")
        else:
            _claim(attributes, claims, names)
    title = _TITLE.search(text)
    leads = (*declared.values(), *(lead for lead in linked.values() if lead.url not in declared))
    return FrontPage(
        leads=leads[:_LEADS_MAX],
        name=plain(names.get("og:site_name") or names.get("application-name") or "", 200),
        title=plain(title[1], 200) if title else "",
        languages=_languages(claims),
        country=next((country for claim in claims if (country := _country(claim))), None),
    )


def links_of(body: bytes, content_type: str, url: str) -> tuple[str, ...]:
    """Where the links of a page lead, without fragments, in its order; the first few thousand."""
    text = _without_comments(to_utf8(body[:_PAGE_MAX], content_type)[0].decode("utf-8", "replace"))
    base, found = url, list[str]()
    for tag, attributes in _tags(text):
        if tag == "base":
            base = address(url, attributes.get("href")) or url
        elif tag == "a" and (link := address(base, attributes.get("href"))) is not None:
            found.append(urldefrag(link)[0])
    return tuple(dict.fromkeys(found))


def _without_comments(text: str) -> str:
    """Cut at the marks: a pattern for this takes quadratic time where comments never end."""
    first, *rest = text.split("<!--")
    return " ".join((first, *(piece.partition("-->")[2] for piece in rest)))


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    links = 0
    for found in _TAG.finditer(text):
        tag = found[1].lower()
        links += tag == "a"
        if tag != "a" or links <= _LINKS_MAX:
            yield tag, _attributes(found[2])


def _attributes(written: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(written)
    }


def _declare(base: str, attributes: dict[str, str], found: dict[str, Lead]) -> None:
    rels = attributes.get("rel", "").lower().split()
    kind = attributes.get("type", "").split(";")[0].strip().lower()
    if (
        kind in _FEED_TYPES
        and ("alternate" in rels or "feed" in rels)
        and (url := address(base, attributes.get("href")))
    ):
        found.setdefault(url, Lead(url, "link of the page", plain(attributes.get("title", ""), 200)))


def _link(base: str, attributes: dict[str, str], found: dict[str, Lead], hints: Hints) -> None:
    url = address(base, attributes.get("href"))
    if url is None:
        return
    parts = urlsplit(url)
    if words_of(f"{parts.hostname} {parts.path} {parts.query}") & set(hints.links):
        found.setdefault(url, Lead(url, "link to follow", plain(attributes.get("title", ""), 200)))


def _claim(attributes: dict[str, str], claims: list[str], names: dict[str, str]) -> None:
    name = (attributes.get("property") or attributes.get("name") or attributes.get("http-equiv") or "").lower()
    content = attributes.get("content", "")
    if name in ("og:locale", "content-language", "language"):
        claims.append(content)
    elif name in ("og:site_name", "application-name"):
        names.setdefault(name, content)


def _languages(claims: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for claim in claims if (code := language(claim)) is not None))


def _country(claim: str) -> str | None:
    """The country in es-PE or es_PE; half of the press leaves what its software came with, or says Latin America."""
    _, _, region = claim.strip().replace("_", "-").partition("-")
    region = region.upper()
    return region if _COUNTRY.fullmatch(region) and region not in _SAYS_NOTHING else None


def read_robots(body: bytes, url: str) -> tuple[Lead, ...]:
    """The sitemaps that a robots.txt names, in its order."""
    text = body[:_PAGE_MAX].decode("utf-8", "replace")
    found = (address(url, line) for line in _SITEMAP_LINE.findall(text))
    return tuple(Lead(link, "robots.txt") for link in dict.fromkeys(found) if link is not None)[:_LEADS_MAX]


def usual_paths(url: str, hints: Hints) -> tuple[Lead, ...]:
    """Where software puts feeds and sitemaps when nobody tells it otherwise."""
    return tuple(Lead(urljoin(url, path), "usual path") for path in hints.paths)
