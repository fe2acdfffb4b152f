"""When an article was published and last changed, by all that a page says of it; htmldate comes last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from datetime import datetime, timedelta
from itertools import islice

from htmldate import find_date
from lxml import etree, html

from pipeline.extract.dates import EARLIEST, When, parse_date, possible, url_date
from pipeline.extract.head import Head, behind_headline, text_of
from pipeline.extract.linked import Linked
from pipeline.types import Page

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
    "og:article:published_time",
    "article:publish_date",
    "article:date",
    "article:post_time",
    "pub_date",
    "pubdate_iso",
    "published-date",
    "publication-date",
    "publisheddate",
    "dc.terms.created",
    "dcterms.issued",
    "dcterms.available",
    "prism.publicationdate",
    "iso-8601-publish-date",
    "created",
    "displaydate",
    "creation_date",
    "data",
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
    "og:modified_time",
    "og:article:modified_time",
    "article:update_date",
    "updated_time",
    "modified",
    "dateupdated",
    "iso-8601-modified-date",
    "last_updated_date",
)
_PUBLISHED_MARK = re.compile(
    r"publi|pubdate|(?:entry|post|article|story|news)[-_]?(?:date|time)|date-?(?:posted|line)|fecha|data-pub|timestamp|datetime|(?:^|[\s_-])(?:date|time|data|hora)(?:$|[\s_-])",
    re.I,
)
_CHANGED_MARK = re.compile(r"updat|modif|actualiz|atualiz|edited", re.I)
_CHANGED_FIRST = re.compile(rf"^\D*(?:{_CHANGED_MARK.pattern})", re.I)
_DATE_LENGTH = 120
#: a date that stands alone is no longer than this
_ALONE_LENGTH = 40
_ENDS_WITH_YEAR = re.compile(r"\b(?:19|20)\d\d$")
#: texts of a page that are looked at for a date that stands alone
_MOST_TEXTS = 3000
#: the feed's claim and the page's day, or its time of an unknown zone, are of one publication when they lie this close
_SAME_DAY = timedelta(hours=36)


def read_published(
    head: Head, linked: Linked, tree: html.HtmlElement, page: Page, *, month_first: bool
) -> datetime | None:
    """The first possible date of all that claim to be it; one without a time or zone is made exact by the feed's claim.

    The feed's claim itself stands before what merely looks like a date in the page.
    """
    claimed = page.entry.claimed_at if page.entry else None
    metas, first = head.every(*_PUBLISHED_METAS), linked.text("datePublished")
    declared = (
        *((first, *metas) if linked.sure else (*metas, first)),
        *_marked_times(head, tree),
        linked.text("dateCreated"),
        *head.every("datecreated"),
    )
    found = _first_date(declared, month_first, page) or possible(url_date(page.final_url), page.fetched_at)
    if found is None and claimed is None:
        found = _first_date(_printed_dates(head, tree), month_first, page) or _by_htmldate(tree, page)
        found = found or _first_date(_lone_dates(tree), month_first, page)
    if found is None:
        return claimed
    if claimed and not found.exact and abs(claimed - found.at) < _SAME_DAY:
        return claimed
    return found.at


def read_modified(
    head: Head, linked: Linked, tree: html.HtmlElement, page: Page, published: datetime | None, *, month_first: bool
) -> datetime | None:
    """The last change, if it lies at or after the publication."""
    declared = (linked.text("dateModified"), *head.every(*_MODIFIED_METAS), *_changed_times(head))
    found = _first_date(declared, month_first, page)
    return found.at if found and (published is None or found.at >= published) else None


def _first_date(claims: Iterable[str], month_first: bool, page: Page) -> When | None:
    dates = (possible(parse_date(claim, month_first=month_first), page.fetched_at) for claim in claims)
    return next((found for found in dates if found), None)


def _marked_times(head: Head, tree: html.HtmlElement) -> Iterator[str]:
    """<time> elements that say they are the publication's, and the only one where there is only one; then other
    elements that microdata calls so."""
    for element in head.times:
        marks = _marks(element)
        if _CHANGED_MARK.search(marks):
            continue
        if len(head.times) == 1 or element.get("pubdate") is not None or _PUBLISHED_MARK.search(marks):
            yield element.get("datetime", "")
            yield text_of(element)[:_DATE_LENGTH]
    for element in tree.xpath("//body//*[@itemprop='datePublished'][not(self::time or self::meta)]"):
        yield element.get("content") or element.get("datetime") or text_of(element)[:_DATE_LENGTH]


def _changed_times(head: Head) -> Iterator[str]:
    """<time> elements that say they are the last change's."""
    for element in head.times:
        if _CHANGED_MARK.search(_marks(element)):
            yield element.get("datetime", "") or text_of(element)[:_DATE_LENGTH]


def _marks(element: html.HtmlElement) -> str:
    return f"{element.get('itemprop', '')} {element.get('class', '')}"


def _printed_dates(head: Head, tree: html.HtmlElement) -> Iterator[str]:
    """Any <time>, then short texts whose class speaks of a date, then those behind the headline, in order; those that
    speak of a change last."""
    changes: list[str] = []
    for text in _shown_dates(head, tree):
        if _CHANGED_FIRST.match(text):
            changes.append(text)
        else:
            yield text
    yield from changes


def _shown_dates(head: Head, tree: html.HtmlElement) -> Iterator[str]:
    for element in head.times:
        yield element.get("datetime", "") or text_of(element)[:_DATE_LENGTH]
    for mark in tree.xpath("//body//@class | //body//@itemprop | //body//@id"):
        if _PUBLISHED_MARK.search(mark):
            element = mark.getparent()
            text = element.get("content") or text_of(element)
            if len(text) <= _DATE_LENGTH:
                yield text
    yield from (piece for piece in behind_headline(tree) if len(piece) <= _DATE_LENGTH)


def _lone_dates(tree: html.HtmlElement) -> Iterator[str]:
    """Short texts outside links that end with a year: old pages mark their date by nothing."""
    texts = tree.xpath("//body//text()[not(ancestor::a or ancestor::script or ancestor::style or ancestor::footer)]")
    for text in islice(texts, _MOST_TEXTS):
        alone = text.strip()
        if len(alone) <= _ALONE_LENGTH and _ENDS_WITH_YEAR.search(alone):
            yield alone


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
