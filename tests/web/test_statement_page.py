"""A statement's page: the words, every report of it side by side, and what the speaker said before and after."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from frontends.web.office import Office


def test_reports_stand_side_by_side_with_the_words_marked(page: Page, office: Office) -> None:
    said = max(office.desk.statements("", None), key=lambda one: len(one.reports))
    page.goto(f"/statements/{said.id}")
    reports = page.locator(".report")
    expect(reports).to_have_count(len(said.reports))
    for report, shown in zip(said.reports, reports.all(), strict=True):
        expect(shown.locator("mark")).to_have_text(report.text)
        expect(shown.get_by_role("heading")).to_have_text(report.source_name)
    around = [one.text_content() for one in page.locator(".around").all()]
    assert any(around), "a quotation without its context"


def test_it_leads_to_the_words_in_their_article_and_back(page: Page, office: Office) -> None:
    said = office.desk.statements("speaker:masias lang:es", 1)[0]
    page.goto(f"/statements/{said.id}")
    page.get_by_role("link", name="In its article").click()
    page.wait_for_url(f"**/items/{said.reports[0].item_id}#said-{said.id}")
    expect(page.locator(f"#said-{said.id} + mark")).to_contain_text(said.text)
    page.locator(f"#statement-{said.id} .short a").click()
    page.wait_for_url(f"**/statements/{said.id}")


def test_what_else_the_speaker_said_on_the_topic_is_there(page: Page, office: Office) -> None:
    said = office.desk.statements("speaker:masias topic:legalization", None)
    page.goto(f"/statements/{said[0].id}")
    course = page.locator(".course li")
    expect(course).to_have_count(len(said))
    expect(page.locator(".course [aria-current]")).to_contain_text(said[0].text)
    course.nth(1).get_by_role("link").click()
    page.wait_for_url(f"**/statements/{said[1].id}")


def test_its_own_words_only_stand_in_quotation_marks(client: TestClient, office: Office) -> None:
    direct, indirect = (office.desk.statements(f"kind:{kind}", 1)[0] for kind in ("direct", "indirect"))
    assert "“" in client.get(f"/statements/{direct.id}").text.partition("</h1>")[0].rpartition("<h1")[2]
    assert "“" not in client.get(f"/statements/{indirect.id}").text.partition("</h1>")[0].rpartition("<h1")[2]


def test_its_twins_hold_the_same(client: TestClient, office: Office) -> None:
    said = max(office.desk.statements("", None), key=lambda one: len(one.reports))
    assert client.get(f"/statements/{said.id}.json").json()["text"] == said.text
    assert len(client.get(f"/statements/{said.id}.csv").text.splitlines()) == 1 + len(said.reports)


def test_a_statement_that_is_not_there_is_said_to_be_missing(client: TestClient) -> None:
    assert client.get("/statements/999999").status_code == 404
    assert client.get(f"/statements/{'9' * 30}").status_code == 422


def test_what_the_reporter_said_in_between_leaves_a_mark(client: TestClient, office: Office) -> None:
    said = office.desk.statements('speaker:Humala kind:direct said:"multi sector"')[0]
    assert len(said.reports[0].parts) == 2
    page = client.get(f"/statements/{said.id}").text
    assert "multi-sector vision … We shouldn&#39;t think" in page
    assert client.get(f"/statements/{said.id}.json").json()["text"] == said.text
