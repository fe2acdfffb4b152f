"""`/api/v1`: what the desk answers, for programs. A module a noun; what routes share stands in answering.py.

Answers are the desk's own types, and so the command line's JSON: a field is added, never renamed. Errors are
application/problem+json (RFC 9457) and say what was expected.
"""

from fastapi import APIRouter, Depends

from frontends.api import (
    alerts,
    counted,
    exports,
    index,
    items,
    positions,
    rules,
    searches,
    sources,
    speakers,
    statements,
    status,
    topics,
)
from frontends.api.answering import REFUSALS, legible
from frontends.api.index import describe as describe
from frontends.web.visitor import allowed

_NOUNS = (items, statements, speakers, topics, sources, alerts, rules, searches, counted, positions, status)


def routers() -> tuple[APIRouter, ...]:
    """All of it: what is asked, and what is carried away, each for those whose token is good for it."""
    files = APIRouter(dependencies=[Depends(allowed("export")), Depends(legible)])
    files.include_router(exports.router, responses=REFUSALS)
    return _asked(), files


def _asked() -> APIRouter:
    whole = APIRouter(dependencies=[Depends(allowed("read")), Depends(legible)])
    for noun in _NOUNS:
        whole.include_router(noun.api, prefix=index.PREFIX, tags=[noun.__name__.rpartition(".")[2]], responses=REFUSALS)
    whole.include_router(index.api)
    return whole
