"""Topics: what each means in the reader's language, and the patterns that look for it."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from starlette.testclient import TestClient


def test_a_topic_says_what_it_means_where_countries_stand_and_what_looks_for_it(page: Page) -> None:
    page.goto("/topics")
    page.get_by_role("link", name="Legalization").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Legalization")
    expect(page.get_by_role("main")).to_contain_text("Making a drug market legal")
    expect(page.locator("aside")).to_contain_text("Peru ▼ against")
    page.locator("summary", has_text="English").click()
    expect(page.get_by_text("legaliz* ~5 drug*", exact=True)).to_be_visible()


def test_topics_speak_spanish(client: TestClient) -> None:
    client.cookies.set("language", "es")
    page = client.get("/topics/legalization").text
    assert "Legalización" in page
    assert "Hacer legal o regulado un mercado de drogas" in page


def test_the_twins_hold_meanings_and_patterns(client: TestClient) -> None:
    told = {one["topic"]: one for one in client.get("/topics.json").json()}
    assert told["legalization"]["items"] > 0
    assert "drug-policy" not in told
    rows = client.get("/topics/legalization.csv").text.splitlines()
    assert "legalization,en,sure,legaliz* ~5 drug*" in rows
    assert client.get("/topics/weather").status_code == 404
