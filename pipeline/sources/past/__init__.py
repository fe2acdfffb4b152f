"""What an outlet published before we came: where it lists its past, and how to go through it page by page.

    wp-json     /wp-json/wp/v2/posts, by date; exact, 100 posts a request
    wordpress   /feed/?paged=N, newest first
    archive     pages by date, where sources.toml says where they are
    sitemap     sitemaps whose name or date touches the span

A cursor says where the walk stands and is all that is remembered between two pages: it gives the next address, reads
what came from there, and says where to go on. Cursors are written as JSON, so that a walk goes on after any stop.
"""

from __future__ import annotations

import msgspec

from pipeline.sources.past.archive import Archive
from pipeline.sources.past.sitemaps import Ahead, Sitemaps
from pipeline.sources.past.span import Span, Turn, start_of
from pipeline.sources.past.wordpress import FeedPages, PostPages

Cursor = PostPages | FeedPages | Archive | Sitemaps


def written(cursor: Cursor, before: Cursor | None = None) -> tuple[str, str | None]:
    """A cursor as it is stored, and the list that it stands in: None where it has none, or still that of `before`.

    The two are apart because a list of thousands, written anew for each of them, comes to gigabytes.
    """
    if not isinstance(cursor, Sitemaps):
        return msgspec.json.encode(cursor).decode(), None
    place = msgspec.json.encode(Sitemaps((), cursor.place)).decode()
    is_known = isinstance(before, Sitemaps) and before.listed is cursor.listed
    return place, None if is_known else msgspec.json.encode(cursor.listed).decode()


def restored(text: str, listed: str | None = None) -> Cursor:
    """A cursor as it was stored."""
    cursor: Cursor = msgspec.json.decode(text, type=Cursor)
    if isinstance(cursor, Sitemaps) and listed is not None:
        return Sitemaps(msgspec.json.decode(listed, type=tuple[Ahead, ...]), cursor.place)
    return cursor


__all__ = [
    "Ahead",
    "Archive",
    "Cursor",
    "FeedPages",
    "PostPages",
    "Sitemaps",
    "Span",
    "Turn",
    "restored",
    "start_of",
    "written",
]
