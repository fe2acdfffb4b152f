"""What a host asked of us as a whole, and whether its 304s can be believed.

A host that answers 429, or 503 with Retry-After, wants to be left alone by all of us: polls and fetches alike. Hosts
that only relay or that are our own are left out: one address of a bridge that is stopped says nothing of the others
(FreshRSS#7870). Hosts that share a limit are stopped together where config/hosts.toml says so (FreshRSS#8925).
"""

from __future__ import annotations

import dataclasses
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import idna
import msgspec

from pipeline.errors import ConfigError
from pipeline.poll.rhythm import DAY, Reading
from pipeline.poll.verdict import Verdict
from pipeline.settings import Settings
from pipeline.tomlfile import read_toml
from pipeline.types import FeedState, HostState, Request

#: how long a host's 304s are not asked for before it gets another chance
DISTRUST = timedelta(days=30)
#: outlets date an entry up to so long before it can be seen
_LATE = timedelta(hours=1)
#: a stop that comes so soon after the last one was not long enough
_SOON = timedelta(hours=1)
#: names that no public host has (RFC 6761, 6762, 8375, and what home routers use)
_PRIVATE_NAMES = ("localhost", "local", "internal", "lan", "home", "home.arpa", "intranet", "corp")


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    shared: tuple[str, ...]
    relays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostRules:
    """Which hosts share one limit, and which are never stopped as a whole: config/hosts.toml."""

    shared: frozenset[str] = frozenset()
    relays: frozenset[str] = frozenset()

    @classmethod
    def load(cls, folder: Path) -> HostRules:
        """Read hosts.toml in `folder`. Raises ConfigError."""
        file = folder / "hosts.toml"
        written = read_toml(file, _File)
        for key, names in (("shared", written.shared), ("relays", written.relays)):
            for name in names:
                if name != name.strip(" .").lower() or "/" in name or not name:
                    raise ConfigError(str(file), key, "host names in lower case, without scheme and path", name)
        return cls(frozenset(map(_as_sent, written.shared)), frozenset(map(_as_sent, written.relays)))

    def key(self, url: str) -> str:
        """The host of an address, or what it shares a limit with; empty for what is no address."""
        try:
            return self.limit_of(urlsplit(url).hostname or "")
        except ValueError:
            return ""

    def limit_of(self, host: str) -> str:
        """The host itself, as it is sent, or what it shares a limit with."""
        host = _as_sent(host)
        at = host.find(".")
        while at >= 0:
            if host[at + 1 :] in self.shared:
                return host[at + 1 :]
            at = host.find(".", at + 1)
        return host

    def may_stop(self, host: str) -> bool:
        """Whether one answer speaks for the whole host: a public one that is no relay."""
        return bool(host) and host not in self.relays and not _is_private(host)


def _as_sent(host: str) -> str:
    """One name for a host, whatever its letters: as the DNS has them (xn--...), without the root's dot."""
    host = host.rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return idna.encode(host).decode("ascii")
    except UnicodeError:
        # no name that could be asked for
        return host


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{name}" for name in _PRIVATE_NAMES))


def stopped(host: HostState | None, now: datetime) -> bool:
    """Whether nothing may be asked of the host now. A stop from the future is none: the clock was put back."""
    if host is None or host.stopped_at is None or host.stop_until is None:
        return False
    return host.stopped_at <= now < host.stop_until


def after_refusal(host: HostState, wait: float | None, reason: str, now: datetime, settings: Settings) -> HostState:
    """Leave a host alone: as long as it asks for, else for `host_stop`, doubled for each stop that followed closely."""
    running = host.stop_until if stopped(host, now) else None
    follows = host.stop_until is not None and now - host.stop_until < _SOON
    # an answer that was on its way when we stopped is no new offence
    stops = host.stops + (running is None) if follows else 1
    # a wait of 0, or until a moment that is past, says no more than the status does
    seconds = min(wait or settings.host_stop * 2.0 ** min(stops - 1, 30), DAY)
    until = max(now + timedelta(seconds=seconds), running or now)
    return dataclasses.replace(host, stopped_at=now, stop_until=until, stops=stops, reason=reason)


def distrusted(host: HostState | None, now: datetime) -> bool:
    """Whether the host's 304s are not to be asked for."""
    return host is not None and host.distrust_until is not None and now < host.distrust_until


def caught_stale(feed: FeedState, asked: Request, verdict: Verdict, reading: Reading | None) -> bool:
    """Whether an unconditional poll shows that the 304s before it were wrong.

    `feed` is as it was before the poll. There is news, and either it stands under the very validators that we had, or
    some of it is dated well before the last 304. News that came since is no proof.
    """
    unconditional = asked.etag is None and asked.last_modified is None
    had_validators = feed.etag is not None or feed.last_modified is not None
    if not (unconditional and had_validators and feed.not_modified and reading and reading.new):
        return False
    if (verdict.etag, verdict.last_modified) == (feed.etag, feed.last_modified):
        return True
    before = feed.last_polled_at - _LATE if feed.last_polled_at else None
    return before is not None and reading.oldest is not None and reading.oldest < before


def believes_nothing(host: HostState, now: datetime) -> HostState:
    """Send the host no validators for a while."""
    return dataclasses.replace(host, distrust_until=now + DISTRUST)
