"""Who signs an article, by all that a page says of it: linked data, meta, the markup of bylines, "By" and "Por"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice, pairwise

from lxml import html

from pipeline.extract.bylines import agency_of, clean_authors, key, reads_as_name
from pipeline.extract.head import Head, behind_headline, lines_of
from pipeline.extract.lexicon import shipped
from pipeline.extract.linked import Linked

_AUTHOR_METAS = (
    "author",
    "article:author",
    "article:author_name",
    "article:author:name",
    "og:article:author",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "sailthru.author",
    "cxenseparse:author",
    "article.author",
    "article_author",
    "author_name",
    "authors",
    "citation_author",
)
_AUTHOR_MARK = re.compile(
    r"(?:^|[\s_-])(?:author|byline|autor|firma|periodista|writer|creator|createdby)(?:$|[\s_-]|s\b|name|text)", re.I
)
#: boxes of other people: who comments, who wrote the article that is linked to
_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])comments?(?:$|[\s_-](?!open))|related|relacionad|sidebar|(?:^|\s)widget[_-]|popular|recommend|most-read"
    r"|trending",
    re.I,
)
_ELSEWHERE_TAGS = frozenset(("aside", "nav", "footer", "form", "label", "input", "button", "option"))
_BYLINE_LENGTH = 150
#: bylines looked at; a page with more is a list of articles
_MOST_BYLINES = 30


def read_authors(head: Head, linked: Linked, tree: html.HtmlElement, sites: frozenset[str]) -> tuple[str, ...]:
    """From linked data, else meta, else what the page prints; meta may add to the first."""
    meta = [*head.every(*_AUTHOR_METAS), *_labelled(head)]
    told = linked.names("author") or linked.names("creator")
    linked_names = clean_authors(told if linked.sure or not meta else (), sites)
    for value in meta if linked_names else ():
        names = clean_authors([value], sites)
        if {*map(key, linked_names)} < {*map(key, names)}:
            return names
    return linked_names or clean_authors(meta, sites) or _printed_authors(tree, sites)


def _labelled(head: Head) -> Iterator[str]:
    """The value of a shared link's "Written by" label."""
    for number in ("1", "2"):
        label = head.first(f"twitter:label{number}").strip(" :").casefold()
        if label in shipped().byline.lead:
            yield head.first(f"twitter:data{number}")


def _printed_authors(tree: html.HtmlElement, sites: frozenset[str]) -> tuple[str, ...]:
    """The first byline with a full name, else the first with any, else the agency named alone behind the headline."""
    behind = behind_headline(tree)
    printed = islice(chain(_bylines(tree), _signed(behind), _author_links(tree)), _MOST_BYLINES)
    found = [names for line in printed if (names := tuple(filter(reads_as_name, clean_authors([line], sites))))]
    full = next((names for names in found if any(" " in name for name in names)), ())
    agencies = (agency for piece in behind if (agency := agency_of(piece)))
    return full or next(iter(found), ()) or tuple(islice(agencies, 1))


def _bylines(tree: html.HtmlElement) -> Iterator[str]:
    """Texts of the elements whose class, itemprop or rel calls them an author's, in order, a line each part."""
    for mark in tree.xpath("//body//@class | //body//@itemprop | //body//@rel"):
        if _AUTHOR_MARK.search(mark):
            element = mark.getparent()
            text = lines_of(element)
            if 3 < len(text) <= _BYLINE_LENGTH and not _is_elsewhere(element):
                yield text


def _is_elsewhere(element: html.HtmlElement) -> bool:
    return any(
        one.tag in _ELSEWHERE_TAGS or _ELSEWHERE.search(one.get("class", "")) for one in (element, *_boxes(element))
    )


def _boxes(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The boxes around an element, without those that hold the whole page."""
    return (one for one in element.iterancestors() if one.tag not in ("body", "html", "main", "article"))


_SIGNED = re.compile(r"(?:^|[.·|–—]\s*)(?:por|by|texto|written by|posted by|escribe)\b\s*:?\s*", re.I)


def _signed(behind: list[str]) -> Iterator[str]:
    """What follows "By" or "Por" in the texts behind the headline; where that ends a text, the next one."""
    for piece, following in pairwise((*behind, "")):
        found = _SIGNED.search(piece) if len(piece) <= _BYLINE_LENGTH else None
        if found:
            name = piece[found.end() :] or following[:_BYLINE_LENGTH]
            if name[:1].isupper():
                yield name


def _author_links(tree: html.HtmlElement) -> Iterator[str]:
    """Texts of links to an author's own page, told by its address, that stand in no list."""
    for target in tree.xpath("//body//a/@href"):
        if _author_path().search(target):
            element = target.getparent()
            text = lines_of(element)
            if 3 < len(text) <= _BYLINE_LENGTH and not _is_elsewhere(element):
                yield text


@lru_cache(maxsize=1)
def _author_path() -> re.Pattern[str]:
    return re.compile(rf"/(?:{'|'.join(map(re.escape, shipped().byline.path))})/[^/?#]", re.I)
