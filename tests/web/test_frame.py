"""What every page has: the frame, its twins, its language and theme, headers that keep strangers out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient


def test_a_page_is_html_json_and_csv_at_one_address(client: TestClient) -> None:
    assert "<table>" in client.get("/sources").text
    told = client.get("/sources.json").json()
    assert {"slug", "name", "standing"} <= told[0].keys()
    assert client.get("/sources", headers={"accept": "application/json"}).json() == told
    assert client.get("/sources.csv").text.splitlines()[0].startswith("slug,name,country")


def test_what_did_not_change_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/sources.json")
    again = client.get("/sources.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_nothing_from_elsewhere_and_nothing_inline_may_run(client: TestClient) -> None:
    headers = client.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("suffix", "kind"), [("", "text/html"), (".json", "application/problem+json")])
def test_what_is_not_there_is_said_in_the_callers_form(client: TestClient, suffix: str, kind: str) -> None:
    answer = client.get(f"/nowhere{suffix}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(kind)


def test_people_are_told_of_errors_in_their_language_and_programs_in_one(client: TestClient) -> None:
    told = client.get("/items/999", headers={"accept-language": "es"}).text
    assert "No encontrado" in told
    assert "no hay ningún artículo 999" in told
    assert client.get("/items/999.json", headers={"accept-language": "es"}).status_code == 404
    asked = {"params": {"q": "topic:x AND (coca"}, "headers": {"accept-language": "es"}}
    assert "se esperaba un paréntesis que cierre el del carácter 13" in client.get("/search", **asked).text
    assert client.get("/search.json", **asked).json()["expected"] == "a closing bracket for the one at character 13"


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"])
def test_a_choice_leads_back_to_a_page_of_ours_only(client: TestClient, elsewhere: str) -> None:
    answer = client.get("/preferences", params={"back": elsewhere, "theme": "dark"}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_the_interface_speaks_spanish_when_asked(page: Page) -> None:
    page.goto("/sources")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Medios")
    assert page.url.endswith("/sources")
    page.get_by_role("button", name="Oscuro").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_key_leads_to_the_search_field(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
