"""Whether the text we have is the article, or the beginning of one whose rest is for subscribers."""

from __future__ import annotations

import re

from lxml import etree, html

from pipeline.extract.linked import Linked
from pipeline.extract.signs import shipped
from pipeline.types import Access

#: most paid articles show everything to those who do not run their scripts; what is longer is no teaser
TEASER_WORDS = 150
#: nor is what has this share of the words that the page says there are
_SHARE = 0.5
_LOCKED = frozenset(("locked", "metered", "premium", "paid", "subscriber", "subscribers"))
_WORD = re.compile(r"[\w-]+")
_HIDING = re.compile(r"display\s*:\s*none", re.I)


def is_paid(linked: Linked, tier: str, *, walled: bool) -> bool:
    """Whether the page says that it is paid for.

    It says so in its linked data (isAccessibleForFree, of the article or of its parts), in its content tier (a meta
    name that readers of shared links use), or by a wall in its middle (`walled`).
    """
    free = _free(linked)
    return tier.lower() in _LOCKED or walled if free is None else not free


def access_of(linked: Linked, count: int, *, paid: bool) -> Access:
    """`teaser` for a text of `count` words that is short, where the page says that it is paid for.

    Where the linked data counts the article's words, a text of less than half of them is short, whatever its length.
    """
    if not paid:
        return "open"
    whole = _word_count(linked)
    if whole:
        return "teaser" if count < whole * _SHARE else "open"
    return "teaser" if count < TEASER_WORDS else "open"


def _free(linked: Linked) -> bool | None:
    """What the linked data says, if anything; a part that is not free makes the whole not free."""
    parts = linked.article.get("hasPart")
    nodes = [linked.article, linked.page, *(parts if isinstance(parts, list) else [parts])]
    said = [_truth(node.get("isAccessibleForFree")) for node in nodes if isinstance(node, dict)]
    known = [one for one in said if one is not None]
    return all(known) if known else None


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.rsplit("/", 1)[-1].lower() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)


def _word_count(linked: Linked) -> int:
    value = linked.article.get("wordCount")
    if isinstance(value, str) and value.isdecimal() and len(value) < 7:
        return int(value)
    return max(0, value) if isinstance(value, int) else 0


#: as plain strings; those that know their element take three times as long, and are rarely needed
_CLASSES, _IDS = (etree.XPath(path, smart_strings=False) for path in ("//@class", "//@id"))


def is_walled(tree: html.HtmlElement) -> bool:
    """Whether an element that calls itself a wall, by class or id, says something to the reader.

    Sites put the empty or hidden container of one into every page, for a script to fill or show.
    """
    known = shipped().paywall_marks
    everything = "\n".join((*_CLASSES(tree), *_IDS(tree))).lower()
    if not any(mark in everything for mark in known):
        return False
    marks = tree.xpath("//body//@class | //body//@id")
    walls = (mark.getparent() for mark in marks if not known.isdisjoint(_WORD.findall(mark.lower())))
    return any(map(_is_shown, walls))


def _is_shown(element: html.HtmlElement) -> bool:
    if any(_is_hidden(one) for one in (element, *element.iterancestors())):
        return False
    return bool("".join(element.xpath(".//text()[not(parent::script or parent::style)]")).strip())


def _is_hidden(element: html.HtmlElement) -> bool:
    return element.get("hidden") is not None or bool(_HIDING.search(element.get("style", "")))
