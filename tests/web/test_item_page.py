"""An item's page: its text whole, what is marked in it, the way to who said what."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from frontends.web.office import Office
from frontends.web.pages.items import shortened
from pipeline.storage.views import ItemView
from pipeline.types import Change

#: the text as it stands on the page, without the numbers that lead to statements
TEXT = """() => [...document.querySelectorAll("#text .prose p")].map(one => {
    const copy = one.cloneNode(true);
    copy.querySelectorAll(".ref").forEach(ref => ref.remove());
    return copy.textContent;
}).join("\\n")"""


@pytest.fixture
def item(office: Office) -> ItemView:
    """An item that its publisher changed, with several topics and statements."""
    found = [office.desk.item(one.id) for one in office.desk.search("marihuana", None)]
    return max(found, key=lambda one: (len(one.revisions), len(one.topics), len(one.statements)))


def test_the_text_stands_there_whole(page: Page, office: Office) -> None:
    for one in office.desk.search("", 12):
        page.goto(f"/items/{one.id}")
        assert page.evaluate(TEXT) == office.desk.item(one.id).text


def test_one_topic_alone_can_be_marked(page: Page, office: Office) -> None:
    item = max((office.desk.item(one.id) for one in office.desk.search("", 60)), key=lambda one: len(one.topics))
    page.goto(f"/items/{item.id}")
    everything = page.locator("#text .prose .ev").count()
    topic = next(one for one in item.topics if any(piece["in"] == "text" for piece in one.evidence))
    chip = page.get_by_role("list", name="Topics and where they show").locator(f"a[href*='topic={topic.topic}']")
    label = chip.inner_text().split("\n")[0].rstrip("0123456789. ")
    chip.click()
    page.wait_for_url(f"**topic={topic.topic}*")
    expect(page.locator("#text .chip[aria-current]")).to_contain_text(label)
    # a piece of evidence that runs over the edge of a statement is marked in two
    alone = page.locator("#text .prose .ev").all_inner_texts()
    pieces = [item.text[slice(*piece["span"])] for piece in topic.evidence if piece["in"] == "text"]
    assert "".join("".join(alone).split()) == "".join("".join(pieces).split())
    assert len(pieces) <= len(alone) < everything
    page.go_back()
    expect(page.locator("#text .chip[aria-current]")).to_have_text("All topics")


def test_a_number_in_the_text_leads_to_who_said_it(page: Page, item: ItemView) -> None:
    page.goto(f"/items/{item.id}")
    page.locator("#text .ref").first.click()
    spoken = page.locator(".voices li:target")
    words = spoken.locator(".short").inner_text().strip("“”")
    spoken.locator(".short a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words.removesuffix("..."))


def test_what_the_publisher_changed_can_be_seen(page: Page, item: ItemView) -> None:
    page.goto(f"/items/{item.id}")
    changes = page.locator(".changes")
    expect(changes.locator("del").first).to_have_text("40 ")
    expect(changes.locator("ins").first).to_have_text("30 ")


def test_it_leads_to_the_original_and_takes_nothing_along(page: Page, item: ItemView) -> None:
    page.goto(f"/items/{item.id}")
    link = page.get_by_role("link", name="Read it at El Oriental")
    expect(link).to_have_attribute("href", item.url)
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_it_tells_the_alerts_that_it_fired(client: TestClient, office: Office) -> None:
    alert = office.desk.alerts(1)[0]
    assert f'href="/alerts/{alert.id}"' in client.get(f"/items/{alert.item_id}").text


@pytest.mark.parametrize("number", ["999999", "0", "9" * 30])
def test_an_item_that_is_not_there_is_said_to_be_missing(client: TestClient, number: str) -> None:
    assert client.get(f"/items/{number}").status_code in (404, 422)
    assert client.get(f"/items/{number}.json").headers["content-type"] == "application/problem+json"


def test_its_twins_hold_the_same(client: TestClient, item: ItemView) -> None:
    told = client.get(f"/items/{item.id}.json").json()
    assert (told["title"], told["text"]) == (item.title, item.text)
    rows = client.get(f"/items/{item.id}.csv").text.splitlines()
    assert len(rows) == 1 + len(item.statements)


def test_of_what_stayed_the_same_only_what_is_near_a_change_is_shown() -> None:
    same = "word " * 200
    changes = [Change("same", same), Change("deleted", "old "), Change("inserted", "new "), Change("same", same)]
    before, *changed, after = (one.text for one in shortened(changes))
    assert changed == ["old ", "new "]
    assert (before[:6], before[-5:]) == ("… word", "word ")
    assert (after[:5], len(after) < 150) == ("word ", True)
