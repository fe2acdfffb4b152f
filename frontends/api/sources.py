"""Sources: outlets, their feeds, and how they are."""

from __future__ import annotations

from frontends.api.answering import Noun
from frontends.api.asked import Key
from frontends.web.office import OfficeHere
from pipeline.desk import SourceProfile, SourceView

api = Noun()


@api.answer("/sources")
def sources(office: OfficeHere) -> list[SourceView]:
    """Every outlet of the catalogue with its feeds."""
    return office.desk.source_views()


@api.answer("/sources/{slug}", 404)
def source(office: OfficeHere, slug: Key) -> SourceProfile:
    """One outlet: its feeds, what its last days brought, what was noticed, what failed."""
    return office.desk.source(slug)
