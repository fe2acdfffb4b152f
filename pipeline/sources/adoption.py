"""From the feeds of an OPML list to sources of ours: one source an outlet, none that we have already. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from pipeline.errors import ConfigError
from pipeline.sources.catalogue import is_web, parse_catalogue
from pipeline.sources.editing import table_of
from pipeline.sources.keys import UrlKeys
from pipeline.sources.leads import Hints
from pipeline.sources.naming import slug_for
from pipeline.sources.opml import Outline
from pipeline.types import FeedAddress, Source

#: feeds of one outlet; who lists more lists its sections, and every one is asked for every day
FEEDS_MAX = 50


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms outlines become sources: what holds where the list says nothing."""

    country: str = ""
    languages: tuple[str, ...] = ()
    #: poll them at once; else they are added disabled, for this reason
    enable: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What a list brought: sources to add, and what was left out with the reason why, by address."""

    sources: tuple[Source, ...]
    skipped: tuple[tuple[str, str], ...]


def adopt(
    outlines: Iterable[Outline], known: Sequence[Source], terms: Terms, url_keys: UrlKeys, hints: Hints
) -> Adopted:
    """Make sources of outlines, in their order; those of one home page, or of one source of ours, become one."""
    owners = {url_keys.feed_key(feed.url): source.slug for source in known for feed in source.feeds}
    slugs = {source.slug for source in known}
    made: dict[tuple[str, str], Source] = {}
    skipped: list[tuple[str, str]] = []
    for outline in outlines:
        group, key = _group(outline), url_keys.feed_key(outline.url)
        before = made.get(group)
        found = before or _source(outline, terms, hints, slugs)
        found = replace(found, feeds=(*found.feeds, FeedAddress(outline.url, outline.kind)))
        taken = slugs if before is None else set[str]()
        if why := next(_faults(found, owners.get(key), taken), ""):
            skipped.append((outline.url, why))
            continue
        owners[key] = found.slug
        slugs.add(found.slug)
        made[group] = found
    return Adopted(tuple(made.values()), tuple(skipped))


def _group(outline: Outline) -> tuple[str, str]:
    """What outlines of one outlet share; without a home page each is its own, as hosts of feeds serve many outlets."""
    if outline.source:
        return "source", outline.source
    host = urlsplit(outline.homepage).hostname or ""
    return ("home", host.removeprefix("www.")) if host else ("feed", outline.url)


def _source(outline: Outline, terms: Terms, hints: Hints, slugs: set[str]) -> Source:
    """The source that an outline would be, without its feed; fields that nothing tells are empty."""
    homepage = outline.homepage or (urljoin(outline.url, "/") if is_web(outline.url) else "")
    host = urlsplit(homepage).hostname or ""
    folders = (name for name in outline.categories if len(name) == 2 and name.isascii() and name.isupper())
    country = outline.country or hints.country_of(host) or next(folders, "") or terms.country
    name = outline.name.strip() or host
    is_enabled = terms.enable and outline.enabled
    return Source(
        slug=outline.source or slug_for(homepage, name, country, slugs),
        name=name,
        country=country,
        languages=outline.languages or ((outline.language,) if outline.language else terms.languages),
        homepage=homepage,
        enabled=is_enabled,
        reason="" if is_enabled else outline.reason or terms.reason,
    )


def _faults(found: Source, owner: str | None, taken: Collection[str]) -> Iterator[str]:
    """Why a source cannot be added with the feed that it ends in, the plainest first; nothing if it can."""
    if not is_web(found.feeds[-1].url):
        yield "no web address"
    if owner is not None:
        yield f"a feed of {owner} already"
    if len(found.feeds) > FEEDS_MAX:
        yield f"more than {FEEDS_MAX} feeds of {found.slug}"
    if found.slug in taken:
        yield f"there is a source {found.slug} already: add the feed to it by hand"
    if not found.country:
        yield "its country is not told: say --country"
    if not found.languages:
        yield "its language is not told: say --language"
    try:
        parse_catalogue(table_of(found), Path("list"))
    except ConfigError as error:
        yield f"{error.key}: expected {error.expected}, got {error.got!r}"
