"""Seconds between two polls: the settings' bounds, and a source's own in their place."""

from __future__ import annotations

import pytest

from pipeline.poll import Bounds, bounds_of
from pipeline.settings import Settings
from pipeline.types import Source

SETTINGS = Settings(poll_min=300.0, poll_max=14_400.0)


@pytest.mark.parametrize(
    ("least", "longest", "expected"),
    [
        (None, None, (300.0, 14_400.0)),
        (60.0, None, (60.0, 14_400.0)),
        (None, 900.0, (300.0, 900.0)),
        (60.0, 900.0, (60.0, 900.0)),
        (86_400.0, None, (86_400.0, 86_400.0)),
        (None, 120.0, (120.0, 120.0)),
    ],
    ids=["none", "least", "longest", "both", "least past the settings' longest", "longest below the settings' least"],
)
def test_what_a_source_says_goes_before_the_settings(
    least: float | None, longest: float | None, expected: tuple[float, float]
) -> None:
    source = Source("d", "D", "PE", ("es",), "http://d.example", poll_min=least, poll_max=longest)
    assert bounds_of(source, SETTINGS) == Bounds(*expected)


def test_a_source_that_left_the_catalogue_has_the_settings() -> None:
    assert bounds_of(None, SETTINGS) == Bounds(300.0, 14_400.0)
