"""What a page says of its article, by our own reading: linked data, OpenGraph, meta, <time>, addresses, headings.

Each field asks its witnesses in order of trust; htmldate comes last, and does not search the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from itertools import chain, islice, pairwise
from urllib.parse import urljoin, urlsplit

from htmldate import find_date
from lxml import etree, html

from pipeline.extract.access import is_walled
from pipeline.extract.bylines import clean_authors, clean_title, key
from pipeline.extract.dates import EARLIEST, When, parse_date, possible, url_date
from pipeline.extract.fronts import is_front
from pipeline.extract.head import Head, collect, text_of
from pipeline.extract.linked import Linked, bare, read_linked
from pipeline.types import Page


@dataclass(frozen=True, slots=True)
class Metadata:
    """All that a page says of its article but the text."""

    canonical_url: str
    title: str
    #: everything the page calls itself, as printed: its title, headings, OpenGraph title, headline
    titles: tuple[str, ...]
    authors: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None
    #: as the page declares it; the text may say otherwise
    lang: str | None
    site_name: str | None
    description: str | None
    #: the article's text in the linked data, where it is surely this article's
    body: str
    #: the page says that it is an article: by linked data, OpenGraph or a publication date
    is_article: bool
    linked: Linked
    #: what the page asks of its readers: "free", "metered", "locked"; empty where it does not say
    tier: str
    #: whether it shows a wall for subscribers
    walled: bool


def read(tree: html.HtmlElement, page: Page) -> Metadata:
    """Read a page's metadata. Changes nothing; whatever is missing or impossible is None or empty."""
    head = collect(tree)
    canonical = _canonical(head, page.final_url)
    headings = [head.title, *head.every("og:title", "twitter:title"), *head.headings]
    linked = read_linked(head.scripts, {bare(canonical), bare(page.final_url)}, headings)
    sites = _sites(head, linked, page.final_url)
    published = _published(head, linked, tree, page)
    return Metadata(
        canonical_url=canonical,
        title=_title(head, linked, sites, page),
        titles=tuple(dict.fromkeys(filter(None, (linked.text("headline"), *headings)))),
        authors=_authors(head, linked, tree, sites),
        published_at=published,
        modified_at=_modified(head, linked, page, published),
        lang=_language(head, linked),
        site_name=_site_name(head, linked),
        description=_description(head, linked),
        body=linked.text("articleBody") if linked.sure else "",
        is_article=bool(linked.article)
        or head.first("og:type") == "article"
        or bool(head.first("article:published_time")),
        linked=linked,
        tier=head.first("article:content_tier", "content_tier"),
        walled=is_walled(tree),
    )


# --- addresses and names of the site ----------------------------------------------------------------------------------


def _canonical(head: Head, url: str) -> str:
    """The address the page gives itself: <link rel=canonical>, else og:url, else where it was found.

    Refused where it is no article's: another scheme than http(s), no host, a homepage, the section above the page. Many
    articles would share such an address and be taken for one.
    """
    claims = (_resolve(url, claimed) for claimed in (head.canonical, head.first("og:url")))
    return next(filter(None, claims), url)


def _resolve(base: str, claimed: str) -> str | None:
    if not claimed or any(char.isspace() for char in claimed):
        return None
    try:
        parts, found = urlsplit(urljoin(base, claimed)), urlsplit(base)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if is_front(parts, found):
        return None
    return parts._replace(fragment="").geturl()


_SITE_METAS = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "twitter:site",
    "dc.publisher",
    "publisher",
    "al:ios:app_name",
)


