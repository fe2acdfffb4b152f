"""Serves the invented press on 127.0.0.1: one server for every host, told apart by the Host header.

with Newsroom() as press:
    Fetcher(settings, clock, dict.fromkeys(press.hosts, press.address))
    ...
    press.edition = 2
"""

from __future__ import annotations

import socket
import sys
import threading
from collections import Counter
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from samples.newsroom.faults import Answer, Stream
from samples.newsroom.press import EDITIONS, load_press
from samples.newsroom.site import HOURS, Asked, Site, build

#: seconds that stop() waits for requests under way to end
_PATIENCE = 5.0


@cache
def _site(edition: int) -> Site:
    return build(load_press(), edition)


class Newsroom:
    """The press, served from `start()` to `stop()`, or as a context manager. `edition` can change while it runs."""

    def __init__(self, edition: int = 1) -> None:
        self._edition = _checked(edition)
        self._lock = threading.Lock()
        self._requests: list[Asked] = []
        self._visits: Counter[tuple[str, str]] = Counter()
        self._server: _Server | None = None
        #: what went wrong while answering, hang-ups of clients apart; empty when all is well
        self.errors: list[BaseException] = []

    def __enter__(self) -> Newsroom:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Serve on a free port of 127.0.0.1. Raises RuntimeError when it runs already, PressError for bad files."""
        if self._server is not None:
            raise RuntimeError("newsroom: expected to be stopped, is running")
        _site(self._edition)
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="newsroom", daemon=True).start()

    def stop(self) -> None:
        """Hang up on everybody, slow and endless pages included, and wait for their threads. Idempotent."""
        server, self._server = self._server, None
        if server is not None:
            server.hang_up()

    @property
    def address(self) -> tuple[str, int]:
        """IP and port. Raises RuntimeError when it does not run."""
        if self._server is None:
            raise RuntimeError("newsroom: expected to be running, is stopped")
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name it answers for."""
        press = load_press()
        moved = (urlsplit(outlet.feed.moved_to).hostname or "" for outlet in press.outlets.values())
        names = {outlet.host for outlet in press.outlets.values()} | {story.host for story in press.stories.values()}
        return tuple(sorted((names | set(moved)) - {""}))

    @property
    def edition(self) -> int:
        """1 in the morning of 26 June, 2 a day later."""
        return self._edition

    @edition.setter
    def edition(self, edition: int) -> None:
        self._edition = _checked(edition)

    @property
    def requests(self) -> list[Asked]:
        """Every request so far, in order of arrival."""
        with self._lock:
            return list(self._requests)

    def answer(self, asked: Asked) -> Answer:
        """Note a request and answer it."""
        with self._lock:
            self._requests.append(asked)
            visits = self._visits[asked.host, asked.path]
            self._visits[asked.host, asked.path] += 1
        return _site(self._edition).answer(asked, visits)


def _checked(edition: int) -> int:
    if edition not in EDITIONS:
        raise ValueError(f"edition: expected one of {EDITIONS}, got {edition!r}")
    return edition


class _Server(ThreadingHTTPServer):
    """Keeps its connections in sight, so that stopping does not wait for a client to go."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what went wrong for the tests; a client that hangs up is no error."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError | TimeoutError):
            self.newsroom.errors.append(error)

    def hang_up(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    # the client was faster
                    continue
            self._changed.wait_for(lambda: not self._open, timeout=_PATIENCE)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.newsroom.answer(Asked(host, self.path, headers))
        self.send_response_only(answer.status)
        self.send_header("Date", format_datetime(HOURS[self.server.newsroom.edition], usegmt=True))
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.stream is None:
            self._send_body(answer)
        else:
            self._send_stream(answer.stream)

    def _send_body(self, answer: Answer) -> None:
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _send_stream(self, stream: Stream) -> None:
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in stream(self.server.stopping):
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: `Newsroom.requests` is the log."""
