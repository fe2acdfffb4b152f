"""Two hundred hosts with ten feeds each, on addresses of 127.0.0.0/8, in a process of their own that keeps a log.

Eight answers of ten bring nothing new: six are 304, two the same bytes once more. The others bring one new entry.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from multiprocessing.connection import Connection

from benchmarks.flow_speed import START

HOSTS, FEEDS_EACH, ENTRIES = 200, 10, 20
#: of ten answers so many are 304, and so many after them the same body
NOT_MODIFIED, SAME_BODY = 6, 2
WORDS = "La comisión escuchó ayer a quienes siembran, a quienes venden y a quienes legislan, y no decidió nada. " * 4


def name(host: int) -> str:
    """The host's name."""
    return f"diario-{host}.example"


def ip(host: int) -> str:
    """The address of a host: each has its own."""
    return f"127.0.{1 + host // 250}.{1 + host % 250}"


@dataclass
class Log:
    """What the hosts saw: when each was asked for a feed, in seconds of their own clock; and their processor time."""

    asked: list[list[float]] = field(default_factory=list)
    not_modified: int = 0
    same: int = 0
    changed: int = 0
    cpu: float = 0.0


@dataclass
class Crowd:
    """The running hosts."""

    port: int
    pipe: Connection

    def log(self) -> Log:
        """What they saw since they were last asked."""
        self.pipe.send("log")
        log: Log = self.pipe.recv()
        return log


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Run the hosts until the block ends."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(theirs, ours), daemon=True)
    process.start()
    try:
        yield Crowd(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()


def _item(host: int, feed: int, number: int) -> str:
    link = f"http://{name(host)}/{feed}/{number}"
    return (
        f"<item><title>Nota {number} de {feed}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{format_datetime(START)}</pubDate><description><![CDATA[<p>{WORDS}</p>"
        f'<p><img src="{link}.jpg" width="640" alt=""> <a href="{link}">Leer <b>más</b></a></p>]]></description></item>'
    )


class _Feed:
    """One feed: what it shows, and how it answers the next request."""

    def __init__(self, host: int, number: int) -> None:
        self.host, self.number = host, number
        self.turn = host * 7 + number * 3
        self.entries = ENTRIES
        self.build()

    def build(self) -> None:
        shown = range(self.entries - ENTRIES, self.entries)
        items = "".join(_item(self.host, self.number, entry) for entry in reversed(shown))
        self.body = (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name(self.host)}</title>{items}</channel></rss>'
        ).encode()
        self.etag = f'"{self.entries}"'

    def answer(self, head: bytes, log: Log) -> bytes:
        self.turn += 1
        step = self.turn % 10
        if step < NOT_MODIFIED and f"if-none-match: {self.etag}".encode() in head.lower():
            log.not_modified += 1
            return f"HTTP/1.1 304 Not Modified\r\nETag: {self.etag}\r\nContent-Length: 0\r\n\r\n".encode()
        if step >= NOT_MODIFIED + SAME_BODY:
            self.entries += 1
            self.build()
            log.changed += 1
        else:
            log.same += 1
        return (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {self.etag}\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        ).encode() + self.body


class _Host(asyncio.Protocol):
    def __init__(self, host: int, feeds: list[_Feed], state: list[Log]) -> None:
        self.host, self.feeds, self.state, self.rest = host, feeds, state, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            head, self.rest = self.rest[:end], self.rest[end + 4 :]
            self.transport.write(self._answer(head))  # type: ignore[attr-defined]

    def _answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode()
        if not path[1:].isdecimal():
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        log = self.state[0]
        log.asked[self.host].append(time.monotonic())
        return self.feeds[int(path[1:])].answer(head, log)


def _serve(pipe: Connection, parents: Connection) -> None:
    # a copy of the parent's end would keep us from noticing that it died
    parents.close()
    asyncio.run(_run(pipe))


async def _run(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    state = [_fresh()]
    port = _free_port()
    for host in range(HOSTS):
        feeds = [_Feed(host, number) for number in range(FEEDS_EACH)]
        await loop.create_server(lambda host=host, feeds=feeds: _Host(host, feeds, state), ip(host), port)  # type: ignore[misc]
    pipe.send(port)
    stop = loop.create_future()

    def give_log() -> None:
        try:
            pipe.recv()
        except EOFError:
            stop.set_result(None)
            return
        state[0].cpu = time.process_time()
        pipe.send(state[0])
        state[0] = _fresh()

    loop.add_reader(pipe.fileno(), give_log)
    await stop


def _fresh() -> Log:
    return Log(asked=[[] for _ in range(HOSTS)])


def _free_port() -> int:
    """A port that is free on the first address, and so most likely on the others."""
    with socket.socket() as probe:
        probe.bind((ip(0), 0))
        return int(probe.getsockname()[1])
