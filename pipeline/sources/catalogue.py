"""The catalogue: config/sources.toml, checked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from pipeline.errors import ConfigError
from pipeline.sources.past.archive import fault_of
from pipeline.tomlfile import parse_toml, read_text
from pipeline.types import FeedAddress, FeedKind, Source

FILE = "sources.toml"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_COUNTRY = re.compile(r"[A-Z]{2}")
#: seconds between two polls that a source may ask for: no host wants us every few seconds, and a week is lost news
_LEAST, _LONGEST = 30, 604_800
_LANGUAGE = re.compile(r"[a-z]{2}")
#: how long a source may be silent: "36h", "3d"
_SILENCE = re.compile(r"([1-9]\d{0,3})([hd])")
#: of more than 60 days nothing is remembered that would tell
_LONGEST_SILENCE = 60 * 24.0
_HOURS = {"h": 1.0, "d": 24.0}


class _Feed(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    url: str
    kind: FeedKind = FeedKind.RSS


class _Source(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A `[[source]]` as written; docs/sources.md explains the fields."""

    slug: str
    name: str
    country: str
    languages: tuple[str, ...]
    homepage: str
    feeds: tuple[_Feed, ...] = ()
    enabled: bool = True
    reason: str = ""
    keep: Literal["on_topic", "all"] = "on_topic"
    paywall: Literal["none", "metered", "hard"] = "none"
    skip: tuple[str, ...] = ()
    archive: str = ""
    notes: str = ""
    poll_min: float | None = None
    poll_max: float | None = None
    silence: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    source: tuple[_Source, ...] = ()


def load_catalogue(folder: Path) -> tuple[Source, ...]:
    """Read sources.toml in `folder`, in its order. Raises ConfigError (file, key, expected, got)."""
    file = folder / FILE
    return parse_catalogue(read_text(file), file)


def parse_catalogue(text: str, file: Path) -> tuple[Source, ...]:
    """Read `text`, which stands or will stand in `file`. Raises ConfigError."""
    written = parse_toml(text, file, _File).source
    slugs: set[str] = set()
    urls: set[str] = set()
    for position, source in enumerate(written):
        _check(file, f"source[{position}] ({source.slug})", source, slugs, urls)
        slugs.add(source.slug)
    return tuple(map(_meant, written))


def is_slug(text: str) -> bool:
    """Whether a source may be called so."""
    return _SLUG.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Whether it may be a code of ISO 639-1."""
    return _LANGUAGE.fullmatch(text) is not None


def _check(file: Path, where: str, source: _Source, slugs: set[str], urls: set[str]) -> None:
    def need(holds: object, key: str, expected: str, got: object) -> None:
        if not holds:
            raise ConfigError(str(file), f"{where}: {key}", expected, got)

    need(_SLUG.fullmatch(source.slug), "slug", "1 to 80 of a-z, 0-9 and -, the first no -", source.slug)
    need(source.slug not in slugs, "slug", "one that no source above has", source.slug)
    need(source.name.strip(), "name", "the name of the outlet", source.name)
    need(_COUNTRY.fullmatch(source.country), "country", "an ISO 3166-1 alpha-2 code such as PE", source.country)
    need(source.languages, "languages", "one or more of ISO 639-1", source.languages)
    for language in source.languages:
        need(_LANGUAGE.fullmatch(language), "languages", "ISO 639-1 codes such as es", language)
    need(is_web(source.homepage), "homepage", "an http or https address", source.homepage)
    for feed in source.feeds:
        need(is_web(feed.url), "feeds", "http or https addresses", feed.url)
        need(feed.url not in urls, "feeds", "an address that stands nowhere above", feed.url)
        urls.add(feed.url)
    for fragment in source.skip:
        # an empty one stands in every address
        need(fragment.strip(), "skip", "a piece of an address", fragment)
    _check_bounds(need, source)
    hours = _hours(source.silence)
    fits = not source.silence or (hours is not None and (hours <= _LONGEST_SILENCE or math.isinf(hours)))
    need(fits, "silence", "hours or days such as 36h or 3d, up to 60d, or any", source.silence)
    if source.archive:
        need(
            is_web(source.archive.replace("{", "").replace("}", "")),
            "archive",
            "an http or https address",
            source.archive,
        )
        need(not (fault := fault_of(source.archive)), "archive", fault, source.archive)
    need(source.enabled or source.reason.strip(), "reason", "why it is disabled", source.reason)
    need(not source.enabled or source.feeds, "feeds", "at least one, for a source that is enabled", source.feeds)


def _check_bounds(need: Callable[[object, str, str, object], None], source: _Source) -> None:
    least, longest = source.poll_min, source.poll_max
    for key, bound in (("poll_min", least), ("poll_max", longest)):
        need(bound is None or _LEAST <= bound <= _LONGEST, key, f"seconds, {_LEAST} to {_LONGEST}", bound)
    need(least is None or longest is None or least <= longest, "poll_max", f"at least poll_min, {least}", longest)


def is_web(url: str) -> bool:
    """Whether it is an http or https address of a host, without a password in it."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    # secrets do not belong into a catalogue, and no request is made with them
    plain = parts.username is None and re.search(r"\s", url) is None
    return parts.scheme in ("http", "https") and bool(parts.hostname) and has_port and plain


def _meant(source: _Source) -> Source:
    return Source(
        slug=source.slug,
        name=source.name,
        country=source.country,
        languages=source.languages,
        homepage=source.homepage,
        feeds=tuple(FeedAddress(feed.url, feed.kind) for feed in source.feeds),
        enabled=source.enabled,
        reason=source.reason,
        keep=source.keep,
        paywall=source.paywall,
        skip=source.skip,
        archive=source.archive,
        notes=source.notes,
        poll_min=source.poll_min,
        poll_max=source.poll_max,
        silence=_hours(source.silence),
    )


def silence_of(hours: float) -> str:
    """How sources.toml writes a silence of so many hours."""
    return "any" if math.isinf(hours) else f"{hours:.0f}h"


def _hours(silence: str) -> float | None:
    if silence == "any":
        return math.inf
    found = _SILENCE.fullmatch(silence)
    return float(found[1]) * _HOURS[found[2]] if found else None
