"""Sitemaps, news sitemaps and sitemap indexes (sitemaps.org 0.9; Google's sitemap-news 0.9), namespaces ignored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

from lxml import etree

from pipeline.errors import NotAFeed
from pipeline.sources.dates import read_date
from pipeline.sources.plain import address, language, plain
from pipeline.types import Entry, FeedDocument, FeedKind

_NEWS = ("news", "publication")
_TITLE_MAX = 1_000


def read(body: bytes, url: str, *, now: datetime, max_entries: int) -> FeedDocument:
    """Read a sitemap or an index, in UTF-8; an index gives its children, newest first. Raises NotAFeed."""
    found: list[Entry] = []
    children: list[tuple[datetime | None, str]] = []
    is_news, dropped = False, 0
    elements = _open(body)
    try:
        for element in _each(elements):
            fields = _fields(element)
            link = address(url, fields.get("loc"))
            if link is None:
                dropped += 1
            elif _name(element) == "sitemap":
                children.append((read_date(fields.get("lastmod"), now), link))
            else:
                found.append(_entry(fields, link, now))
                is_news = is_news or "publication_date" in fields
    except etree.XMLSyntaxError as error:
        raise NotAFeed(f"{url}: expected a sitemap, got {error}") from error
    fault = str(elements.error_log[0].message) if len(elements.error_log) else ""
    if fault and not found and not children:
        raise NotAFeed(f"{url}: expected a sitemap, got nothing that can be read: {fault}")
    if not is_news or len(found) > max_entries:
        # plain sitemaps are in no order; what was changed last is what is new
        found.sort(key=lambda entry: _time(entry.updated_at or entry.claimed_at), reverse=True)
    children.sort(key=lambda dated: _time(dated[0]), reverse=True)
    return FeedDocument(
        kind=FeedKind.NEWS_SITEMAP if is_news else FeedKind.SITEMAP,
        entries=_newest(found, max_entries),
        children=tuple(child for _, child in children),
        children_changed=tuple(changed for changed, _ in children),
        trouble=_trouble(fault, dropped),
    )


def _newest(found: list[Entry], number: int) -> tuple[Entry, ...]:
    """The first of what is sorted; where nothing is dated, either end may be the new one."""
    if len(found) <= number or found[0].updated_at or found[0].claimed_at:
        return tuple(found[:number])
    half = number // 2
    return (*found[: number - half], *found[len(found) - half :])


def _open(body: bytes) -> Any:
    return etree.iterparse(
        BytesIO(body),
        tag=("{*}url", "{*}sitemap"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        encoding="utf-8",
    )


def _each(elements: Any) -> Iterator[Any]:
    """Every page or child; each is forgotten once it was read, as a sitemap may have 50,000."""
    for _, element in elements:
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _time(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def _entry(fields: dict[str, str], link: str, now: datetime) -> Entry:
    return Entry(
        url=link,
        title=plain(fields.get("title") or "", _TITLE_MAX),
        claimed_at=read_date(fields.get("publication_date"), now),
        updated_at=read_date(fields.get("lastmod"), now),
        lang=language(fields.get("language") or ""),
    )


def _fields(element: Any) -> dict[str, str]:
    """Text of the element's leaves by local name, the first of each; an image's title is not the page's."""
    found: dict[str, str] = {}
    for child in element:
        for leaf in child.iter() if _name(child) in _NEWS else (child,):
            if leaf.text and leaf.text.strip():
                found.setdefault(_name(leaf), leaf.text.strip())
    return found


def _name(element: Any) -> str:
    """The local name; comments and processing instructions have none."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _trouble(fault: str, dropped: int) -> str | None:
    said = [f"not well-formed: {fault}"] if fault else []
    if dropped:
        said.append(f"{dropped} entries without a usable link")
    return "; ".join(said) or None
