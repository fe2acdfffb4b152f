"""What programs may do through the API, by the scopes of their token; what browsers may be made to send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from frontends.web.app import create_app
from frontends.web.office import Office
from frontends.web.visitor import MayChange, MayExport, MayRead
from tests.web.signing import ANA, LEO, field, peopled, sign_in


def with_api(office: Office) -> FastAPI:
    """The application, with a route of an API for each scope."""
    app = create_app(replace(office, close=lambda: None))

    @app.get("/api/v1/tried")
    def read(_: MayRead) -> str:
        return "read"

    @app.get("/api/v1/export/tried")
    def export(_: MayExport) -> str:
        return "exported"

    @app.api_route("/api/v1/tried", methods=["POST", "PUT", "DELETE"])
    def change(_: MayChange) -> str:
        return "changed"

    return app


@pytest.fixture
def people(office: Office) -> Office:
    return peopled(office)


@pytest.fixture
def program(people: Office) -> Iterator[TestClient]:
    with TestClient(with_api(people), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def here(office: Office) -> Iterator[TestClient]:
    """Where nobody has an account."""
    with TestClient(with_api(office), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    ("scopes", "read", "exported", "changed"),
    [
        (["read"], 200, 403, 403),
        (["export"], 403, 200, 403),
        (["rules"], 403, 403, 403),
        (["read", "rules"], 200, 403, 200),
        (["read", "export", "rules"], 200, 200, 200),
    ],
)
def test_a_token_does_what_it_is_for(
    program: TestClient, people: Office, scopes: list[str], read: int, exported: int, changed: int
) -> None:
    bearer = {"authorization": f"Bearer {people.access.make_token('ana', 'tried', scopes, None).key}"}
    asked = [
        program.get("/api/v1/tried", headers=bearer),
        program.get("/api/v1/export/tried", headers=bearer),
        program.post("/api/v1/tried", headers=bearer),
    ]
    assert [one.status_code for one in asked] == [read, exported, changed]


def test_who_became_a_reader_changes_nothing_with_the_tokens_of_before(program: TestClient, people: Office) -> None:
    bearer = {"authorization": f"Bearer {people.access.make_token('ana', 'tried', ['read', 'rules'], None).key}"}
    people.access.set_role("ana", "reader")
    answer = program.post("/api/v1/tried", headers=bearer)
    assert (answer.status_code, answer.json()["detail"]) == (403, "expected an editor, got a reader")


def test_a_browser_that_signed_in_changes_something_with_its_forms_field_only(program: TestClient) -> None:
    sign_in(program, *ANA)
    assert program.get("/api/v1/tried").status_code == 200
    assert program.post("/api/v1/tried", json={}).status_code == 403
    token = {"x-csrf-token": field(program.get("/account").text)}
    assert program.post("/api/v1/tried", json={}, headers=token).status_code == 200


def test_a_reader_changes_nothing(program: TestClient) -> None:
    sign_in(program, *LEO)
    token = {"x-csrf-token": field(program.get("/account").text)}
    assert program.post("/api/v1/tried", json={}, headers=token).status_code == 403


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"content-type": "application/json"}, 200),
        ("PUT", {}, 200),
        ("DELETE", {}, 200),
        ("POST", {}, 415),
        ("POST", {"content-type": "text/plain"}, 415),
        ("POST", {"content-type": "application/x-www-form-urlencoded"}, 415),
        ("POST", {"content-type": "application/json", "origin": "https://elsewhere.example"}, 403),
        ("DELETE", {"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_on_this_machine_programs_change_things_and_pages_of_other_sites_do_not(
    here: TestClient, method: str, headers: dict[str, str], status: int
) -> None:
    assert here.request(method, "/api/v1/tried", headers=headers).status_code == status


def test_nobody_is_told_that_they_may_ask_from_another_site(here: TestClient) -> None:
    preflight = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    answer = here.options("/api/v1/tried", headers=preflight)
    assert not any(name.startswith("access-control") for name in answer.headers)


# --- feed readers -----------------------------------------------------------------------------------------------------


def test_a_feed_reader_brings_a_token_as_a_password(program: TestClient, people: Office) -> None:
    key = people.access.make_token("leo", "reader", ["read"], None).key
    asked = program.get("/feeds/items.atom", follow_redirects=False)
    assert asked.status_code == 401
    assert asked.headers["www-authenticate"].startswith("Basic ")
    assert program.get("/feeds/items.atom", auth=("anybody", key)).status_code == 200
    assert program.get("/feeds/items.atom", auth=("anybody", key + "x")).status_code == 401
    assert program.get("/feeds/items.atom", headers={"authorization": "Basic %%%"}).status_code == 401


def test_a_password_opens_nothing_but_feeds(program: TestClient, people: Office) -> None:
    """A browser that learned one would send it wherever another site's page points it."""
    key = people.access.make_token("ana", "tried", ["read", "rules"], None).key
    assert program.get("/api/v1/tried", auth=("ana", key)).status_code == 401
    assert program.post("/api/v1/tried", auth=("ana", key)).status_code in (401, 403)
