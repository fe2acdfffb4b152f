"""What feeds write, as plain text, absolute addresses and languages."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

#: control characters, which a terminal would obey, and halves of characters, which no file takes
_UNSHOWN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_TAG_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:-]*)")
#: tags that stand inside of a word or beside a comma: nothing comes in their place
_INLINE = frozenset((
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "mark", "q", "s", "small", "span",
    "strike", "strong", "sub", "sup", "tt", "u",
))  # fmt: skip
#: tags whose content nobody reads
_UNREAD = ("script", "style", "template", "iframe", "noscript")
#: what begins something that hides more than a tag
_HIDING = re.compile(rf"<(?:!--|{'|'.join(_UNREAD)})", re.IGNORECASE | re.ASCII)
_INLINE_TAGS = re.compile(rf"</?(?:{'|'.join(sorted(_INLINE))})(?![a-zA-Z0-9:-])[^<>]*>", re.IGNORECASE | re.ASCII)
_OTHER_TAGS = re.compile(r"<(?:/?[a-zA-Z]|[!?])[^<>\x02]*>")
#: stands where an inline tag was, so that what was apart does not become a tag
_MARK = "\x02"
#: ISO 639-2 codes that outlets write, most of all in news sitemaps
_LANGUAGES = {"spa": "es", "eng": "en", "por": "pt", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "ita": "it"}
_LANGUAGE = re.compile(r"\s*([a-z]{2,3})(?:[-_\s]|$)")
_SUMMARY_MAX = 4_000
#: markup taken into account for one character of text
_MARKUP = 20
_URL_MAX = 2_048
#: an absolute address that joining to a base leaves as it is
_WHOLE = re.compile(r"https?://[a-z0-9.-]+(?:/[\w.~%+,=&!*()@:/-]*)?(?:\?[\w.~%+,=&!*()@:/?-]+)?", re.ASCII)


def plain(markup: str, limit: int = _SUMMARY_MAX) -> str:
    """Text without tags and entities, its white space collapsed; at most `limit` characters."""
    # some feeds wrap what was wrapped already
    text = markup[: limit * _MARKUP].replace("<![CDATA[", "").replace("]]>", "")
    # twice, as many feeds escape what was escaped already
    for _ in range(2):
        if "<" not in text and "&" not in text:
            break
        text = html.unescape(_without_tags(text))
    shown = " ".join(text.split())
    if not shown.isprintable():
        shown = " ".join(_UNSHOWN.sub("", text).split())
    return shown[:limit].rstrip()


def _without_tags(markup: str) -> str:
    """Take tags out; comments and what nobody reads with all that is in them."""
    if _MARK not in markup and _HIDING.search(markup) is None:
        return _OTHER_TAGS.sub(" ", _INLINE_TAGS.sub(_MARK, markup)).replace(_MARK, "")
    # in one pass, as regular expressions for this take quadratic time on hostile markup
    first, *rest = markup.split("<")
    kept, closing = [first], ""
    for piece in rest:
        if closing:
            end = closing if closing == "-->" else ">"
            closing = "" if _closes(piece, closing) else closing
            kept.append(piece.partition(end)[2] if not closing else "")
        elif piece.startswith("!--"):
            closing = "" if "-->" in piece else "-->"
            kept.append(piece.partition("-->")[2])
        else:
            name, shown = _tag(piece)
            closing = name if name in _UNREAD and not _is_closed(piece) else ""
            kept.append("" if closing else shown)
    return "".join(kept)


def _tag(piece: str) -> tuple[str, str]:
    """The name of the tag that a piece begins with, and what is shown in its place and after; no name: not a tag."""
    named = _TAG_NAME.match(piece)
    _, end, after = piece.partition(">")
    if named is None or not end:
        is_other = piece.startswith(("!", "?")) and end
        return "", f" {after}" if is_other else f"<{piece}"
    name = named[1].lower()
    return name, after if name in _INLINE else f" {after}"


def _is_closed(piece: str) -> bool:
    return piece.startswith("/") or piece.partition(">")[0].endswith("/")


def _closes(piece: str, closing: str) -> bool:
    return closing in piece if closing == "-->" else piece[: len(closing) + 1].lower() == f"/{closing}"


def language(written: str) -> str | None:
    """The ISO 639-1 code of "es-PE", "spa" or "ES"; None for what is no such code."""
    found = _LANGUAGE.match(written.lower())
    code = found[1] if found else ""
    return _LANGUAGES.get(code, code if len(code) == 2 else None)


def is_whole(link: str) -> bool:
    """Whether an address is absolute and in so plain a form that joining it to a base changes nothing."""
    return _WHOLE.fullmatch(link) is not None


def address(base: str, link: str | None) -> str | None:
    """An absolute http(s) address; None for what is none."""
    if link and len(link) <= _URL_MAX and is_whole(link):
        return link
    if not link or not link.strip() or link.strip().rstrip("/").lower() in ("http:", "https:"):
        return None
    try:
        url = urljoin(base, link.strip().replace(" ", "%20"))
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= _URL_MAX
    except ValueError:
        return None
    return url if usable else None
