"""What leaves the store over HTTP: files that stream, and feeds that readers poll cheaply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Literal

import xxhash
from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from frontends.web.office import Office
from pipeline.exporting import feeds, told
from pipeline.exporting.export import Piece, Table, begin, write

About = Literal["items", "statements", "reports", "alerts", "positions", "speakers"]
Told = Literal["items", "statements"]
Asked = Annotated[str, Query(alias="q", max_length=30_000, description="a query, or @ and the name of a saved one")]
AtMost = Annotated[int | None, Query(alias="limit", ge=1, le=2_000_000_000, description="at most so many")]
Entries = Annotated[int, Query(alias="limit", ge=1, le=feeds.MOST, description="at most so many entries")]
Bom = Annotated[bool, Query(description="begin CSV so that spreadsheets read it as UTF-8")]

MEDIA = {
    "csv": "text/csv; charset=utf-8; header=present",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_NAME = 80


def download(office: Office, about: str, table: Table, query: str, limit: int | None, *, bom: bool) -> Response:
    """A file with all that a query finds, sent while it is read. What is wrong is said before the first byte.

    The work ends when the client goes: nobody asks for the next batch then.
    """
    pieces = write(begin(office.desk, about, query, limit), table, bom=bom)
    name = file_name(about, query, table)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return StreamingResponse(_bodies(pieces), headers=headers, media_type=MEDIA[table])


def _bodies(pieces: Iterator[Piece]) -> Iterator[bytes]:
    return (piece.body for piece in pieces if piece.body)


def file_name(about: str, query: str, suffix: str) -> str:
    """What a browser calls the file: letters, figures and hyphens of the query, and no more of it than a name bears."""
    asked = "-".join(re.findall(r"[A-Za-z0-9]+", query))[:_NAME].rstrip("-")
    return f"vigia-{about}{'-' if asked else ''}{asked}.{suffix}"


def feed(request: Request, office: Office, about: Told, form: feeds.Form, query: str, limit: int) -> Response:
    """The newest that a query finds, as a feed; 304 where the reader has it already."""
    asked = office.desk.query(query)
    found = told.entries(office.desk, about, asked, limit)
    made = feeds.feed(about, query, office.desk.explain(asked), str(request.base_url), form, found)
    body = feeds.written(made, form)
    headers = {
        "ETag": f'W/"{xxhash.xxh3_64_hexdigest(body)}"',
        "Last-Modified": format_datetime(made.updated_at, usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if _is_known(request, headers["ETag"], made.updated_at):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=feeds.MEDIA[form])


def _is_known(request: Request, tag: str, changed: datetime) -> bool:
    """Whether the reader has this already; the tag is asked first, and alone (RFC 9110, 13.2.2)."""
    tags, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    if tags is not None:
        return tag in tags or tags.strip() == "*"
    if since is None:
        return False
    try:
        return changed <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        # a date that is none is as good as none (RFC 9110, 13.1.3)
        return False
