"""Who asks: nobody in particular on a store that is shown to this machine alone, else somebody who signed in.

Pages that change something take `EditorHere`; forms bring back `csrf_field()`, which every POST of a page is checked
for. Routes of the API take `MayRead`, `MayExport` or `MayChange`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

from frontends.web.problems import Problem
from pipeline.access.hosts import SAFE
from pipeline.access.keys import same
from pipeline.access.people import SCOPES, Role, Scope
from pipeline.wording import worded

#: this machine, without login; nobody (yet); a browser that signed in; a program with a token
Via = Literal["open", "nobody", "session", "token"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person, or a program with a token."""

    #: empty without login
    name: str
    role: Role
    #: what forms must bring back
    csrf: str = ""
    via: Via = "open"
    #: what they may do beside looking
    scopes: tuple[Scope, ...] = SCOPES

    @property
    def edits(self) -> bool:
        """Whether they may change anything."""
        return self.role == "editor" and self.via != "nobody" and "rules" in self.scopes


def visitor(request: Request) -> Visitor:
    """Who asks."""
    found: Visitor = request.state.visitor
    return found


async def checked(request: Request) -> Visitor:
    """Who asks; a 403 for what would change something and was not sent from a form that we gave them."""
    found = visitor(request)
    if request.method in SAFE or found.via == "token":
        return found
    brought = request.headers.get("x-csrf-token") or await _brought(request)
    if not found.csrf or not same(brought, found.csrf):
        raise Problem(
            403, worded("expected the csrf field of a form of ours, got another or none; load the page again")
        )
    return found


async def _brought(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        return ""
    field = (await request.form()).get("csrf")
    return field if isinstance(field, str) else ""


def editor(found: Annotated[Visitor, Depends(checked)]) -> Visitor:
    """Who asks, if they may change something; a 403 if not."""
    if not found.edits:
        raise Problem(403, f"expected an editor, got a {found.role}")
    return found


def signed_in(found: Annotated[Visitor, Depends(checked)]) -> Visitor:
    """Who asks, if they signed in in this browser; a 403 if not."""
    if found.via != "session":
        raise Problem(403, worded("expected somebody who signed in, got nobody or a token"))
    return found


def allowed(scope: Scope) -> Callable[[Request], Awaitable[Visitor]]:
    """A dependency for the API: who asks, if they may do this; a 403 if not.

    To change something, a browser that signed in sends what its forms have in the header X-CSRF-Token. Where nobody
    signs in, what is sent has to be JSON, or by another method than POST: a page of another site cannot send either
    without asking us first (Fetch, 4.8, CORS-preflight), and we never say yes.
    """

    async def find(request: Request) -> Visitor:
        found = visitor(request)
        if found.via == "nobody" or scope not in found.scopes:
            raise Problem(403, f"expected a token with scope {scope}, got {', '.join(found.scopes) or 'none'}")
        if scope == "rules" and not found.edits:
            raise Problem(403, f"expected an editor, got a {found.role}")
        if request.method not in SAFE:
            _expect_meant(request, found)
        return found

    return find


def _expect_meant(request: Request, found: Visitor) -> None:
    if found.via == "session" and not same(request.headers.get("x-csrf-token", ""), found.csrf):
        raise Problem(403, worded("expected the header X-CSRF-Token with the csrf field of a form of ours, or a token"))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found.via == "open" and request.method == "POST" and kind != "application/json":
        raise Problem(415, f"Content-Type: expected application/json, got {kind[:100] or 'none'}")


VisitorHere = Annotated[Visitor, Depends(visitor)]
EditorHere = Annotated[Visitor, Depends(editor)]
SignedInHere = Annotated[Visitor, Depends(signed_in)]
#: of the API: to ask, to download in bulk, to change rules, alerts and searches
MayRead = Annotated[Visitor, Depends(allowed("read"))]
MayExport = Annotated[Visitor, Depends(allowed("export"))]
MayChange = Annotated[Visitor, Depends(allowed("rules"))]
