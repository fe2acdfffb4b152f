"""Positions: the map, the table, the day that they are asked for, and the words behind a cell."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from frontends.web.pages.positions import moment_of, month_beside
from frontends.web.world import VIEWS, atlas


def test_the_stance_of_peru_its_words_and_the_article_are_three_clicks_away(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Positions").click()
    peru = page.locator(".matrix tr#PE")
    column = page.locator(".matrix thead th").all_text_contents().index("Legalization")
    cell = peru.locator("td").nth(column - 1)
    expect(cell).to_contain_text("against")
    cell.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Peru on Legalization")
    newest = page.locator(".behind > li").first
    expect(newest).to_contain_text("Carmen Masías")
    expect(newest.locator(".said")).to_contain_text("loucura")
    newest.get_by_role("link", name="article").click()
    expect(page.get_by_role("main")).to_contain_text("loucura")


def test_a_country_on_the_map_is_a_link_that_says_where_it_stands(page: Page) -> None:
    page.goto("/positions?topic=legalization&view=americas")
    peru = page.get_by_role("group", name="Map: where each country stands").get_by_role("link", name="Peru: against")
    assert peru.get_attribute("href") == "/positions/PE/legalization"
    assert peru.get_attribute("fill") == "url(#on-against)"
    peru.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Peru on Legalization")


def test_what_was_said_after_a_day_is_not_known_on_it(page: Page) -> None:
    page.goto("/positions")
    expect(page.locator(".matrix")).to_contain_text("Peru")
    page.get_by_label("As of").fill("2012-06-25")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".matrix")).to_contain_text("Bolivia")
    expect(page.locator(".matrix")).not_to_contain_text("Peru")
    page.get_by_role("link", name="A month earlier").click()
    expect(page.get_by_role("main")).to_contain_text("No official had taken a clear stance by then.")
    assert "on=2012-05-25" in page.url


def test_a_cell_keeps_the_day_that_was_asked_for(client: TestClient) -> None:
    page = client.get("/positions", params={"on": "2012-06-26", "topic": "legalization"}).text
    assert "/positions/PE/legalization?on=2012-06-26" in page
    told = client.get("/positions/PE/legalization.json", params={"on": "2012-06-25"}).json()
    assert told["statements"] == []


def test_the_twins_hold_what_the_page_shows(client: TestClient) -> None:
    cells = client.get("/positions.json").json()["cells"]
    assert ("PE", "legalization", "against") in {(one["country"], one["topic"], one["stance"]) for one in cells}
    lines = client.get("/positions.csv").text.splitlines()
    assert lines[0].startswith("country,topic,stance,date,speaker")
    assert len(lines) == len(cells) + 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/positions?topic=weather", 400),
        ("/positions?on=yesterday", 422),
        ("/positions/PE/weather", 404),
        ("/positions/PE/legalization?after=nonsense", 400),
    ],
)
def test_what_cannot_be_asked_is_said(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("day", "step", "beside"),
    [
        (date(2012, 3, 31), -1, date(2012, 2, 29)),
        (date(2012, 1, 15), -1, date(2011, 12, 15)),
        (date(2012, 12, 31), 1, date(2013, 1, 31)),
        (date(2013, 1, 30), 1, date(2013, 2, 28)),
    ],
)
def test_a_month_on_is_the_same_day_or_that_months_last(day: date, step: int, beside: date) -> None:
    assert month_beside(day, step) == beside  # type: ignore[arg-type]


def test_a_day_counts_to_its_end_and_never_beyond_now() -> None:
    now = datetime(2012, 6, 27, 9, tzinfo=UTC)
    assert moment_of(date(2012, 6, 26), now) == datetime(2012, 6, 26, 23, 59, 59, 999999, tzinfo=UTC)
    assert moment_of(date(2012, 6, 27), now) == moment_of(date(2030, 1, 1), now) == moment_of(None, now) == now


def test_the_map_has_every_country_that_this_is_about_where_its_view_shows_it() -> None:
    drawn = atlas()
    assert {"PE", "CO", "BO", "MX", "US", "GT", "UY", "BR", "PT", "ES", "GB", "DE", "MT", "BB"} <= drawn.keys()
    for view, codes in {
        "americas": ("CA", "PE", "CL", "BB"),
        "europe": ("PT", "GB", "GR", "FI"),
        "world": drawn,
    }.items():
        left, top, wide, high = map(float, VIEWS[view].box.split())
        for code in codes:
            x, y = drawn[code].at
            assert left <= x <= left + wide
            assert top <= y <= top + high
