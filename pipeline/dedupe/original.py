"""Which appearance of an item is the one to cite: that of the agency it comes from, else the earliest.

Agencies are config/agencies.toml: their names, as datelines and credits write them, and the sources and hosts that are
theirs. Which appearance is chosen does not depend on the order in which they were seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from pipeline.errors import ConfigError
from pipeline.text import words
from pipeline.tomlfile import read_toml

#: characters in which a dateline names the agency, words of a closing line that credits one
_DATELINE, _CREDIT_WORDS = 160, 15


class _Agency(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    names: tuple[str, ...]
    sources: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    agency: tuple[_Agency, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One appearance of an item, as far as choosing among them goes."""

    id: int
    source: str
    url: str
    #: of the page, else when we saw it
    published_at: datetime
    #: agencies that its text credits, each by its first name
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agencies:
    """News agencies: which of them a text credits, and which of them an outlet is."""

    #: first name of the agency, by each of its names as folded words
    names: dict[str, str]
    sources: dict[str, str]
    hosts: dict[str, str]
    _dateline: re.Pattern[str]
    _closing: re.Pattern[str]

    @classmethod
    def load(cls, folder: Path) -> Agencies:
        """Read agencies.toml in `folder`. Raises ConfigError."""
        file = folder / "agencies.toml"
        written = read_toml(file, _File).agency
        for at, agency in enumerate(written):
            if not agency.names or not all(map(str.strip, agency.names)):
                raise ConfigError(str(file), f"agency[{at}].names", "a name at least, none empty", agency.names)
        return cls.of(written)

    @classmethod
    def of(cls, written: Iterable[_Agency] = ()) -> Agencies:
        """Make them of what a file says; of nothing, no text credits any."""
        known = tuple(written)
        names = sorted((name for agency in known for name in agency.names), key=len, reverse=True)
        named = rf"(?<!\w)({'|'.join(map(re.escape, names)) or '(?!)'})(?!\w)"
        return cls(
            {" ".join(words(name)): one.names[0] for one in known for name in one.names},
            {source: one.names[0] for one in known for source in one.sources},
            {host: one.names[0] for one in known for host in one.hosts},
            # "(EFE)", "LIMA, 26 jun (AP/EFE).-", "EFE - ", "Reuters.-", "Agencia EFE" on a line of its own
            re.compile(rf"{named}(?=\s*(?:[)\]/]|\.?\s?[-–—]|$))", re.MULTILINE),
            re.compile(named),
        )

    def credited(self, text: str, authors: Sequence[str] = ()) -> tuple[str, ...]:
        """The agencies that an article says it comes from: in its dateline, its last line or its byline."""
        _, broken, last = text.rstrip().rpartition("\n")
        found = self._dateline.findall(text[:_DATELINE])
        if broken and len(words(last)) <= _CREDIT_WORDS:
            found += self._closing.findall(last)
        folded = [" ".join(words(name)) for name in (*found, *authors)]
        return tuple(dict.fromkeys(self.names[name] for name in folded if name in self.names))

    def agency_of(self, source: str, url: str) -> str | None:
        """The agency that an outlet is; None for any other."""
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        while host:
            if host in self.hosts:
                return self.hosts[host]
            host = host.partition(".")[2]
        return self.sources.get(source)


def original_among(places: Sequence[Place], agencies: Agencies) -> Place:
    """The appearance to cite: of an agency that any of the texts credits, else the earliest; if alike, by address.

    Raises ValueError where there is none.
    """
    credited = {name for place in places for name in place.credits}
    return min(
        places,
        key=lambda place: (
            agencies.agency_of(place.source, place.url) not in credited,
            place.published_at,
            place.url,
        ),
    )
