"""The body of an article: its paragraphs in order, without the furniture of the page."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

import ahocorasick
from lxml import etree, html
from resiliparse.extract.html2text import extract_plain_text
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor

from pipeline.extract.lexicon import shipped
from pipeline.extract.markup import is_deep, parse, without_choices

# It warns of every page in which it finds nothing; here that ends in an outcome, said once.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

#: elements without a word of the article; dropped before the tree is copied around
_NO_TEXT = (
    "script",
    "style",
    "svg",
    "iframe",
    "canvas",
    "object",
    "embed",
    "select",
    "button",
    "input",
    "label",
    "textarea",
    "link",
    "meta",
    "footer",
    "aside",
    "dialog",
    "picture",
    "video",
    "audio",
    "map",
    "source",
    "math",
    "time",
)
_BLOCKS = frozenset(("p", "head", "quote", "list", "item", "table", "row", "lb", "code", "graphic"))
_SPACE = re.compile(r"[^\S\n]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"), None)
#: a result shorter than this is checked against the library's slow way
_SUSPICIOUS = 1000
#: and replaced where that finds so much more
_MUCH_MORE = 2.0
_ELEMENTS = etree.XPath("count(//*)")
#: unless the page has more elements than this: the slow way asks each for its neighbours, for minutes
_FEW_ELEMENTS = 8_000
#: and with more than this it is no article's page, and the quick way takes longer than a page may
_MOST_ELEMENTS = 15_000


@dataclass(frozen=True, slots=True)
class Body:
    """What stands in a page's middle. `text` has a paragraph a line and is empty when none is found."""

    text: str
    #: paragraphs, items and headings of the whole page that were nothing but a link to another article
    links: int


def read_body(tree: html.HtmlElement, url: str) -> Body:
    """Read the article's text by trafilatura's quick way; where that finds little, by its slow way, which asks two more
    extractors. Changes the tree: what surely is no text of the article is taken out first."""
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    if _ELEMENTS(tree) > _MOST_ELEMENTS:
        return Body(_by_resiliparse(html.tostring(tree, encoding="unicode")), 0)
    _drop_marked(tree)
    links = _drop_links(tree)
    _join_chunks(tree)
    text = _main_text(tree, url) or _by_trafilatura(tree, url, fast=True)
    if len(text) < _SUSPICIOUS and _ELEMENTS(tree) <= _FEW_ELEMENTS:
        thorough = _by_trafilatura(tree, url, fast=False)
        text = thorough if len(thorough) > _MUCH_MORE * len(text) else text
    return Body(text, links)


def _by_trafilatura(tree: html.HtmlElement, url: str, *, fast: bool) -> str:
    options = Extractor(fast=fast, comments=False, output_format="txt", url=url)
    try:
        found = bare_extraction(tree, url=url, options=options)
    except (ValueError, LookupError, AttributeError, AssertionError, RecursionError, etree.LxmlError):
        # Broken markup trips the library here and there; the plainer extractor still finds the text.
        return _by_resiliparse(html.tostring(tree, encoding="unicode"))
    return tidy("".join(_pieces(found.body))) if isinstance(found, Document) else ""


def _by_resiliparse(markup: str) -> str:
    return tidy(_plain_text(markup, main_content=True))


def _plain_text(markup: str, *, main_content: bool) -> str:
    """A page's text by resiliparse's rules; of a page that is nested too deep, what libxml2 leaves of it."""
    if is_deep(markup):
        markup = html.tostring(parse(markup, ""), encoding="unicode")
    return str(
        extract_plain_text(
            without_choices(markup),
            main_content=main_content,
            preserve_formatting=True,
            alt_texts=False,
            list_bullets=False,
            comments=False,
        )
    )


def tidy(text: str) -> str:
    """One space between words, one newline between paragraphs, composed characters, nothing invisible."""
    if "&" in text:
        text = unescape(text)
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _pieces(body: etree._Element) -> Iterator[str]:
    for event, element in etree.iterwalk(body, events=("start", "end")):
        block = element.tag in _BLOCKS
        if event == "start":
            if block:
                yield "\n"
            if element.text:
                yield element.text.replace("\n", " ")
        else:
            yield "\n" if block else " | " if element.tag == "cell" else ""
            if element.tail:
                yield element.tail.replace("\n", " ")


#: a marked box with more text than this and fewer links is the article, whatever its class says
_BOX_TEXT = 400
_BOX_LINKS = 0.4


def _drop_marked(tree: html.HtmlElement) -> None:
    """Drop boxes whose class or id says that they hold links, appeals or advertising, if they look like it."""
    marks = _marks()
    for element in list(tree.iter("div", "section", "ul", "ol", "p", "article")):
        mark = f"{element.get('class', '')} {element.get('id', '')}".lower()
        if next(marks.iter(mark), None) and element.getparent() is not None and _is_box(element):
            element.drop_tree()


def _is_box(element: html.HtmlElement) -> bool:
    length = len(element.text_content())
    return length < _BOX_TEXT or sum(len(link.text_content()) for link in element.iter("a")) > _BOX_LINKS * length