def _sites(head: Head, linked: Linked, url: str) -> frozenset[str]:
    """Keys of the site's name in all spellings that the page offers, and of its host."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    names = [*head.every(*_SITE_METAS), linked.publisher, host, *host.split(".")[:-1][:2]]
    return frozenset(filter(None, map(key, names)))


def _site_name(head: Head, linked: Linked) -> str | None:
    return head.first("og:site_name") or linked.publisher or head.first("application-name", "dc.publisher") or None


# --- title, description -----------------------------------------------------------------------------------------------


def _title(head: Head, linked: Linked, sites: frozenset[str], page: Page) -> str:
    """The headline: as in the linked data, else as printed, else as shared, else <title>, else as the feed had it."""
    fed = page.entry.title if page.entry else ""
    shared, headline = head.first("og:title", "twitter:title"), linked.text("headline")
    told = [*_printed(head, shared), shared, head.title]
    claims = [headline, *told, fed, *head.headings] if linked.sure else [*told, headline, fed, *head.headings]
    headings = frozenset(map(key, (headline, *head.headings))) - {""}
    cleaned = [title for claim in claims if (title := clean_title(claim, sites, headings))]
    chosen = next((title for title in cleaned if key(title) not in sites), cleaned[0] if cleaned else "")
    return _whole(chosen, cleaned)


#: a logo's heading is shorter
_HEADLINE_WORDS = 3
_HEADLINE_KEY = 15


def _printed(head: Head, shared: str) -> list[str]:
    """Headings that the page's title begins with; else the only one there is, unless it may be a logo's."""
    titles = (key(shared), key(head.title))
    headings = [heading for heading in head.headings if heading]
    titled = [one for one in headings if key(one) in titles or _begins(one, titles)]
    return titled or [one for one in headings if len(headings) == 1 and len(one.split()) >= _HEADLINE_WORDS]


def _begins(heading: str, titles: tuple[str, ...]) -> bool:
    begin = key(heading)
    return len(begin) >= _HEADLINE_KEY and any(title.startswith(begin) for title in titles)


def _whole(title: str, others: list[str]) -> str:
    """The title, or the longer one that it is cut from."""
    stem = title.removesuffix("…").removesuffix("...").rstrip()
    if stem == title:
        return title
    return next((other for other in others if other.startswith(stem) and len(other) > len(title)), title)


def _description(head: Head, linked: Linked) -> str | None:
    found = head.first("og:description", "description", "twitter:description") or linked.text("description")
    return " ".join(unescape(found).split()) or None


# --- authors ----------------------------------------------------------------------------------------------------------

_AUTHOR_METAS = (
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "sailthru.author",
    "cxenseparse:author",
    "article.author",
    "authors",
    "citation_author",
)
_AUTHOR_MARK = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|firma|periodista|writer|creator|createdby)(?:$|[\s_-]|s\b|name|text)", re.I
)
_BYLINE_LENGTH = 90


def _authors(head: Head, linked: Linked, tree: html.HtmlElement, sites: frozenset[str]) -> tuple[str, ...]:
    """From linked data, else meta, else what the markup calls an author; meta may add to the first."""
    meta = head.every(*_AUTHOR_METAS)
    linked_names = clean_authors(linked.names("author") if linked.sure or not meta else (), sites)
    for value in meta if linked_names else ():
        names = clean_authors([value], sites)
        if {*map(key, linked_names)} < {*map(key, names)}:
            return names
    bylines = (clean_authors([one], sites) for one in chain(_bylines(tree), _signed(tree)))
    return linked_names or clean_authors(meta, sites) or next(filter(None, bylines), ())


def _bylines(tree: html.HtmlElement) -> Iterator[str]:
    """Texts of the elements whose class, itemprop or rel calls them an author's, in order."""
    for mark in tree.xpath("//body//@class | //body//@itemprop | //body//@rel"):
        if _AUTHOR_MARK.search(mark):
            text = text_of(mark.getparent())
            if 3 < len(text) <= _BYLINE_LENGTH:
                yield text


_SIGNED = re.compile(r"(?:^|[.·|–—]\s*)(?:por|by|texto|written by|escribe)\b\s*:?\s*", re.I)


def _signed(tree: html.HtmlElement) -> Iterator[str]:
    """What follows "By" or "Por" in the texts behind the headline; where that ends a text, the next one."""
    for piece, following in pairwise((*_behind_headline(tree), "")):
        found = _SIGNED.search(piece) if len(piece) <= _BYLINE_LENGTH else None
        if found:
            name = piece[found.end() :] or following[:_BYLINE_LENGTH]
            if name[:1].isupper():
                yield name


#: texts between the headline and the article: standfirst, byline, date, buttons
_BEHIND = 12


def _behind_headline(tree: html.HtmlElement) -> list[str]:
    """The first texts that follow the first <h1>."""
    heading = next(tree.iter("h1"), None)
    return [] if heading is None else list(islice(filter(None, map(str.strip, _following(heading))), _BEHIND))


def _following(element: html.HtmlElement) -> Iterator[str]:
    while element is not None:
        for sibling in element.itersiblings():
            yield from sibling.itertext()
        element = element.getparent()


# --- dates ------------------------------------------------------------------------------------------------------------

