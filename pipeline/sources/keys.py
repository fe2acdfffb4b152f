"""Identity: of an entry within its feed, by a ladder of keys; of a page across feeds, by its address made canonical."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

import msgspec

from pipeline.errors import ConfigError
from pipeline.tomlfile import read_toml
from pipeline.types import Entry

#: a feed needs a better key if the ids of more than this share of its entries are empty or repeated (FreshRSS)
_BAD_SHARE = 0.05
RUNGS = 3
#: what may stand in a segment of a path as it is (RFC 3986, 3.3)
_SAFE = ":@!$&'()*+,;=-._~"
#: a port and whatever hangs on it, read backwards: forwards it takes quadratic time on hostile hosts
_TROP = re.compile(r"(?:\.*\d*:)+")
_WRAPPER = re.compile(r"[a-z0-9.*-]+/(?:[a-z0-9._-]+/){0,6}")
#: segments of a wrapper, and the host that it wraps
_WRAPPER_LONGEST = 7
_NAME = re.compile(r"[a-z0-9._-]+")
_WWW = re.compile(r"(?:www\.)+")
_USUAL_PORTS = ("80", "443")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def entry_key(entry: Entry, rung: int) -> str:
    """Name an entry within its feed, in 40 hexadecimal digits: by id (rung 0), id and URL (1), or URL, date, title (2).

    Without an id an entry is named as on rung 2, whatever the rung.
    """
    named: tuple[str, ...]
    if rung >= 2 or not entry.guid:
        named = ("content", entry.url, str(entry.claimed_at), entry.title)
    elif rung == 1:
        named = ("id+url", entry.guid, entry.url)
    else:
        named = ("id", entry.guid)
    return hashlib.sha1("\n".join(named).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def choose_rung(entries: Sequence[Entry], rung: int) -> int:
    """The lowest rung from `rung` up whose keys tell this feed's entries apart; a feed never climbs down again."""
    while rung < RUNGS - 1 and _bad(entries, rung) > _BAD_SHARE * len(entries):
        rung += 1
    return rung


