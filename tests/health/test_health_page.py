"""docs/health.md tells of every symptom what it means and what to do."""

from __future__ import annotations

from typing import get_args

from pipeline.health.sign import Kind
from tests.pages import page, rows, section


def test_every_symptom_is_explained() -> None:
    told = rows(section(page("docs/health.md"), "## Symptoms, and what to do"))
    assert told.keys() - {"symptom", "---"} == set(get_args(Kind))
    for kind, (severity, opened, advice) in told.items():
        assert severity in ("warning", "notice", "severity", "---"), kind
        assert opened
        assert advice
