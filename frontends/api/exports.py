"""Whole exports for programs: everything that a query finds, in one answer that streams."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from frontends.web import downloads
from frontends.web.downloads import MEDIA, About, Asked, AtMost, Bom
from frontends.web.office import OfficeHere
from pipeline.exporting.export import Table

router = APIRouter(prefix="/api/v1/export", tags=["export"])

_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}


@router.get(
    "/{about}.{table}",
    response_class=Response,
    responses={
        200: {
            "description": "The file, piece by piece; cut short where it could not be finished.",
            "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()},
        },
        400: {"description": "The query cannot be read: what was expected, and where.", **_PROBLEM},
        422: {"description": "There is no such kind or format, or the limit is none.", **_PROBLEM},
    },
)
def export(
    office: OfficeHere, about: About, table: Table, query: Asked = "", limit: AtMost = None, bom: Bom = False
) -> Response:
    """Everything that a query finds, newest first: CSV, JSON lines or Parquet. docs/exports.md lists the columns."""
    return downloads.download(office, about, table, query, limit, bom=bom)
