"""What is new, and how the store and its sources are."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query

from frontends.api.answering import Noun
from frontends.api.asked import Moment
from frontends.web.office import OfficeHere
from pipeline.desk import Status, Today

api = Noun()

#: what "since yesterday" means to those who do not say since when
_DAY = timedelta(days=1)


@api.answer("/today")
def today(
    office: OfficeHere,
    since: Annotated[Moment | None, Query(description="Since when, with its zone; else the last 24 hours")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Of each, at most")] = 50,
) -> Today:
    """New statements, alerts, speakers who moved, outlets in trouble."""
    return office.desk.today(since or office.clock.now() - _DAY, limit)


@api.answer("/status")
def status(office: OfficeHere) -> Status:
    """Counts, sizes, and what comes next."""
    return office.desk.status()
