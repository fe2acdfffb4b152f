"""docs/operating.md names every metric, as they are."""

from __future__ import annotations

import pytest

from pipeline.metrics import ASKED, COUNTED
from tests.pages import page, rows

NAMED = {
    **{f"vigia_{name}_total": labels for name, (labels, _) in COUNTED.items()},
    **{f"vigia_{name}": labels for name, (labels, _) in ASKED.items()},
    "vigia_stage_seconds": ("stage",),
    "vigia_request_seconds": (),
}


@pytest.mark.parametrize("name", NAMED)
def test_every_metric_is_explained(name: str) -> None:
    labels, meaning = rows(page("docs/operating.md"))[name]
    assert labels == ", ".join(NAMED[name])
    assert meaning


def test_no_metric_is_explained_that_is_none() -> None:
    told = {name for name in rows(page("docs/operating.md")) if name.startswith("vigia_")}
    assert told == NAMED.keys()
