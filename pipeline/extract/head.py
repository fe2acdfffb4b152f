"""The elements of a page that speak of its article, collected in one walk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree, html


@dataclass(slots=True)
class Head:
    """What the page declares, as it stands; nothing is interpreted. Texts have single spaces."""

    metas: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    canonical: str = ""
    lang: str = ""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    #: the first <h2> and <h3>
    minor: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    times: list[html.HtmlElement] = field(default_factory=list)

    def first(self, *names: str) -> str:
        """The first value of any of these meta names, in order of the names."""
        return next((value for name in names for value in self.metas.get(name, ())), "")

    def every(self, *names: str) -> list[str]:
        """All values of these meta names, in order of the names."""
        return [value for name in names for value in self.metas.get(name, ())]


#: a page without an <h1> has its headline in one of so many lesser headings
_MINOR = 8


def collect(tree: html.HtmlElement) -> Head:
    """Collect what a page declares."""
    head = Head()
    for element in tree.iter("html", "meta", "link", "title", "h1", "h2", "h3", "script", "time"):
        match element.tag:
            case "meta":
                _collect_meta(head, element)
            case "link" if not head.canonical and "canonical" in element.get("rel", "").lower().split():
                head.canonical = element.get("href", "").strip()
            case "html":
                head.lang = head.lang or element.get("lang") or element.get("xml:lang") or ""
            case "title" if not head.title and element.getparent().tag != "svg":
                head.title = text_of(element)
            case "h1":
                head.headings.append(text_of(element))
            case "h2" | "h3" if len(head.minor) < _MINOR:
                head.minor.append(text_of(element))
            case "script" if element.text and "ld+json" in element.get("type", "").lower():
                head.scripts.append(element.text)
            case "time":
                head.times.append(element)
    return head


def _collect_meta(head: Head, element: html.HtmlElement) -> None:
    content = element.get("content", "").strip()
    if content:
        for name in filter(None, (element.get(key) for key in ("property", "name", "itemprop", "http-equiv"))):
            head.metas[name.strip().lower()].append(content)


def text_of(element: html.HtmlElement) -> str:
    """An element's text, all descendants included, with single spaces."""
    return " ".join(element.text_content().split())


_BREAKS = frozenset(
    ("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "time", "section", "header", "td", "tr")
)


def lines_of(element: html.HtmlElement) -> str:
    """An element's text with a line for each block in it: what markup alone sets apart is not run together."""
    pieces: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if inner.tag in _BREAKS and inner is not element:
            pieces.append("\n")
        text = inner.text if event == "start" else inner.tail if inner is not element else None
        pieces.append(text.replace("\n", " ") if text else "")
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(filter(None, lines))


_SILENT = frozenset(("script", "style", "noscript", "template"))
#: texts between the headline and the article: standfirst, byline, date, buttons
_BEHIND = 12


def behind_headline(tree: html.HtmlElement) -> list[str]:
    """The first texts that follow the first <h1>."""
    heading = next(tree.iter("h1"), None)
    return [] if heading is None else list(islice(filter(None, map(str.strip, _following(heading))), _BEHIND))


def _following(element: html.HtmlElement) -> Iterator[str]:
    while element is not None:
        for sibling in element.itersiblings():
            yield from _printed(sibling)
        element = element.getparent()


def _printed(element: html.HtmlElement) -> Iterator[str]:
    """The texts of an element and what follows it, without scripts and styles."""
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start" and inner.tag not in _SILENT:
            yield inner.text or ""
        elif event == "end":
            yield inner.tail or ""
