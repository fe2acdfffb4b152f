"""What newsrooms make of one statement stays one; what only looks like it does not. Floors under what was reached."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from benchmarks import identity_quality
from pipeline.statements import identity


@cache
def measured() -> dict[str, Any]:
    return identity_quality.run()


@pytest.mark.parametrize("lang", identity_quality.LANGUAGES)
def test_families_are_told_from_what_looks_like_them(lang: str) -> None:
    assert measured()[lang]["pairs"] > 2000
    assert measured()[lang]["recall"] >= 0.99
    assert measured()[lang]["precision"] >= 0.99


@pytest.mark.parametrize("how", ["denied", "figure", "other"])
def test_what_says_something_else_is_never_the_same(how: str) -> None:
    assert measured()["told the same"][how] == 0


def test_two_speakers_never_merge() -> None:
    for pair in identity_quality.pairs():
        key, bands = identity.keys_of("ana-ruiz", pair.one)
        other_key, other_bands = identity.keys_of("juan-prado", pair.one)
        assert key != other_key
        assert set(bands).isdisjoint(other_bands)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We will spray the valley again before the harvest", "We will not spray the valley again before the harvest"),
        ("Vamos a despenalizar el consumo este año", "No vamos a despenalizar el consumo este año"),
        (
            "We'll fund the clinics until the next budget is passed",
            "We won't fund the clinics until the next budget is passed",
        ),
        ("O governo vai ampliar as clínicas em todo o país", "O governo vai fechar as clínicas em todo o país"),
        ("The plan will cost 40 million over four years", "The plan will cost 70 million over four years"),
        ("We will do for the growers what we promised them", "We will do for the growers what we promised them never"),
    ],
)
def test_one_word_can_make_it_another_statement(one: str, other: str) -> None:
    assert not identity.same_statement(one, other)
    assert not identity.same_statement(other, one)


def test_a_sentence_left_out_may_hold_a_denial() -> None:
    whole = (
        "We will build the road to the valley this year. No company has offered a fair price for it so far. "
        "The clinics will open in March and stay open for as long as they are needed."
    )
    cut = whole.replace(" No company has offered a fair price for it so far.", " [...]")
    assert identity.same_statement(whole, cut)
