"""Errors as answers: a page for people, problem+json (RFC 9457) for programs, both saying what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from frontends.web.reply import form_of, render
from pipeline.errors import ConfigError, OutOfTime, QueryError, VigiaError
from pipeline.wording import Worded, worded

MEDIA = "application/problem+json"


class Problem(Exception):
    """Something that a caller asked for and cannot have; `more` are fields of the problem+json."""

    def __init__(
        self, status: int, detail: Worded | str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(str(detail))
        self.status, self.detail, self.headers, self.more = status, detail, dict(headers or {}), more


def catch_in(app: FastAPI) -> None:
    """Let this app answer errors in the caller's form. What is none of ours stays a 500, with a line in the log."""
    app.add_exception_handler(Problem, lambda request, error: answer(request, error))  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, lambda request, error: answer(request, _of_http(error)))  # type: ignore[arg-type]
    app.add_exception_handler(
        RequestValidationError,
        lambda request, error: answer(request, _of_validation(error)),  # type: ignore[arg-type]
    )
    for kind in (QueryError, ConfigError, VigiaError):
        app.add_exception_handler(kind, lambda request, error: answer(request, _of_ours(error)))
    app.add_exception_handler(Exception, lambda request, _: answer(request, Problem(500, worded("it is in the log"))))


def answer(request: Request, problem: Problem) -> Response:
    """A problem in the form that the caller asked for."""
    title = HTTPStatus(problem.status).phrase
    body = {
        "type": "about:blank",
        "title": title,
        "status": problem.status,
        "detail": str(problem.detail),
        **problem.more,
    }
    headers = problem.headers | (
        {"Retry-After": str(problem.more["retry_after"])} if "retry_after" in problem.more else {}
    )
    if form_of(request) != "html":
        return Response(msgspec.json.encode(body), problem.status, headers, MEDIA)
    shown = {"problem": body, "detail": problem.detail}
    return render(request, "problem.html", shown, problem.status, headers)


def _of_ours(error: Exception) -> Problem:
    if isinstance(error, QueryError):
        return Problem(400, str(error), position=error.position, expected=error.expected, got=error.got)
    if isinstance(error, ConfigError):
        return Problem(400, str(error))
    if isinstance(error, OutOfTime):
        return Problem(503, error.wording, seconds=error.seconds)
    return Problem(503, worded("the store cannot be asked now; it is in the log"))


def _of_http(error: HTTPException) -> Problem:
    return Problem(error.status_code, str(error.detail), error.headers)


def _of_validation(error: RequestValidationError) -> Problem:
    wrong = [{"where": _sendable(".".join(map(str, one["loc"]))), "expected": one["msg"]} for one in error.errors()]
    said = "; ".join(f"{one['where']}: {one['expected']}" for one in wrong)
    return Problem(422, said, errors=wrong)


def _sendable(text: str) -> str:
    """Without halves of characters, which JSON can bring and nothing can take back."""
    return text.encode(errors="replace").decode()
