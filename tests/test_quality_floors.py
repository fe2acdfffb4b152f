"""What was reached on real material stays reached. Floors lie half a point under the figures in docs/benchmarks.md.

The material is not in the repository; where it is absent these are skipped, plainly. Extraction has floors of its own
in tests/extract/.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks import statements_quality, topics_quality

SHARED = Path(__file__).parent.parent.parent / "shared"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="../shared/data is not beside this checkout"),
    pytest.mark.timeout(300),
    # the scorer is not ours and leaves its files to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

STATEMENTS = {
    "polnear.dev": {"overlap": 71.4, "found": 77.8, "direct": 89.8, "indirect": 61.6, "speaker": 94.6},
    "ancora_silver.dev": {"overlap": 81.2, "found": 84.8, "speaker": 91.7},
    "es_handgold.dev": {"overlap": 85.9, "found": 87.4, "direct": 91.0, "name": 82.0},
    "bosque_silver.dev": {"overlap": 74.0, "found": 77.0, "speaker": 93.6},
}


@cache
def statements() -> dict[str, Any]:
    return statements_quality.run(SHARED)


@pytest.mark.parametrize(
    ("corpus", "figure", "floor"),
    [(corpus, figure, floor) for corpus, floors in STATEMENTS.items() for figure, floor in floors.items()],
)
def test_statements_are_found_as_well_as_before(corpus: str, figure: str, floor: float) -> None:
    assert statements()[corpus][figure] >= floor


def test_topics_are_found_as_well_as_before() -> None:
    measured = topics_quality.run(SHARED)
    found = measured["any_topic"]
    assert found["precision"] >= 94.4
    assert found["recall"] >= 86.0
    # ordinary press, in pieces of 500 words
    assert measured["articles_per_s"]["press"]["on_topic_share"] <= 0.01
