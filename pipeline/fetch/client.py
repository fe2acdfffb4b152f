"""Fetches one URL: guarded, robots obeyed, redirects followed hop by hop, everything within caps and one deadline.

Any answer is a Response, whatever its status; only what kept us from an answer is an error.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import httpcore
import httpx

from pipeline.clock import Clock
from pipeline.errors import ConnectFailed, Disallowed, Misdirected, TimedOut
from pipeline.fetch.address import web_address, wire_form
from pipeline.fetch.body import ENCODINGS, read_body
from pipeline.fetch.connections import Answer, Connections
from pipeline.fetch.gate import Gate, HostGate
from pipeline.fetch.guard import GuardedBackend, Resolver, parse_networks, resolve
from pipeline.fetch.refresh import refresh_target
from pipeline.fetch.robots import READ_MAX, Robots
from pipeline.settings import Settings
from pipeline.types import Request, Response

_REDIRECTS = (301, 302, 303, 307, 308)
_WITH_CONTENT = (200, 203)
#: of what a host says beside any other status so much is read, to tell a challenge from a plain refusal
_NOTICE_MAX = 64 * 1024
#: RFC 9309, 2.3.1.2: at least so many redirects lead to a robots.txt
_ROBOTS_REDIRECTS = 5
#: what may go wrong with a connection, but for time
_BROKEN = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)
_ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


def user_agent(settings: Settings) -> str:
    """Who we are, and how to reach whoever runs this."""
    try:
        number = version("vigia")
    except PackageNotFoundError:
        number = "0"
    contact = f" (+{settings.contact})" if settings.contact else ""
    return "".join(char if _is_sendable(char) else "?" for char in f"vigia/{number}{contact}")


def guarded_client(settings: Settings, clock: Clock, overrides: Mapping[str, tuple[str, int]]) -> httpx.Client:
    """A plain client behind the guard, for webhooks: each answer must begin within `deliver_timeout`."""
    allowed = parse_networks(settings.allow_addresses)
    backend = GuardedBackend(clock.monotonic, allowed=allowed, overrides=overrides)

    def begin(request: httpx.Request) -> None:
        backend.deadline.at = clock.monotonic() + settings.deliver_timeout

    return httpx.Client(
        transport=_guarded(backend),
        trust_env=False,
        headers={"User-Agent": user_agent(settings)},
        event_hooks={"request": [begin]},
    )


@cache
def trusted_certificates() -> ssl.SSLContext:
    """The authorities we trust: slow to load, and the same for every connection."""
    return httpx.create_ssl_context(trust_env=False)


def _guarded(backend: GuardedBackend) -> httpx.HTTPTransport:
    """A pool of connections that are dialled through the guard."""
    transport = httpx.HTTPTransport(verify=httpx.create_ssl_context(trust_env=False), trust_env=False)
    # httpx has no public way to pass a backend; tests/fetch/test_guard.py fails if a new version ignores this
    transport._pool._network_backend = backend
    return transport


class Fetcher:
    """Fetches URLs; thread-safe.

    `overrides` sends a host's requests to a fixed (IP, port), past the guard. `gate` is told of every request and of
    the gap that a robots.txt asks for. `certificates` gives the authorities to trust.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        overrides: Mapping[str, tuple[str, int]] | None = None,
        resolver: Resolver = resolve,
        gate: Gate | None = None,
        certificates: Callable[[], ssl.SSLContext] = trusted_certificates,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._backend = GuardedBackend(
            clock.monotonic,
            allowed=parse_networks(settings.allow_addresses),
            overrides=overrides,
            resolver=resolver,
            unreachable_ttl=settings.unreachable_ttl,
        )
        self._connections = Connections(self._backend, certificates, clock.monotonic)
        self._gate: Gate = gate or HostGate(settings.host_gap, settings.host_concurrency, clock)
        self._robots = Robots(self._fetch_robots, clock, settings.robots_ttl)
        read, connect = settings.fetch_read_timeout, settings.fetch_connect_timeout
        self._extensions = {"timeout": {"connect": connect, "read": read, "write": read}}
        self._headers = {purpose: _headers(settings, purpose) for purpose in _ACCEPT}

    def get(self, request: Request) -> Response:
        """Fetch a URL, following redirects.

        Raises ConnectFailed, TimedOut, AddressRefused, Disallowed, TooLarge and Misdirected; ServerFailed and
        RateLimited where it is the host's robots.txt that could not be had.
        """
        settings = self._settings
        limit = settings.feed_timeout if request.purpose == "feed" else settings.fetch_timeout
        cap = settings.feed_max_bytes if request.purpose == "feed" else settings.page_max_bytes
        with self._until(limit, request.url):
            return self._follow(request, cap, settings.max_redirects, obey=settings.robots)

    def crawl_delay(self, url: str) -> float | None:
        """Seconds that the host's robots.txt asks us to leave between requests, as far as it was read."""
        return self._robots.crawl_delay(url)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._connections.close()

    def _follow(self, request: Request, cap: int, most: int, *, obey: bool, cut: bool = False) -> Response:
        url, started = web_address(request.url), self._clock.monotonic()
        hops: list[tuple[int, str]] = []
        while True:
            at = str(url)
            if obey:
                self._obey(at, url.raw_host.decode("ascii"))
            status, headers, body = self._send(url, request, cap, cut=cut)
            target = _next_address(at, status, headers, b"" if cut or request.purpose == "feed" else body)
            if target is None:
                elapsed = self._clock.monotonic() - started
                return Response(request.url, at, status, headers, body, self._clock.now(), elapsed, tuple(hops))
            hops.append((status, at))
            if len(hops) > most:
                raise Misdirected(f"{request.url}: expected at most {most} redirects, got more")
            url = target

    def _obey(self, url: str, host: str) -> None:
        """Raises Disallowed where robots.txt forbids it, and a Retry where that cannot be had."""
        if not self._robots.allows(url):
            raise Disallowed(f"{url}: robots.txt forbids it")
        delay = self._robots.crawl_delay(url)
        if delay is not None:
            self._gate.widen(host, min(delay, self._settings.crawl_delay_max))

    def _send(self, url: httpx.URL, request: Request, cap: int, *, cut: bool) -> tuple[int, dict[str, str], bytes]:
        headers = [(b"Host", url.netloc), *self._headers[request.purpose]]
        if request.etag and _is_sendable(request.etag):
            headers.append((b"If-None-Match", request.etag.encode()))
        if request.last_modified and _is_sendable(request.last_modified):
            headers.append((b"If-Modified-Since", request.last_modified.encode()))
        asked = httpcore.Request("GET", wire_form(url), headers=headers, extensions=self._extensions)
        host, started = url.raw_host.decode("ascii"), self._clock.monotonic()
        self._gate.sent(host)
        try:
            with self._connections.answer(asked) as answer:
                received = _received(answer.headers)
                return answer.status, received, _body(str(url), answer, received, cap, cut=cut)
        finally:
            self._gate.answered(host, self._clock.monotonic() - started)

    @contextmanager
    def _until(self, limit: float, url: str) -> Iterator[None]:
        """Whatever happens inside is over after `limit` seconds; transport errors become ours."""
        outer = self._backend.deadline.at
        self._backend.deadline.at = min(outer, self._clock.monotonic() + limit)
        try:
            yield
        except httpcore.TimeoutException as error:
            raise TimedOut(f"{url}: expected an answer within {limit:g} s, got: {_words(error)}") from error
        except _BROKEN as error:
            raise ConnectFailed(f"{url}: {_words(error)}") from error
        finally:
            self._backend.deadline.at = outer

    def _fetch_robots(self, url: str) -> Response:
        """Fetch the first part of a robots.txt: not subject to robots.txt itself."""
        most = max(_ROBOTS_REDIRECTS, self._settings.max_redirects)
        with self._until(self._settings.feed_timeout, url):
            return self._follow(Request(url), READ_MAX, most, obey=False, cut=True)


