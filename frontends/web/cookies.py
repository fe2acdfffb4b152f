"""The two cookies that matter: a login's key, and what forms are bound to before there is a login.

Over https they are named `__Host-`: no other host of the domain, and nobody without TLS, can set them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

#: a key that we made has 43 characters
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie of ours that no script can read."""

    name: str
    #: whether a link from elsewhere brings it along
    same_site: Literal["lax", "strict"]


#: a link to a page, in a mail for instance, finds somebody signed in
SESSION = Cookie("vigia", "lax")
FORM = Cookie("vigia-form", "strict")


def brought(request: Request, cookie: Cookie) -> str:
    """What a browser brought; empty for nothing."""
    value = request.cookies.get(_name(request, cookie), "")
    return value if len(value) <= _LONGEST and value.isascii() else ""


def set_cookie(
    headers: MutableHeaders, request: Request, cookie: Cookie, value: str, seconds: int | None = None
) -> None:
    """Let a browser keep a value, until it is closed or for so long; 0 seconds: no more."""
    made = Response()
    made.set_cookie(
        _name(request, cookie),
        value,
        seconds,
        httponly=True,
        samesite=cookie.same_site,
        secure=request.url.scheme == "https",
    )
    headers.append("set-cookie", made.headers["set-cookie"])


def _name(request: Request, cookie: Cookie) -> str:
    return f"__Host-{cookie.name}" if request.url.scheme == "https" else cookie.name
