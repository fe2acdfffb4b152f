"""Connections by origin: each lent to one request at a time, and kept for the next one to the same origin.

Not httpcore's own pool. That one looks at every connection it holds twice a request, which gets slow with many hosts;
and it lets requests share an HTTP/2 connection, where one that runs out of time takes the others with it, and where
each may have to wait for whoever is reading, past its own deadline.
"""

from __future__ import annotations

import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import h2.exceptions
import httpcore

#: seconds that a connection is kept without work: longer than the usual gap between two requests to a host
KEPT_FOR = 30.0
#: connections kept without work at once, over all hosts
KEPT_MOST = 256

_Origin = tuple[bytes, bytes, int | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers of an answer, as sent, and its body as it comes."""

    status: int
    headers: list[tuple[bytes, bytes]]
    pieces: Iterator[bytes]


class Connections:
    """Sends requests over kept or new connections, which `backend` dials; thread-safe.

    HTTP/2 is spoken where a host offers it in its TLS handshake. `certificates` gives the authorities to trust; it is
    asked when the first https request is made.
    """

    def __init__(
        self,
        backend: httpcore.NetworkBackend,
        certificates: Callable[[], ssl.SSLContext],
        monotonic: Callable[[], float],
    ) -> None:
        self._backend, self._certificates, self._monotonic = backend, certificates, monotonic
        self._lock = threading.Lock()
        #: what is kept and since when, longest first; and the same by origin
        self._kept: OrderedDict[httpcore.HTTPConnection, tuple[float, _Origin]] = OrderedDict()
        self._by_origin: dict[_Origin, list[httpcore.HTTPConnection]] = {}

    @contextmanager
    def answer(self, request: httpcore.Request) -> Iterator[Answer]:
        """The answer to a request. Its connection is kept if the body is read to the end, else closed.

        Raises what httpcore raises.
        """
        connection, response = self._send(request)
        whole = False

        def pieces() -> Iterator[bytes]:
            nonlocal whole
            with _protocol_errors():
                yield from response.iter_stream()
            whole = True

        try:
            yield Answer(response.status, response.headers, pieces())
        finally:
            response.close()
            # an HTTP/2 stream that is left half read would go on filling the connection
            if whole and connection.is_idle():
                self._keep(_origin(request), connection)
            else:
                connection.close()

    def close(self) -> None:
        """Close every connection that is kept."""
        with self._lock:
            kept = list(self._kept)
            self._kept.clear()
            self._by_origin.clear()
        for connection in kept:
            connection.close()

    def _send(self, request: httpcore.Request) -> tuple[httpcore.HTTPConnection, httpcore.Response]:
        kept = self._take(_origin(request))
        if kept is not None and kept.has_expired():
            # it has said something since, which is no answer to what we are about to ask
            kept.close()
        elif kept is not None:
            # where the host had hung up, the request may be made once more (RFC 9110, 9.2.2)
            with suppress(httpcore.RemoteProtocolError, httpcore.NetworkError, httpcore.ConnectionNotAvailable):
                return kept, _ask(kept, request)
        fresh = self._open(request)
        return fresh, _ask(fresh, request)

    def _open(self, request: httpcore.Request) -> httpcore.HTTPConnection:
        secure = request.url.scheme == b"https"
        return httpcore.HTTPConnection(
            request.url.origin,
            ssl_context=self._certificates() if secure else None,
            http2=secure,
            network_backend=self._backend,
        )

    def _take(self, origin: _Origin) -> httpcore.HTTPConnection | None:
        """The connection to an origin that was used last."""
        with self._lock:
            kept = self._by_origin.get(origin)
            if not kept:
                return None
            connection = kept.pop()
            del self._kept[connection]
            if not kept:
                del self._by_origin[origin]
        return connection

    def _keep(self, origin: _Origin, connection: httpcore.HTTPConnection) -> None:
        now = self._monotonic()
        with self._lock:
            self._kept[connection] = now, origin
            self._by_origin.setdefault(origin, []).append(connection)
            overdue = list(self._overdue(now))
        for connection in overdue:
            connection.close()

    def _overdue(self, now: float) -> Iterator[httpcore.HTTPConnection]:
        """Take out what was kept too long, and what was kept longest where there are too many."""
        while self._kept:
            connection, (since, origin) = next(iter(self._kept.items()))
            if now - since <= KEPT_FOR and len(self._kept) <= KEPT_MOST:
                return
            del self._kept[connection]
            self._by_origin[origin].remove(connection)
            if not self._by_origin[origin]:
                del self._by_origin[origin]
            yield connection


def _origin(request: httpcore.Request) -> _Origin:
    url = request.url
    return url.scheme, url.host, url.port


def _ask(connection: httpcore.HTTPConnection, request: httpcore.Request) -> httpcore.Response:
    """Send a request; a connection that fails at it is closed."""
    try:
        with _protocol_errors():
            return connection.handle_request(request)
    except BaseException:
        connection.close()
        raise


@contextmanager
def _protocol_errors() -> Iterator[None]:
    """What httpcore lets through of an HTTP/2 connection that is none: broken frames, a status that is no number."""
    try:
        yield
    except (h2.exceptions.H2Error, ValueError) as error:
        raise httpcore.RemoteProtocolError(str(error)) from error
