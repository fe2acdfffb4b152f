"""What every route of the API does around its question: JSON with its mark and the way on, mistakes as problems.

    api = Noun()

    @api.answer("/items/{number}", 404)
    def item(office: OfficeHere, number: Number) -> ItemView:
        return office.desk.item(number)

What a function returns is described by its annotation and written by msgspec, unchecked: the desk's types are checked
where they are made.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from frontends.web.problems import MEDIA, Problem
from frontends.web.reply import sent

PROBLEM = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_MEANINGS = {
    400: "Something cannot be read: a query, a mark, a rule. `position`, `expected`, `got` say where and why",
    401: "Nobody has signed in, and there is no token that is valid",
    403: "A token without the scope, somebody who may not change this, or a page of another site",
    404: "There is nothing of that number or name",
    409: "There is one of that name already",
    413: "The body is too long",
    415: "What changes something is sent as application/json",
    421: "The Host header names somebody else",
    422: "A parameter or field is missing, too long or out of range; `errors` says which",
    429: "Too many requests; `retry_after` and the header Retry-After say how many seconds to wait",
    503: "The store cannot be asked now; or it would take longer than the `seconds` that one question has",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These errors, as OpenAPI has them."""
    return {status: {"description": _MEANINGS[status], "content": PROBLEM} for status in statuses}


#: what any route may answer
REFUSALS = problems(400, 401, 403, 421, 422, 429, 503)
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "What the header If-None-Match names is still so"}}
_TAG = {"ETag": {"description": "Changes with the answer; send it as If-None-Match", "schema": {"type": "string"}}}
_LINK = {"Link": {"description": 'Where more is: `<…>; rel="next"` (RFC 8288)', "schema": {"type": "string"}}}


class Noun(APIRouter):
    """Routes about one thing. What a route declares that it may answer is what its errors become."""

    def answer(self, path: str, *errors: int, paged: bool = False) -> Callable[[Callable[..., Any]], Any]:
        """Serve what a function returns, as JSON. With 404 among `errors`, a KeyError of the desk is one.

        A `paged` answer has `after`, and leads on with it by a Link where there is more.
        """

        def serve(ask: Callable[..., Any]) -> Callable[..., Any]:
            asked = inspect.signature(ask, eval_str=True)

            @functools.wraps(ask)
            def respond(request: Request, **named: Any) -> Response:
                found = attempt(functools.partial(ask, **named), errors)
                on = _onward(request, found) if paged else {}
                return sent(request, msgspec.json.encode(found), "json", headers={"Vary": "Cookie, Authorization"} | on)

            headers = _TAG | (_LINK if paged else {})
            self._add(path, "GET", respond, asked, {200: {"headers": headers}} | _UNCHANGED | problems(*errors))
            return ask

        return serve

    def change(self, method: str, path: str, *errors: int, status: int = 200) -> Callable[[Callable[..., Any]], Any]:
        """Let a function change something; what it returns is told, a Response of its own as it is."""

        def serve(ask: Callable[..., Any]) -> Callable[..., Any]:
            asked = inspect.signature(ask, eval_str=True)

            @functools.wraps(ask)
            def respond(request: Request, **named: Any) -> Response:
                found = attempt(functools.partial(ask, **named), errors)
                if found is None:
                    return Response(status_code=204)
                return Response(msgspec.json.encode(found), status, media_type="application/json")

            self._add(path, method, respond, asked, problems(413, 415, *errors), status)
            return ask

        return serve

    def _add(
        self, path: str, method: str, respond: Callable[..., Response], asked: inspect.Signature,
        told: dict[int | str, dict[str, Any]], status: int = 200,
    ) -> None:  # fmt: skip
        request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_ONLY, annotation=Request)
        taken = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in asked.parameters.values()]
        respond.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [request.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD), *taken], return_annotation=Response
        )
        self.add_api_route(
            path, respond, methods=[method], status_code=status, responses=told,
            response_model=asked.return_annotation,
        )  # fmt: skip


def attempt(ask: Callable[[], Any], errors: tuple[int, ...]) -> Any:
    """An answer; what the desk says of a number, a name or a mark that there is not, as a problem."""
    try:
        return ask()
    except KeyError as error:
        if 404 not in errors:
            raise
        raise Problem(404, str(error.args[0])) from None
    except ValueError as error:
        if 400 not in errors:
            raise
        raise Problem(400, str(error)) from None


def _onward(request: Request, found: Any) -> dict[str, str]:
    """Where the next page is, if there is one: the same question, with another mark."""
    after = found.after
    if after is None or not getattr(found, "more", True):
        return {}
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    return {"Link": f'<{request.url.path}?{urlencode([*asked, ("after", after)])}>; rel="next"'}


async def legible(request: Request) -> None:
    """Refuse what no text has: the character NUL, which databases treat each in its own way."""
    if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise Problem(400, "expected text, got the character NUL")
