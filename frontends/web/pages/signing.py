"""Signing in and out, and one's own account: password, tokens for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from frontends.web.cookies import SESSION, brought, set_cookie
from frontends.web.office import Office, OfficeHere
from frontends.web.pages.preferences import here
from frontends.web.reply import Pages, Shown, render
from frontends.web.visitor import SignedInHere, Visitor, VisitorHere
from pipeline.access.people import SCOPES, Token
from pipeline.accessdesk import MadeToken, Refused
from pipeline.errors import ConfigError
from pipeline.exporting import Sheet

pages = Pages()
#: nobody keeps a page with a secret on it
_KEPT_NOWHERE = {"Cache-Control": "no-store"}

Next = Annotated[str, Query(max_length=4000)]
Typed = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody sees of their own account."""

    #: empty where nobody signs in
    name: str
    role: str
    tokens: tuple[Token, ...]


@pages.get("/login", include_in_schema=False)
def login(request: Request, visitor: VisitorHere, next: Next = "/") -> Response:  # noqa: A002 - as the address says
    """The form; whoever is in already goes on."""
    if visitor.via != "nobody":
        return RedirectResponse(here(next), 303)
    return render(request, "login.html", {"next": here(next), "name": "", "refused": None}, headers=_KEPT_NOWHERE)


@pages.post("/login", include_in_schema=False)
def sign_in(
    request: Request,
    office: OfficeHere,
    name: Typed,
    password: Typed,
    next: Annotated[str, Form(max_length=4000)] = "/",  # noqa: A002
) -> Response:
    """Try a name and a password."""
    address = request.client.host if request.client else ""
    signed = office.access.sign_in(name, password, address, brought(request, SESSION) or None)
    if isinstance(signed, Refused):
        shown = {"next": here(next), "name": name, "refused": signed}
        headers = _KEPT_NOWHERE | ({"Retry-After": str(signed.wait)} if signed.wait else {})
        return render(request, "login.html", shown, 429 if signed.wait else 403, headers)
    response = RedirectResponse(here(next), 303)
    set_cookie(response.headers, request, SESSION, signed.key, round(office.settings.web_session_days * 86_400))
    return response


@pages.post("/logout", include_in_schema=False)
def sign_out(request: Request, office: OfficeHere, _: SignedInHere) -> Response:
    """End the session."""
    office.access.sign_out(brought(request, SESSION))
    response = RedirectResponse("/login", 303, {"Clear-Site-Data": '"cache"'})
    set_cookie(response.headers, request, SESSION, "", 0)
    return response


@pages.page("/account")
def account(request: Request, office: OfficeHere, visitor: VisitorHere) -> Shown:
    """One's own account."""
    return _shown(office, visitor)


def _shown(office: Office, visitor: Visitor, *, made: MadeToken | None = None, wrong: str = "") -> Shown:
    tokens = tuple(office.access.tokens(visitor.name)) if visitor.name else ()
    beside = {"made": made, "wrong": wrong, "scopes": SCOPES}
    return Shown("account.html", Account(visitor.name, visitor.role, tokens), sheet, beside)


def sheet(account: Account) -> Sheet:
    """Tokens as rows."""
    columns = ("name", "scopes", "made_at", "expires_at", "used_at")
    rows = ((one.name, " ".join(one.scopes), one.made_at, one.expires_at, one.used_at) for one in account.tokens)
    return Sheet(columns, rows)


@pages.post("/account/password", include_in_schema=False)
def change_password(
    request: Request, office: OfficeHere, visitor: SignedInHere, current: Typed, password: Typed
) -> Response:
    """Another password; every login ends, and this one begins anew."""
    address = request.client.host if request.client else ""
    signed = office.access.sign_in(visitor.name, current, address, brought(request, SESSION))
    if isinstance(signed, Refused):
        return _again(request, _shown(office, visitor, wrong="current"))
    try:
        office.access.set_password(visitor.name, password)
    except ConfigError as error:
        response = _again(request, _shown(office, visitor, wrong=error.expected))
    else:
        signed = office.access.sign_in(visitor.name, password, address)
        response = RedirectResponse("/account", 303)
    if not isinstance(signed, Refused):
        lasting = round(office.settings.web_session_days * 86_400)
        set_cookie(response.headers, request, SESSION, signed.key, lasting)
    return response


@pages.post("/account/tokens", include_in_schema=False)
def make_token(
    request: Request,
    office: OfficeHere,
    visitor: SignedInHere,
    name: Typed,
    scope: Annotated[list[str], Form(max_length=10)],
    days: Annotated[float | None, Form()] = None,
) -> Response:
    """A token, shown this once."""
    try:
        made = office.access.make_token(visitor.name, name, scope, days)
    except ConfigError as error:
        return _again(request, _shown(office, visitor, wrong=str(error)))
    shown = _shown(office, visitor, made=made)
    return render(request, shown.template, {"answer": shown.answer, **shown.beside}, 201, _KEPT_NOWHERE)


@pages.post("/account/tokens/drop", include_in_schema=False)
def drop_token(office: OfficeHere, visitor: SignedInHere, name: Typed) -> Response:
    """A token that does nothing any more."""
    office.access.drop_token(visitor.name, name)
    return RedirectResponse("/account", 303)


def _again(request: Request, shown: Shown) -> Response:
    whole = {"answer": shown.answer, **shown.beside}
    return render(request, shown.template, whole, 422, _KEPT_NOWHERE)
