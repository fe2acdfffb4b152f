"""Pages that answer 200 and are none: gone without saying so, or behind a wall that asks for consent.

A page that is taken for one of these is lost, so each sign needs another beside it: an article claims to be one, or
says something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from pipeline.errors import Blocked, Gone
from pipeline.extract.fronts import is_home, is_section_of
from pipeline.extract.prose import ARTICLE_WORDS, prose
from pipeline.extract.signs import shipped
from pipeline.text import FEW_WORDS, words
from pipeline.types import Page

#: characters in which a page's names stand
_NAMED_WITHIN = 300_000
_TITLE = re.compile(r"<title\b[^>]{0,500}>([^<]{0,500})", re.I)
_HEADING = re.compile(r"<h1\b[^>]{0,500}>(.{0,500}?)</h1", re.I | re.S)
_TAG = re.compile(r"<[^>]{0,500}>")
#: what stands between a page's name and its outlet's
_SEPARATOR = re.compile(r"\s+[|\-–—·•»«:>]+\s+")
#: and between what a name says and what it says of that
_COLON = re.compile(r":\s+")
#: what a browser does not show, or not as part of the page, and how each ends
_HIDDEN = re.compile(r"<!--|<(script|style|template|noscript|iframe|textarea|svg)\b", re.I)
_ENDS = {
    name: re.compile(rf"</{name}\b" if name else "-->", re.I)
    for name in ("", "script", "style", "template", "noscript", "iframe", "textarea", "svg")
}
#: the beginning of an element that holds something
_OPENING = re.compile(r"<([a-z][a-z0-9]*)\b([^<>]{1,2000})>(?!\s*</\1\b)", re.I)
_MARKED = re.compile(r"\b(?:class|id|action)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.I)
_UNSHOWN = re.compile(r"\shidden\b|display\s*:\s*none", re.I)
_CANONICAL = re.compile(
    r"<link\b(?=[^>]{0,500}\brel=[\"']?canonical)[^>]{0,500}?\bhref=[\"']?([^\"'\s>]{1,2000})", re.I
)
#: how a page claims to be an article: linked data, OpenGraph
_CLAIM = re.compile(
    r"\"@type\"\s{0,50}:\s{0,50}\[?\s{0,50}\"(?:\w{0,20}Article|\w{0,10}BlogPosting|ReportageNews\w{0,20})\""
    r"|og:type[\"']?\s{1,50}content=[\"']?article|article:published_time",
    re.I,
)


def check_address(page: Page) -> None:
    """Refuse what an address alone tells: sent to the homepage, to a wall for consent. Raises Gone and Blocked."""
    asked, got = page.url, page.final_url
    if asked == got:
        return
    if _is_consent_host(got) and not _is_consent_host(asked):
        raise Blocked(f"{asked}: expected an article, got a wall for consent at {got}")
    if is_home(got) and not is_home(asked):
        raise Gone(f"{asked}: expected an article, got the homepage {got}")


def check_words(markup: str, page: Page, text: str, shown: str = "") -> None:
    """Refuse a page of that text that says it is missing, is the article's section, or shows a wall for consent.

    `shown` is the markup without its scripts, where that is at hand. Raises Gone and Blocked.
    """
    refusal = _refusal(_shown(shown or markup), page, text)
    # what claims to be an article is one, whatever else it looks like; asked last, as it takes the longest
    if refusal and not _CLAIM.search(markup):
        raise refusal


def _refusal(shown: str, page: Page, text: str) -> Gone | Blocked | None:
    named = _missing_name(shown, page, text)
    if named:
        return Gone(f"{page.final_url}: expected an article, got a page called {named[:100]!r}")
    if page.final_url != page.url and is_section_of(page.final_url, page.url) and not _is_long(text):
        return Gone(f"{page.url}: expected an article, got its section {page.final_url}")
    count = len(text.split())
    return _refusal_of_few(shown, page, count) if count < FEW_WORDS else None


def _refusal_of_few(shown: str, page: Page, count: int) -> Gone | Blocked | None:
    """Why a page of a few words is none: it is a wall for consent, or calls itself the homepage."""
    mark = _consent_mark(shown)
    if mark:
        return Blocked(f"{page.final_url}: expected an article, got a wall for consent ({mark})")
    home = _canonical(shown, page)
    if home and is_home(home) and not is_home(page.final_url):
        return Gone(f"{page.final_url}: expected an article, got {count} words that call themselves {home}")
    return None


def _shown(markup: str) -> str:
    """The beginning of the markup without comments, scripts, templates and what else is no part of the page.

    What never ends hides all that follows.
    """
    kept, at = [], 0
    while found := _HIDDEN.search(markup, at, _NAMED_WITHIN):
        kept.append(markup[at : found.start()])
        end = _ENDS[(found[1] or "").lower()].search(markup, found.end())
        if end is None:
            return " ".join(kept)
        at = end.end()
    return " ".join((*kept, markup[at:_NAMED_WITHIN]))


def _missing_name(shown: str, page: Page, text: str) -> str:
    """What the page is called where that says it is missing; not where the feed had called it so, too.

    Of a long page only the whole title counts: parts of titles and headings are about something else now and then.
    """
    title, heading = _TITLE.search(shown), _HEADING.search(shown)
    whole = _plain(title[1]) if title else ""
    if _says_missing(whole, page):
        return whole
    names = [*_parts(whole), _plain(heading[1]) if heading else ""]
    named = next((name for name in names if _says_missing(name, page)), "")
    return "" if named and _is_long(text) else named


def _says_missing(name: str, page: Page) -> bool:
    key = _folded(name)
    return key in shipped().missing and not (page.entry and key in _folded(page.entry.title))


def _is_long(text: str) -> bool:
    return prose(text) >= ARTICLE_WORDS


def _parts(title: str) -> Iterator[str]:
    """A title's parts between separators; behind a colon the last word on it: "404: the band" is about a band."""
    for part in _SEPARATOR.split(title):
        yield part
        yield _COLON.split(part)[-1]


def _consent_mark(shown: str) -> str:
    """The mark of a wall in the class, id or form of an element that is shown and not empty."""
    for opening in _OPENING.finditer(shown):
        if _UNSHOWN.search(opening[2]):
            continue
        for written in _MARKED.findall(opening[2].lower()):
            if found := next((mark for mark in shipped().consent_marks if mark in written), ""):
                return found
    return ""


def _canonical(shown: str, page: Page) -> str:
    found = _CANONICAL.search(shown)
    try:
        return urljoin(page.final_url, unescape(found[1])) if found else ""
    except ValueError:
        return ""


def _is_consent_host(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == known or host.endswith(f".{known}") for known in shipped().consent_hosts)


def _plain(markup: str) -> str:
    return unescape(_TAG.sub(" ", markup)).strip()


def _folded(text: str) -> str:
    return " ".join(words(text))
