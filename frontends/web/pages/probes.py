"""For whatever watches the process: it lives, and it reaches its store."""

from __future__ import annotations

import logging

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from frontends.web.office import OfficeHere
from pipeline.errors import VigiaError

log = logging.getLogger("vigia.web")
pages = APIRouter(include_in_schema=False)


@pages.get("/healthz")
def healthz() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


@pages.get("/readyz")
def readyz(office: OfficeHere) -> PlainTextResponse:
    """It could answer with something from the store; why it could not is said in the log, as anybody may ask."""
    try:
        office.desk.store.check()
    except VigiaError as error:
        log.warning("not ready: %s", error)
        return PlainTextResponse("the store cannot be asked now\n", 503)
    return PlainTextResponse("ready\n")
