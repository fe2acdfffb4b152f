"""The stretch of a text that shows what a query looked for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from querytrees import trees

from pipeline.query import parse
from pipeline.query.excerpt import LOOKED_AT, excerpt, found, marked

ITEM = ("any", "title", "text")


def shown(query, text, length=240):
    made = excerpt(parse(query).root, text, ITEM, length)
    return "".join(f"[{one.text}]" if one.found else one.text for one in made.pieces)


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("legalizacion", "La [Legalización], dijo, no es la mano dura."),
        ("legal*", "La [Legalización], dijo, no es la mano dura."),
        ('"mano dura"', "La Legalización, dijo, no es la [mano dura]."),
        ("mano NEAR/2 es", "La Legalización, dijo, no [es] la [mano] dura."),
        ("mano dura", "La Legalización, dijo, no es la [mano] [dura]."),
        ("dijo -mano topic:legalization", "La Legalización, [dijo], no es la mano dura."),
        ("said:dijo", "La Legalización, dijo, no es la mano dura."),
        ("ano", "La Legalización, dijo, no es la mano dura."),
        ("", "La Legalización, dijo, no es la mano dura."),
    ],
)
def test_whole_words_are_marked_as_the_query_compares_them(query, marked):
    assert shown(query, "La Legalización, dijo, no es la mano dura.") == marked


def test_the_stretch_is_where_most_was_found():
    text = "coca " + "and so on " * 200 + "the coca leaf and the coca bush " + "and so on " * 200
    made = excerpt(parse("coca").root, text, ITEM, 120)
    assert [one.text for one in made.pieces if one.found] == ["coca", "coca"]
    assert (made.opens, made.goes_on) == (True, True)


def test_words_are_not_cut():
    text = "wordy " * 400 + "coca " + "wordy " * 400
    assert set(shown("coca", text, 100).split()) == {"wordy", "[coca]"}


def test_one_word_without_an_end_is_cut_all_the_same():
    assert len(shown("", "a" * 10_000, 100)) == 100


def test_a_word_that_folds_to_several_is_marked_whole():
    assert shown("strasse", "die Straße hier") == "die [Straße] hier"


@given(trees, st.text(max_size=400), st.integers(80, 300))
def test_pieces_make_up_a_stretch_of_the_text(tree, text, length):
    made = excerpt(tree, text, ITEM, length)
    assert sum(len(one.text) for one in made.pieces) <= length
    assert "".join(one.text for one in made.pieces).split() <= text.split() or made.opens or made.goes_on
    whole = "".join(one.text for one in marked(tree, text, ITEM).pieces)
    assert "".join(whole.split()) == "".join(text.split())


@given(trees, st.text("abzñß0 中ª,ﬁ", max_size=100))
def test_matches_stand_in_order_and_apart(tree, text):
    spans = found(tree, text, ITEM)
    assert all(start < end <= len(text) for start, end in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_only_so_much_is_looked_at():
    assert not found(parse("coca").root, "x " * LOOKED_AT + "coca", ITEM)
