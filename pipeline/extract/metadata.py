"""What a page says of its article, by our own reading: linked data, OpenGraph, meta, <time>, addresses, headings.

Each field asks its witnesses in order of trust; htmldate comes last, and does not search the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

from lxml import html

from pipeline.extract.access import is_paid, is_walled
from pipeline.extract.bylines import clean_title, function_words, key, names_site
from pipeline.extract.dated import read_modified, read_published
from pipeline.extract.fronts import is_front
from pipeline.extract.head import Head, collect
from pipeline.extract.language import detect_language
from pipeline.extract.lexicon import shipped
from pipeline.extract.linked import Linked, bare, read_linked
from pipeline.extract.signed import read_authors
from pipeline.types import Page


@dataclass(frozen=True, slots=True)
class Metadata:
    """All that a page says of its article but the text."""

    canonical_url: str
    title: str
    #: everything the page calls itself, as printed: its title, headings, OpenGraph title, headline
    titles: tuple[str, ...]
    authors: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None
    #: as the page declares it; the text may say otherwise
    lang: str | None
    site_name: str | None
    description: str | None
    #: the article's text in the linked data, where it is surely this article's
    body: str
    #: the page says that it is an article: by linked data, OpenGraph or a publication date
    is_article: bool
    linked: Linked
    #: where in the outlet it stands, as the page says it: "Nacional"
    section: str | None
    #: the page says that it is paid for: by linked data, its content tier, a wall
    paid: bool


def read(tree: html.HtmlElement, page: Page) -> Metadata:
    """Read a page's metadata. Changes nothing; whatever is missing or impossible is None or empty."""
    head = collect(tree)
    canonical = _canonical(head, page.final_url)
    headings = [head.title, *head.every("og:title", "twitter:title"), *head.headings]
    linked = read_linked(head.scripts, {bare(canonical), bare(page.final_url)}, headings)
    sites = _sites(head, linked, page.final_url)
    declared = _language(head, linked)
    written = declared or detect_language(f"{head.title}\n{_description(head, linked) or ''}") or "en"
    month_first = written == "en" and not _is_day_first(head, page.final_url)
    published = read_published(head, linked, tree, page, month_first=month_first)
    tier, walled = head.first("article:content_tier", "content_tier"), is_walled(tree)
    return Metadata(
        canonical_url=canonical,
        title=_title(head, linked, sites, page),
        titles=tuple(dict.fromkeys(filter(None, (linked.text("headline"), *headings)))),
        authors=read_authors(head, linked, tree, sites),
        published_at=published,
        modified_at=read_modified(head, linked, tree, page, published, month_first=month_first),
        lang=declared,
        site_name=_site_name(head, linked),
        description=_description(head, linked),
        body=linked.text("articleBody") if linked.sure else "",
        is_article=bool(linked.article)
        or head.first("og:type") == "article"
        or bool(head.first("article:published_time")),
        linked=linked,
        section=_section(head, linked),
        paid=is_paid(linked, tier, walled=walled),
    )


# --- addresses and names of the site ----------------------------------------------------------------------------------


def _canonical(head: Head, url: str) -> str:
    """The address the page gives itself: <link rel=canonical>, else og:url, else where it was found.

    Refused where it is no article's: another scheme than http(s), no host, a homepage, the section above the page. Many
    articles would share such an address and be taken for one.
    """
    claims = (_resolve(url, claimed) for claimed in (head.canonical, head.first("og:url")))
    return next(filter(None, claims), url)


def _resolve(base: str, claimed: str) -> str | None:
    if not claimed or any(char.isspace() for char in claimed):
        return None
    try:
        parts, found = urlsplit(urljoin(base, claimed)), urlsplit(base)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if is_front(parts, found):
        return None
    return parts._replace(fragment="").geturl()


_SITE_METAS = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "twitter:site",
    "dc.publisher",
    "publisher",
    "al:ios:app_name",
)


def _sites(head: Head, linked: Linked, url: str) -> frozenset[str]:
    """Keys of the site's name in all spellings that the page offers, and of its host."""
    host = _host(url).removeprefix("www.")
    names = [*head.every(*_SITE_METAS), linked.publisher, host, *host.split(".")[:-1][:2]]
    return frozenset(filter(None, map(key, names)))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _site_name(head: Head, linked: Linked) -> str | None:
    return head.first("og:site_name") or linked.publisher or head.first("application-name", "dc.publisher") or None


_SECTION_METAS = ("article:section", "articlesection", "parsely-section", "section", "sailthru.section")
_SECTION_WORDS = 8


def _section(head: Head, linked: Linked) -> str | None:
    """The section that the page names; a path such as news/world gives its last part."""
    claims = (linked.text("articleSection"), *head.every(*_SECTION_METAS))
    named = (" ".join(unescape(claim).split()).split(";")[0].strip(" /").rsplit("/", 1)[-1] for claim in claims)
    return next((name for name in named if name and len(name.split()) <= _SECTION_WORDS), None)