_PUBLISHED_METAS = (
    "article:published_time",
    "datepublished",
    "og:published_time",
    "article:published",
    "publishdate",
    "pubdate",
    "publish-date",
    "publish_date",
    "published_time",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "date",
    "article.published",
    "article_date_original",
    "publication_date",
    "originalpublicationdate",
    "ptime",
    "citation_publication_date",
    "citation_date",
    "bt:pubdate",
    "rnews:datepublished",
    "og:pubdate",
    "fecha",
)
_MODIFIED_METAS = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmod",
    "last-modified",
    "dcterms.modified",
    "dc.date.modified",
    "article:modified",
    "article.updated",
    "revision_date",
)
_PUBLISHED_MARK = re.compile(
    r"publi|pubdate|(?:entry|post|article|story|news)[-_]?(?:date|time)|date-?(?:posted|line)|fecha|data-pub|timestamp|datetime|(?:^|[\s_-])(?:date|time|data|hora)(?:$|[\s_-])",
    re.I,
)
_DATE_LENGTH = 120
#: the feed's claim and the page's day, or its time of an unknown zone, are of one publication when they lie this close
_SAME_DAY = timedelta(hours=36)


def _published(head: Head, linked: Linked, tree: html.HtmlElement, page: Page) -> datetime | None:
    """The first possible date of all that claim to be it; one without a time or zone is made exact by the feed's claim.

    The feed's claim itself stands before what merely looks like a date in the page.
    """
    claimed = page.entry.claimed_at if page.entry else None
    month_first = (_language(head, linked) or "en") == "en" and "gb" not in head.lang.lower()
    metas, first = head.every(*_PUBLISHED_METAS), linked.text("datePublished")
    declared = [
        *((first, *metas) if linked.sure else (*metas, first)),
        *_marked_times(head),
        linked.text("dateCreated"),
    ]
    found = _first_date(declared, month_first, page) or possible(url_date(page.final_url), page.fetched_at)
    if found is None and claimed is None:
        found = _first_date(_printed_dates(head, tree), month_first, page) or _by_htmldate(tree, page)
    if found is None:
        return claimed
    if claimed and not found.exact and abs(claimed - found.at) < _SAME_DAY:
        return claimed
    return found.at


def _first_date(claims: Iterator[str] | list[str], month_first: bool, page: Page) -> When | None:
    dates = (possible(parse_date(claim, month_first=month_first), page.fetched_at) for claim in claims)
    return next((found for found in dates if found), None)


def _marked_times(head: Head) -> Iterator[str]:
    """<time> elements that say they are the publication's, and the only one where there is only one."""
    for element in head.times:
        marks = f"{element.get('itemprop', '')} {element.get('class', '')}"
        if len(head.times) == 1 or element.get("pubdate") is not None or _PUBLISHED_MARK.search(marks):
            yield element.get("datetime", "")
            yield text_of(element)[:_DATE_LENGTH]


def _printed_dates(head: Head, tree: html.HtmlElement) -> Iterator[str]:
    """Any <time>, then short texts whose class speaks of a date, then those behind the headline, in order."""
    for element in head.times:
        yield element.get("datetime", "") or text_of(element)[:_DATE_LENGTH]
    for mark in tree.xpath("//body//@class | //body//@itemprop | //body//@id"):
        if _PUBLISHED_MARK.search(mark):
            element = mark.getparent()
            text = element.get("content") or text_of(element)
            if len(text) <= _DATE_LENGTH:
                yield text
    yield from (piece for piece in _behind_headline(tree) if len(piece) <= _DATE_LENGTH)


def _modified(head: Head, linked: Linked, page: Page, published: datetime | None) -> datetime | None:
    """The last change, if it lies at or after the publication."""
    found = _first_date([linked.text("dateModified"), *head.every(*_MODIFIED_METAS)], month_first=False, page=page)
    return found.at if found and (published is None or found.at >= published) else None


def _by_htmldate(tree: html.HtmlElement, page: Page) -> When | None:
    earliest, latest = EARLIEST.date().isoformat(), page.fetched_at.date().isoformat()
    # It takes any date in a script for the page's; what linked data says of this article has been read before.
    printed = copy(tree)
    etree.strip_elements(printed, "script", with_tail=False)
    try:
        found = find_date(printed, extensive_search=False, original_date=True, min_date=earliest, max_date=latest)
    except (ValueError, etree.LxmlError):
        # It builds elements from whatever the page has for attributes; a page that breaks it has no date it could find.
        return None
    return possible(parse_date(found or ""), page.fetched_at)


# --- language ---------------------------------------------------------------------------------------------------------

_LANGUAGE_TAG = re.compile(r"^\s*([a-z]{2})(?:[-_][a-z0-9]+)*\s*$", re.I)


def _language(head: Head, linked: Linked) -> str | None:
    tags = (
        head.lang,
        linked.text("inLanguage"),
        head.first("og:locale", "content-language", "dc.language", "language"),
    )
    found = next(filter(None, map(_LANGUAGE_TAG.match, tags)), None)
    return found.group(1).lower() if found else None
