"""One answer in the form that the caller asked for: a page, JSON or CSV, at the same address.

    pages = Pages()

    @pages.page("/sources")
    def sources(request: Request, office: OfficeHere) -> Shown:
        return Shown("sources.html", office.desk.source_views(), sheet=SOURCES)

serves /sources (HTML, or what the Accept header prefers), /sources.json and /sources.csv.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import xxhash
from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.exporting import Sheet, csv_lines

Form = Literal["html", "json", "csv"]
_MEDIA: Mapping[Form, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: `answer` is its JSON, what `sheet` makes of it its CSV, `template` its HTML."""

    template: str
    answer: Any
    sheet: Callable[[Any], Sheet] | None = None
    #: what only the HTML needs, by name
    beside: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    #: what htmx asks for instead of the whole page: a block of the template, by the id of the element it replaces
    blocks: Mapping[str, str] = field(default_factory=dict)


class Pages(APIRouter):
    """Routes of pages, each with its twins."""

    def page(self, path: str) -> Callable[[Callable[..., Shown]], Callable[..., Shown]]:
        """Serve what a function shows at a path, and at the same path with `.json` and `.csv`.

        It takes what any FastAPI route takes, a `request` among it. A KeyError of the desk is a 404.
        """

        def serve(ask: Callable[..., Shown]) -> Callable[..., Shown]:
            @functools.wraps(ask)
            def respond(**asked: Any) -> Response:
                return reply(asked["request"], ask(**asked))

            respond.__annotations__["return"] = Response
            respond.__signature__ = _signature(ask)  # type: ignore[attr-defined]
            # what ends in a suffix is asked first: a name at the end of a path would swallow it
            for suffix in (".json", ".csv", ""):
                at = f"{'/today' if path == '/' and suffix else path}{suffix}"
                self.add_api_route(at, respond, methods=["GET"], include_in_schema=False)
            return ask

        return serve


def reply(request: Request, shown: Shown) -> Response:
    """What is shown, in the form that was asked for."""
    form = form_of(request)
    if form == "json":
        return sent(request, msgspec.json.encode(shown.answer), form, shown.status)
    if form == "csv":
        if shown.sheet is None:
            return Response("this page has no table\n", 406, media_type="text/plain")
        return sent(request, "".join(csv_lines(shown.sheet(shown.answer))).encode(), form, shown.status)
    return render(request, shown.template, {"answer": shown.answer, **shown.beside}, shown.status, blocks=shown.blocks)


def form_of(request: Request) -> Form:
    """The form that a caller wants: what the path ends with, else what the Accept header names first."""
    path, accepted = request.url.path, request.headers.get("accept", "")
    if path.startswith("/api/") or path.endswith(".json"):
        return "json"
    if path.endswith(".csv"):
        return "csv"
    asked = [one.partition(";")[0].strip() for one in accepted.split(",")]
    known: Mapping[str, Form] = {
        "text/html": "html",
        "application/json": "json",
        "application/problem+json": "json",
        "text/csv": "csv",
    }
    return next((known[one] for one in asked if one in known), "html")


def render(
    request: Request,
    template: str,
    names: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    blocks: Mapping[str, str] | None = None,
) -> Response:
    """A template as HTML: the whole page, or the block that htmx wants for the element it names."""
    made = request.app.state.templates.get_template(template)
    state = request.state
    whole = {
        "request": request,
        "interface": state.interface,
        "visitor": state.visitor,
        "theme": state.theme,
        "now": request.app.state.office.clock.now(),
        "languages": request.app.state.office.languages.all,
        "topic_labels": request.app.state.topic_labels,
        **names,
    }
    block = (blocks or {}).get(request.headers.get("hx-target", "").rpartition("#")[2])
    body = made.render(whole) if block is None else "".join(made.blocks[block](made.new_context(whole)))
    return sent(request, body.encode(), "html", status, headers)


def sent(
    request: Request, body: bytes, form: Form, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A body with its ETag (RFC 9110, 8.8.3); 304 without it where the caller has the same already."""
    tag = f'W/"{xxhash.xxh3_64_hexdigest(body)}"'
    more = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept, Cookie, HX-Request, HX-Target"}
    more |= headers or {}
    if status == 200 and tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=more)
    return Response(body, status, more, _MEDIA[form])


def _signature(ask: Callable[..., Shown]) -> Any:
    found = inspect.signature(ask, eval_str=True)
    return found.replace(return_annotation=Response)
