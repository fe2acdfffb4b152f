"""Pages that answer 200 and are none: gone without saying so, or behind a wall that asks for consent.

A page that is taken for one of these is lost, so each sign needs another beside it: an article claims to be one, or
says something.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

from pipeline.errors import Blocked, Gone
from pipeline.extract.fronts import is_home, is_section_of
from pipeline.extract.signs import shipped
from pipeline.text import words
from pipeline.types import Page

#: a page with fewer words says next to nothing
_FEW_WORDS = 60
#: characters in which a page's names stand
_NAMED_WITHIN = 300_000
_TITLE = re.compile(r"<title\b[^>]{0,500}>([^<]{0,500})", re.I)
_HEADING = re.compile(r"<h1\b[^>]{0,500}>(.{0,500}?)</h1", re.I | re.S)
_TAG = re.compile(r"<[^>]{0,500}>")
#: what stands between a page's name and its outlet's
_SEPARATOR = re.compile(r"\s+[|\-–—·•»«:>]+\s+|:\s+")
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
    """Refuse what an address alone tells: sent to the homepage, to the article's section, to a wall for consent.

    Raises Gone and Blocked.
    """
    asked, got = page.url, page.final_url
    if asked == got:
        return
    if _is_consent_host(got) and not _is_consent_host(asked):
        raise Blocked(f"{asked}: expected an article, got a wall for consent at {got}")
    if is_home(got) and not is_home(asked):
        raise Gone(f"{asked}: expected an article, got the homepage {got}")
    if is_section_of(got, asked):
        raise Gone(f"{asked}: expected an article, got its section {got}")


def check_words(markup: str, page: Page, count: int) -> None:
    """Refuse a page of `count` words that says it is missing, or shows a wall for consent. Raises Gone and Blocked."""
    named = _missing_name(markup, page)
    if named and not _CLAIM.search(markup):
        raise Gone(f"{page.final_url}: expected an article, got a page called {named[:100]!r}")
    if count >= _FEW_WORDS or _CLAIM.search(markup):
        return
    lower = markup.lower()
    mark = next((mark for mark in shipped().consent_marks if mark in lower), None)
    if mark:
        raise Blocked(f"{page.final_url}: expected an article, got a wall for consent ({mark})")
    home = _canonical(markup, page)
    if home and is_home(home) and not is_home(page.final_url):
        raise Gone(f"{page.final_url}: expected an article, got {count} words that call themselves {home}")


def _missing_name(markup: str, page: Page) -> str:
    """What the page is called where that says it is missing; not where the feed had called it so, too."""
    title, heading = _TITLE.search(markup, 0, _NAMED_WITHIN), _HEADING.search(markup, 0, _NAMED_WITHIN)
    names = [*_SEPARATOR.split(_plain(title[1])), _plain(title[1])] if title else []
    names += [_plain(heading[1])] if heading else []
    fed = _folded(page.entry.title) if page.entry else ""
    missing = shipped().missing
    return next((name for name in names if (key := _folded(name)) in missing and key not in fed), "")


def _canonical(markup: str, page: Page) -> str:
    found = _CANONICAL.search(markup, 0, _NAMED_WITHIN)
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
