"""What a new source would be: proposed from a survey of its site, for a person to look at and correct. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from pipeline.extract import detect_language
from pipeline.sources import Candidate, Hints, Survey
from pipeline.sources.naming import slug_for
from pipeline.topics import LANGUAGES, Topics
from pipeline.types import FeedAddress, FeedKind, Source

#: what stands between an outlet's name and what it says beside it
_BESIDE = re.compile(r"\s+[|·»:–—-]\s+|\s*[|»]\s*")
#: entries of a feed below which a news sitemap beside it is worth polling too
_SHORT = 30


@dataclass(frozen=True, slots=True)
class Prospect:
    """A feed that was found, and the share of its titles (0..1) that touch a topic of ours."""

    feed: Candidate
    on_topic: float
    #: whether the proposal polls it
    chosen: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source as it would be written, and what it was made of. `source` is None while something is `missing`."""

    source: Source | None
    prospects: tuple[Prospect, ...]
    #: field -> how it was arrived at, in words
    grounds: dict[str, str]
    #: fields that a person has to give
    missing: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says of a source; it counts before any guess."""

    slug: str = ""
    name: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    #: addresses of the feeds to poll, out of those found
    feeds: tuple[str, ...] = ()


def propose(found: Survey, given: Given, topics: Topics, hints: Hints, taken: Collection[str]) -> Proposal:
    """Propose a source; `taken` are slugs it cannot have."""
    chosen = _chosen(found.candidates, given.feeds)
    prospects = tuple(
        Prospect(feed, _on_topic(feed.titles, topics), feed.url in {one.url for one in chosen})
        for feed in found.candidates
    )
    titles = [title for feed in chosen for title in feed.titles]
    homepage = urljoin(found.url, "/")
    name, name_ground = _name(found, given, homepage)
    languages, language_ground = _languages(found, given, titles)
    country, country_ground = _country(found, given, titles, topics, hints)
    slug, slug_ground = _slug(given, homepage, name, country, taken)
    fields = {"slug": slug, "name": name, "country": country, "languages": languages, "feeds": chosen}
    missing = tuple(field for field, value in fields.items() if not value)
    source = None if missing else Source(slug, name, country, languages, homepage, tuple(map(_address, chosen)))
    grounds = {"slug": slug_ground, "name": name_ground, "country": country_ground, "languages": language_ground}
    return Proposal(source, prospects, grounds, missing, found.refused)


def _address(feed: Candidate) -> FeedAddress:
    return FeedAddress(feed.url, feed.kind)


def _on_topic(titles: tuple[str, ...], topics: Topics) -> float:
    return round(sum(map(topics.on_topic, titles)) / len(titles), 3) if titles else 0.0


def _chosen(candidates: tuple[Candidate, ...], wanted: tuple[str, ...]) -> list[Candidate]:
    """The feeds to poll: those wanted; else the best feed, and the best news sitemap where it is missing or short."""
    if wanted:
        return [feed for feed in candidates if feed.url in wanted]
    good = [feed for feed in candidates if feed.score > 0]
    best = {kind: next((feed for feed in good if feed.kind is kind), None) for kind in FeedKind}
    rss, news = best[FeedKind.RSS], best[FeedKind.NEWS_SITEMAP]
    if rss is not None and news is not None and rss.entries >= _SHORT:
        return [rss]
    return [feed for feed in (rss, news) if feed is not None] or [
        feed for feed in (best[FeedKind.SITEMAP],) if feed is not None
    ]


# --- guesses ----------------------------------------------------------------------------------------------------------


def _name(found: Survey, given: Given, homepage: str) -> tuple[str, str]:
    title = found.candidates[0].title if found.candidates else ""
    ways = (
        (given.name, "given"),
        (found.page.name, "the page names its site"),
        (_BESIDE.split(title)[0].strip(), "title of the feed"),
        (_BESIDE.split(found.page.title)[0].strip(), "title of the page"),
        (urlsplit(homepage).hostname or "", "the host"),
    )
    return next((way for way in ways if way[0]), ("", "nothing says it"))


def _languages(found: Survey, given: Given, titles: list[str]) -> tuple[tuple[str, ...], str]:
    # what software was installed with says less than what is written: half the press declares en-US
    detected = detect_language(" . ".join(titles)) if titles else None
    claimed = next((feed.languages for feed in found.candidates if feed.languages), ())
    ways = (
        (given.languages, "given"),
        ((detected,) if detected in LANGUAGES else (), "read from the titles"),
        (claimed, "the feed says so"),
        (found.page.languages[:1], "the page says so"),
        ((detected,) if detected else (), "read from the titles"),
    )
    return next((way for way in ways if way[0]), ((), "nothing says it"))


def _country(found: Survey, given: Given, titles: list[str], topics: Topics, hints: Hints) -> tuple[str, str]:
    host = urlsplit(found.url).hostname or ""
    mentioned = topics.countries("", "\n".join(titles))
    ways = (
        (given.country, "given"),
        (hints.country_of(host) or "", f"host ends in .{host.rpartition('.')[2]}"),
        (found.page.country or "", "the page says so"),
        (mentioned[0] if mentioned else "", "the country that its titles name most: look twice"),
    )
    return next((way for way in ways if way[0]), ("", "nothing says it: give --country"))


def _slug(given: Given, homepage: str, name: str, country: str, taken: Collection[str]) -> tuple[str, str]:
    if given.slug:
        return given.slug, "given"
    return slug_for(homepage, name, country, taken), "the host, else the name"


__all__ = ["Given", "Proposal", "Prospect", "propose"]
