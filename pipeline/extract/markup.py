"""Bytes -> text -> tree: charsets as pages declare them, and as they are."""

from __future__ import annotations

import codecs
import re

from lxml import etree, html
from resiliparse.parse.encoding import map_encoding_to_html5

from pipeline.errors import NotArticle
from pipeline.types import Page

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
#: a charset must be declared in the first 1024 bytes (HTML standard); pages are late
_HEAD_BYTES = 4096
#: with fewer damaged characters than one in so many, a page is UTF-8 with a flaw and not another charset
_FLAW_RATE = 10
#: charsets in which an escape is part of the encoding
_STATEFUL = ("iso-2022", "hz", "utf-7")

_HTML_TYPES = (
    "text/html",
    "application/xhtml",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/octet-stream",
)
_MAGIC = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"ID3", b"OggS")
_FEED_ROOT = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.I)
#: control characters mean nothing in HTML; the parser stops at the first NUL
_CONTROL = bytes((*range(9), *range(0x0E, 0x20), 0x7F))
_FORM_FEED = bytes.maketrans(b"\x0b\x0c", b"  ")
#: the same, as references; the tree may hold what it then refuses to be given
_CONTROL_REFERENCE = re.compile(
    r"&#(?:[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|7[fF]|[dD][89a-fA-F]..|[fF]{3}[efEF])(?![0-9a-fA-F])"
    r"|0*(?:[0-8]|1[1245-9]|2\d|3[01]|127|6553[45])(?!\d));?"
)
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
#: what holds no words for readers, and how each ends
_UNREAD = re.compile(r"<(script|style|svg)\b", re.I)
_UNREAD_ENDS = {name: re.compile(rf"</{name}\s*>", re.I) for name in ("script", "style", "svg")}
#: a tag of so many characters is looked into for attributes; more than that are no page's
_LONG_TAG = 4000
_MOST_ATTRIBUTES = 200
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_TAG_NAME = re.compile(r"<[a-zA-Z][a-zA-Z0-9]*")
#: so many choices in forms are no page's, either
_MOST_OPTIONS = 2000
_OPTION = re.compile(r"<option\b[^<>]*>?", re.I)
#: elements that may stand in each other without end, and how deep they may; real pages stay below 300
_NESTING = re.compile(
    r"<(/?)(?:div|span|a|b|i|u|s|em|strong|font|big|small|center|section|article|main|aside|header|footer|nav|form|table|"
    r"blockquote|ul|ol|dl|details|fieldset|figure|p)\b",
    re.I,
)
_DEEPEST = 1000
#: a page with fewer tags cannot be deep enough to be slow
_FEW_TAGS = 4000


def decode(page: Page) -> str:
    """The page's HTML as text. Raises NotArticle for what is no HTML: another content type, a file, a feed."""
    kind = page.content_type.split(";")[0].strip().lower()
    if kind and not kind.startswith(_HTML_TYPES):
        raise NotArticle(f"{page.final_url}: content type: expected HTML, got {kind}")
    if page.body.startswith(_MAGIC):
        raise NotArticle(f"{page.final_url}: body: expected HTML, got bytes that start with {page.body[:8]!r}")
    text = _decoded(page.body, page.content_type)
    if "<" not in text:
        raise NotArticle(f"{page.final_url}: body: expected HTML, got {len(text)} characters without a tag")
    if _FEED_ROOT.match(text):
        raise NotArticle(f"{page.final_url}: body: expected HTML, got a feed or sitemap")
    return _without_swarms(text)


def _without_swarms(text: str) -> str:
    """The page without attributes where an element has hundreds: parsers compare each with all others, for minutes."""
    kept, done, at = [], 0, 0
    while at < len(text):
        if text.find(">", at, at + _LONG_TAG // 2) >= 0:
            at += _LONG_TAG // 2
            continue
        end = text.find(">", at)
        end = len(text) if end < 0 else end
        start = max(text.rfind("<", done, end), done)
        name = _TAG_NAME.match(text, start, end)
        if name and len(_QUOTED.sub("", text[start:end]).split()) > _MOST_ATTRIBUTES:
            kept.append(text[done : name.end()])
            done = end
        at = end + 1
    return "".join((*kept, text[done:])) if kept else text


def bared(text: str) -> str:
    """The page without complete scripts, styles and drawings: a third of it, and all that has words for readers."""
    kept, at = [], 0
    while found := _UNREAD.search(text, at):
        end = _UNREAD_ENDS[found[1].lower()].search(text, found.end())
        if end is None:
            break
        kept.append(text[at : found.start()])
        at = end.end()
    return " ".join((*kept, text[at:]))


def _decoded(body: bytes, content_type: str) -> str:
    """Decode by byte order mark, else as UTF-8 if it is that whatever it says, else as declared, else windows-1252."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _CONTROL_CHARACTER.sub(" ", body[len(mark) :].decode(name, "replace"))
    declared = _declared(body, content_type)
    if declared.startswith(_STATEFUL):
        return _CONTROL_CHARACTER.sub(" ", body.decode(declared, "replace"))
    body = body.translate(_FORM_FEED, _CONTROL)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _repaired(body) if declared in ("", "utf-8") else body.decode(declared, "replace")


def _repaired(body: bytes) -> str:
    """Read what calls itself UTF-8, or nothing, and is not quite: UTF-8 with a flaw, or windows-1252."""
    text = body.decode("utf-8", "replace")
    flaws = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - flaws
    return text if good > _FLAW_RATE * flaws else body.decode("windows-1252", "replace")


def _declared(body: bytes, content_type: str) -> str:
    """The charset that the header, or else the page, names, as Python calls it; empty when none is known."""
    head = body[:_HEAD_BYTES]
    header = _HEADER_CHARSET.search(content_type)
    names = [header.group(1)] if header else []
    found = (_META_CHARSET.search(head), _XML_CHARSET.search(head))
    names += [match.group(1).decode("ascii", "replace") for match in found if match]
    for name in names:
        codec = map_encoding_to_html5(name, fallback_utf8=False)
        if codec is not None and not codec.lower().startswith("utf-16"):
            return str(codec).lower()
    return ""


def without_choices(text: str) -> str:
    """The page without the choices of its forms, where these are thousands, over which resiliparse sits for minutes."""
    many = text.count("<option") + text.count("<OPTION") > _MOST_OPTIONS
    return _OPTION.sub(" ", text) if many else text


def is_deep(text: str) -> bool:
    """Whether elements stand in each other thousands deep. A parser that builds the tree as HTML5 wants it looks
    through all open ones at each tag, for minutes; libxml2 stops at a few hundred."""
    if text.count("<") < _FEW_TAGS:
        return False
    depth = 0
    for tag in _NESTING.finditer(text):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEEPEST:
            return True
    return False


def parse(text: str, url: str) -> html.HtmlElement:
    """Parse HTML into a tree whose root is <html>. Raises NotArticle when nothing is left of it."""
    text = _CONTROL_REFERENCE.sub(" ", _XML_DECLARATION.sub("", text, count=1))
    text = text.replace("\ufffe", "").replace("\uffff", "")
    source = text.encode("utf-8", "replace")
    parser = html.HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(source, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise NotArticle(f"{url}: body: expected HTML, got a document that cannot be parsed: {error}") from None
