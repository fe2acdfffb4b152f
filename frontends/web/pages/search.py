"""Search: a query and what it finds; what it means while it is being written; what it could be narrowed by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import Query, Request

from frontends.web import sheets
from frontends.web.asking import EXAMPLES, Asked, Misreading, Reading, misread, read, told
from frontends.web.languages import Interface
from frontends.web.office import InterfaceHere, Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown, form_of
from frontends.web.shown import gapped
from pipeline.desk import Facets, ItemPage, Point, StatementPage, StatementWish, Timeline, Wish
from pipeline.errors import OutOfTime, QueryError
from pipeline.exporting import Sheet
from pipeline.query import parse
from pipeline.query.ast import Within
from pipeline.query.excerpt import Excerpt, excerpt, marked
from pipeline.query.narrow import between, narrowed

pages = Pages()

About = Literal["item", "statement"]
Sort = Literal["newest", "relevance"]
Mark = Annotated[str | None, Query(max_length=80)]
Limit = Annotated[int, Query(ge=1, le=200)]

#: where a bare word is looked for
_FIELDS: Mapping[About, tuple[str, ...]] = {"item": ("any", "title", "text"), "statement": ("any", "said")}


@pages.page("/search")
def search(
    request: Request, office: OfficeHere, interface: InterfaceHere, q: Asked = "", about: About = "item",
    sort: Sort = "newest", after: Mark = None, limit: Limit = 20,
) -> Shown:  # fmt: skip
    """A page of what a query finds; a query that cannot be read is shown with where it went wrong."""
    reading = reading_of(request, office, interface, q)
    beside = {
        "reading": reading, "about": about, "sort": sort, "first": after is None,
        "saved": office.desk.saved(), "examples": EXAMPLES,
    }  # fmt: skip
    if isinstance(reading, Misreading):
        return Shown("search.html", None, beside=beside, status=400, blocks=_BLOCKS)
    try:
        page = ask(office, reading.query, about, sort, after, limit)
    except OutOfTime as error:
        if form_of(request) != "html":
            raise
        # the query stays where it can be changed
        return Shown("search.html", None, beside=beside | {"late": error.seconds}, status=503, blocks=_BLOCKS)
    shown = extracts(office, reading, page) if form_of(request) == "html" else {}
    return Shown("search.html", page, sheet, beside | {"extracts": shown}, blocks=_BLOCKS)


_BLOCKS = {"search": "search"}


@pages.page("/search/explain")
def explained(request: Request, office: OfficeHere, interface: InterfaceHere, q: Asked = "") -> Shown:
    """What a query means, or where it goes wrong: an answer either way."""
    try:
        reading: Reading | Misreading = read(q, office.desk.query(q.strip()), interface, office.topics)
    except QueryError as error:
        reading = misread(q, error)
    return Shown("explain.html", told(reading), beside={"reading": reading}, blocks={"reading": "reading"})


@pages.page("/timeline")
def timeline(
    request: Request, office: OfficeHere, interface: InterfaceHere, q: Asked = "", about: About = "item"
) -> Shown:
    """How much a query finds over time; each stretch of it leads to what was found then."""
    query = office.desk.query(q.strip())
    try:
        found = office.desk.timeline(query, about)
    except OutOfTime as error:
        return late(request, "timeline", error)
    links = [between(query, period(found, point)) for point in found.points]
    beside = {"query": query, "about": about, "links": links}
    return Shown("timeline.html", found, points_sheet, beside, blocks={"timeline": "timeline"})


@pages.page("/facets")
def facets(
    request: Request, office: OfficeHere, interface: InterfaceHere, q: Asked = "", about: About = "item"
) -> Shown:
    """What a query finds by topic, country, outlet and so on; each value narrows it."""
    query = office.desk.query(q.strip())
    try:
        found = office.desk.facets(query, about)
    except OutOfTime as error:
        return late(request, "facets", error)
    beside = {"query": query, "about": about, "narrowed": lambda more: narrowed(query, parse(more).root)}
    return Shown("facets.html", found, facets_sheet, beside, blocks={"facets": "facets"})


# --- asking -----------------------------------------------------------------------------------------------------------


def reading_of(request: Request, office: Office, interface: Interface, asked: str) -> Reading | Misreading:
    """A query, read. One that cannot be read is a page to people, an error to programs. Raises QueryError."""
    try:
        return read(asked, office.desk.query(asked.strip()), interface, office.topics)
    except QueryError as error:
        if form_of(request) != "html":
            raise
        return misread(asked, error)


def ask(
    office: Office, query: str, about: About, sort: Sort, after: str | None, limit: int
) -> ItemPage | StatementPage:
    """A page of items or statements. A mark that no page gave is the caller's mistake."""
    try:
        if about == "item":
            return office.desk.page(query, Wish(sort=sort, limit=limit, after=after))
        return office.desk.statement_page(query, StatementWish(limit=limit, after=after))
    except QueryError:
        raise
    except ValueError as error:
        raise Problem(400, str(error)) from None


def extracts(office: Office, reading: Reading, page: ItemPage | StatementPage) -> dict[int, dict[str, Excerpt]]:
    """Of each thing found, where the query's words stand: in an item's title and text, in a statement's words."""
    if isinstance(page, StatementPage):
        fields = _FIELDS["statement"]
        return {one.id: {"text": marked(reading.root, gapped(one), fields)} for one in page.statements}
    texts, fields = office.desk.texts([one.id for one in page.items]), _FIELDS["item"]
    return {
        one.id: {
            "title": marked(reading.root, one.title, fields),
            "text": excerpt(reading.root, texts.get(one.id, ""), fields),
        }
        for one in page.items
    }


def late(request: Request, part: str, error: OutOfTime) -> Shown:
    """A line in place of a part of a page that takes too long to count; an error to whoever asked for it alone."""
    if form_of(request) != "html" or "hx-target" not in request.headers:
        raise error
    return Shown("late.html", None, status=503, blocks={part: "late"})


def period(timeline: Timeline, point: Point) -> Within:
    """The stretch of time that a point of a timeline stands for."""
    start = datetime.combine(point.at, time(), UTC)
    if timeline.unit == "month":
        return Within("published", start, (start + timedelta(days=32)).replace(day=1))
    return Within("published", start, start + timedelta(days=7 if timeline.unit == "week" else 1))


# --- as rows ----------------------------------------------------------------------------------------------------------


def sheet(page: ItemPage | StatementPage) -> Sheet:
    """A page of what was found, as rows."""
    return sheets.items(page.items) if isinstance(page, ItemPage) else sheets.statements(page.statements)


def points_sheet(found: Timeline) -> Sheet:
    """A row a stretch of time."""
    return Sheet((found.unit, "number"), ((point.at.isoformat(), point.number) for point in found.points))


def facets_sheet(found: Facets) -> Sheet:
    """A row a value."""
    rows = ((field, one.value, one.label, one.number) for field, values in found.fields.items() for one in values)
    return Sheet(("field", "value", "label", "number"), rows)
