"""Rules and alerts: made, tried, saved, changed, switched off, muted, removed; what fired, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from httpx import Response
from playwright.sync_api import Page, expect
from sqlalchemy import update
from starlette.testclient import TestClient

from frontends.web.office import Office
from pipeline.storage.schema import deliveries
from tests.web.signing import LEO, field, peopled, sign_in, visiting


def send(client: TestClient, path: str, data: Mapping[str, str] | None = None) -> Response:
    """Send a form, as one of ours."""
    return client.post(path, data={"csrf": field(client.get("/new-rule").text), **(data or {})})


def hidden(page: str, name: str) -> str:
    """What a form carries along; empty where it has no such field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


RULE = {"q": "country:PE topic:legalization", "name": "peru-legal", "enabled": "true", "channels": "file"}


def test_a_rule_is_written_tried_saved_and_seen(page: Page, office: Office) -> None:
    page.goto("/alerts")
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Fires on").fill("country:PE topic:(legalization")
    expect(page.locator("#reading")).to_contain_text("expected")
    page.get_by_label("Fires on").fill("country:PE topic:legalization")
    expect(page.locator("#reading")).to_contain_text("Everything that")
    page.get_by_label("Name").fill("peru-legal")
    page.get_by_role("button", name="Try it on the last 30 days").click()
    expect(page.locator("#trial")).to_contain_text("Would have fired")
    expect(page.locator("#trial")).to_contain_text("Carmen Masías")
    assert "peru-legal" not in {one.name for one in office.rules.rules()}
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("peru-legal asked")
    page.goto("/rules")
    expect(page.get_by_role("link", name="peru-legal")).to_be_visible()


def test_a_rule_that_cannot_be_kept_comes_back_with_what_is_wrong(client: TestClient, office: Office) -> None:
    wrong = send(client, "/rules", RULE | {"realert": "soon"})
    assert wrong.status_code == 400
    assert "realert" in wrong.text
    assert "country:PE topic:legalization" in wrong.text
    misread = send(client, "/rules", RULE | {"q": "topic:("})
    assert misread.status_code == 400
    assert "At character" in misread.text
    many = send(client, "/rules", RULE | {"max_per_hour": "lots"})
    assert many.status_code == 400
    assert "peru-legal" not in {one.name for one in office.rules.rules()}


def test_a_rule_is_asked_only_if_the_form_says_so(client: TestClient, office: Office) -> None:
    send(client, "/rules", RULE)
    send(client, "/rules", {"q": RULE["q"], "name": "for-later"})
    assert [office.rules.rule(name).asked for name in ("peru-legal", "for-later")] == [True, False]


def test_two_who_change_a_rule_at_once_hear_of_each_other(client: TestClient, office: Office) -> None:
    send(client, "/rules", RULE)
    opened = hidden(client.get("/rules/peru-legal/edit").text, "as_of")
    office.clock.forward(60)
    change = RULE | {"former": "peru-legal", "as_of": opened}
    assert send(client, "/rules", change | {"description": "of the other"}).status_code == 200
    late = send(client, "/rules", change | {"description": "of mine"})
    assert late.status_code == 409
    assert "changed this rule" in late.text
    assert 'value="of mine"' in late.text
    assert office.rules.rule("peru-legal").description == "of the other"
    send(client, "/rules", change | {"description": "of mine", "as_of": hidden(late.text, "as_of")})
    assert office.rules.rule("peru-legal").description == "of mine"


def test_a_rule_that_was_removed_meanwhile_comes_back_only_if_one_says_so_again(
    client: TestClient, office: Office
) -> None:
    send(client, "/rules", RULE)
    opened = hidden(client.get("/rules/peru-legal/edit").text, "as_of")
    office.rules.drop_rule("peru-legal")
    late = send(client, "/rules", RULE | {"former": "peru-legal", "as_of": opened})
    assert late.status_code == 409
    assert "Somebody removed this rule" in late.text
    assert hidden(late.text, "as_of") == ""
    assert send(client, "/rules", RULE | {"former": "peru-legal"}).status_code == 200
    assert office.rules.rule("peru-legal").query == RULE["q"]


@pytest.mark.parametrize("name", ["new", "try"])
def test_whatever_a_rule_is_called_its_page_opens(client: TestClient, name: str) -> None:
    send(client, "/rules", RULE | {"name": name})
    assert f"<bdi>{name}</bdi>" in client.get("/rules").text
    shown = client.get(f"/rules/{name}")
    assert shown.status_code == 200
    assert f"/rules/{name}/edit" in shown.text


def test_a_name_that_a_rule_has_is_not_taken_from_it(client: TestClient, office: Office) -> None:
    send(client, "/rules", RULE)
    again = send(client, "/rules", RULE | {"q": "topic:eradication"})
    assert again.status_code == 400
    assert office.rules.rule("peru-legal").query == RULE["q"]
    of_the_file = send(client, "/rules", RULE | {"name": "officials-on-legalization"})
    assert of_the_file.status_code == 400


def test_a_rule_is_changed_keeping_what_the_form_does_not_touch(page: Page, client: TestClient, office: Office) -> None:
    send(client, "/rules", RULE | {"realert": "12h", "realert_key": "country", "zone": "America/Lima"})
    page.goto("/rules/peru-legal")
    page.get_by_role("link", name="Change it").click()
    page.get_by_label("Description").fill("Somebody of Peru on legalization")
    page.get_by_role("button", name="Save").click()
    written = office.rules.rule("peru-legal").written
    assert written["description"] == "Somebody of Peru on legalization"
    assert (written["realert"], written["realert_key"], written["zone"]) == ("12h", ["country"], "America/Lima")
    assert written["channels"] == ["file"]


def test_a_rule_is_switched_off_muted_and_removed(page: Page, client: TestClient, office: Office) -> None:
    send(client, "/rules", RULE)
    page.goto("/rules/peru-legal")
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("switched off")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("asked")
    page.get_by_label("Keep it quiet for").select_option("a week")
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("muted until")
    page.get_by_role("button", name="Let it speak again").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("asked")
    page.get_by_text("Remove it …").click()
    page.get_by_role("button", name="Remove it for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rules")
    assert "peru-legal" not in {one.name for one in office.rules.rules()}


def test_rules_of_the_file_say_where_they_stand_and_cannot_be_changed(client: TestClient) -> None:
    page = client.get("/rules/officials-on-legalization").text
    assert "config/alerts.toml" in page
    assert "/rules/officials-on-legalization/edit" not in page
    assert client.get("/rules/officials-on-legalization/edit").status_code == 403
    assert send(client, "/rules/officials-on-legalization/remove").status_code == 400
    assert send(client, "/rules/officials-on-legalization/switch", {"on": "false"}).status_code == 400


@pytest.mark.parametrize("do", ["switch", "remove", "mute"])
def test_a_rule_that_is_not_there_cannot_be_changed(client: TestClient, do: str) -> None:
    assert send(client, f"/rules/nothing/{do}", {"on": "true", "until": "1d"}).status_code == 404


def test_an_unreadable_time_mutes_nothing(client: TestClient, office: Office) -> None:
    answer = send(client, "/rules/officials-on-legalization/mute", {"until": "whenever"})
    assert answer.status_code == 400
    assert not office.alerts.muted()


def test_a_rule_is_tried_on_as_much_of_the_past_as_is_asked(client: TestClient) -> None:
    month = client.get("/rules/officials-on-legalization/trial.json").json()["trials"]
    day = client.get("/rules/officials-on-legalization/trial.json", params={"days": 1}).json()["trials"]
    assert len(day) < len(month)
    assert client.get("/rules/nothing/trial").status_code == 404
    assert client.get("/rules/officials-on-legalization/trial?days=0").status_code == 422


def test_the_search_hands_its_query_over(page: Page) -> None:
    page.goto("/new-rule?query=topic%3Alegalization&about=item")
    expect(page.get_by_label("Fires on")).to_have_value("topic:legalization")
    expect(page.get_by_label("Asked of")).to_have_value("item")
    expect(page.locator("#reading")).to_contain_text("Everything that is on the topic")


# --- what fired -------------------------------------------------------------------------------------------------------


def test_alerts_are_listed_by_day_and_explained(page: Page) -> None:
    page.goto("/alerts")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Jun 27, 2012")
    page.get_by_role("link", name="madness").first.click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Carmen Masías, head of drug agency")
    expect(main).to_contain_text("Everything that is on the topic “Legalization” or “Decriminalization”")
    expect(main).to_contain_text("the first report of this statement")
    expect(main).to_contain_text("Why it fired")
    expect(main).to_contain_text("file: sent")
    main.get_by_role("link", name="officials-on-legalization").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("officials-on-legalization")


def test_alerts_of_one_rule(client: TestClient) -> None:
    told = client.get("/alerts.json", params={"rule": "peru-crops"}).json()
    assert {one["rule"] for one in told} == {"peru-crops"}
    assert client.get("/alerts/999999").status_code == 404
    assert client.get("/alerts.csv").text.splitlines()[0].startswith("id,fired_at,rule,title")


def test_what_was_given_up_is_shown_and_tried_again(page: Page, office: Office) -> None:
    with office.desk.store.write() as db:
        db.execute(
            update(deliveries).where(deliveries.c.alert_id == 1).values(state="dead", attempts=9, error="no such host")
        )
    page.goto("/alerts")
    expect(page.locator(".dead")).to_contain_text("2 messages were given up")
    expect(page.locator(".dead")).to_contain_text("no such host")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_role("status")).to_have_text("1 message waits again.")
    assert len(office.alerts.dead()) == 1


def test_a_reader_sees_rules_and_cannot_change_them(office: Office) -> None:
    with visiting(peopled(office)) as client:
        assert sign_in(client, *LEO) == 303
        for path in ("/rules", "/rules/officials-on-legalization", "/alerts"):
            page = client.get(path)
            assert page.status_code == 200
            assert "<form" not in page.text.partition("<main")[2].partition("</main")[0]
            assert "/new-rule" not in page.text
        assert client.get("/new-rule").status_code == 403
        csrf = field(client.get("/account").text)
        assert client.post("/rules", data=RULE | {"csrf": csrf}).status_code == 403
