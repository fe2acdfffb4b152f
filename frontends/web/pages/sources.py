"""Sources: how each outlet is, how much it brings, when it is asked next."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from frontends.web.office import OfficeHere
from frontends.web.reply import Pages, Shown
from pipeline.desk import SourceView
from pipeline.exporting import Sheet

pages = Pages()


@pages.page("/sources")
def sources(request: Request, office: OfficeHere) -> Shown:
    """Every outlet of the catalogue."""
    return Shown("sources.html", office.desk.source_views(), sheet)


def sheet(found: Sequence[SourceView]) -> Sheet:
    """Outlets as rows."""
    columns = ("slug", "name", "country", "languages", "enabled", "standing", "entries_per_day")
    rows = (
        (one.slug, one.name, one.country, " ".join(one.languages), one.enabled, one.standing, one.entries_per_day)
        for one in found
    )
    return Sheet(columns, rows)