def _next_address(at: str, status: int, headers: Mapping[str, str], body: bytes) -> httpx.URL | None:
    """Where an answer sends us: a redirect, or a page that is nothing but a refresh to another address."""
    location = headers.get("location")
    if status in _REDIRECTS:
        return web_address(location, base=at) if location else None
    target = refresh_target(body) if status in _WITH_CONTENT else None
    url = web_address(target, base=at) if target else None
    return None if url is None or str(url) == at else url


def _headers(settings: Settings, purpose: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"User-Agent", user_agent(settings).encode("ascii")),
        (b"Accept-Encoding", ENCODINGS.encode("ascii")),
        (b"Accept", _ACCEPT[purpose].encode("ascii")),
    ]


def _received(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name in lower case; those that come several times are one list (RFC 9110, 5.3)."""
    received: dict[str, str] = {}
    for raw_name, raw in headers:
        name, value = raw_name.decode("latin-1").lower(), _text(raw)
        received[name] = f"{received[name]}, {value}" if name in received else value
    return received


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _body(url: str, answer: Answer, headers: Mapping[str, str], cap: int, *, cut: bool) -> bytes:
    """The body as far as it is of interest: whole where it may be a page or a feed, the beginning of anything else."""
    encoding = headers.get("content-encoding", "")
    if answer.status in _WITH_CONTENT:
        return read_body(url, answer.pieces, encoding, cap, cut=cut)
    if answer.status in _REDIRECTS and headers.get("content-length") != "0":
        # nobody looks at it, and it may never come; one of no bytes is read, as that frees the connection
        return b""
    try:
        return read_body(url, answer.pieces, encoding, min(cap, _NOTICE_MAX), cut=True)
    except (ConnectFailed, httpcore.TimeoutException, *_BROKEN):
        # garbled or stalled, but the status has said what there is to say
        return b""


def _is_sendable(value: str) -> bool:
    """Whether a header may hold it: hosts send validators that they would not take back."""
    return value.isascii() and value.isprintable()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
