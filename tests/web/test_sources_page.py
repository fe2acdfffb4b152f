"""Sources: how each outlet is at a glance; one with its days, feeds and failures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from starlette.testclient import TestClient

from frontends.web.drawing import polyline
from frontends.web.office import Office
from pipeline.bootstrap.configuration import load_sources
from pipeline.storage.schema import entries, feeds
from pipeline.types import Outcome
from tests.engine import PRESS


@pytest.fixture
def office(office: Office) -> Office:
    """With the outlets that the store was filled from."""
    return replace(office, desk=replace(office.desk, sources=load_sources(PRESS)))


def test_what_is_in_trouble_comes_first(page: Page, office: Office) -> None:
    with office.desk.store.write() as db:
        lost = {"standing": "lost", "standing_reason": "no feed stands there", "last_error": "answered 404"}
        db.execute(update(feeds).where(feeds.c.source == "tejo").values(**lost))
    page.goto("/sources")
    first = page.locator("main tbody tr").first
    expect(first).to_contain_text("Correio do Tejo")
    expect(first).to_contain_text("lost")
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Correio do Tejo lost")
    expect(page.get_by_role("main")).to_contain_text("answered 404")


def test_a_source_shows_its_days_drawn_and_as_a_table(page: Page) -> None:
    page.goto("/sources/litoral")
    expect(page.get_by_role("img", name="The same as in the table below, drawn")).to_be_visible()
    page.get_by_text("As a table").click()
    rows = page.locator(".narrow-table tbody tr")
    expect(rows).to_have_count(60)
    expect(rows.first).to_contain_text("Jun 27, 2012")


def test_the_days_of_all_are_those_of_each(office: Office) -> None:
    whole = office.desk.volumes()
    assert whole.keys() == office.desk.sources.keys()
    assert whole["litoral"] == office.desk.source("litoral").volume
    assert sum(point.number for point in whole["litoral"]) > 0


def test_what_was_given_up_is_taken_up_again(page: Page, office: Office) -> None:
    with office.desk.store.write() as db:
        number = db.execute(select(entries.c.id).where(entries.c.source == "litoral").limit(1)).scalar_one()
        broken = {"outcome": Outcome.QUARANTINED.value, "state": "done", "error": "our own mistake"}
        known = {name: value for name, value in broken.items() if name in entries.c}
        db.execute(update(entries).where(entries.c.id == number).values(**known))
    page.goto("/sources/litoral")
    expect(page.get_by_role("main")).to_contain_text("given up")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status")).to_contain_text("taken up again")


def test_the_twins_tell_the_same(client: TestClient) -> None:
    told = client.get("/sources/litoral.json").json()
    assert len(told["volume"]) == 60
    rows = client.get("/sources/litoral.csv").text.splitlines()
    assert rows[0] == "source,day,entries,polls,polls_failed,pages"
    assert len(rows) == 61
    assert client.get("/sources/nothing").status_code == 404


def test_a_sparkline_rises_to_its_most() -> None:
    assert polyline([0, 1, 2], 100, 20) == "0.0,19.0 50.0,10.0 100.0,1.0"
    assert polyline([0, 0], 100, 20) == "0.0,19.0 100.0,19.0"
    assert polyline([7], 100, 20) == ""
