"""Search as an analyst does it: ask, see what was meant, narrow, look at it over time, save, take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from frontends.web.asking import EXAMPLES, misread
from frontends.web.office import Office
from pipeline.errors import QueryError
from pipeline.query import parse
from tests.web.signing import field


@pytest.fixture
def plain(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a browser that runs no JavaScript."""
    context = browser.new_context(base_url=address, locale="en-GB", java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_query_is_explained_while_it_is_written_and_wrong_ones_are_pointed_at(page: Page) -> None:
    page.goto("/search")
    box = page.get_by_label("Search", exact=True)
    box.press_sequentially("topic:legalization")
    expect(page.locator("#reading")).to_have_text("Everything that is on the topic “Legalization”.")
    box.press_sequentially(" country: PE")
    expect(page.locator("#reading mark")).to_have_text(" ")
    expect(page.locator("#reading")).to_contain_text("At character 28: expected a value right after the colon")


def test_a_topic_that_nobody_knows_is_doubted(client: TestClient) -> None:
    page = client.get("/search", params={"q": "topic:legalisation"}).text
    assert "No topic is called “legalisation”." in page
    assert "<code>topic:legalization</code>" in page
    told = client.get("/search/explain.json", params={"q": "topic:legalisation"}).json()
    assert told["doubts"][0]["nearest"] == ["legalization"]


def test_a_wrong_query_is_pointed_at_without_javascript_too(plain: Page) -> None:
    plain.goto("/search")
    plain.get_by_label("Search", exact=True).fill("coca (topic:x")
    answer = plain.expect_response("**/search?**")
    with answer as sent:
        plain.get_by_role("button", name="Search").click()
    assert sent.value.status == 400
    query, caret, *_ = plain.locator("#reading pre").inner_text().splitlines()
    assert (query.rstrip(), caret.index("^")) == ("coca (topic:x", len("coca (topic:x"))
    expect(plain.get_by_label("Search", exact=True)).to_have_value("coca (topic:x")


def test_asking_narrowing_and_widening(page: Page, office: Office) -> None:
    page.goto("/search")
    box = page.get_by_label("Search", exact=True)
    box.fill("marihuana")
    box.press("Enter")
    page.wait_for_url("**q=marihuana*")
    hits = page.locator(".hit")
    expect(hits).to_have_count(len(office.desk.search("marihuana", 20)))
    expect(hits.first.locator("mark").first).to_contain_text("marihuana", ignore_case=True)
    page.locator("#facets").get_by_role("link", name="Uruguay").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value("marihuana country:uy")
    expect(hits).to_have_count(len(office.desk.search("marihuana country:UY")))
    expect(page).to_have_title("marihuana country:uy · Search · Vigía")
    page.get_by_role("list", name="Conditions").get_by_role("link", name="marihuana").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value("country:uy")
    page.go_back()
    expect(page.get_by_label("Search", exact=True)).to_have_value("marihuana country:uy")


@pytest.mark.parametrize("about", ["item", "statement"])
def test_every_value_that_is_offered_finds_something(office: Office, about: Literal["item", "statement"]) -> None:
    offered = [one for values in office.desk.facets("", about).fields.values() for one in values]
    assert offered
    assert all(office.desk.count(about, one.query) >= one.number > 0 for one in offered)


def test_what_was_found_over_time_is_drawn_and_each_day_leads_to_its_own(page: Page, office: Office) -> None:
    page.goto("/search?q=topic:legalization&about=statement")
    total = office.desk.count("statement", "topic:legalization")
    expect(page.locator("#timeline .total")).to_contain_text(f"{total} statements")
    expect(page.locator("#timeline .chart canvas")).to_be_visible()
    page.get_by_text("As a table").click()
    row = page.locator("#points tbody tr").last
    number = int(row.locator("data").inner_text())
    row.get_by_role("link").click()
    page.wait_for_url("**published%3A2012-06-2*")
    expect(page.locator(".hit")).to_have_count(number)


def test_a_bar_leads_where_its_row_does(page: Page) -> None:
    page.goto("/search?q=topic:legalization&about=statement")
    drawn = page.locator("#timeline .u-over")
    box = drawn.bounding_box()
    assert box
    drawn.click(position={"x": box["width"] * 0.9, "y": box["height"] - 5})
    page.wait_for_url("**published%3A2012-06-26*")


def test_articles_and_statements_are_two_ways_to_ask(page: Page, office: Office) -> None:
    page.goto("/search?q=topic:legalization")
    page.get_by_role("link", name="Statements").click()
    expect(page.locator(".hit .by").first).to_be_visible()
    first = office.desk.statements("topic:legalization", 1)[0]
    expect(page.locator(".hit .said").first).to_contain_text(first.text)
    page.locator(".hit .said a").first.click()
    page.wait_for_url(f"**/statements/{first.id}")


def test_everything_is_come_by_page_after_page(plain: Page, office: Office) -> None:
    plain.goto("/search?limit=25")
    seen: list[str] = []
    while True:
        seen += [one.get_attribute("href") or "" for one in plain.locator(".hit h2 a").all()]
        further = plain.get_by_role("link", name="Further")
        if not further.count():
            break
        further.click()
    assert seen == [f"/items/{one.id}" for one in office.desk.search("", None)]


def test_without_javascript_facets_and_time_are_a_link_away(plain: Page) -> None:
    plain.goto("/search?q=marihuana")
    plain.get_by_role("link", name="How much of it, over time").click()
    expect(plain.locator("#points tbody tr").first).to_be_visible()
    plain.go_back()
    plain.get_by_role("link", name="Narrow it by topic").click()
    plain.get_by_role("link", name="Uruguay").click()
    expect(plain.locator(".hit").first).to_be_visible()
    expect(plain.get_by_label("Search", exact=True)).to_have_value("marihuana country:uy")


def test_a_search_is_saved_asked_by_name_and_deleted(page: Page, office: Office) -> None:
    page.goto("/search?q=topic:eradication")
    page.get_by_label("Save this one as").fill("crops")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**q=%40crops")
    expect(page.locator("#reading")).to_contain_text("topic:eradication")
    expect(page.locator(".hit")).to_have_count(len(office.desk.search("topic:eradication", 20)))
    page.get_by_role("link", name="Look after them").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert office.desk.saved() == []


def test_a_name_that_cannot_be_is_refused_with_what_was_expected(client: TestClient) -> None:
    asked = {"name": "No such name", "q": "coca", "csrf": field(client.get("/search?q=coca").text)}
    answer = client.post("/searches", data=asked, headers={"accept": "application/json"})
    assert (answer.status_code, "a-z, 0-9 and -" in answer.json()["detail"]) == (400, True)


def test_no_other_page_saves_or_deletes_a_search(client: TestClient, office: Office) -> None:
    office.desk.save("crops", "coca")
    assert client.post("/searches", data={"name": "theirs", "q": "coca"}).status_code == 403
    assert client.post("/searches/crops/delete").status_code == 403
    assert [one.name for one in office.desk.saved()] == ["crops"]


def test_a_search_can_be_made_an_alert_and_taken_away_as_a_table(page: Page, client: TestClient) -> None:
    page.goto("/search?q=topic:legalization&about=statement")
    link = page.get_by_role("link", name="Make this an alert")
    expect(link).to_have_attribute("href", "/new-rule?query=topic%3Alegalization&about=statement")
    table = page.locator(".tools").get_by_role("link", name="CSV").get_attribute("href")
    rows = client.get(table or "").text.splitlines()
    assert rows[0].startswith("id,published_at,first_seen_at,speaker,role")
    assert len(rows) > 20


def test_programs_get_the_error_with_its_place(client: TestClient) -> None:
    answer = client.get("/search.json", params={"q": "topic: x"})
    assert answer.status_code == 400
    assert (answer.json()["position"], answer.json()["got"]) == (6, "a space")
    told = client.get("/search/explain.json", params={"q": "topic: x"})
    assert (told.status_code, told.json()["position"]) == (200, 6)
    assert client.get("/search.json", params={"after": "no mark"}).status_code == 400


def test_the_examples_of_the_help_are_queries() -> None:
    assert all(parse(example).explain("es") for example in EXAMPLES)


@pytest.mark.parametrize("query", ["a\nb (", "(", "x" * 5 + "\x00 (", "“"])
def test_a_query_that_went_wrong_is_shown_on_one_line(query: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(query)
    wrong = misread(query, raised.value)
    line = wrong.before + wrong.at + wrong.after
    assert len(line) == len(query)
    assert line.isprintable()
