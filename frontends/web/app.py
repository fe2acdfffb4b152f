"""The web application: pages, their files, the API, put together around one office."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from frontends.api import exports
from frontends.web import problems
from frontends.web.languages import Languages
from frontends.web.office import Office
from frontends.web.pages import ROUTERS
from frontends.web.shown import HERE, make_templates
from frontends.web.visitor import Visitor
from pipeline import bootstrap
from pipeline.alertdesk import AlertDesk
from pipeline.settings import Settings
from pipeline.topics import Topics

log = logging.getLogger("vigia.web")

#: nothing from anywhere else, nothing inline, in nobody's frame
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
#: files of static/ have a mark of what is in them in their address
FOREVER = "public, max-age=31536000, immutable"
#: what people chose of the interface is remembered by their browser
THEMES = ("light", "dark")


def open_office(settings: Settings) -> Office:
    """The desks of the store that the settings name. Raises ConfigError, StoreError."""
    folder = bootstrap.config_folder(settings)
    desk = bootstrap.open_desk(settings)
    return Office(
        settings=settings,
        clock=desk.clock,
        desk=desk,
        alerts=AlertDesk(desk.store, desk.clock),
        topics=Topics.load(folder),
        languages=Languages.load(folder),
        close=desk.store.close,
    )


def create_app(office: Office) -> FastAPI:
    """The application. It closes the office when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        office.close()

    app = FastAPI(title="Vigía", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    app.state.office, app.state.templates = office, make_templates()
    app.state.topic_labels = {one.slug: one.label for one in (office.topics.parent, *office.topics.all)}
    for router in (*ROUTERS, exports.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    problems.catch_in(app)
    app.middleware("http")(_prepared)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    return app


async def _prepared(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Find out who asks and in which language; add what every answer carries."""
    languages: Languages = request.app.state.office.languages
    chosen = languages.named(request.cookies.get("language"))
    request.state.interface = chosen or languages.preferred(request.headers.get("accept-language", ""))
    theme = request.cookies.get("theme", "")
    request.state.theme = theme if theme in THEMES else ""
    request.state.visitor = Visitor("", "editor")
    response = await go_on(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith("/static/") and response.status_code == 200:
        response.headers["Cache-Control"] = FOREVER
    return response
