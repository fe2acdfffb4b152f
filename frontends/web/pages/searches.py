"""Saved searches: a query under a name, to be asked again as @name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse

from frontends.web.office import OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from frontends.web.shown import address
from frontends.web.visitor import EditorHere
from pipeline.desk import SavedView
from pipeline.exporting import Sheet
from pipeline.wording import worded

pages = Pages()

Name = Annotated[str, Form(max_length=80)]


@pages.page("/searches")
def searches(request: Request, office: OfficeHere) -> Shown:
    """Every saved search, by name."""
    return Shown("searches.html", office.desk.saved(), sheet)


@pages.post("/searches", include_in_schema=False)
def save(
    office: OfficeHere, visitor: EditorHere, name: Name, q: Annotated[str, Form(max_length=30_000)]
) -> RedirectResponse:
    """Keep a query under a name, and show what it finds."""
    office.desk.save(name.strip(), office.desk.query(q.strip()))
    return RedirectResponse(address("/search", q=f"@{name.strip()}"), 303)


@pages.post("/searches/{name}/delete", include_in_schema=False)
def drop(office: OfficeHere, visitor: EditorHere, name: str) -> RedirectResponse:
    """Keep a saved search no longer."""
    if not office.desk.drop(name):
        raise Problem(404, worded("there is no saved search @{name}", name=name))
    return RedirectResponse("/searches", 303)


def sheet(found: Sequence[SavedView]) -> Sheet:
    """A row a saved search."""
    return Sheet(
        ("name", "query", "explanation", "saved_at"),
        ((one.name, one.query, one.explanation, one.saved_at) for one in found),
    )
