"""What a query finds, counted: over time, and by what it could be narrowed by."""

from __future__ import annotations

from frontends.api.answering import Noun
from frontends.api.asked import About, Asked
from frontends.web.office import OfficeHere
from pipeline.desk import Facets, Timeline

api = Noun()


@api.answer("/timeline", 400)
def timeline(office: OfficeHere, q: Asked = "", about: About = "item") -> Timeline:
    """What a query finds over time, by publication: days, weeks or months, as its length asks for."""
    return office.desk.timeline(office.desk.query(q), about)


@api.answer("/facets", 400)
def facets(office: OfficeHere, q: Asked = "", about: About = "item") -> Facets:
    """The most frequent topics, countries, outlets and so on of what a query finds, each with what narrows it so."""
    return office.desk.facets(office.desk.query(q), about)
