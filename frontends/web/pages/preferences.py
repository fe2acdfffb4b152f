"""What somebody chose of the interface: its language, light or dark. Their browser remembers it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse

from frontends.web.office import OfficeHere

pages = APIRouter()
_YEAR = 365 * 86_400


@pages.get("/preferences", include_in_schema=False)
def prefer(
    request: Request,
    office: OfficeHere,
    back: Annotated[str, Query()] = "/",
    language: str | None = None,
    theme: str | None = None,
) -> RedirectResponse:
    """Remember a choice and go back to where it was made."""
    response = RedirectResponse(here(back), 303)
    chosen = {
        "language": language if office.languages.named(language) else None,
        "theme": theme if theme in ("light", "dark", "") else None,
    }
    for name, value in chosen.items():
        if value is not None:
            response.set_cookie(name, value, _YEAR, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return response


def here(path: str) -> str:
    """A path of ours; the first page for what may lead elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
