"""The elements of a page that speak of its article, collected in one walk."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from lxml import html


@dataclass(slots=True)
class Head:
    """What the page declares, as it stands; nothing is interpreted. Texts have single spaces."""

    metas: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    canonical: str = ""
    lang: str = ""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    times: list[html.HtmlElement] = field(default_factory=list)

    def first(self, *names: str) -> str:
        """The first value of any of these meta names, in order of the names."""
        return next((value for name in names for value in self.metas.get(name, ())), "")

    def every(self, *names: str) -> list[str]:
        """All values of these meta names, in order of the names."""
        return [value for name in names for value in self.metas.get(name, ())]


def collect(tree: html.HtmlElement) -> Head:
    """Collect what a page declares."""
    head = Head()
    for element in tree.iter("html", "meta", "link", "title", "h1", "script", "time"):
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