# --- title, description -----------------------------------------------------------------------------------------------


def _title(head: Head, linked: Linked, sites: frozenset[str], page: Page) -> str:
    """The headline: as in the linked data, else as printed, else as shared, else <title>, else as the feed had it."""
    fed = page.entry.title if page.entry else ""
    shared, headline = head.first("og:title", "twitter:title"), linked.text("headline")
    short = _handed_on(head, headline) or _agreed(head, shared)
    told = [*_printed(head, shared, sites), shared, head.title]
    claims = [short, headline, *told, fed] if linked.sure else [short, *told, headline, fed]
    claims += [*head.headings, *(head.minor if not any(head.headings) else ())]
    headings = frozenset(map(key, (headline, *head.headings))) - {""}
    cleaned = [title for claim in claims if (title := clean_title(claim, sites, headings))]
    chosen = next((title for title in cleaned if key(title) not in sites), cleaned[0] if cleaned else "")
    return _whole(chosen, cleaned)


def _handed_on(head: Head, headline: str) -> str:
    """The outlet's own short headline: handed on to all who share the page, and where the long one begins.

    Not one that a machine cut off: it ends with a word that may end a headline.
    """
    shared, again = head.first("og:title"), head.first("twitter:title")
    longer = any(_goes_on(full, shared) for full in (headline, *head.headings))
    last = key(shared.rsplit(" ", 1)[-1])
    whole = shared[-1:].isalnum() and last not in function_words()
    return shared if shared and shared == again and longer and whole else ""


def _agreed(head: Head, shared: str) -> str:
    """The only heading where the page is shared under the same title: its linked data may have a headline for search
    engines, which no reader sees."""
    headings = [heading for heading in head.headings if heading]
    return shared if len(headings) == 1 and key(headings[0]) == key(shared) else ""


def _goes_on(full: str, short: str) -> bool:
    return len(full) > len(short) and full.startswith(f"{short} ") and len(short.split()) > _HEADLINE_WORDS


#: a logo's heading is shorter
_HEADLINE_WORDS = 3
_HEADLINE_KEY = 15


def _printed(head: Head, shared: str, sites: frozenset[str]) -> list[str]:
    """Headings that the page's title begins with; else the only one there is, unless it may be a logo's."""
    titles = (key(shared), key(head.title))
    headings = [heading for heading in head.headings if heading]
    if not headings:
        lesser = [one for one in head.minor if one and not names_site(one, sites)]
        # the site's name, if it is not known as that, stands above
        return [one for one in lesser[::-1] if key(one) in titles or _set_apart(one, head.title)]
    titled = [one for one in headings if key(one) in titles or _begins(one, titles)]
    return titled or [one for one in headings if len(headings) == 1 and len(one.split()) >= _HEADLINE_WORDS]


def _set_apart(heading: str, title: str) -> bool:
    """Whether the page's title is this heading and, behind or before a dash or bar, something else."""
    return bool(re.search(rf"[|–—-]\s*{re.escape(heading)}$|^{re.escape(heading)}\s*[|–—-]", title, re.I))


def _begins(heading: str, titles: tuple[str, ...]) -> bool:
    begin = key(heading)
    return len(begin) >= _HEADLINE_KEY and any(title.startswith(begin) for title in titles)


def _whole(title: str, others: list[str]) -> str:
    """The title, or the longer one that it is cut from."""
    stem = title.removesuffix("…").removesuffix("...").rstrip()
    if stem == title:
        return title
    return next((other for other in others if other.startswith(stem) and len(other) > len(title)), title)


def _description(head: Head, linked: Linked) -> str | None:
    found = head.first("og:description", "description", "twitter:description") or linked.text("description")
    return " ".join(unescape(found).split()) or None


# --- language ---------------------------------------------------------------------------------------------------------

_REGION = re.compile(r"[-_]([a-z]{2})\b", re.I)
_LANGUAGE_TAG = re.compile(r"^\s*([a-z]{2})(?:[-_][a-z0-9]+)*\s*$", re.I)


def _is_day_first(head: Head, url: str) -> bool:
    """Whether English is written here as in London: 5/6 is in June."""
    regions = (_REGION.search(tag) for tag in (head.lang, head.first("og:locale")))
    places = {found[1].lower() for found in regions if found} or {_host(url).rsplit(".", 1)[-1]}
    return not places.isdisjoint(shipped().dates.day_first)


def _language(head: Head, linked: Linked) -> str | None:
    tags = (
        head.lang,
        linked.text("inLanguage"),
        head.first("og:locale", "content-language", "dc.language", "language"),
    )
    found = next(filter(None, map(_LANGUAGE_TAG.match, tags)), None)
    return found.group(1).lower() if found else None
