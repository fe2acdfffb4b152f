"""Reads a body as it comes: decoded by ourselves, within the cap, and noticing when it was cut short."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from pipeline.errors import ConnectFailed, TooLarge

#: what we ask hosts for
ENCODINGS = "gzip, deflate"
_ZIPPED = ("gzip", "x-gzip", "deflate")
#: what some hosts send though nobody asked, and we cannot read
_FOREIGN = ("br", "zstd", "compress", "x-compress", "dcb", "dcz")
#: bytes made out of one piece before the cap is looked at again
_STEP = 1 << 20
_GZIP = b"\x1f\x8b"


def read_body(url: str, pieces: Iterable[bytes], encoding: str, cap: int, *, cut: bool = False) -> bytes:
    """Join and decode a body.

    Raises TooLarge past `cap` bytes (of what was sent, or of what that decodes to), unless `cut` asks for the first
    `cap` bytes of a longer one; ConnectFailed when it was cut short, is garbled, or is in an encoding we cannot read.
    """
    # proxies that repeat the header make "gzip, gzip" of what is packed once
    named = {name.strip() for name in encoding.lower().split(",")}
    if not named.isdisjoint(_FOREIGN):
        raise ConnectFailed(f"{url}: expected a body in {ENCODINGS} or plain, got {encoding.strip().lower()}")
    packed = not named.isdisjoint(_ZIPPED)
    body = bytearray()
    try:
        for piece in _inflated(url, pieces, cap) if packed else pieces:
            body += piece
            if len(body) > cap:
                raise _too_large(url, cap)
    except TooLarge:
        if not cut:
            raise
    return bytes(body[:cap])


def _inflated(url: str, pieces: Iterable[bytes], cap: int) -> Iterator[bytes]:
    """Unpack gzip (of several members, too) or deflate, at most _STEP bytes at a time."""
    inflater, rest, received = None, b"", 0
    for piece in pieces:
        received += len(piece)
        # members that unpack to nothing would never reach the cap
        if received > cap:
            raise _too_large(url, cap)
        rest += piece
        # so many bytes tell how what follows is packed
        while len(rest) >= len(_GZIP) or (rest and inflater is not None and not inflater.eof):
            if inflater is not None and inflater.eof and not rest.startswith(_GZIP):
                return
            if inflater is None or inflater.eof:
                inflater = _inflater(rest)
            yield from _unpacked(url, inflater, rest)
            rest = inflater.unused_data
    if received and (inflater is None or not inflater.eof):
        raise ConnectFailed(f"{url}: compressed body was cut short after {received} bytes")


def _unpacked(url: str, inflater: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    rest = piece
    while not inflater.eof:
        try:
            plain = inflater.decompress(rest, _STEP)
        except zlib.error as error:
            raise ConnectFailed(f"{url}: compressed body is garbled: {error}") from error
        yield plain
        rest = inflater.unconsumed_tail
        # a full step may have left more behind, inside of zlib
        if not rest and len(plain) < _STEP:
            return


def _inflater(start: bytes) -> zlib._Decompress:
    """gzip or zlib, told by its header; deflate without any header is what some servers mean by "deflate"."""
    is_zlib = len(start) > 1 and start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0
    return zlib.decompressobj(47 if start.startswith(_GZIP) or is_zlib else -15)


def _too_large(url: str, cap: int) -> TooLarge:
    return TooLarge(f"{url}: body: expected at most {cap} bytes, got more")
