"""Answers and errors of the API as a program meets them."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from frontends.web.office import Office
from tests.web.signing import peopled, visiting

RULE = {"name": "peru-moves", "query": "country:PE topic:legalization", "new": "change", "channels": ["terminal"]}


def test_what_is_still_so_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/api/v1/statements/1")
    again = client.get("/api/v1/statements/1", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get("/api/v1/statements/2", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_head_says_the_same_without_the_body(client: TestClient) -> None:
    got, told = client.get("/api/v1/items"), client.head("/api/v1/items")
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["etag"] == got.headers["etag"]


def test_long_answers_are_packed_for_those_who_can_unpack_them(client: TestClient) -> None:
    assert client.get("/api/v1/items").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/api/v1/items", headers={"accept-encoding": "identity"}).headers


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/items/999999", 404, "item"),
        ("/statements/999999", 404, "statement: expected an id in the store, got 999999"),
        ("/speakers/nobody", 404, "speaker"),
        ("/sources/nowhere", 404, "source: expected a slug of the catalogue, got nowhere"),
        ("/alerts/999999", 404, "alert: expected an id in the store, got 999999"),
        ("/rules/nothing", 404, "rule: expected one that is there, got 'nothing'"),
        ("/positions/PE/weather", 404, "topic: expected one that is watched, got 'weather'"),
        ("/nothing", 404, "Not Found"),
        ("/items?limit=501", 422, "query.limit"),
        ("/items?limit=0", 422, "query.limit"),
        ("/items?after=yesterday", 400, "after: expected what the page before gave, got 'yesterday'"),
        ("/items?sort=published&after=yesterday", 400, "after: expected what the page before gave"),
        ("/items?q=@nobody", 400, "a saved search"),
        ("/today?since=2012-06-27", 422, "query.since"),
        ("/positions?as_of=0001-01-01T00:00:00Z", 422, "expected a time of 1970-01-02"),
        ("/positions/Peru/legalization", 422, "path.country"),
    ],
)
def test_what_cannot_be_had_is_a_problem_that_says_why(client: TestClient, path: str, status: int, said: str) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert said in problem["detail"]


def test_a_query_that_cannot_be_read_is_answered_with_the_place(client: TestClient) -> None:
    problem = client.get("/api/v1/items", params={"q": "coca AND ("}).json()
    assert (problem["status"], problem["position"]) == (400, 10)
    assert problem["expected"]


@pytest.mark.parametrize(
    "path",
    [
        "/items?q=coca%00",
        "/rules/%00",
        f"/items/{2**63}",
        f"/items/{2**200}",
        f"/alerts?after={2**63}",
        f"/statements?sort=published&after={2**63}",
        f"/items?sort=published&after=-{10**19}",
        f"/items?after=1.{2**63}",
        "/items?after=99999999999999999999999999.1",
        f"/items?limit={2**70}",
        f"/speakers?after={'9' * 40}.x",
        f"/items?q={'(' * 2_000}coca{')' * 2_000}",
        f"/items?q={'NOT%20' * 2_000}coca",
        f"/items?q={'a' * 30_001}",
        "/today?since=inf",
    ],
)
def test_what_nobody_should_send_is_refused(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1{path}")
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]


@pytest.mark.parametrize("q", ["coca " * 2_000, "%ED%A0%80", "%FF%FE", "last:9999999999999d", "published:9999-12-31"])
def test_queries_that_look_odd_are_answered_or_refused(client: TestClient, q: str) -> None:
    assert client.get(f"/api/v1/statements?q={q}").status_code in (200, 400)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"name": "a", "query": "\\ud800"}',
        b'{"name": "a", "query": "coca", "\\ud800": 1}',
        b'{"name": "a\\u0000", "query": "coca"}',
        b'{"name": "a", "query": "coca", "description": "\\u0000"}',
        b'{"name": "a", "query": "coca", "max_per_hour": 1e400}',
        b'{"name": "a", "query": "coca", "max_per_hour": 99999999999999999999999}',
        b'{"name": "a", "query": "coca", "max_per_hour": NaN}',
        b'{"name": "a", "query": "coca", "enabled": "yes"}',
        b'{"name": "A b", "query": "coca"}',
        b'{"name": "a", "query": "coca AND"}',
        b'{"name": "a", "query": "coca", "channels": ["nowhere"]}',
        b'{"name": "a", "query": "coca", "mute_until": "soon"}',
        b'{"name": "a", "query": "coca", "colour": "red"}',
        b"\xff\xfe",
    ],
)
def test_a_rule_that_is_none_is_refused(client: TestClient, body: bytes) -> None:
    before = client.get("/api/v1/rules").content
    answer = client.post("/api/v1/rules", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/rules").content == before


def test_a_rule_is_made_changed_muted_and_removed(client: TestClient) -> None:
    made = client.post("/api/v1/rules", json=RULE)
    assert (made.status_code, made.json()["kept_in"], made.json()["new"]) == (201, "store", "change")
    assert client.post("/api/v1/rules", json=RULE).status_code == 409
    fields = {name: value for name, value in RULE.items() if name != "name"}
    changed = client.put("/api/v1/rules/peru-moves", json=fields | {"enabled": False})
    assert (changed.status_code, changed.json()["asked"]) == (200, False)
    muted = client.put("/api/v1/rules/peru-moves/mute", json={"until": "2199-01-01T00:00:00+02:00"})
    assert muted.json()["muted_until"] == "2198-12-31T22:00:00Z"
    assert client.delete("/api/v1/rules/peru-moves/mute").json()["muted_until"] is None
    gone = client.delete("/api/v1/rules/peru-moves")
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.delete("/api/v1/rules/peru-moves").status_code == 404


def test_a_rule_of_the_file_is_not_changed_here(client: TestClient) -> None:
    name = next(one["name"] for one in client.get("/api/v1/rules").json() if one["kept_in"] == "file")
    for answer in (client.delete(f"/api/v1/rules/{name}"), client.put(f"/api/v1/rules/{name}", json={"query": "coca"})):
        assert answer.status_code == 400
        assert "a rule of alerts.toml has it" in answer.json()["detail"]


def test_a_rule_is_tried_on_the_past_without_being_kept(client: TestClient) -> None:
    tried = client.post(
        "/api/v1/rules/backtest",
        json={"rule": RULE | {"query": "coca OR drug* OR droga*", "new": "statement"}, "days": 60},
    )
    assert tried.status_code == 200
    assert len(tried.json()["trials"]) > 2
    assert client.get("/api/v1/rules/peru-moves").status_code == 404
    assert client.post("/api/v1/rules/backtest", json={}).status_code == 422
    assert client.post("/api/v1/rules/backtest", json={"name": "nothing"}).status_code == 404


def test_a_search_is_kept_asked_and_dropped(client: TestClient) -> None:
    kept = client.put("/api/v1/searches/mine", json={"query": "coca"})
    assert (kept.status_code, kept.json()["query"]) == (200, "coca")
    assert client.get("/api/v1/items?q=@mine").json()["items"] == client.get("/api/v1/items?q=coca").json()["items"]
    assert client.delete("/api/v1/searches/mine").status_code == 204
    assert client.delete("/api/v1/searches/mine").status_code == 404
    assert client.put("/api/v1/searches/No Name", json={"query": "coca"}).status_code == 400


def test_a_method_that_there_is_not_is_answered_with_those_that_there_are(client: TestClient) -> None:
    answer = client.post("/api/v1/items", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_token_reads_and_one_for_rules_changes(office: Office) -> None:
    people = peopled(office)

    def bearer(*scopes: str) -> dict[str, str]:
        return {"authorization": f"Bearer {people.access.make_token('ana', '-'.join(scopes), list(scopes), None).key}"}

    with visiting(people) as program:
        assert program.get("/api/v1/items").status_code == 401
        assert program.get("/api/v1").status_code == 401
        reader = bearer("read")
        assert program.get("/api/v1/items", headers=reader).status_code == 200
        assert program.post("/api/v1/rules", json=RULE, headers=reader).status_code == 403
        made = program.post("/api/v1/rules", json=RULE, headers=bearer("read", "rules"))
        assert (made.status_code, made.json()["made_by"]) == (201, "ana")


def test_the_index_names_every_question_and_the_page_too(client: TestClient) -> None:
    index = client.get("/api/v1").json()
    described = client.get(index["openapi"]).json()
    assert described["openapi"].startswith("3.1")
    gets = {path for path, methods in described["paths"].items() if "get" in methods}
    assert set(index["asks"]) == gets
    shown = client.get(index["docs"], headers={"accept-language": "es"})
    assert shown.headers["content-type"].startswith("text/html")
    assert all(f"GET {path}<" in shown.text for path in gets)
    assert "Parámetro" in shown.text


def test_everything_described_has_words(client: TestClient) -> None:
    described = json.loads(client.get("/api/v1/openapi.json").content)
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            assert told["summary"], (method, path)
            assert told["description"], (method, path)
