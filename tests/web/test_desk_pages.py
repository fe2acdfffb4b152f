"""Positions, speakers, alerts, rules, sources and topics: readable by all, unmoved by the hostile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update
from starlette.testclient import TestClient

from frontends.web.office import Office
from pipeline.storage.schema import alerts, items, sources, speakers, statements
from tests.web.accessibility import serious

PAGES = (
    "/positions?topic=legalization",
    "/positions/PE/legalization",
    "/speakers",
    "/speakers/ollanta-humala",
    "/alerts",
    "/alerts/1",
    "/rules",
    "/new-rule?query=topic:legalization",
    "/rules/officials-on-legalization",
    "/rules/officials-on-legalization/trial",
    "/sources",
    "/sources/rpp",
    "/topics",
    "/topics/legalization",
)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e' + "a" * 10_000


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_keeps_anybody_from_reading(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for path in PAGES:
        page.goto(path, wait_until="networkidle")
        assert not serious(page), path


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_its_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_hostile_words_change_no_page_and_run_nothing(page: Page, office: Office) -> None:
    with office.desk.store.write() as db:
        for table, columns in (
            (speakers, ("name",)),
            (statements, ("text",)),
            (items, ("title",)),
            (alerts, ("title", "body")),
            (sources, ("name",)),
        ):
            db.execute(update(table).values(dict.fromkeys(columns, HOSTILE)))
        db.execute(update(items).values(url="javascript:alert(3)"))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for path in PAGES:
        page.goto(path)
        assert not page.locator("main img, main script, a[href^=javascript]").count(), path
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path


def test_everything_is_read_and_done_without_javascript(browser: Browser, address: str, office: Office) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    for path in PAGES:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator("h1").inner_text()
    page.goto("/new-rule?query=topic:legalization")
    page.get_by_label("Name").fill("without-script")
    page.get_by_role("button", name="Try it on the last 30 days").click()
    assert "Would have fired" in page.locator("#trial").inner_text()
    page.get_by_role("button", name="Save").click()
    assert page.locator("h1").inner_text().startswith("without-script")
    context.close()


def test_every_page_speaks_spanish_and_has_its_twins(client: TestClient) -> None:
    client.cookies.set("language", "es")
    for path in PAGES:
        address, _, asked = path.partition("?")
        page = client.get(path)
        assert '<html lang="es"' in page.text
        if address != "/new-rule":
            assert client.get(f"{address}.json?{asked}").headers["content-type"] == "application/json"
            assert client.get(f"{address}.csv?{asked}").headers["content-type"].startswith("text/csv")
