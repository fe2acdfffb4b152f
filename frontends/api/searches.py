"""Saved searches: queries with a name, which `@name` asks anywhere."""

from __future__ import annotations

from frontends.api.answering import Noun
from frontends.api.asked import NameAsked, Saved
from frontends.web.office import OfficeHere
from frontends.web.visitor import MayChange
from pipeline.desk import SavedView

api = Noun()


@api.answer("/searches")
def searches(office: OfficeHere) -> list[SavedView]:
    """Saved searches by name, each with what it finds in a sentence."""
    return office.desk.saved()


@api.change("PUT", "/searches/{name}")
def save(office: OfficeHere, visitor: MayChange, name: NameAsked, sent: Saved) -> SavedView:
    """Keep a query under a name, in place of what had it."""
    office.desk.save(name, office.desk.query(sent.query))
    return next(one for one in office.desk.saved() if one.name == name)


@api.change("DELETE", "/searches/{name}", 404, status=204)
def drop(office: OfficeHere, visitor: MayChange, name: NameAsked) -> None:
    """Keep a saved search no longer."""
    if not office.desk.drop(name):
        raise KeyError(f"saved search: expected one that is there, got {name!r}")