@lru_cache(maxsize=1)
def _marks() -> ahocorasick.Automaton:
    """Finds pieces of class names in no time, of which a page has thousands."""
    marks = ahocorasick.Automaton()
    for piece in shipped().furniture.classes:
        marks.add_word(piece, piece)
    marks.make_automaton()
    return marks


#: a link of so many words that fills its paragraph leads to another article; a shorter one may be a heading or a name
_LINK_WORDS = 4


def _drop_links(tree: html.HtmlElement) -> int:
    """Drop paragraphs, items and headings that are nothing but a link to another article; returns how many."""
    dropped = 0
    for element in tree.xpath("//p[.//a] | //li[.//a] | //h2[.//a] | //h3[.//a] | //h4[.//a]"):
        links = list(element.iter("a"))
        text = links[0].text_content() if len(links) == 1 else ""
        if len(text.split()) >= _LINK_WORDS and text.strip() == element.text_content().strip():
            element.drop_tree()
            dropped += 1
    return dropped


_CHUNK = re.compile(r"article|story|body|content|entry|post|texto?\b|nota|noticia|materia", re.I)
_CHUNK_TEXT = 200


def _join_chunks(tree: html.HtmlElement) -> None:
    """Put a body that is laid out in several containers of one class into the first of them.

    Pages break the text around advertisements; trafilatura takes one container only.
    """
    chunks: dict[str, list[html.HtmlElement]] = {}
    for element in tree.xpath("//div[@class and p] | //section[@class and p]"):
        mark = element.get("class")
        if _CHUNK.search(mark) and sum(len(p.text_content()) for p in element.iterchildren("p")) >= _CHUNK_TEXT:
            chunks.setdefault(mark, []).append(element)
    for first, *others in chunks.values():
        article = next(first.iterancestors("article"), None)
        for other in others:
            if (
                next(other.iterancestors("article"), None) is article
                and other.find(".//h1") is None
                and first not in other.iterancestors()
            ):
                first.extend(list(other))


#: a class that trafilatura looks for first
_BODY_CLASS = "article-body"
#: share of the page's paragraphs that its main container holds, and least length of these
_MAIN_SHARE = 0.5
_MAIN_TEXT = 250
#: with so much of the page's paragraphs, the container is read alone, which takes half the time
_ALONE_SHARE = 0.8
_ALONE_TEXT = 1000
#: unless less than this share of its text comes out
_ALONE_FOUND = 0.8


def _main_text(tree: html.HtmlElement, url: str) -> str:
    """The text of the container of nearly all of the page's paragraphs; empty when there is none or it reads badly.

    A container of most of them is given the class by which trafilatura knows an article: its list of names is English,
    and pages in Spanish and Portuguese call it cuerpo, nota, texto, corpo, materia.
    """
    containers = {
        element: sum(len(p.text_content()) for p in element.iterchildren("p"))
        for element in tree.xpath("//div[p] | //section[p] | //td[p] | //article[p] | //main[p]")
    }
    main = max(containers, key=containers.__getitem__, default=None)
    if main is None:
        return ""
    share = containers[main] / sum(containers.values()) if containers[main] else 0.0
    if share >= _MAIN_SHARE and containers[main] >= _MAIN_TEXT and tree.find(".//article") is None:
        main.tag = "div"
        main.set("class", _BODY_CLASS)
    if share < _ALONE_SHARE or containers[main] < _ALONE_TEXT:
        return ""
    whole = next(main.iterancestors("article"), main)
    text = _by_trafilatura(_alone(whole), url, fast=True)
    return text if len(text) >= _ALONE_FOUND * len(" ".join(whole.text_content().split())) else ""


def _alone(element: html.HtmlElement) -> html.HtmlElement:
    """A page that holds a copy of this element and nothing else."""
    page = html.Element("html")
    body = etree.SubElement(page, "body")
    body.append(copy(element))
    body[0].tail = None
    return page


_TAG = re.compile(r"<[^>]*>")
#: a headline with its markup is no longer than this
_HEADLINE_REACH = 2000
_CONTENT = re.compile(r"content\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.I)


def quick_text(markup: str) -> str:
    """Headlines and the main text of HTML by resiliparse's rules: fast, generous, and not clean."""
    main = _plain_text(markup, main_content=True)
    return "\n".join((*dict.fromkeys(_headlines(markup)), main))


def _headlines(markup: str) -> Iterator[str]:
    """<title>, og:title and <h1>, found without parsing."""
    for opening, closing in (("<title", "</title"), ("<h1", "</h1")):
        start = markup.find(opening)
        if start >= 0:
            piece = markup[start : start + _HEADLINE_REACH].partition(closing)[0]
            yield " ".join(unescape(_TAG.sub(" ", piece)).split())
    start = markup.find("og:title")
    if start >= 0:
        tag = markup[markup.rfind("<", 0, start) : markup.find(">", start)][:_HEADLINE_REACH]
        found = _CONTENT.search(tag)
        if found:
            yield unescape(found.group(1) or found.group(2) or "")


_MARKUP = re.compile(r"</?[a-z]", re.I)


def told_text(telling: str) -> str:
    """The text of an article as a feed or linked data carries it, be it markup or plain: a paragraph a line."""
    return tidy(_plain_text(telling, main_content=False) if _MARKUP.search(telling) else telling)
