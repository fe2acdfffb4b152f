"""Linked data (schema.org in JSON-LD): which of a page's nodes is the article, and what it says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from pipeline.text import words

_MOST_BYTES = 2_000_000
_MOST_NODES = 5_000
_ARTICLE = frozenset(
    ("BlogPosting", "LiveBlogPosting", "Report", "NewsItem", "SocialMediaPosting", "DiscussionForumPosting")
)
_PAGE = frozenset(("WebPage", "ItemPage", "AboutPage"))
#: lists of other articles
_ELSEWHERE = frozenset(
    (
        "itemListElement",
        "relatedLink",
        "mentions",
        "citation",
        "hasPart",
        "isPartOf",
        "comment",
        "review",
        "potentialAction",
    )
)
#: a headline of so many letters and digits is no other one's beginning by chance
_HEADLINE_KEY = 15
#: comments and CDATA around the JSON, for readers of XHTML
_WRAPPED = re.compile(r"^(?:<!--|(?://|/\*)?\s{0,9}<!\[CDATA\[(?:\s{0,9}\*/)?)")
_UNWRAPPED = re.compile(r"(?:-->|(?://|/\*)?\s{0,9}\]\]>(?:\s{0,9}\*/)?)$")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_STRING = r"\"((?:[^\"\\]|\\.){1,500})\"(?=\s{0,50}[,}\]])"
_KIND = re.compile(r"\"@type\"\s{0,50}:\s{0,50}(?:\[\s{0,50})?\"(\w{0,30}Article|BlogPosting)\"")
_VALUE = re.compile(
    r"\"(headline|datePublished|dateModified|articleSection|inLanguage|isAccessibleForFree)\"\s{0,50}:\s{0,50}"
    + _STRING
)
_AUTHOR = re.compile(
    r"\"author\"\s{0,50}:\s{0,50}(?:\[\s{0,50})?(?:\{[^{}]{0,300}?\"name\"\s{0,50}:\s{0,50})?" + _STRING
)

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Linked:
    """What the linked data says: the article's node, the page's, all by their @id."""

    article: Node
    page: Node
    by_id: dict[str, Node]
    publisher: str
    #: the article's node has this page's address or headline; else it is merely the first one
    sure: bool

    def text(self, key: str) -> str:
        """The article's value of `key`, else the page's; empty when neither has one."""
        return plain(self.article.get(key)) or plain(self.page.get(key))

    def names(self, key: str) -> list[str]:
        """Names of the people or organisations under `key` of the article, else of the page."""
        return list(_names((self.article or self.page).get(key), self.by_id, 0))


def plain(value: Any) -> str:
    """A value as text: itself, the first of a list, the name or @value of a node."""
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return value.strip() if isinstance(value, str) else ""


def _names(value: Any, by_id: dict[str, Node], depth: int) -> Iterator[str]:
    if depth > 4:
        return
    if isinstance(value, list):
        for one in value[:30]:
            yield from _names(one, by_id, depth + 1)
    elif isinstance(value, dict):
        name = value.get("name")
        if name is None and isinstance(value.get("@id"), str):
            name = by_id.get(value["@id"], {}).get("name")
        yield from _names(name, by_id, depth + 1)
    elif isinstance(value, str) and value.strip():
        yield value.strip()


def read_linked(scripts: list[str], urls: set[str], headlines: list[str]) -> Linked:
    """Read all JSON-LD of a page; what cannot be read is left out.

    `urls` are the page's addresses and `headlines` its titles: they tell which of several articles is this one.
    """
    nodes = [node for script in scripts for node in _walk(_load(script))]
    by_id: dict[str, Node] = {}
    for node in nodes:
        if isinstance(node.get("@id"), str) and len(node) > 1:
            by_id.setdefault(node["@id"], node)
    articles = [node for node in nodes if any(kind.endswith("Article") or kind in _ARTICLE for kind in _kinds(node))]
    pages = [node for node in nodes if any(kind in _PAGE for kind in _kinds(node))]
    sure = _this_one(articles, urls, headlines)
    article = sure or (articles[0] if articles else {})
    publisher = next(_names(article.get("publisher"), by_id, 0), "")
    return Linked(article, pages[0] if pages else {}, by_id, publisher, sure is not None)


def _load(script: str) -> Any:
    """What a script holds; of one that is no JSON, whatever can be saved."""
    script = _WRAPPED.sub("", script.strip(), count=1)
    script = (script[:-20] + _UNWRAPPED.sub("", script[-20:])).strip().rstrip(";")
    if not script or len(script) > _MOST_BYTES:
        return None
    for attempt in (script, _TRAILING_COMMA.sub(r"\1", script), unescape(script)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return _saved(script)


def _saved(script: str) -> list[Node]:
    """The article's few plain values, picked out of JSON that is broken elsewhere: a quotation mark in a headline, an
    object that does not end."""
    kind = _KIND.search(script)
    if kind is None:
        return []
    values = {key: _string(value) for key, value in reversed(_VALUE.findall(script, kind.start()))}
    author = _AUTHOR.search(script)
    return [{"@type": kind[1], **values, **({"author": _string(author[1])} if author else {})}]


def _string(escaped: str) -> str:
    try:
        return str(json.loads(f'"{escaped}"', strict=False))
    except ValueError:
        return escaped


def _walk(root: Any) -> Iterator[Node]:
    """All nodes, outer before inner, except those of lists of other articles; at most 5,000."""
    level, seen = [root], 0
    while level and seen < _MOST_NODES:
        inner: list[Any] = []
        for value in level:
            if isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, dict):
                seen += 1
                yield value
                inner.extend(
                    child for key, child in value.items() if isinstance(child, dict | list) and key not in _ELSEWHERE
                )
        level = inner


def _kinds(node: Node) -> list[str]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return [one.rsplit("/", 1)[-1] for one in kinds if isinstance(one, str)]


def _this_one(articles: list[Node], urls: set[str], headlines: list[str]) -> Node | None:
    """The article this page is about: by its address, else by its headline, with which the page's title may begin."""
    for node in articles:
        if urls & {_address(node.get(key)) for key in ("url", "@id", "mainEntityOfPage")}:
            return node
    titles = [title for title in map(_key, headlines) if title]
    for node in articles:
        headline = _key(plain(node.get("headline")))
        if headline in titles or (len(headline) >= _HEADLINE_KEY and any(one.startswith(headline) for one in titles)):
            return node
    return None


def _key(text: str) -> str:
    return "".join(words(text))


def _address(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return bare(value) if isinstance(value, str) else ""


def bare(url: str) -> str:
    """An address for comparing: no scheme, query, fragment or last slash."""
    return re.sub(r"^https?://(?:www\.)?|[?#].*$", "", url.strip()).rstrip("/")
