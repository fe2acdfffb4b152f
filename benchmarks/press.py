"""A press of generated pages on loopback, in a process of its own so that its work is not counted as ours."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

HOSTS = tuple(f"prensa-{number}.example" for number in range(8))
#: (host, path) -> (content type, body)
Site = Mapping[tuple[str, str], tuple[str, bytes]]


def site(number: int, seed: int) -> tuple[Site, list[bytes]]:
    """`number` pages spread over HOSTS, with an RSS feed each; and the bare pages."""
    from benchmarks.flow_speed import START
    from samples.newsroom.generate import pages

    made = list(pages(number, seed))
    files: dict[tuple[str, str], tuple[str, bytes]] = {}
    listed: dict[str, list[str]] = {host: [] for host in HOSTS}
    for position, (url, html, title) in enumerate(made):
        parts = urlsplit(url)
        host = HOSTS[position % len(HOSTS)]
        path = f"/{position}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        files[host, path] = ("text/html", html)
        listed[host].append(
            f"<item><title>{escape(title)}</title><link>http://{host}{escape(path)}</link>"
            f"<guid>{position}</guid><pubDate>{format_datetime(START)}</pubDate></item>"
        )
    for host, entries in listed.items():
        feed = (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{"".join(entries)}</channel></rss>'
        )
        files[host, "/rss.xml"] = ("application/rss+xml", feed.encode())
    return files, [html for _, html, _ in made]


def served(files: Site) -> AbstractContextManager[tuple[str, int]]:
    """Serve a site until the block ends; gives the address."""
    return served_apart(_serve, files)


@contextmanager
def served_apart(serve: Callable[..., None], *what: Any) -> Iterator[tuple[str, int]]:
    """Let `serve` run in a process of its own until the block ends; last it is given where to send its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=serve, args=(*what, theirs), daemon=True)
    process.start()
    try:
        yield ("127.0.0.1", ours.recv())
    finally:
        process.terminate()
        process.join()


def _serve(files: Site, pipe: Connection) -> None:
    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = (self.headers["Host"] or "").split(":")[0]
            kind, body = files.get((host, unquote(self.path)), ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    pipe.send(server.server_address[1])
    threading.Event().wait(0)
    server.serve_forever()
