"""What goes wrong on the network, one function each, told to a host of tests/fetch/conftest.py."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable

from tests.fetch.conftest import Say, answer

HTML = {"content_type": "text/html; charset=utf-8"}
MANY = 5_000_000_000


def head(**headers: str) -> bytes:
    """An answer whose body is still to come."""
    return answer(200, b"", content_length="0", **headers).replace(b"content-length: 0\r\n", b"")


def reset(body: bytes) -> Say:
    """Half of the body, then the connection is torn down."""

    def say(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(answer(200, body)[: -len(body) // 2])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return say


def cut_short(body: bytes) -> Say:
    """Fewer bytes than the header promises."""
    return answer(200, body, content_length=str(len(body) * 2))


def overlong(body: bytes) -> Say:
    """More bytes than the header promises: what is over belongs to nothing."""
    return answer(200, body, content_length=str(len(body) * 3 // 4))


def truncated_gzip(body: bytes) -> Say:
    """A compressed body of which the end is missing, in an answer that is whole."""
    return answer(200, gzip.compress(body)[:-12], content_encoding="gzip")


def bomb(_: bytes) -> Say:
    """A stream of 10 MB that unpacks to 10 GB."""
    packer = zlib.compressobj(wbits=31)
    first = packer.compress(b"") + packer.flush(zlib.Z_SYNC_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)

    def say(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(head(content_encoding="gzip") + first)
        for _ in range(10_000):
            if stop.is_set():
                return
            connection.sendall(block)

    return say


def packed_bomb(_: bytes) -> Say:
    """The same as a file: nothing in the header says that it is packed."""
    return answer(200, gzip.compress(bytes(60_000_000)))


def endless(_: bytes) -> Say:
    """5 GB, as the header says, too."""

    def say(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(answer(200, content_length=str(MANY)))
        for _ in range(MANY // 65_536):
            if stop.is_set():
                return
            connection.sendall(b"<p>" + bytes(65_533))

    return say


def drip(body: bytes) -> Say:
    """One byte at a time, so that no single read ever takes long."""

    def say(connection: socket.socket, stop: threading.Event) -> None:
        for byte in answer(200, body):
            connection.sendall(bytes([byte]))
            if stop.wait(0.05):
                return

    return say


def to(target: str) -> Callable[[bytes], Say]:
    """A redirect."""
    return lambda _: answer(302, location=target)


def storm(_: bytes) -> Say:
    """A host that has enough of us."""
    return answer(429, retry_after="120")


def laughs(_: bytes) -> Say:
    """Nine entities of ten entities each: a billion words in a kilobyte."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return answer(200, f'<!DOCTYPE rss [<!ENTITY l0 "ha">{entities}]><rss><title>&l9;</title></rss>'.encode(), **HTML)


def nested(_: bytes) -> Say:
    """200,000 elements, each in the one before."""
    return answer(200, b"<rss><channel><item>" + b"<a>" * 200_000, **HTML)
