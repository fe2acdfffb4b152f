"""Pages that send their readers on by <meta http-equiv="refresh">, told by their bytes. Pure."""

from __future__ import annotations

import re
from html import unescape

from pipeline.fetch.shown import SHORT_BYTES, shown

#: seconds; a page that waits longer is meant to be read, and refreshes itself
LONGEST_DELAY = 5.0
_META = re.compile(r"(?i)<meta\b[^>]{0,2000}>")
_ATTRIBUTE = re.compile(r"""(?i)\b(http-equiv|content)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
#: HTML standard, 4.2.5.3: seconds, then an address that may be named, and quoted
_CONTENT = re.compile(
    r"""(?is)\s*(\d{0,6}(?:\.\d*)?)\s*[;,\s]\s*(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|((?!\s*url\s*=).*\S))"""
)


def refresh_target(body: bytes) -> str | None:
    """Where a page that is nothing but a way to another one leads: an address as written, perhaps relative."""
    if len(body) > SHORT_BYTES or b"http-equiv" not in body.lower():
        return None
    targets = (_target(dict(_attributes(meta))) for meta in _META.findall(shown(body) or ""))
    return next(filter(None, targets), None)


def _attributes(meta: str) -> list[tuple[str, str]]:
    return [(name.lower(), unescape(value.strip("\"'"))) for name, value in _ATTRIBUTE.findall(meta)]


def _target(attributes: dict[str, str]) -> str | None:
    if attributes.get("http-equiv", "").strip().lower() != "refresh":
        return None
    written = _CONTENT.match(attributes.get("content", ""))
    if written is None or float(written[1] or 0) > LONGEST_DELAY:
        return None
    return (written[2] or written[3] or written[4] or "").strip() or None
