"""Positions: where countries' officials stand on topics, as of any day."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from frontends.api.answering import Noun
from frontends.api.asked import After, AsOf, Country, Limit
from frontends.web.office import OfficeHere
from pipeline.desk import PositionHistory, Positions, StatementWish

api = Noun()

Topics = Annotated[
    list[Annotated[str, Query(max_length=80)]] | None, Query(max_length=50, description="These topics alone")
]


@api.answer("/positions")
def positions(office: OfficeHere, as_of: AsOf = None, topic: Topics = None) -> Positions:
    """The latest clear stance of each country's officials on each topic."""
    return office.desk.positions(as_of, topic)


@api.answer("/positions/{country}/{topic}", 400, 404, paged=True)
def position(
    office: OfficeHere,
    country: Country,
    topic: Annotated[str, Path(max_length=80)],
    as_of: AsOf = None,
    after: After = None,
    limit: Limit = 100,
) -> PositionHistory:
    """The dated statements behind a position, newest first."""
    if topic not in {one.slug for one in office.topics.all}:
        raise KeyError(f"topic: expected one that is watched, got {topic!r}")
    return office.desk.position(country, topic, as_of, StatementWish(limit, after))
