"""JSON Feed (jsonfeed.org, versions 1 and 1.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from pipeline.errors import NotAFeed
from pipeline.sources.dates import read_date
from pipeline.sources.plain import address, language, plain
from pipeline.types import Entry, FeedDocument, FeedKind

_TITLE_MAX = 1_000
_GUID_MAX = 2_000
_CONTENT_MAX = 500_000


def read(body: bytes, url: str, *, now: datetime, max_entries: int) -> FeedDocument:
    """Read a JSON Feed in UTF-8. Raises NotAFeed."""
    try:
        feed = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAFeed(f"{url}: expected JSON Feed, got {error}") from error
    items = feed.get("items")
    if "jsonfeed.org" not in str(feed.get("version", "")) or not isinstance(items, list):
        raise NotAFeed(f"{url}: expected JSON Feed, got other JSON")
    found = [_entry(item, url, _text(feed, "language"), now) for item in items[:max_entries]]
    entries = tuple(entry for entry in found if entry is not None)
    dropped = len(found) - len(entries)
    return FeedDocument(
        kind=FeedKind.RSS,
        entries=entries,
        title=plain(_text(feed, "title"), _TITLE_MAX),
        trouble=f"{dropped} entries without a usable link" if dropped else None,
    )


def _entry(item: Any, base: str, spoken: str, now: datetime) -> Entry | None:
    if not isinstance(item, dict):
        return None
    guid = _text(item, "id").strip()
    # an id may be an address, but must not be made one
    written = _text(item, "url") or _text(item, "external_url") or (guid if guid.startswith("http") else "")
    link = address(base, written)
    if link is None:
        return None
    return Entry(
        url=link,
        title=plain(_text(item, "title"), _TITLE_MAX),
        guid=guid[:_GUID_MAX] or None,
        summary=plain(_text(item, "summary") or _text(item, "content_text")),
        claimed_at=read_date(_text(item, "date_published"), now),
        updated_at=read_date(_text(item, "date_modified"), now),
        lang=language(_text(item, "language") or spoken),
        content=_text(item, "content_html")[:_CONTENT_MAX],
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return str(value) if isinstance(value, str | int) else ""
