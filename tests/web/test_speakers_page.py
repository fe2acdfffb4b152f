"""Speakers: who said most, and one of them with stances, statements and months."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from frontends.web.office import Office
from pipeline.desk import StatementWish


def test_a_speaker_is_found_by_name_and_shown_with_where_they_stand(page: Page) -> None:
    page.goto("/speakers")
    page.get_by_label("Name, role or office").fill("humala")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Ollanta Humala").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ollanta Humala")
    stands = page.locator(".stand-on", has_text="Enforcement policy")
    expect(stands).to_contain_text("against")
    stands.get_by_role("link", name="against").click()
    assert "/statements/" in page.url


def test_speakers_are_narrowed_by_country_and_topic(client: TestClient) -> None:
    told = client.get("/speakers.json", params={"country": "pe", "topic": "legalization"}).json()["speakers"]
    assert {one["country"] for one in told} == {"PE"}
    assert "carmen-masias" in {one["key"] for one in told}
    assert client.get("/speakers.json", params={"q": "nobody such"}).json()["speakers"] == []
    assert client.get("/speakers?topic=weather").status_code == 400


def test_roles_are_told_in_the_readers_language(client: TestClient) -> None:
    client.cookies.set("language", "es")
    assert "presidente · Perú" in client.get("/speakers/ollanta-humala").text


def test_what_a_speaker_said_goes_on_page_by_page_without_gap_or_double(office: Office) -> None:
    whole = office.desk.said_by("ollanta-humala", StatementWish(limit=100)).statements
    assert {one.speaker.key for one in whole} == {"ollanta-humala"}
    assert len(whole) == office.desk.speaker("ollanta-humala").speaker.statements
    found, after = [], None
    while True:
        page = office.desk.said_by("ollanta-humala", StatementWish(limit=3, after=after))
        found += [one.id for one in page.statements]
        if (after := page.after) is None:
            break
    assert found == [one.id for one in whole]
    days = [one.published_at for one in whole if one.published_at]
    assert days == sorted(days, reverse=True)


def test_the_twins_tell_stances_and_statements(client: TestClient) -> None:
    assert client.get("/speakers/ollanta-humala.json").json()["speaker"]["name"] == "Ollanta Humala"
    rows = client.get("/speakers/ollanta-humala.csv").text.splitlines()
    assert any(row.startswith("enforcement-policy,against,") for row in rows)
    said = client.get("/speakers/ollanta-humala/statements.json").json()["statements"]
    assert len(said) == 17


def test_nobody_is_a_404(client: TestClient) -> None:
    for path in ("/speakers/nobody", "/speakers/nobody/statements", "/speakers/nobody.json"):
        assert client.get(path).status_code == 404
    assert client.get("/speakers/ollanta-humala/statements?after=x").status_code == 400
