"""Downloads of all that a query finds, and feeds of its newest."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from frontends.web import downloads
from frontends.web.downloads import About, Asked, AtMost, Bom, Entries, Told
from frontends.web.office import OfficeHere
from frontends.web.visitor import allowed
from pipeline.exporting import feeds
from pipeline.exporting.export import Table

pages = APIRouter(include_in_schema=False)


@pages.get("/export/{about}.{table}", dependencies=[Depends(allowed("export"))])
def export(
    office: OfficeHere, about: About, table: Table, query: Asked = "", limit: AtMost = None, bom: Bom = False
) -> Response:
    """A file with all that a query finds."""
    return downloads.download(office, about, table, query, limit, bom=bom)


@pages.get("/feeds/{about}.{form}")
def feed(
    request: Request, office: OfficeHere, about: Told, form: feeds.Form, query: Asked = "", limit: Entries = 100
) -> Response:
    """The newest that a query finds."""
    return downloads.feed(request, office, about, form, query, limit)
