"""What the OpenAPI says is what happens: no fault of ours, no undocumented answer, whatever is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from frontends.web.app import create_app
from frontends.web.office import Office

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = 29
#: questions of each operation, of each kind
QUESTIONS = 15


@pytest.fixture
def schema(office: Office) -> BaseSchema:
    # schemathesis asks at this host
    settled = replace(office.settings, web_hosts="testserver")
    app = create_app(replace(office, settings=settled, close=lambda: None))
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_answers_as_it_is_described(schema: BaseSchema, mode: GenerationMode) -> None:
    tried = [ask(found.ok(), mode) for found in schema.get_all_operations()]
    assert len(tried) == OPERATIONS


def ask(operation: Any, mode: GenerationMode) -> str:
    """Put questions to an operation, as it says they are, or as it says they are not."""

    @seed(7)
    @settings(
        max_examples=QUESTIONS,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    if mode is GenerationMode.POSITIVE or takes_something(operation):
        answers()
    return str(operation.label)


def takes_something(operation: Any) -> bool:
    """Where nothing is taken, nothing can be taken amiss."""
    return bool(operation.definition.raw.get("parameters") or operation.body)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/items", "/items"),
        ("/items", "/items?sort=published"),
        ("/items", "/items?sort=relevance&q=coca"),
        ("/items/{number}", "/items/1"),
        ("/statements", "/statements"),
        ("/statements", "/statements?sort=published&limit=2"),
        ("/statements/{number}", "/statements/1"),
        ("/speakers", "/speakers"),
        ("/topics", "/topics"),
        ("/sources", "/sources"),
        ("/alerts", "/alerts"),
        ("/alerts/{number}", "/alerts/1"),
        ("/rules", "/rules"),
        ("/timeline", "/timeline"),
        ("/facets", "/facets?about=statement"),
        ("/positions", "/positions"),
        ("/today", "/today?since=2012-01-01T00:00:00Z"),
        ("/status", "/status"),
    ],
)
def test_what_is_there_looks_as_it_is_described(schema: BaseSchema, client: TestClient, path: str, asked: str) -> None:
    answer = client.get(f"/api/v1{asked}")
    assert (answer.status_code, len(answer.content) > 100) == (200, True)
    schema[f"/api/v1{path}"]["GET"].validate_response(answer)


def test_a_speaker_a_source_and_a_position_look_as_they_are_described(schema: BaseSchema, client: TestClient) -> None:
    key = client.get("/api/v1/speakers").json()["speakers"][0]["key"]
    slug = client.get("/api/v1/sources").json()[0]["slug"]
    cell = client.get("/api/v1/positions").json()["cells"][0]
    for path, asked in (
        ("/speakers/{key}", f"/speakers/{key}"),
        ("/sources/{slug}", f"/sources/{slug}"),
        ("/positions/{country}/{topic}", f"/positions/{cell['country']}/{cell['topic']}"),
    ):
        answer = client.get(f"/api/v1{asked}")
        assert answer.status_code == 200, asked
        schema[f"/api/v1{path}"]["GET"].validate_response(answer)
