"""A statement: the words, who said them, every report side by side, what the speaker said before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import Request

from frontends.web.numbers import Number
from frontends.web.office import Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from pipeline.desk import StatementWish
from pipeline.exporting import Sheet
from pipeline.query import unparse
from pipeline.query.ast import And, Name, Value
from pipeline.query.terms import terms
from pipeline.storage.views import StatementView
from pipeline.wording import worded

pages = Pages()

#: reports that are shown, topics whose course is shown, and how many statements of it
_REPORTS, _TOPICS, _COURSE = 60, 3, 12


@pages.page("/statements/{number:int}")
def statement(request: Request, office: OfficeHere, number: Number) -> Shown:
    """A statement with all that reports it."""
    try:
        found = office.desk.statement(number)
    except KeyError:
        raise Problem(404, worded("there is no statement {name}", name=number)) from None
    return Shown("statement.html", found, sheet, beside(office, found))


def beside(office: Office, found: StatementView) -> dict[str, Any]:
    """What the speaker said on each of its topics, newest first, this statement among it."""
    asked = dict(_asked(found))
    told = {
        topic: office.desk.statement_page(query, StatementWish(_COURSE)).statements for topic, query in asked.items()
    }
    course = {topic: said for topic, said in told.items() if any(one.id != found.id for one in said)}
    return {"before_and_after": course, "asked": asked, "shown": _REPORTS}


def _asked(found: StatementView) -> Iterator[tuple[str, str]]:
    name = tuple(terms(found.speaker.name or ""))
    for topic in found.topics[:_TOPICS] if name else ():
        yield topic, unparse(And((Name("speaker", name), Value("topic", " ".join(terms(topic))))))


def sheet(found: StatementView) -> Sheet:
    """A row a report; what stands around the words is not told here."""
    columns = ("statement", "item", "source", "published_at", "kind", "via", "where", "text", "url", "outdated")
    rows = (
        (
            found.id,
            one.item_id,
            one.source,
            one.published_at,
            one.kind,
            one.via,
            one.where,
            one.text,
            one.url,
            one.outdated,
        )
        for one in found.reports
    )
    return Sheet(columns, rows)
