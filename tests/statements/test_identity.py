"""The same statement in other clothes is the same; another speaker's or another thing said never is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.statements import identity
from pipeline.types import Report, Speaker

WHOLE = (
    "We will not spray the valley again. Every family that pulls up its bushes gets 4,500 soles a year, seedlings of "
    "cacao and a road to the market, and whoever says otherwise has not been here since the harvest."
)


@pytest.mark.parametrize(
    "other",
    [
        WHOLE.upper(),
        WHOLE.replace(".", ""),
        WHOLE.replace(",", " —"),
        "Every family that pulls up its bushes gets 4,500 soles a year, seedlings of cacao and a road to the market",
        "We will not spray the valley again",
        WHOLE.replace(" We will not spray the valley again.", "[...]"),
    ],
)
def test_shortened_recut_and_repunctuated_words_are_the_same(other):
    assert identity.same_statement(WHOLE, other)
    assert identity.same_statement(other, WHOLE)
    assert set(identity.bands(WHOLE)) & set(identity.bands(other))


@pytest.mark.parametrize(
    "other",
    [
        "We will spray the valley until the last bush is gone.",
        "Every family gets what it was promised.",
        WHOLE.replace("4,500", "9,000"),
        "No.",
        "",
    ],
)
def test_other_words_are_not(other):
    assert not identity.same_statement(WHOLE, other)


def test_accents_and_case_do_not_tell_statements_apart():
    assert identity.statement_key("ana", "¡Legalización, YA!") == identity.statement_key("ana", "legalizacion ya")


def test_the_same_words_of_two_speakers_are_two_statements():
    assert identity.statement_key("ana-quiroz", WHOLE) != identity.statement_key("leo-funes", WHOLE)
    assert identity.statement_key(None, WHOLE) != identity.statement_key("leo-funes", WHOLE)


@given(st.text(max_size=300))
def test_keys_fit_a_signed_column_and_a_text_is_its_own_twin(text):
    assert 0 <= identity.statement_key("x", text) < 1 << 63
    assert all(0 <= band < 1 << 63 for band in identity.bands(text))
    assert identity.same_statement(text, text) == bool(identity.statement_words(text))


def test_the_words_of_others_are_no_candidates() -> None:
    """Else a phrase that everybody uses would bring up everybody's statements, more with every year."""
    words = "La guerra contra las drogas ha fracasado en toda la región andina y hay que decirlo"
    said = [Report("text", ((0, 1),), words, "direct", speaker=Speaker(name, key=name)) for name in ("ana", "luis")]
    ana, luis = map(identity.of, said)
    assert ana[0] != luis[0]
    assert set(ana[1]).isdisjoint(luis[1])
    assert identity.of(said[0]) == ana


def test_lookup_keys_of_one_speaker_lie_together_and_apart_from_those_of_others() -> None:
    texts = (WHOLE, "La guerra contra las drogas ha fracasado en toda la región andina y hay que decirlo")
    said = [
        [band for text in texts for band in identity.of(Report("text", (), text, "direct", speaker=who))[1]]
        for who in (Speaker(None), Speaker("Ana", key="ana"), Speaker("Luis", key="luis"))
    ]
    ranges = sorted((min(keys), max(keys)) for keys in said)
    assert all(highest < lowest for (_, highest), (lowest, _) in pairwise(ranges))
    assert all(0 <= band < 1 << 63 for keys in said for band in keys)
