"""Web archives of our own making."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

HTML = "text/html; charset=utf-8"


def record(url: str, body: bytes | str, *, kind: str = "response", status: str = "200 OK", **headers: str) -> Any:
    """A record of an HTTP response; header names with underscores."""
    raw = body.encode() if isinstance(body, str) else body
    named = {"content_type": HTML, **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in named.items())]
    made = WarcRecord()
    made.init_headers(getattr(WarcRecordType, kind))
    made.is_http = True
    made.headers["WARC-Target-URI"] = url
    made.headers["WARC-Date"] = "2012-06-26T10:00:00Z"
    made.headers["Content-Type"] = "application/http; msgtype=response"
    made.set_bytes_content("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)
    return made


def packed(one: Any) -> bytes:
    """A record as a gzip member of its own, which is how archives are packed."""
    buffer = io.BytesIO()
    writer = GzipWriter(buffer)
    one.write(writer)
    writer.finish()
    return buffer.getvalue()


def plain(one: Any) -> bytes:
    buffer = io.BytesIO()
    one.write(buffer)
    return buffer.getvalue()


def write_warc(path: Path, records: Iterable[Any]) -> Path:
    with path.open("wb") as file:
        for one in records:
            file.write(packed(one))
    return path
