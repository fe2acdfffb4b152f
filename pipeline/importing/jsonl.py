"""JSON lines -> pieces: {"url","title","text","source","published_at"?,"lang"?} a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO
from urllib.parse import urlsplit

import msgspec

from pipeline.importing.piece import Piece
from pipeline.types import Article, Entry

#: no page of the web is older
_EARLIEST = 1990
#: bytes of a line; a longer one is passed over, whatever it holds
LINE_MAX = 20_000_000


class _Written(msgspec.Struct, frozen=True):
    """One line of an import file, as written; the date in ISO 8601, a day at least."""

    url: str
    title: str
    text: str
    source: str
    published_at: str | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an import file."""

    url: str
    title: str
    text: str
    source: str
    published_at: datetime | None = None
    lang: str | None = None


def read_lines(stream: IO[bytes], place: int = 0, number: int = 0) -> Iterator[Piece]:
    """Read lines from a stream that stands at byte `place`, after `number` lines; empty ones are left out."""
    while raw := stream.readline(LINE_MAX + 1):
        number, place = number + 1, place + len(raw)
        if len(raw) > LINE_MAX:
            place += _pass_over(stream)
            yield Piece(number, place, error=f"expected a line of {LINE_MAX} bytes at most, got a longer one")
        elif raw.strip():
            yield _piece(number, place, raw)


def _pass_over(stream: IO[bytes]) -> int:
    """Go to the next line; returns how many bytes that were."""
    passed = 0
    while rest := stream.readline(LINE_MAX):
        passed += len(rest)
        if rest.endswith(b"\n"):
            break
    return passed


def _piece(number: int, after: int, raw: bytes) -> Piece:
    try:
        return piece_of(_meant(msgspec.json.decode(raw, type=_Written)), number, after)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        return Piece(number, after, error=str(error))


def _meant(line: _Written) -> Line:
    published = datetime.fromisoformat(line.published_at) if line.published_at else None
    if published is not None:
        published = published.replace(tzinfo=published.tzinfo or UTC)
        # impossible dates are dropped, not clamped
        published = published.astimezone(UTC) if published.year >= _EARLIEST else None
    if not urlsplit(line.url).hostname:
        raise ValueError(f"url: expected an address with a host, got {line.url!r}")
    return Line(line.url, line.title, line.text, line.source, published, line.lang or None)


def piece_of(line: Line, number: int = 0, after: int | None = None) -> Piece:
    """A line as something to import."""
    text_hash = hashlib.sha1(f"{line.title}\n{line.text}".encode(), usedforsecurity=False).hexdigest()
    entry = Entry(line.url, line.title, claimed_at=line.published_at, lang=line.lang)
    title, text = line.title.strip(), line.text.strip()
    article = Article(line.url, line.url, title, text, published_at=line.published_at, lang=line.lang)
    return Piece(number, after, line.url, line.source, entry, text_hash, article=article)
