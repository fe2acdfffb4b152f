"""Today: what was said since yesterday, by whom, and did anyone move."""

from __future__ import annotations

from fastapi import Request

from frontends.web.office import OfficeHere
from frontends.web.reply import Pages, Shown

pages = Pages()


@pages.page("/")
def today(request: Request, office: OfficeHere) -> Shown:
    """The first page."""
    return Shown("today.html", office.desk.status())
