"""Slugs for new sources: short, of the host that names the outlet, and not taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import chain, count
from urllib.parse import urlsplit

#: labels in front of a host's name, and between it and its country
_DRESS = ("www", "m", "amp", "rss", "feeds", "news")
_REGISTRY = ("com", "org", "net", "gob", "gov", "edu", "co", "go", "or", "ac", "info")
_SLUG_MAX = 60


def slug_for(homepage: str, name: str, country: str, taken: Collection[str]) -> str:
    """A slug that is not `taken`: what names the host, else the name, else with country or number; empty if neither
    has a letter that can stand in one."""
    host = urlsplit(homepage).hostname or ""
    is_number = host.replace(".", "").isdigit() or ":" in host
    plain = slugged(name) if is_number or not host else slugged(_label(host))
    if not plain:
        return ""
    ways = chain((plain, f"{plain}-{country.lower()}"), (f"{plain}-{number}" for number in count(2)))
    return next(way for way in ways if way not in taken)


def _label(host: str) -> str:
    """The part of a host that names the outlet."""
    labels = host.split(".")
    while len(labels) > 2 and labels[0] in _DRESS:
        labels = labels[1:]
    labels = labels[:-1] or labels
    while len(labels) > 1 and labels[-1] in _REGISTRY:
        labels = labels[:-1]
    return labels[-1]


def slugged(text: str) -> str:
    """Letters and digits of a text, in lower case and without accents, words joined by hyphens."""
    letters = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_SLUG_MAX].rstrip("-")
