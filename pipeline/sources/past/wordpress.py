"""WordPress, which half of the press runs: its feed can be turned page by page, and its API lists posts by date.

`/feed/?paged=N` (developer.wordpress.org: WP_Query's `paged` holds for feeds); `/wp-json/wp/v2/posts` with
`X-WP-TotalPages` (developer.wordpress.org/rest-api/using-the-rest-api/pagination).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import msgspec

from pipeline.errors import NotAFeed
from pipeline.sources.dates import possible, read_date
from pipeline.sources.past.span import Span, Turn, sift
from pipeline.sources.plain import address, plain
from pipeline.sources.whole import read_answer
from pipeline.types import Entry, Response

#: the most that the API gives at once
_PER_PAGE = 100
_ENTRIES = 1_000
#: pages of a feed that are turned in a row without a date, and in all: 50 years of ten entries a day
_UNDATED_MAX, _PAGES_MAX = 50, 20_000
_TITLE_MAX = 1_000
#: the API compares local times, so a day is added on both sides
_SLACK = timedelta(days=1)
_FIELDS = "link,guid,title,excerpt,date_gmt,modified_gmt"


class FeedPages(msgspec.Struct, frozen=True, tag="wordpress"):
    """Where the turning of a feed's pages stands."""

    feed: str
    page: int = 1
    #: hash of the links of the page before: a site that does not turn pages shows the same again
    before: str = ""
    #: pages in a row that date nothing, so that nothing says when they are older than the span
    undated: int = 0

    def url(self, span: Span) -> str:
        """The page to ask for."""
        parts = urlsplit(self.feed)
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "paged"]
        paged = [*query, ("paged", str(self.page))] if self.page > 1 else query
        return parts._replace(query=urlencode(paged)).geturl()

    def read(self, answer: Response, span: Span, now: datetime) -> tuple[Turn, FeedPages | None]:
        """The entries of a page, and the next one; none after the last, or when pages are older than the span."""
        document = read_answer(answer, now=now, max_entries=_ENTRIES)
        links = "\n".join(entry.url for entry in document.entries)
        here = hashlib.sha1(links.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        if here == self.before:
            return Turn((), 0, note="the same page again: this feed has no more pages"), None
        turn = sift(document.entries, span, keep_undated=True)
        moments = [entry.claimed_at for entry in document.entries if entry.claimed_at is not None]
        is_past = bool(moments) and max(moments) < span.since
        undated = 0 if moments else self.undated + 1
        if undated >= _UNDATED_MAX or self.page >= _PAGES_MAX:
            return replace(turn, note=f"left after {self.page} pages, the last {undated} of them without a date"), None
        ends = not document.entries or is_past
        return turn, None if ends else FeedPages(self.feed, self.page + 1, here, undated)

    def after_nothing(self, span: Span) -> FeedPages | None:
        """Past the last page the host answers 404."""
        return None


class PostPages(msgspec.Struct, frozen=True, tag="wp-json"):
    """Where the listing of posts stands."""

    root: str
    page: int = 1
    #: as the host counts them; 0 before the first answer
    pages: int = 0

    def url(self, span: Span) -> str:
        """The page to ask for, newest post first. The end of the span holds still, so that pages do not shift."""
        query = {
            "per_page": _PER_PAGE,
            "page": self.page,
            "orderby": "date",
            "order": "desc",
            "after": f"{span.since - _SLACK:%Y-%m-%dT%H:%M:%S}",
            "before": f"{span.until + _SLACK:%Y-%m-%dT%H:%M:%S}",
            "_fields": _FIELDS,
        }
        return f"{urljoin(self.root, '/wp-json/wp/v2/posts')}?{urlencode(query)}"

    def read(self, answer: Response, span: Span, now: datetime) -> tuple[Turn, PostPages | None]:
        """The posts of a page, and the next one. Raises NotAFeed for what is no list of posts."""
        posts = _posts(answer)
        # a cache may drop it from any page
        pages = _number(answer.headers.get("x-wp-totalpages", "")) or self.pages
        entries = tuple(entry for post in posts if (entry := _entry(post, answer.final_url, now)) is not None)
        ends = not posts or self.page >= pages
        return sift(entries, span, keep_undated=True), None if ends else PostPages(self.root, self.page + 1, pages)

    def after_nothing(self, span: Span) -> PostPages | None:
        """Past the last page the host answers 400 or 404."""
        return None


def _posts(answer: Response) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(answer.body, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAFeed(f"{answer.url}: expected a list of posts, got {error}") from error


def _number(written: str) -> int:
    return int(written) if written.isdecimal() else 0


def _entry(post: dict[str, Any], base: str, now: datetime) -> Entry | None:
    link = address(base, _text(post.get("link")))
    if link is None:
        return None
    return Entry(
        url=link,
        title=plain(_text(post.get("title")), _TITLE_MAX),
        guid=_text(post.get("guid")) or None,
        summary=plain(_text(post.get("excerpt"))),
        claimed_at=_moment(post.get("date_gmt"), now),
        updated_at=_moment(post.get("modified_gmt"), now),
    )


def _text(value: Any) -> str:
    """The words of a field, which are an object with `rendered` or stand for themselves."""
    written = value.get("rendered") if isinstance(value, dict) else value
    return written if isinstance(written, str) else ""


def _moment(written: Any, now: datetime) -> datetime | None:
    found = read_date(written, now) if isinstance(written, str) else None
    return possible(found.replace(tzinfo=UTC), now) if found is not None else None
