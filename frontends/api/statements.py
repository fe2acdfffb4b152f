"""Statements: who said what, with every report of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

from frontends.api.answering import Noun
from frontends.api.asked import After, Asked, Limit
from frontends.web.numbers import Number
from frontends.web.office import OfficeHere
from pipeline.desk import SeenStatements, StatementPage, StatementWish
from pipeline.storage.views import StatementView

api = Noun()

Sort = Annotated[
    Literal["seen", "published"],
    Query(description="seen: oldest first, for those who come again; published: newest first"),
]


@api.answer("/statements", 400, paged=True)
def statements(
    office: OfficeHere, q: Asked = "", sort: Sort = "seen", after: After = None, limit: Limit = 100
) -> SeenStatements | StatementPage:
    """Statements that meet a query. In the order in which they were first seen, nothing is missed or told twice."""
    query = office.desk.query(q)
    if sort == "seen":
        return office.desk.statements_seen(query, after, limit)
    return office.desk.statement_page(query, StatementWish(limit, after))


@api.answer("/statements/{number}", 404)
def statement(office: OfficeHere, number: Number) -> StatementView:
    """One statement, each report with what stands around the words."""
    return office.desk.statement(number)