def _bad(entries: Sequence[Entry], rung: int) -> int:
    """Entries without an id, and those that share their key with an entry for another page."""
    missing = sum(not entry.guid for entry in entries)
    distinct = {(entry_key(entry, rung), entry.url, entry.title) for entry in entries if entry.guid}
    repeated = Counter(key for key, _, _ in distinct)
    return missing + sum(number - 1 for number in repeated.values())


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    tracking: tuple[str, ...]
    hosts: tuple[str, ...]
    segments: tuple[str, ...]
    index: tuple[str, ...]
    wrappers: tuple[str, ...]
    endings: dict[str, str]
    tracking_words: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UrlKeys:
    """Makes addresses comparable, by the rules of config/urls.toml. The key is no address: never fetch it."""

    #: names of parameters, or "name=value" where only that value says nothing
    tracking: frozenset[str]
    tracking_prefixes: tuple[str, ...]
    #: names of parameters that say nothing unless their value is a number
    tracking_words: frozenset[str]
    hosts: frozenset[str]
    segments: frozenset[str]
    index: frozenset[str]
    endings: tuple[tuple[str, str], ...]
    #: labels before a country's, below which names are given out: com.pe
    suffixes: frozenset[str]
    #: beginnings of a fragment that names a page
    routes: tuple[str, ...]
    #: matches a host and path that another address follows
    wrapper: re.Pattern[str]

    @classmethod
    def load(cls, folder: Path) -> UrlKeys:
        """Read urls.toml in `folder`. Raises ConfigError."""
        file = folder / "urls.toml"
        written = read_toml(file, _File)
        for ending, other in written.endings.items():
            if len(other) >= len(ending) or not ending.endswith(other) or ending != ending.lower():
                raise ConfigError(str(file), f"endings.{ending}", "a shorter end of it, in lower case", other)
        for wrapper in written.wrappers:
            if not _WRAPPER.fullmatch(wrapper):
                raise ConfigError(str(file), "wrappers", "a host and a path that ends in /, in lower case", wrapper)
        for route in written.routes:
            if not route:
                raise ConfigError(str(file), "routes", "the beginning of a fragment", route)
        return cls(
            tracking=frozenset(name.lower() for name in written.tracking if not name.endswith("*")),
            tracking_prefixes=tuple(name[:-1].lower() for name in written.tracking if name.endswith("*")),
            tracking_words=frozenset(name.lower() for name in written.tracking_words),
            hosts=frozenset(label.lower() for label in written.hosts),
            segments=frozenset(segment.lower() for segment in written.segments),
            index=frozenset(name.lower() for name in written.index),
            endings=tuple(written.endings.items()),
            suffixes=frozenset(label.lower() for label in written.suffixes),
            routes=written.routes,
            wrapper=_wrapping(written.wrappers),
        )

    def key(self, url: str) -> str:
        """The canonical key: host without its dress, path, what is left of the query; no scheme, no port.

        Nor a fragment, unless it is the page's name to a script (#!/nota/59). Idempotent: the key of a key is itself.
        Takes any string: what is no address comes out as some key, too.
        """
        netloc, path, query, fragment = _split(url)
        host, segments = self._unwrapped(self._host(netloc), _resolved(path))
        place, rest = host + self._path(segments), _rest(self._query(query), self._route(fragment))
        # what was taken away may have hidden a wrapper
        return self.key(place + rest) if self.wrapper.match(place) else place + rest

    def feed_key(self, url: str) -> str:
        """The key of a feed's address: as that of a page, but for all that may tell two feeds of one host apart.

        So ports stay, every parameter (?feed=atom, ?source=salud) and what is a page in another dress; no scheme,
        "www.", slash at the end and order of the query. Idempotent, and takes any string.
        """
        netloc, path, query, fragment = _split(url)
        host, (_, colon, port) = _bare_host(netloc), netloc.rpartition(":")
        is_own = bool(host and colon) and port.isdecimal() and port not in _USUAL_PORTS
        place = host[found.end() if (found := _WWW.match(host)) else 0 :] + (f":{port}" if is_own else "")
        path = "".join("/" + segment for segment in _resolved(path))
        pairs = sorted(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
        return place + path + _rest(urlencode(pairs, errors="surrogateescape"), self._route(fragment))

    def _host(self, netloc: str) -> str:
        labels = _labels(_bare_host(netloc))
        first = 0
        while len(labels) - first > 2 and self._is_dress(labels, first):
            first += 1
        return ".".join(labels[first:])

    def _is_dress(self, labels: list[str], at: int) -> bool:
        """Whether a host shows the same without its label at that place: not m.com.pe, but www.gob.pe."""
        is_name = len(labels) - at == 3 and labels[-2] in self.suffixes and len(labels[-1]) == 2
        return labels[at] in self.hosts and (labels[at] == "www" or not is_name)

    def _route(self, fragment: str) -> str:
        written = quote(unquote_to_bytes(fragment), safe=_SAFE + "/?")
        route = written.rstrip("/!")
        return route if written.startswith(self.routes) else ""

    def _unwrapped(self, host: str, segments: list[str]) -> tuple[str, list[str]]:
        """The host and path that another one wraps, however often."""
        at = 0
        while found := self.wrapper.match("/".join([host, *segments[at : at + _WRAPPER_LONGEST]])):
            at += found[0].count("/")
            host = self._host(segments[at - 1])
        return host, segments[at:]

    def _path(self, segments: list[str]) -> str:
        undressed = (self._undressed(segment) for segment in segments)
        kept = [segment for segment in undressed if segment.strip(".") and segment.lower() not in self.segments]
        while kept and kept[-1].lower() in self.index:
            del kept[-1]
        return "".join("/" + segment for segment in kept)

    def _undressed(self, segment: str) -> str:
        if ";" in segment:
            # a session's id stands behind a semicolon (RFC 3986, 3.3)
            name, *parameters = segment.split(";")
            kept = [parameter for parameter in parameters if not self._tracks(*parameter.partition("=")[::2])]
            segment = ";".join([name, *filter(None, kept)])
        for ending, other in self.endings:
            folded = segment.lower()
            if folded.endswith(ending):
                # it may stand there more than once: .amp.amp.html
                extra, end = ending.removesuffix(other), len(segment) - len(other)
                while folded.endswith(extra, 0, end):
                    end -= len(extra)
                segment = segment[:end] + other
        return segment

    def _query(self, query: str) -> str:
        # a bare query (?59) is part of the page's name on some sites; its order says nothing
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        kept = sorted((name, value) for name, value in pairs if not self._tracks(name, value))
        return urlencode(kept, errors="surrogateescape")

    def _tracks(self, name: str, value: str) -> bool:
        folded = name.lower()
        listed = folded in self.tracking or f"{folded}={value.lower()}" in self.tracking
        is_word = folded in self.tracking_words and not value.isdecimal()
        return listed or is_word or folded.startswith(self.tracking_prefixes)


def _split(url: str) -> tuple[str, str, str, str]:
    """Host with all that hangs on it, path, query, fragment; by hand, as urlsplit refuses what some feeds write."""
    written = url.encode("utf-8", "surrogatepass").decode("utf-8", "replace").strip()
    scheme = _SCHEME.match(written)
    rest, _, fragment = (written[scheme.end() :] if scheme else written.removeprefix("//")).partition("#")
    address, _, query = rest.partition("?")
    netloc, _, path = address.partition("/")
    return netloc, path, query, fragment


def _rest(query: str, route: str) -> str:
    return (f"?{query}" if query else "") + (f"#{route}" if route else "")


def _bare_host(netloc: str) -> str:
    """The host alone, in one way of writing."""
    host = "".join(netloc.rpartition("@")[2].lower().split())
    if port := _TROP.match(host[::-1]):
        host = host[: -port.end()]
    return ".".join(_labels(_in_ascii(".".join(_labels(host)))))


def _wrapping(wrappers: tuple[str, ...]) -> re.Pattern[str]:
    """What matches any of the wrappers with an address behind it; a * stands for anything within a host."""
    ways = "|".join(re.escape(wrapper).replace(r"\*", "[a-z0-9.-]*") for wrapper in wrappers)
    return re.compile(rf"(?:{ways or '(?!)'})(?=[^/]+\.[^/])")


def _labels(host: str) -> list[str]:
    return [label for label in host.split(".") if label]


def _in_ascii(host: str) -> str:
    """The host as the DNS has it (xn--...), so that it does not matter how its letters are written."""
    if host.isascii():
        return host
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host
    # what is no name comes out with spaces, colons and worse
    return name if _NAME.fullmatch(name) else host


def _resolved(path: str) -> list[str]:
    """The segments of a path in one way of writing, without empty ones and those that mean "here" or "up"."""
    kept: list[str] = []
    for segment in map(_canonical, path.split("/")):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return kept


def _canonical(segment: str) -> str:
    """One way of percent-encoding; what stands for a byte that would cut the address stays encoded."""
    return quote(unquote_to_bytes(segment), safe=_SAFE)
