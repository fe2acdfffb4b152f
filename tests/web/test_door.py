"""Where nobody has an account: this machine alone, and no page of the internet that is open on it."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from io import StringIO

import pytest
from starlette.testclient import TestClient

from frontends.web.app import create_app
from frontends.web.office import Office
from pipeline.errors import ConfigError
from pipeline.logs import Json
from tests.web.signing import peopled, visiting


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]:8000", "127.8.9.1"])
def test_this_machine_is_let_in(client: TestClient, host: str) -> None:
    assert client.get("/sources.json", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8000", "10.0.0.1", "", "[::2]", "localhost.evil"]
)
def test_a_name_that_somebody_lets_point_here_is_not(client: TestClient, host: str) -> None:
    answer = client.get("/sources.json", headers={"host": host})
    assert answer.status_code == 421
    assert "Host: expected localhost" in answer.json()["detail"]


@pytest.mark.parametrize(("host", "status"), [("vigia.example", 303), ("10.0.0.1", 303), ("evil.example", 421)])
def test_where_people_sign_in_our_names_and_addresses_are_ours(office: Office, host: str, status: int) -> None:
    settings = replace(office.settings, web_hosts="vigia.example, desk.example")
    with visiting(peopled(replace(office, settings=settings))) as client:
        assert client.get("/", headers={"host": host}, follow_redirects=False).status_code == status


@pytest.mark.parametrize(
    ("changed", "fine"),
    [
        ({}, True),
        ({"web_address": "[::1]:8000"}, True),
        ({"web_address": "0.0.0.0:8000"}, False),
        ({"web_hosts": "vigia.example"}, False),
        ({"web_proxies": "127.0.0.1"}, False),
    ],
)
def test_nobody_else_is_shown_anything_before_there_are_users(
    office: Office, changed: dict[str, str], fine: bool
) -> None:
    access = replace(office.access, settings=replace(office.settings, **changed))
    if fine:
        access.expect_users()
        return
    with pytest.raises(ConfigError, match="vigia users add"):
        access.expect_users()
    peopled(replace(office, access=access))
    access.expect_users()


def test_a_server_that_others_reach_is_not_open_when_its_users_are_gone(office: Office) -> None:
    beyond = replace(office, settings=replace(office.settings, web_address="0.0.0.0:8000"))
    with visiting(beyond) as client:
        assert client.get("/sources.json").status_code == 401


def test_a_server_that_runs_notices_its_first_user(office: Office) -> None:
    with visiting(office) as client:
        assert client.get("/sources.json").status_code == 200
        peopled(office)
        office.clock.forward(3)
        assert client.get("/sources.json").status_code == 401


def test_what_watches_the_process_needs_no_name_and_no_login(office: Office) -> None:
    with visiting(peopled(office)) as client:
        for path, said in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
            assert client.get(path, headers={"host": "pod-7.internal"}).text == said


def test_a_head_is_a_get_without_its_body(client: TestClient) -> None:
    whole, head = client.get("/sources.json"), client.head("/sources.json")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_a_body_that_never_ends_is_not_read_to_the_end(client: TestClient) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/account/tokens", content=(b"x" * 10_000 for _ in range(10_000)), headers=kind)
    assert answer.status_code == 413


def test_a_fault_of_ours_is_a_500_with_all_headers_and_a_line(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(replace(office, close=lambda: None))

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.get("/broken", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (500, "it is in the log")
    assert "content-security-policy" in answer.headers
    assert any(line.exc_info for line in caplog.records)


def test_each_request_is_a_line_that_machines_can_read(office: Office) -> None:
    written = StringIO()
    lines = logging.StreamHandler(written)
    lines.setFormatter(Json())
    logger = logging.getLogger("vigia.web")
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    try:
        with visiting(office) as client:
            client.get("/sources.json?q=a-secret")
            client.get("/no%0Awhere")
    finally:
        logger.removeHandler(lines)
        logger.setLevel(logging.NOTSET)
    first, second = map(json.loads, written.getvalue().splitlines())
    assert (first["method"], first["path"], first["status"], first["user"]) == ("GET", "/sources.json", 200, "")
    assert isinstance(first["ms"], int)
    assert second["status"] == 404
    assert "a-secret" not in written.getvalue()


def test_answers_are_counted(office: Office) -> None:
    seen: list[tuple[str, int]] = []
    app = create_app(replace(office, close=lambda: None), lambda method, status, _: seen.append((method, status)))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        client.get("/sources.json")
        client.head("/nowhere")
    assert seen == [("GET", 200), ("HEAD", 404)]
