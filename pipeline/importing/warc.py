"""Web archives (WARC, CC-NEWS for one) -> pieces: the pages among their records.

A page is an HTTP response with status 200 and HTML. All else is passed over: requests, robots.txt, revisits, images.
Its source is that of the catalogue whose homepage it lies under, else the host itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from pipeline.importing.piece import Piece
from pipeline.types import Entry, Page, Source

_HTML = ("text/html", "application/xhtml+xml")
#: characters that the store has for a source
_SLUG = 80


def read_records(
    stream: IO[bytes], size: int, place: int, number: int, *, sources: Iterable[Source], most: int, now: datetime
) -> Iterator[Piece]:
    """Read the records of a file of `size` bytes, compressed or not, from byte `place` on, after `number` records.

    `most` bytes of a page are read. In a file that is packed as a whole no record begins at `after`: ask `begins_at`
    before going on there. A record that cannot be unpacked ends the file: nobody can tell where the next one begins.
    """
    homes = _Homes.of(sources)
    last: Piece | None = None
    stream.seek(place)
    for piece, start in _records(stream, place, number, homes, most, now):
        # a record is told once it is known where the next one begins
        if last is not None:
            yield replace(last, after=start)
        last = piece
    if last is not None:
        yield replace(last, after=size)


def begins_at(path: Path, place: int) -> bool:
    """Whether a record begins at a byte of a file."""
    from fastwarc.warc import ArchiveIterator

    with path.open("rb") as stream:
        stream.seek(place)
        try:
            return next(iter(ArchiveIterator(stream, parse_http=False)), None) is not None
        except OSError:
            return False


def _records(
    stream: Any, place: int, number: int, homes: _Homes, most: int, now: datetime
) -> Iterator[tuple[Piece, int]]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    start = place
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            number, start = number + 1, record.stream_pos
            if record.record_type != WarcRecordType.response:
                yield Piece(number, None, passed=str(record.record_type)), start
            else:
                yield _response(record, number, homes, most, now), start
    except OSError as error:
        yield Piece(number + 1, None, error=f"after byte {start}: expected a record, got {error}"), start


def _response(record: Any, number: int, homes: _Homes, most: int, now: datetime) -> Piece:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if not urlsplit(url).hostname or urlsplit(url).scheme not in ("http", "https"):
        return Piece(number, None, url, passed="no web page")
    if record.content_length > 2 * most:
        return Piece(number, None, url, error=f"expected a page of {most} bytes at most, got {record.content_length}")
    raw = record.reader.read(record.content_length)
    if len(raw) < record.content_length:
        return Piece(number, None, url, error=f"cut off: expected {record.content_length} bytes, got {len(raw)}")
    record.set_bytes_content(raw)
    record.is_http = True
    try:
        record.parse_http(auto_decode="all")
        return _page(record, number, url, homes, most, now)
    except (OSError, ValueError) as error:
        return Piece(number, None, url, error=f"expected an HTTP response, got {error}")


def _page(record: Any, number: int, url: str, homes: _Homes, most: int, now: datetime) -> Piece:
    declared = record.http_headers.get("Content-Type") or ""
    status = record.http_headers.status_code
    if status != 200 or (record.http_content_type or "").lower() not in _HTML:
        return Piece(number, None, url, passed=f"status {status}, {declared or 'no type'}")
    body = record.reader.read(most + 1)
    if len(body) > most:
        return Piece(number, None, url, error=f"expected a page of {most} bytes at most, got more")
    fetched_at = record.record_date.astimezone(UTC) if record.record_date else now
    entry = Entry(url)
    page = Page(url, url, body, declared, fetched_at, entry)
    version = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    return Piece(number, None, url, homes.source_of(url), entry, version, page=page)


# --- sources ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Homes:
    """Where the sources of the catalogue are at home: by host, the paths of their homepages with their slugs."""

    paths: dict[str, list[tuple[str, str]]]

    @classmethod
    def of(cls, sources: Iterable[Source]) -> _Homes:
        paths: dict[str, list[tuple[str, str]]] = {}
        for source in sources:
            home = urlsplit(source.homepage)
            paths.setdefault(_bare(home.hostname or ""), []).append((home.path.rstrip("/"), source.slug))
        return cls({host: sorted(found, reverse=True) for host, found in paths.items()})

    def source_of(self, url: str) -> str:
        """The slug of the outlet that a page belongs to: where several share a host, the longest path decides."""
        parts = urlsplit(url)
        host = _bare(parts.hostname or "")
        labels = host.split(".")
        for at in range(max(len(labels) - 1, 1)):
            for path, slug in self.paths.get(".".join(labels[at:]), ()):
                if not path or parts.path == path or parts.path.startswith(f"{path}/"):
                    return slug
        return host[:_SLUG]


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
