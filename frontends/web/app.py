"""The web application: pages, their files, the API, put together around one office."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from frontends import api
from frontends.web import problems
from frontends.web.asking import labels
from frontends.web.door import Door, Seen
from frontends.web.languages import Languages
from frontends.web.office import Office
from frontends.web.pages import ROUTERS
from frontends.web.shown import HERE, make_templates
from frontends.web.visitor import checked
from pipeline.alertdesk import AlertDesk
from pipeline.bootstrap import configuration, desks
from pipeline.settings import Settings
from pipeline.topics import Topics

#: what is served
Application = FastAPI


def open_office(settings: Settings, topics: Topics | None = None) -> Office:
    """The desks of the store that the settings name, with topics read before if any. Raises ConfigError, StoreError."""
    folder = configuration.config_folder(settings)
    desk = desks.open_desk(settings, reading=settings.web_query_timeout)
    return Office(
        settings=settings,
        clock=desk.clock,
        desk=desk,
        alerts=AlertDesk(desk.store, desk.clock),
        rules=desks.open_rules(settings, desk.clock, desk.store),
        access=desks.access_to(desk.store, settings, desk.clock),
        topics=topics or Topics.load(folder),
        languages=Languages.load(folder),
        close=desk.store.close,
    )


def create_app(office: Office, seen: Seen | None = None) -> Application:
    """The application. It closes the office when it ends; `seen` is told of each answer."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        office.close()

    app = FastAPI(title="Vigía", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    app.state.office, app.state.templates = office, make_templates()
    app.state.topic_labels = labels(office.topics)
    # programs first: routes are gone through one after another, and programs come often
    for programs in api.routers():
        app.include_router(programs)
    for router in ROUTERS:
        # no page has to remember it: whatever changes something comes from a form of ours
        app.include_router(router, dependencies=[Depends(checked)])
    api.describe(app)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    problems.catch_in(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Door, office=office, seen=seen)
    return app
