"""Sources: how each outlet is, how much it brings, when it is asked next, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import RedirectResponse

from frontends.web.drawing import polyline
from frontends.web.numbers import Chosen
from frontends.web.office import OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from frontends.web.shown import address
from frontends.web.visitor import EditorHere
from pipeline.desk import Point, SourceProfile, SourceView
from pipeline.exporting import Sheet
from pipeline.wording import worded

pages = Pages()

Slug = Annotated[str, Path(max_length=80)]
_STANDINGS = ("lost", "degraded", "well")
#: a sparkline's size in its own units
_WIDE, _HIGH = 120.0, 24.0


@pages.page("/sources")
def sources(request: Request, office: OfficeHere) -> Shown:
    """Every outlet of the catalogue: what is in trouble first."""
    found, health = office.desk.source_views(), office.desk.health()
    volumes = office.desk.volumes()
    beside = {
        "health": health,
        "watched": sorted(
            (one for one in found if one.enabled), key=lambda one: _order(one, bool(health.of(one.slug)))
        ),
        "resting": [one for one in found if not one.enabled],
        "lines": {slug: polyline([point.number for point in days], _WIDE, _HIGH) for slug, days in volumes.items()},
        "lately": {slug: sum(point.number for point in days) for slug, days in volumes.items()},
        "next_poll": {one.slug: next_poll(one) for one in found},
    }
    return Shown("sources.html", found, sheet, beside)


@pages.page("/sources/{slug}")
def source(
    request: Request, office: OfficeHere, slug: Slug, retried: Annotated[int | None, Query(ge=0)] = None
) -> Shown:
    """One outlet: its feeds, its days, what was noticed, what failed."""
    found = known(office, slug)
    beside = {
        "retried": retried,
        "peak": peak(found.volume),
        "next_poll": next_poll(found.source),
        "told": {one.day: one for one in found.days},
    }
    return Shown("source.html", found, profile_sheet, beside)


@pages.post("/sources/{slug}/retry", include_in_schema=False)
def retry(office: OfficeHere, visitor: EditorHere, slug: Slug, entry: Chosen = None) -> RedirectResponse:
    """Take up again what was given up: one entry, or all of the outlet's."""
    known(office, slug)
    retried = office.desk.retry(source=slug) if entry is None else office.desk.retry([entry])
    return RedirectResponse(address(f"/sources/{slug}", retried=retried), 303)


def known(office: OfficeHere, slug: str) -> SourceProfile:
    """An outlet by its slug. Raises Problem for one that is not in the catalogue."""
    try:
        return office.desk.source(slug)
    except KeyError:
        raise Problem(404, worded("there is no source {name} in the catalogue", name=slug)) from None


def _order(one: SourceView, ill: bool) -> tuple[int, bool, str]:
    return _STANDINGS.index(one.standing), not ill, one.name.casefold()


def next_poll(one: SourceView) -> datetime | None:
    """When a feed of it is asked next; None where none is."""
    return min((feed.next_due_at for feed in one.feeds if feed.state == "active"), default=None)


def peak(volume: Sequence[Point]) -> int:
    """The most that a day brought, at least 1."""
    return max((point.number for point in volume), default=0) or 1


def sheet(found: Sequence[SourceView]) -> Sheet:
    """Outlets as rows."""
    columns = (
        "slug", "name", "country", "languages", "enabled", "standing", "entries_per_day", "standing_since",
        "standing_reason", "next_poll_at", "last_error",
    )  # fmt: skip
    rows = (
        (
            one.slug, one.name, one.country, " ".join(one.languages), one.enabled, one.standing, one.entries_per_day,
            one.standing_since, one.standing_reason, next_poll(one),
            next((feed.last_error for feed in one.feeds if feed.last_error), None),
        )
        for one in found
    )  # fmt: skip
    return Sheet(columns, rows)


def profile_sheet(found: SourceProfile) -> Sheet:
    """A row a day."""
    told: Mapping[object, object] = {one.day: one for one in found.days}
    columns = ("source", "day", "entries", "polls", "polls_failed", "pages")
    rows = (
        (
            found.source.slug,
            point.at.isoformat(),
            point.number,
            *(getattr(told.get(point.at), name, 0) for name in columns[3:]),
        )
        for point in found.volume
    )
    return Sheet(columns, rows)
