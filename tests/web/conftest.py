"""A store that the newsroom has filled, the application over it, a server on loopback, and a real browser."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.testclient import TestClient

from frontends.web.app import create_app, open_office
from frontends.web.office import Office
from pipeline.bootstrap import configuration
from pipeline.topics import Topics
from samples.newsroom.server import Newsroom
from tests import browsers
from tests.engine import EVENING, MORNING, play, settings_for
from tests.fakes import ManualClock
from tests.once import made_once
from tests.services import free_port


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of both editions: made once in all processes, copied by whoever needs it."""
    return made_once(tmp_path_factory, "played", play_both)


def play_both(folder: Path) -> None:
    with Newsroom() as press:
        for edition, hour in ((1, MORNING), (2, EVENING)):
            press.edition = edition
            play(folder, press.address, press.hosts, hour)


@pytest.fixture(scope="session")
def topics() -> Topics:
    """Read once: it takes longest of all that is opened."""
    return Topics.load(configuration.shipped_config())


@pytest.fixture
def office(played: Path, tmp_path: Path, topics: Topics) -> Iterator[Office]:
    """The desks of a store of the test's own, in the evening of the second edition."""
    for file in played.glob("vigia.sqlite*"):
        shutil.copy(file, tmp_path)
    opened = open_office(settings_for(tmp_path), topics)
    clock = ManualClock(EVENING + timedelta(hours=2))
    yield replace(
        opened,
        clock=clock,
        desk=replace(opened.desk, clock=clock),
        alerts=replace(opened.alerts, clock=clock),
        rules=replace(opened.rules, clock=clock),
        access=replace(opened.access, clock=clock),
    )
    opened.close()


@pytest.fixture
def app(office: Office) -> FastAPI:
    return create_app(office)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Where the application is served, for a browser."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=browsers.chromium(), args=list(browsers.ARGUMENTS), headless=True
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a browser that has seen nothing yet; what its console complains of fails the test."""
    context = browser.new_context(base_url=address, locale="en-GB", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert not complaints
