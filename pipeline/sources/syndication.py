"""RSS, RDF and Atom, read by feedparser made fast.

Plain feeds are read by quick.py, as feedparser would read them, the others by feedparser. What is slow in it is what we
do not use: its sanitiser and its resolving of links inside of markup (we reduce what is shown to plain text ourselves),
and a SAX driver that hands over text in tiny pieces.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import feedparser
import feedparser.api
import feedparser.mixin
import feedparser.urls

from pipeline.errors import NotAFeed
from pipeline.sources import quick
from pipeline.sources.closed import skip_days, skip_hours
from pipeline.sources.dates import possible, read_date
from pipeline.sources.habits import NotPlainError
from pipeline.sources.plain import address, language, plain
from pipeline.types import Entry, FeedDocument, FeedKind


def _leave_authors_alone(*_: Any) -> None:
    """Stand in for feedparser's search of e-mail addresses in authors: quadratic, and nothing here reads authors."""


def _leave_tags_alone(parser: Any, *_: Any) -> None:
    """Stand in for feedparser's list of categories: quadratic, and nothing here reads categories."""
    parser._get_context().setdefault("tags", [])


def _with_short_bases(start: Callable[..., None]) -> Callable[..., None]:
    """Stop where elements within elements make their base address longer and longer: quadratic, too."""

    def unknown_starttag(parser: Any, tag: str, attributes: Any) -> None:
        if len(parser.baseuri) > _BASE_MAX:
            raise ValueError(f"expected xml:base of at most {_BASE_MAX} characters, got {len(parser.baseuri)}")
        start(parser, tag, attributes)

    return unknown_starttag


_BASE_MAX = 8_192
feedparser.api.PREFERRED_XML_PARSERS = ["pipeline.sources.saxdriver"]
# asked for every element of a feed, nearly always with the same two addresses
feedparser.mixin.make_safe_absolute_uri = lru_cache(256)(feedparser.urls.make_safe_absolute_uri)
for _parser in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    _parser.unknown_starttag = _with_short_bases(_parser.unknown_starttag)
    _parser._sync_author_detail = _leave_authors_alone
    _parser._add_tag = _leave_tags_alone

#: what is said of a feed or an entry, under feedparser's names
Fields = Mapping[str, Any]

_TITLE_MAX = 1_000
_GUID_MAX = 2_000
_CONTENT_MAX = 500_000
#: characters of markup beyond which a summary is the article itself
_SUMMARY_LONG = 1_500
#: seconds in a unit of sy:updatePeriod
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def read(body: bytes, url: str, *, now: datetime, max_entries: int) -> FeedDocument:
    """Read a syndication feed in UTF-8. Raises NotAFeed when not even feedparser can make sense of it."""
    feed, found, fault = _read(body, url)
    base = address(url, feed.get("link")) or url
    taken = found[:max_entries]
    entries = tuple(entry for raw in taken if (entry := _entry(raw, base, now)) is not None)
    return FeedDocument(
        kind=FeedKind.RSS,
        entries=entries,
        title=plain(feed.get("title") or "", _TITLE_MAX),
        ttl=_ttl(feed),
        trouble=_trouble(fault, len(taken) - len(entries)),
        skip_hours=skip_hours(body),
        skip_days=skip_days(body),
    )


def _read(body: bytes, url: str) -> tuple[Fields, Sequence[Fields], Exception | None]:
    """The feed's own fields, its entries, and what is wrong with it. Raises NotAFeed."""
    try:
        feed, entries = quick.read(body, url)
    except NotPlainError:
        return _parsed(body, url)
    return (feed, entries, None) if entries else _parsed(body, url)


def _parsed(body: bytes, url: str) -> tuple[Fields, Sequence[Fields], Exception | None]:
    """The same, by feedparser."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        # BytesIO and nothing else: a bare body may be taken for a path or an address
        parsed = feedparser.parse(
            BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser's own slips on hostile markup are as many as its lines
        raise NotAFeed(f"{url}: expected a feed, got one that feedparser fails on: {error!r}") from error
    if not parsed.get("version") and not parsed.entries:
        raise NotAFeed(f"{url}: expected RSS, RDF or Atom, got {parsed.get('bozo_exception', 'something else')}")
    return parsed.feed, parsed.entries, parsed.bozo_exception if parsed.bozo else None


def _entry(raw: Fields, base: str, now: datetime) -> Entry | None:
    guid = (raw.get("id") or "").strip()
    link = _link(raw, base, guid)
    if link is None:
        return None
    summary = raw.get("summary") or ""
    return Entry(
        url=link,
        title=plain(raw.get("title") or "", _TITLE_MAX),
        guid=guid[:_GUID_MAX] or None,
        summary=plain(summary),
        claimed_at=_moment(raw, "published", now),
        updated_at=_moment(raw, "updated", now),
        lang=language(str(raw.get("language") or raw.get("dc_language") or "")),
        content=_content(raw, summary),
    )


def _link(raw: Fields, base: str, guid: str) -> str | None:
    """Where the article is: not behind a counting redirect, and in the id where there is no link."""
    ways = (raw.get("feedburner_origlink"), raw.get("link"), guid if guid.startswith(("http://", "https://")) else None)
    # an element with attributes that feedparser does not know is no text but a mapping
    return next((link for way in ways if isinstance(way, str) and (link := address(base, way)) is not None), None)


def _content(raw: Fields, summary: str) -> str:
    """Full text as HTML: what the feed carries beside its summary, or a summary as long as an article."""
    pieces = [piece.get("value") or "" for piece in raw.get("content") or ()]
    longest = max(pieces, key=len, default="")
    if len(longest) > len(summary):
        return longest[:_CONTENT_MAX]
    return summary[:_CONTENT_MAX] if len(summary) > _SUMMARY_LONG else ""


def _moment(raw: Fields, name: str, now: datetime) -> datetime | None:
    """feedparser's reading of a date; where it has none, ours, which knows months in Spanish and Portuguese."""
    parsed = _stored(raw, f"{name}_parsed")
    if parsed is not None:
        try:
            return possible(datetime.fromtimestamp(calendar.timegm(parsed), UTC), now)
        except (ValueError, OverflowError, OSError):
            return None
    return read_date(_stored(raw, name), now)


def _stored(raw: Fields, key: str) -> Any:
    """What the entry itself has: asked the usual way, feedparser answers `updated` with the publication date."""
    return dict.get(raw, key)  # type: ignore[call-overload]


def _ttl(feed: Fields) -> float | None:
    """Seconds the publisher asks for: ttl in minutes, or sy:updatePeriod over sy:updateFrequency."""
    minutes = _number(feed.get("ttl"))
    if minutes:
        return minutes * 60
    period = _PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower())
    frequency = _number(feed.get("sy_updatefrequency", "1"))
    return period / frequency if period and frequency else None


def _number(written: Any) -> float:
    text = str(written).strip()
    return float(text) if text.isdecimal() else 0.0


def _trouble(fault: Exception | None, dropped: int) -> str | None:
    said = [] if fault is None else [f"not well-formed: {fault}"]
    if dropped:
        said.append(f"{dropped} entries without a usable link")
    return "; ".join(said) or None
