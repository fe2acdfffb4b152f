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


def written(cursor: Cursor) -> str:
    """A cursor as it is stored."""
    return msgspec.json.encode(cursor).decode()


def restored(text: str) -> Cursor:
    """A cursor as it was stored."""
    cursor: Cursor = msgspec.json.decode(text, type=Cursor)
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
