"""Where people have accounts: who gets in, for how long, and what only they can send."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from frontends.web.office import Office
from frontends.web.pages import ROUTERS
from pipeline.access.hosts import SAFE
from tests.fakes import ManualClock
from tests.web.signing import ANA, LEO, field, peopled, sign_in, visiting


@pytest.fixture
def people(office: Office) -> Office:
    return peopled(office)


@pytest.fixture
def stranger(people: Office) -> Iterator[TestClient]:
    with visiting(people) as client:
        yield client


@pytest.fixture
def ana(stranger: TestClient) -> TestClient:
    assert sign_in(stranger, *ANA) == 303
    return stranger


def later(office: Office, **time: float) -> None:
    assert isinstance(office.clock, ManualClock)
    office.clock.forward(**time)


def is_in(client: TestClient) -> bool:
    return client.get("/account.json").status_code == 200


def test_a_stranger_is_led_to_the_login_and_back(stranger: TestClient) -> None:
    answer = stranger.get("/sources?all=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fsources%3Fall%3D1")
    assert field(stranger.get(answer.headers["location"]).text, "next") == "/sources?all=1"


@pytest.mark.parametrize(
    "path", ["/sources.json", "/sources.csv", "/today.json", "/account.json", "/api/v1/openapi.json"]
)
def test_a_program_without_a_token_is_told(stranger: TestClient, path: str) -> None:
    answer = stranger.get(path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_signs_in_sees_pages_until_they_sign_out(ana: TestClient) -> None:
    page = ana.get("/account")
    assert "ana" in page.text
    assert ana.post("/logout", data={"csrf": field(page.text)}, follow_redirects=False).status_code == 303
    assert not is_in(ana)


def test_a_session_that_was_ended_is_no_key_any_more(ana: TestClient) -> None:
    key = ana.cookies["vigia"]
    ana.post("/logout", data={"csrf": field(ana.get("/account").text)})
    ana.cookies.set("vigia", key)
    assert not is_in(ana)


def test_signing_in_again_gives_another_key_and_ends_the_first(ana: TestClient, people: Office) -> None:
    first = ana.cookies["vigia"]
    csrf = field(ana.get("/account").text)
    ana.post("/login", data={"name": ANA[0], "password": ANA[1], "csrf": csrf})
    assert ana.cookies["vigia"] != first
    assert people.access.by_session(first) is None


def test_the_store_has_no_key_that_opens_anything(ana: TestClient, people: Office) -> None:
    key = ana.cookies["vigia"]
    with people.desk.store.engine.connect() as db:
        told = str(db.exec_driver_sql("SELECT * FROM sessions").all() + db.exec_driver_sql("SELECT * FROM users").all())
    assert key not in told
    assert ANA[1] not in told


@pytest.mark.parametrize(("hours", "stays"), [(23, True), (25, False)])
def test_a_login_that_nobody_uses_ends(ana: TestClient, people: Office, hours: float, stays: bool) -> None:
    later(people, hours=hours)
    assert is_in(ana) is stays


def test_a_login_ends_some_day_however_much_it_is_used(ana: TestClient, people: Office) -> None:
    for _ in range(13):
        later(people, hours=23.9)
        assert is_in(ana)
    later(people, hours=23.9)
    assert is_in(ana)
    later(people, hours=23.9)
    assert not is_in(ana)


@pytest.mark.parametrize("what", ["disable", "remove", "password"])
def test_who_may_not_come_any_more_is_out_at_once(ana: TestClient, people: Office, what: str) -> None:
    assert is_in(ana)
    if what == "disable":
        people.access.set_disabled("ana", True)
    elif what == "remove":
        people.access.remove_user("ana")
    else:
        people.access.set_password("ana", "another long password")
    assert not is_in(ana)


def test_a_changed_password_ends_the_other_logins_and_keeps_this_one(ana: TestClient, people: Office) -> None:
    elsewhere = people.access.sign_in(*ANA, "10.0.0.9")
    form = {"csrf": field(ana.get("/account").text), "current": ANA[1], "password": "four quiet harbours"}
    assert ana.post("/account/password", data=form, follow_redirects=False).status_code == 303
    assert is_in(ana)
    assert people.access.by_session(elsewhere.key) is None
    assert people.access.verified("ana", "four quiet harbours")


@pytest.mark.parametrize(
    ("current", "password", "said"),
    [("not hers at all", "four quiet harbours", "current password"), (ANA[1], "short", "12 to 256 characters")],
)
def test_a_password_is_not_changed_to_nothing(
    ana: TestClient, people: Office, current: str, password: str, said: str
) -> None:
    form = {"csrf": field(ana.get("/account").text), "current": current, "password": password}
    answer = ana.post("/account/password", data=form, follow_redirects=False)
    assert answer.status_code == 422
    assert said in answer.text
    assert is_in(ana)
    assert people.access.verified(*ANA)


def test_nothing_says_who_has_an_account(stranger: TestClient) -> None:
    assert sign_in(stranger, "ana", "not her password") == sign_in(stranger, "nobody", "not their password") == 403


@pytest.mark.parametrize("name", ["\x00", "ana\x00", "\ud800", "x" * 900, "' or 1=1 --", ""])
def test_what_can_be_no_name_is_refused_like_any_other(stranger: TestClient, name: str) -> None:
    form = {"name": name, "password": "three wet umbrellas", "csrf": field(stranger.get("/login").text)}
    body = "&".join(f"{key}={_quoted(value)}" for key, value in form.items())
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert stranger.post("/login", content=body, headers=kind, follow_redirects=False).status_code in (403, 422)


def _quoted(value: str) -> str:
    return "".join(f"%{byte:02x}" for byte in value.encode("utf-8", "surrogatepass"))


def test_guessing_waits_longer_and_longer_until_it_is_left_alone(stranger: TestClient, people: Office) -> None:
    seen = [sign_in(stranger, "ana", f"guess number {n}") for n in range(7)]
    assert seen == [403] * 5 + [429] * 2
    csrf = field(stranger.get("/login").text)
    told = stranger.post("/login", data={"name": "ana", "password": ANA[1], "csrf": csrf})
    assert told.headers["retry-after"] == "1"
    later(people, seconds=2)
    assert sign_in(stranger, "ana", "one guess more") == 403
    later(people, seconds=1)
    assert sign_in(stranger, *ANA) == 429, "the right password waits as well, or it could be told from wrong ones"
    later(people, seconds=2)
    assert sign_in(stranger, *ANA) == 303


def test_one_address_cannot_go_through_all_accounts(stranger: TestClient, people: Office) -> None:
    seen = [sign_in(stranger, f"somebody{n}", "a likely password") for n in range(22)]
    assert seen[:20] == [403] * 20
    assert seen[20:] == [429] * 2
    assert not hasattr(people.access.sign_in(*LEO, "10.0.0.9"), "wait"), "others are not kept waiting"


def test_an_account_of_ones_own_does_not_make_guessing_free(people: Office) -> None:
    for n in range(20):
        people.access.sign_in(f"somebody{n}", "a likely password", "10.0.0.9")
    later(people, seconds=5)
    people.access.sign_in(*LEO, "10.0.0.9")
    assert people.access.sign_in("somebody21", "a likely password", "10.0.0.9").wait > 0


def test_a_wrong_field_or_none_changes_nothing(ana: TestClient) -> None:
    for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        assert ana.post("/logout", data=form).status_code == 403
    assert is_in(ana)


def test_the_field_of_one_login_is_none_of_anothers(ana: TestClient, people: Office) -> None:
    with visiting(people) as leo:
        sign_in(leo, *LEO)
        theirs = field(leo.get("/account").text)
    assert ana.post("/logout", data={"csrf": theirs}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_sites_page_cannot_send_a_form_even_with_the_field(ana: TestClient, headers: dict[str, str]) -> None:
    csrf = field(ana.get("/account").text)
    assert ana.post("/logout", data={"csrf": csrf}, headers=headers).status_code == 403
    assert is_in(ana)


def changing() -> Iterator[tuple[str, str]]:
    """The method and path of every route of a page that may change something."""
    for route in (one for router in ROUTERS for one in router.routes):
        assert isinstance(route, APIRoute), "a router inside a router is not looked into here"
        yield from ((method, re.sub(r"{[^}]*}", "1", route.path)) for method in route.methods - set(SAFE))


@pytest.mark.parametrize(("method", "path"), sorted(changing()))
def test_no_page_forgets_to_look_at_the_field(ana: TestClient, method: str, path: str) -> None:
    answer = ana.request(method, path, data={"any": "thing"})
    assert answer.status_code == 403
    assert "csrf" in answer.text


def test_over_https_cookies_are_for_this_host_and_https_alone(people: Office) -> None:
    with visiting(people, "https://127.0.0.1") as client:
        csrf = field(client.get("/login").text)
        answer = client.post("/login", data={"name": ANA[0], "password": ANA[1], "csrf": csrf}, follow_redirects=False)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-vigia=")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_token_is_shown_once_and_opens_what_it_is_for(ana: TestClient, people: Office) -> None:
    form = {"csrf": field(ana.get("/account").text), "name": "nightly", "scope": "read", "days": "30"}
    made = ana.post("/account/tokens", data=form)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    key = "vigia_" + made.text.partition("<code>vigia_")[2].partition("<")[0]
    assert key not in ana.get("/account").text
    with visiting(people) as program:
        bearer = {"authorization": f"Bearer {key}"}
        assert program.get("/sources.json", headers=bearer).status_code == 200
        assert program.post("/account/tokens", data=form, headers=bearer).status_code == 403
        later(people, days=31)
        assert program.get("/sources.json", headers=bearer).status_code == 401


def test_a_reader_makes_no_token_that_changes_anything(people: Office) -> None:
    with visiting(people) as leo:
        sign_in(leo, *LEO)
        form = {"csrf": field(leo.get("/account").text), "name": "sly", "scope": "rules", "days": "30"}
        assert leo.post("/account/tokens", data=form).status_code == 422
    assert people.access.tokens() == []


def test_a_token_ends_with_its_owners_account(people: Office) -> None:
    key = people.access.make_token("ana", "nightly", ["read"], None).key
    assert people.access.by_token(key)
    people.access.set_disabled("ana", True)
    assert people.access.by_token(key) is None


def test_too_many_requests_are_told_when_to_come_back(office: Office) -> None:
    settings = replace(office.settings, web_rate=2.0, web_burst=5)
    people = peopled(replace(office, settings=settings))
    bearer = {"authorization": f"Bearer {people.access.make_token('leo', 'busy', ['read'], None).key}"}
    with visiting(people) as client:
        seen = [client.get("/sources.json", headers=bearer) for _ in range(6)]
        assert [one.status_code for one in seen] == [200] * 5 + [429]
        assert seen[-1].headers["retry-after"] == "1"
        assert seen[-1].json()["title"] == "Too Many Requests"
        assert client.get("/login").status_code == 200, "others have their own"
        later(people, seconds=1)
        assert client.get("/sources.json", headers=bearer).status_code == 200


def test_no_secret_gets_into_the_log(stranger: TestClient, people: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sign_in(stranger, "ana", "a wrong password")
    sign_in(stranger, *ANA)
    csrf = field(stranger.get("/account").text)
    made = stranger.post("/account/tokens", data={"csrf": csrf, "name": "n", "scope": "read", "days": "3"})
    key = "vigia_" + made.text.partition("<code>vigia_")[2].partition("<")[0]
    stranger.get("/sources.json", headers={"authorization": f"Bearer {key}"})
    stranger.get("/sources.json?token=hidden-word", headers={"authorization": "Bearer vigia_unknown-key"})
    stranger.get("/nowhere?q=hidden-word")
    session = stranger.cookies["vigia"]
    stranger.post("/logout", data={"csrf": csrf})
    ours = "\n".join(line.getMessage() for line in caplog.records if not line.name.startswith("http"))
    assert "answered" in ours
    for secret in (ANA[1], "a wrong password", csrf, key, session, "unknown-key", "hidden-word"):
        assert secret not in ours
