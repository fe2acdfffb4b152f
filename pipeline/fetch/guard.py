"""The address guard: every connection goes to an address that was checked, or not at all.

It sits where connections are dialled, so redirects, feeds, pages and webhooks all pass it, and a name that resolves to
something else the second time (DNS rebinding) gains nothing: we connect to the very address that was checked.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import httpcore

from pipeline.errors import AddressRefused, ConfigError, ConnectFailed, Misdirected

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
#: not public, though some versions of `ipaddress` call them so: protocol assignments (a cloud's metadata lives there),
#: 6to4 relays, local NAT64, documentation, site-local
_REFUSED = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "fec0::/10"))
)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system's resolver gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether an address, and any IPv4 address wrapped in it, belongs to the public Internet."""
    inner = _unwrapped(address)
    if inner is not None:
        return is_public(inner)
    if any(address in network for network in _REFUSED if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _unwrapped(address: Address) -> Address | None:
    """The IPv4 address inside a mapped, NAT64, 6to4, Teredo or compatible one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else None


def parse_networks(written: str) -> tuple[Network, ...]:
    """Read `allow_addresses`: comma-separated networks. Raises ConfigError."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in written.split(",") if part.strip())
    except ValueError:
        raise ConfigError("settings", "VIGIA_ALLOW_ADDRESSES", "networks like 10.1.0.0/16, fd00::/8", written) from None


class Deadline(threading.local):
    """When the request that this thread is making must be over, on the monotonic clock."""

    at: float = float("inf")


#: what is wrong on our side, so that it tells nothing of the host: no resolver, no network
_OURS = (socket.EAI_AGAIN, errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL)
#: hosts remembered before those that may be dialled again are forgotten
_HOSTS = 10_000


class Unreachable:
    """Hosts that could not be reached, each left alone for `ttl` seconds; thread-safe. All that is kept is time."""

    def __init__(self, ttl: float, monotonic: Callable[[], float]) -> None:
        self._ttl, self._monotonic = ttl, monotonic
        self._until: dict[tuple[str, int], float] = {}

    def check(self, host: str, port: int) -> None:
        """Raises ConnectFailed, with the seconds to wait, while the host is left alone."""
        wait = self._until.get((host, port), 0.0) - self._monotonic()
        if wait > 0:
            raise ConnectFailed(f"{host}: could not be reached; not tried again for {wait:.0f} s", wait)

    def note(self, host: str, port: int, error: BaseException) -> float:
        """The host could not be reached, because of `error`. Returns the seconds for which it is left alone now."""
        reason: BaseException | None = error
        while reason is not None and not isinstance(reason, OSError):
            reason = reason.__cause__
        if isinstance(reason, OSError) and reason.errno in _OURS:
            return 0.0
        now = self._monotonic()
        if len(self._until) >= _HOSTS:
            self._until = {one: until for one, until in self._until.items() if until > now}
        self._until[host, port] = now + self._ttl
        return self._ttl


class GuardedBackend(httpcore.NetworkBackend):
    """Dials checked addresses only, and lets no single request outlast its deadline, not even in its headers."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        allowed: Iterable[Network] = (),
        overrides: Mapping[str, tuple[str, int]] | None = None,
        resolver: Resolver = resolve,
        unreachable_ttl: float = 0.0,
    ) -> None:
        self.deadline = Deadline()
        self._monotonic, self._resolver = monotonic, resolver
        self._unreachable = Unreachable(unreachable_ttl, monotonic)
        self._allowed = tuple(allowed)
        self._overrides = {host.lower(): target for host, target in (overrides or {}).items()}
        self._dialler = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers.

        Raises AddressRefused if any of them is not public, Misdirected if it is no name, and ConnectFailed, with the
        seconds for which the host is left alone, where it cannot be reached now or could not a short while ago.
        """
        self._unreachable.check(host, port)
        try:
            return self._dial(host, port, timeout, local_address, socket_options)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            # a connection that had no time left says nothing of the host
            wait = self._unreachable.note(host, port, error) if self._monotonic() < self.deadline.at else 0.0
            if not wait:
                raise
            raise ConnectFailed(f"{host}: {str(error) or type(error).__name__}", wait) from error

    def _dial(
        self, host: str, port: int, timeout: float | None, local_address: str | None, socket_options: Any
    ) -> httpcore.NetworkStream:
        override = self._overrides.get(host.lower())
        targets = [override] if override is not None else self._checked(host, port)
        failure: Exception = httpcore.ConnectError(f"{host}: no address")
        for address, to_port in targets:
            try:
                stream = self._dialler.connect_tcp(
                    address, to_port, self.remaining(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        """Refuse: nothing we fetch lives on a local socket."""
        raise AddressRefused(f"{path}: expected a host on the network, got a local socket")

    def sleep(self, seconds: float) -> None:
        """Sleep, for the pool's own retries."""
        self._dialler.sleep(seconds)

    def remaining(self, timeout: float | None) -> float | None:
        """The time an operation may take: its own timeout, or what is left until the deadline; None without either."""
        left = self.deadline.at - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the request took longer than allowed")
        soonest = left if timeout is None else min(timeout, left)
        return None if soonest == float("inf") else soonest

    def _checked(self, host: str, port: int) -> list[tuple[str, int]]:
        try:
            found = self._resolver(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"name not found: {error.strerror or error}") from error
        except UnicodeError as error:
            raise Misdirected(f"{host[:200]}: expected a name that the DNS can hold: {error}") from error
        for written in found:
            address = ipaddress.ip_address(written.split("%")[0])
            if not is_public(address) and not self._let_through(address):
                got = written if written != host else "a private or reserved one"
                raise AddressRefused(f"{host}: expected a public address, got {got}")
        return [(written, port) for written in found]

    def _let_through(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._allowed)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline of the request it serves."""

    def __init__(self, stream: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, up to `max_bytes`."""
        return self._stream.read(max_bytes, self._backend.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`."""
        self._stream.write(buffer, self._backend.remaining(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Begin TLS, checked against the host's name, not the address."""
        try:
            left = self._backend.remaining(timeout)
        except httpcore.ReadTimeout:
            # nobody else knows of this connection yet
            self._stream.close()
            raise
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._backend)

    def get_extra_info(self, info: str) -> Any:
        """Pass on what the connection knows of itself."""
        return self._stream.get_extra_info(info)
