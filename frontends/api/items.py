"""Items: articles, each with where it appeared and what is said in it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

from frontends.api.answering import Noun
from frontends.api.asked import After, Asked, Limit
from frontends.web.numbers import Number
from frontends.web.office import OfficeHere
from pipeline.desk import ItemPage, SeenItems, Wish
from pipeline.storage.views import ItemView

api = Noun()

Sort = Annotated[
    Literal["seen", "published", "relevance"],
    Query(description="seen: oldest first, for those who come again; published: newest first; relevance: best first"),
]


@api.answer("/items", 400, paged=True)
def items(
    office: OfficeHere, q: Asked = "", sort: Sort = "seen", after: After = None, limit: Limit = 100
) -> SeenItems | ItemPage:
    """Items that meet a query. In the order in which they were first seen, nothing is missed or told twice."""
    query = office.desk.query(q)
    if sort == "seen":
        return office.desk.items_seen(query, after, limit)
    wish = Wish(sort="newest" if sort == "published" else "relevance", limit=limit, after=after)
    return office.desk.page(query, wish)


@api.answer("/items/{number}", 404)
def item(office: OfficeHere, number: Number) -> ItemView:
    """One item: its text, topics with their evidence, statements, appearances, earlier texts."""
    return office.desk.item(number)
