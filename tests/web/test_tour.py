"""The guided tour of docs/tour.md, walked in a real browser on the demo; `./run tour` takes its pictures anew."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "docs" / "tour.md"

Stop = Callable[[Page], None]


def today(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("Carmen Masías").first).to_be_visible()


def search(page: Page) -> None:
    page.goto("/search")
    page.get_by_label("Search", exact=True).last.fill("topic:legalization AND country:PE")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is on the topic “Legalization”").first).to_be_visible()
    expect(page.locator(".hit").first).to_be_visible()
    expect(page.locator(".facet").first).to_be_visible()


def item(page: Page) -> None:
    page.goto("/search?q=Peru+tough+laws")
    page.locator(".hit h2 a").first.click()
    expect(page.get_by_role("heading", name="Who said what")).to_be_visible()


def statement(page: Page) -> None:
    page.goto("/search?about=statement&q=speaker:Masías")
    page.locator(".hit a[href^='/statements/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def positions(page: Page) -> None:
    page.goto("/positions?topic=legalization")
    page.get_by_role("link", name="Americas").click()
    expect(page.get_by_role("link", name="Peru").first).to_be_visible()


def cell(page: Page) -> None:
    page.goto("/positions/PE/legalization")
    expect(page.get_by_text("against").first).to_be_visible()


def rule(page: Page) -> None:
    page.goto("/new-rule?query=topic:legalization+AND+country:PE")
    page.get_by_label("Name").fill("peru-on-legalization")
    page.get_by_role("button", name=re.compile("Try it")).click()
    expect(page.locator("#trial").get_by_text("Masías").first).to_be_visible()


def sources(page: Page) -> None:
    page.goto("/sources")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


STOPS: dict[str, Stop] = {
    stop.__name__: stop for stop in (today, search, item, statement, positions, cell, rule, sources)
}


@pytest.mark.parametrize("name", STOPS)
def test_each_stop_of_the_tour_shows_what_the_page_says(page: Page, tmp_path: Path, name: str) -> None:
    STOPS[name](page)
    _take(page, name, tmp_path)


def test_the_desk_fits_a_phone_in_the_dark_and_in_spanish(browser: Browser, address: str, tmp_path: Path) -> None:
    context = browser.new_context(
        base_url=address, locale="es-PE", color_scheme="dark", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hoy")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    _take(page, "phone", tmp_path)
    context.close()


def test_the_tour_tells_of_every_stop_and_shows_it() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(tour/([a-z]+)\.png\)", TOUR.read_text("utf-8"))
    assert sorted(shown) == sorted([*STOPS, "phone"])
    for name in shown:
        assert (TOUR.parent / "tour" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def _take(page: Page, name: str, folder: Path) -> None:
    """A picture of what is seen: beside the page that shows it where that is asked for, else thrown away."""
    to = Path(os.environ.get("TOUR_TO") or folder)
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    assert page.screenshot(path=to / f"{name}.png", animations="disabled").startswith(b"\x89PNG")
