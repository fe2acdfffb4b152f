"""Files to import: what kind each is, and how far an earlier call has come with it."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from pipeline.flow import Flow
from pipeline.importing.jsonl import read_lines
from pipeline.importing.piece import Piece
from pipeline.importing.run import Imported
from pipeline.importing.warc import begins_at, read_records
from pipeline.storage import imports
from pipeline.storage.imports import Import
from pipeline.storage.store import Transaction

_HEAD = 65_536
_GZIP = b"\x1f\x8b"
_WARC = b"WARC/"


@dataclass(slots=True)
class Opened:
    """A file being imported. `keep` writes down how far it has come; `end` that it is done."""

    flow: Flow
    path: Path
    size: int
    is_warc: bool
    job: Import
    counts: Counter[str]
    #: whether an earlier call had come some way
    resumed: bool = False
    _stream: IO[bytes] | None = None

    @property
    def read(self) -> int:
        """Bytes of the file read so far, some ahead of what is imported."""
        return self._stream.tell() if self._stream is not None and not self._stream.closed else self.size

    def pieces(self) -> Iterator[Piece]:
        """What is still to import, streamed."""
        place, number = self.job.place, self.job.number
        with self.path.open("rb") as self._stream:
            if self.is_warc:
                settings, known, now = self.flow.settings, self.flow.sources.values(), self.flow.clock.now()
                most = settings.page_max_bytes
                yield from read_records(self._stream, self.size, place, number, sources=known, most=most, now=now)
                return
            lines = _unpacked(self._stream)
            lines.seek(place)
            yield from read_lines(lines, place, number)

    def keep(self, db: Transaction, done: Sequence[Imported]) -> None:
        """Write down how far the file has come, in the transaction of what was imported."""
        self.counts.update(kind_of(one) for one in done)
        last = done[-1]
        place = (last.after, last.number) if last.after is not None else (self.job.place, self.job.number)
        imports.move(db, self.job.id, *place, self.counts, self.flow.clock.now())

    def end(self) -> None:
        """All of it is imported."""
        with self.flow.store.write() as db:
            imports.end(db, self.job.id, self.flow.clock.now())


def kind_of(done: Imported) -> str:
    """Under which word it is counted."""
    if done.ending is not None:
        return done.ending.outcome
    return "errors" if done.error else "passed over"


def open_file(flow: Flow, path: Path, *, restart: bool = False) -> Opened:
    """A file to import, from where an earlier call left it unless `restart`. Raises OSError.

    Known again by path, size and first bytes. One that came to its end begins anew: what is known costs little.
    """
    path, size = path.absolute(), path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    is_warc, mark = _is_warc(path, head), hashlib.sha256(head).hexdigest()
    with flow.store.write() as db:
        known = None if restart else imports.unfinished(db, str(path), size, mark)
        if known is not None and is_warc and known.place and not begins_at(path, known.place):
            known = None
        job = known or imports.begin(db, str(path), size, mark, flow.clock.now())
    # where nothing says how far it came, all of it is counted anew
    return Opened(flow, path, size, is_warc, job, Counter(job.counts if job.number else {}), job.number > 0)


def _is_warc(path: Path, head: bytes) -> bool:
    if not head.startswith(_GZIP):
        return head.startswith(_WARC)
    with gzip.open(path) as stream:
        return stream.read(len(_WARC)) == _WARC


def _unpacked(stream: IO[bytes]) -> IO[bytes]:
    packed = stream.read(len(_GZIP)) == _GZIP
    stream.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if packed else stream
