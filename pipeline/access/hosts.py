"""Which Host headers are ours, and which requests a page of another site could have sent.

A page of the internet may make a browser on this machine ask 127.0.0.1: under a name of its own that it lets point here
(DNS rebinding), or across sites. The first is told by the Host header, the second by what browsers say of a request's
origin (Fetch Metadata; the order of questions is that of Go's http.CrossOriginProtection).
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address, ip_network

from pipeline.errors import ConfigError

#: methods that change nothing
SAFE = ("GET", "HEAD", "OPTIONS")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def named(header: str) -> str:
    """The host of a Host header, without its port, in lower case."""
    host = header.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].rstrip(".")


def is_ours(header: str, own: Collection[str], *, alone: bool) -> bool:
    """Whether a Host header names us: loopback, the addresses of `own`; where people sign in, any IP address.

    `alone` is for a store that is shown to this machine without login. No name can be made to point at an address that
    is written as one, so those are safe; a name is ours only if somebody said so.
    """
    host = named(header)
    if host in own or is_loopback(host):
        return True
    return not alone and _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def from_elsewhere(method: str, host: str, origin: str | None, site: str | None) -> bool:
    """Whether a page of another site may have sent a request that could change something.

    `origin` and `site` are the headers Origin and Sec-Fetch-Site; programs send neither.
    """
    if method in SAFE:
        return False
    if site is not None:
        return site not in ("same-origin", "none")
    if origin is None:
        return False
    return origin.partition("://")[2].lower() != host.strip().lower()


def networks(written: str, variable: str) -> tuple[str, ...]:
    """Addresses and networks of a setting, apart by commas. Raises ConfigError, which names the setting."""
    found = tuple(part.strip() for part in written.split(",") if part.strip())
    for part in found:
        try:
            ip_network(part)
        except ValueError:
            raise ConfigError("environment", variable, "addresses or networks, such as 10.0.0.7", part) from None
    return found
