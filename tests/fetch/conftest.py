"""A host on 127.0.0.1 that says exactly what a test wants it to say, and a fetcher that takes *.example for it."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pipeline.clock import SystemClock
from pipeline.fetch import Fetcher
from pipeline.settings import Settings

Say = bytes | Callable[[socket.socket, threading.Event], None]
HOSTS = ("diario.example", "gaceta.example", "agencia.example")


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; `content_type="..."` becomes Content-Type. A length given by the test is left as it is."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "content_length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([f"HTTP/1.1 {status} Said", *lines, "Connection: close", "", ""]).encode("latin-1") + body


class Host:
    """Answers by (host, path) with raw bytes, or lets a function write to the socket; 404 for the rest."""

    def __init__(self) -> None:
        self.says: dict[tuple[str, str], Say] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.stop = threading.Event()
        outer = self

        class Connection(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    outer.serve(self)
                except OSError:
                    # the client hung up, which is what many of these tests are about
                    return

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 64

        self._server = Server(("127.0.0.1", 0), Connection)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def serve(self, connection: socketserver.StreamRequestHandler) -> None:
        request = connection.rfile.readline().decode("latin-1").split()
        headers = {}
        while line := connection.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if len(request) < 2:
            return
        host = headers.get("host", "").partition(":")[0]
        self.asked.append((host, request[1], headers))
        said = self.says.get((host, request[1]), answer(404))
        if isinstance(said, bytes):
            connection.wfile.write(said)
        else:
            said(connection.connection, self.stop)

    def paths(self, host: str = HOSTS[0]) -> list[str]:
        return [path for asked, path, _ in self.asked if asked == host]

    def headers(self, path: str) -> dict[str, str]:
        return next(headers for _, asked, headers in reversed(self.asked) if asked == path)

    def close(self) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def host() -> Iterator[Host]:
    opened = Host()
    yield opened
    opened.close()


@pytest.fixture
def fetcher(host: Host) -> Iterator[Callable[..., Fetcher]]:
    """Makes fetchers with these settings; robots.txt is off unless asked for."""
    made: list[Fetcher] = []

    def make(resolver: Callable[[str, int], list[str]] | None = None, **changes: object) -> Fetcher:
        settings = replace(Settings(), **{"robots": False, **changes})  # type: ignore[arg-type]
        more = {} if resolver is None else {"resolver": resolver}
        made.append(Fetcher(settings, SystemClock(), dict.fromkeys(HOSTS, host.address), **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
