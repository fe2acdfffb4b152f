"""Families of copies, and of what only looks like one, made of the newsroom's texts: floors for both, per language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks import copies_quality
from benchmarks.copies_quality import FAMILIES, LANGUAGES, PAIRS

RECALL, PRECISION = 98.0, 99.5


@cache
def measured() -> dict[str, Any]:
    return copies_quality.run(Path())


@pytest.mark.parametrize("lang", [*LANGUAGES, "all"])
def test_copies_are_found_and_nothing_else_folds(lang: str) -> None:
    figures = measured()[lang]
    assert figures["recall"] >= RECALL
    assert figures["precision"] >= PRECISION


def test_every_relation_is_tried_fifty_times_in_each_language() -> None:
    told = list(copies_quality.pairs(PAIRS))
    for lang in LANGUAGES:
        assert {name: sum(p.family == name and p.lang == lang for p in told) for name in FAMILIES} == dict.fromkeys(
            FAMILIES, 50
        )


def test_most_pairs_of_a_family_are_distinct() -> None:
    told = [(pair.family, pair.lang, pair.old, pair.new) for pair in copies_quality.pairs(PAIRS)]
    assert len(set(told)) > 0.95 * len(told)


def test_no_family_fails_as_a_whole() -> None:
    """A floor over all could hide one relation that is always wrong."""
    assert all(len(langs) <= 0.1 * PAIRS * len(LANGUAGES) for langs in measured()["wrong"].values())
