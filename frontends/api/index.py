"""What there is to ask: in a few lines, as OpenAPI 3.1, and as a page that is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from frontends.web.numbers import LARGEST
from frontends.web.reply import render, sent

PREFIX = "/api/v1"
api = APIRouter(prefix=PREFIX, include_in_schema=False)

_ABOUT = (
    "What Vigía has gathered: articles on drug policy, who said what in them, who stands where. All times are UTC. "
    "Lists have `after`: give it back to go on. Answers have an ETag. A field may be added, and none is renamed."
)
#: RFC 9457
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, and what was expected (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What, expected and got, in a sentence"},
        "position": {"type": "integer", "description": "Of a query: the character at which it cannot be read"},
        "expected": {"type": "string"},
        "got": {"type": "string"},
        "retry_after": {"type": "integer", "description": "Seconds"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "expected"],
                "properties": {"where": {"type": "string"}, "expected": {"type": "string"}},
            },
        },
    },
}
_TOKEN = {"type": "http", "scheme": "bearer", "description": "`vigia users token`; of scope read, and rules to change"}


def describe(app: FastAPI) -> None:
    """Let an application's OpenAPI be made by us, once, when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(title="Vigía", version="1", description=_ABOUT, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(found: dict[str, Any]) -> dict[str, Any]:
    parts = found.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = _PROBLEM
    parts["securitySchemes"] = {"token": _TOKEN}
    # without users, on this machine alone, nobody needs one
    return found | {"security": [{"token": []}, {}]}


@api.get("")
def index(request: Request) -> Response:
    """What there is, for whoever comes by."""
    found = request.app.openapi()
    told = {
        "name": found["info"]["title"],
        "about": _ABOUT,
        "openapi": f"{PREFIX}/openapi.json",
        "docs": f"{PREFIX}/docs",
        "asks": {one.path: one.summary for one in _operations(found) if one.method == "GET"},
        "changes": {f"{one.method} {one.path}": one.summary for one in _operations(found) if one.method != "GET"},
    }
    return sent(request, msgspec.json.encode(told), "json")


@api.get("/docs")
def docs(request: Request) -> Response:
    """The same at length, for people."""
    found = request.app.openapi()
    return render(request, "api.html", {"about": _ABOUT, "operations": list(_operations(found))})


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question takes."""

    name: str
    within: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked or changed."""

    method: str
    path: str
    summary: str
    takes: tuple[Parameter, ...]
    #: what is answered, by type; empty where nothing is
    answer: str
    errors: tuple[tuple[str, str], ...]


def _operations(found: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in found["paths"].items():
        for method, told in methods.items():
            yield _operation(found, path, method, told)


def _operation(found: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]) -> Operation:
    answers: Mapping[str, Any] = told["responses"]
    good = next(answers[status] for status in answers if status.startswith("2"))
    return Operation(
        method=method.upper(),
        path=path,
        summary=told["description"],
        takes=(*_parameters(told), *_fields(found, told)),
        answer=_type(good.get("content", {}).get("application/json", {}).get("schema", {})),
        errors=tuple((status, answers[status]["description"]) for status in sorted(answers) if status >= "4"),
    )


def _parameters(told: Mapping[str, Any]) -> Iterator[Parameter]:
    for one in told.get("parameters", ()):
        required = one.get("required", False)
        yield Parameter(one["name"], one["in"], _type(one["schema"]), required, one.get("description", ""))


def _fields(found: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Parameter]:
    sent = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if not sent:
        return
    body = found["components"]["schemas"][_type(sent)]
    for name, one in body["properties"].items():
        yield Parameter(name, "body", _type(one), name in body.get("required", ()), one.get("description", ""))


def _type(schema: Mapping[str, Any]) -> str:
    """What a schema says, in a few words: its name, its values, or its type within its bounds."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type", "")) + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    if schema.get("maximum") == LARGEST:
        return f", at least {schema['minimum']}"
    if "maximum" in schema and "minimum" in schema:
        return f" {schema['minimum']}-{schema['maximum']}"
    return f", at most {schema['maxLength']}" if "maxLength" in schema else ""
