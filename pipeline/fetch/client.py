"""Fetches one URL: guarded, robots obeyed, redirects followed hop by hop, everything within caps and one deadline.

Any answer is a Response, whatever its status; only what kept us from an answer is an error.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

from pipeline.clock import Clock
from pipeline.errors import ConnectFailed, Disallowed, Misdirected, TimedOut
from pipeline.fetch.body import ENCODINGS, read_body
from pipeline.fetch.guard import GuardedBackend, Resolver, parse_networks, resolve
from pipeline.fetch.robots import READ_MAX, Robots
from pipeline.settings import Settings
from pipeline.types import Request, Response

#: connections of one pool slow each other down (its bookkeeping is quadratic), so hosts are spread over several
SHARDS = 16
_REDIRECTS = (301, 302, 303, 307, 308)
_WITH_CONTENT = (200, 203)
#: of what a host says beside any other status so much is read, to tell a challenge from a plain refusal
_NOTICE_MAX = 64 * 1024
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
def _certificates() -> ssl.SSLContext:
    """The authorities we trust: slow to load, and the same for every pool."""
    return httpx.create_ssl_context(trust_env=False)


def _guarded(backend: GuardedBackend) -> httpx.HTTPTransport:
    """A pool of connections that are dialled through the guard."""
    transport = httpx.HTTPTransport(verify=_certificates(), trust_env=False)
    # httpx has no public way to pass a backend; tests/fetch/test_guard.py fails if a new version ignores this
    transport._pool._network_backend = backend
    return transport


class Fetcher:
    """Fetches URLs; thread-safe. `overrides` sends a host's requests to a fixed (IP, port), past the guard."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        overrides: Mapping[str, tuple[str, int]] | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self._settings, self._clock = settings, clock
        allowed = parse_networks(settings.allow_addresses)
        self._backend = GuardedBackend(clock.monotonic, allowed=allowed, overrides=overrides, resolver=resolver)
        # pools without a client around them: a client keeps cookies and has an opinion on redirects
        self._pools = [_guarded(self._backend) for _ in range(SHARDS)]
        self._robots = Robots(self._fetch_robots, clock, settings.robots_ttl)
        self._timeout = httpx.Timeout(settings.fetch_read_timeout, connect=settings.fetch_connect_timeout)
        self._headers = {"User-Agent": user_agent(settings), "Accept-Encoding": ENCODINGS}

    def get(self, request: Request) -> Response:
        """Fetch a URL, following redirects.

        Raises ConnectFailed, TimedOut, AddressRefused, Disallowed, TooLarge and Misdirected; ServerFailed and
        RateLimited where it is the host's robots.txt that could not be had.
        """
        settings = self._settings
        limit = settings.feed_timeout if request.purpose == "feed" else settings.fetch_timeout
        cap = settings.feed_max_bytes if request.purpose == "feed" else settings.page_max_bytes
        with self._until(limit, request.url):
            return self._follow(request, cap, obey=settings.robots)

    def crawl_delay(self, url: str) -> float | None:
        """Seconds that the host's robots.txt asks us to leave between requests, as far as it was read."""
        return self._robots.crawl_delay(url)

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools:
            pool.close()

    def _follow(self, request: Request, cap: int, *, obey: bool, cut: bool = False) -> Response:
        url, started = _web_address(request.url), self._clock.monotonic()
        hops: list[tuple[int, str]] = []
        while True:
            if obey and not self._robots.allows(url):
                raise Disallowed(f"{url}: robots.txt forbids it")
            status, headers, body = self._send(url, request, cap, cut=cut)
            location = headers.get("location")
            if status not in _REDIRECTS or not location:
                elapsed = self._clock.monotonic() - started
                return Response(request.url, url, status, headers, body, self._clock.now(), elapsed, tuple(hops))
            hops.append((status, url))
            if len(hops) > self._settings.max_redirects:
                raise Misdirected(f"{request.url}: expected at most {self._settings.max_redirects} redirects, got more")
            url = _web_address(location, base=url)

    def _send(self, url: str, request: Request, cap: int, *, cut: bool) -> tuple[int, dict[str, str], bytes]:
        headers = dict(self._headers, Accept=_ACCEPT[request.purpose])
        if request.etag and _is_sendable(request.etag):
            headers["If-None-Match"] = request.etag
        if request.last_modified and _is_sendable(request.last_modified):
            headers["If-Modified-Since"] = request.last_modified
        # left to itself, httpx would look at the host in letters for this
        headers["Host"] = httpx.URL(url).netloc.decode("ascii")
        asked = httpx.Request("GET", url, headers=headers, extensions={"timeout": self._timeout.as_dict()})
        with closing(self._pool(url).handle_request(asked)) as answer:
            received = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status_code, received, _body(url, answer, cap, cut=cut)

    def _pool(self, url: str) -> httpx.HTTPTransport:
        host = urlsplit(url).hostname or ""
        return self._pools[zlib.crc32(host.encode()) % SHARDS]

    @contextmanager
    def _until(self, limit: float, url: str) -> Iterator[None]:
        """Whatever happens inside is over after `limit` seconds; transport errors become ours."""
        outer = self._backend.deadline.at
        self._backend.deadline.at = min(outer, self._clock.monotonic() + limit)
        try:
            yield
        except httpx.TimeoutException as error:
            raise TimedOut(f"{url}: expected an answer within {limit:g} s, got: {_words(error)}") from error
        except (httpx.TransportError, httpx.StreamError) as error:
            raise ConnectFailed(f"{url}: {_words(error)}") from error
        finally:
            self._backend.deadline.at = outer

    def _fetch_robots(self, url: str) -> Response:
        """Fetch the first part of a robots.txt: not subject to robots.txt itself."""
        with self._until(self._settings.feed_timeout, url):
            return self._follow(Request(url), READ_MAX, obey=False, cut=True)


def _web_address(written: str, base: str = "") -> str:
    """An absolute address as httpx will send it. Raises Misdirected for anything but http(s) to a host."""
    try:
        url = httpx.URL(urldefrag(urljoin(base, written.strip()))[0])
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Misdirected(f"{base or written[:200]}: expected a web address, got {written[:200]!r}: {error}") from error
    # the host as it is sent: showing it in letters fails on names that the DNS has all the same (xn--i-7iq.example)
    host = url.raw_host.decode("ascii")
    usable = host and "%" not in host and (url.port or 80) < 65_536
    if url.scheme not in ("http", "https") or not usable:
        raise Misdirected(f"{base or written[:200]}: expected a web address, got {written[:200]!r}")
    if url.userinfo:
        raise Misdirected(f"{host}: expected an address without a password in it")
    return str(url)


def _body(url: str, answer: httpx.Response, cap: int, *, cut: bool) -> bytes:
    """The body as far as it is of interest: whole where it may be a page or a feed, the beginning of anything else."""
    encoding = answer.headers.get("content-encoding", "")
    if answer.status_code in _REDIRECTS:
        return b""
    if answer.status_code in _WITH_CONTENT:
        return read_body(url, answer.iter_raw(), encoding, cap, cut=cut)
    try:
        return read_body(url, answer.iter_raw(), encoding, min(cap, _NOTICE_MAX), cut=True)
    except ConnectFailed:
        # garbled, but the status has said what there is to say
        return b""


def _is_sendable(value: str) -> bool:
    """Whether a header may hold it: hosts send validators that they would not take back."""
    return value.isascii() and value.isprintable()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
