"""Where things stand in an article."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import fold
from pipeline.topics.layout import LEAD_WORDS, Layout
from pipeline.topics.weighing import LEAD, TAIL, TITLE

WORD = st.sampled_from(["uno", "dos", "tres", "cuatro", "cincuenta"])
WORDS = st.lists(WORD, max_size=5) | st.lists(WORD, min_size=40, max_size=90)


def layout(title, text):
    return Layout(fold(title), fold(text))


@given(WORDS, WORDS, st.data())
def test_near_a_word_are_thirty_five_before_it_and_as_many_from_it_on(title, text, data):
    laid, words = layout(" ".join(title), " ".join(text)), [*title, *text]
    assert (laid.words, laid.words_of_all) == (len(text), len(words))
    if words:
        at = data.draw(st.integers(0, len(words) - 1))
        # each word and the space before it; behind the title there are two
        start = 1 + sum(len(word) + 1 for word in words[:at]) + (at >= len(title))
        assert laid.near(start) == [word[:5] for word in words[max(at - 35, 0) : at + 35]]


@pytest.mark.parametrize(
    ("title", "text", "places"),
    [
        ("one", "word " * (LEAD_WORDS + 1), {0: TITLE, 1: LEAD, LEAD_WORDS: LEAD, LEAD_WORDS + 1: TAIL}),
        ("", "word " * LEAD_WORDS, {0: TITLE, LEAD_WORDS - 1: TITLE}),  # a message is all title
        ("", "word " * (LEAD_WORDS + 1), {0: LEAD, LEAD_WORDS: TAIL}),
    ],
)
def test_the_title_the_first_sixty_words_and_the_rest_weigh_differently(title, text, places):
    laid = layout(title, text)
    whole = laid.title.text + laid.text.text
    starts = [at for at, char in enumerate(whole) if char != " " and whole[at - 1] == " "]
    assert {word: laid.place(starts[word]) for word in places} == places


@given(WORDS, WORDS)
def test_evidence_leads_back_to_the_words_it_was_found_in(title, text):
    laid = layout(" ".join(title), " ".join(text))
    whole = laid.title.text + laid.text.text
    for at, char in enumerate(whole):
        if char != " " and whole[at - 1] == " ":
            span = at, whole.index(" ", at)
            found = laid.evidence(span)
            original = (laid.title if found.where == "title" else laid.text).original
            assert original[slice(*found.span)] == whole[slice(*span)]
            assert laid.span_of(found.where, found.span) == span
