"""Folding: the same words compare equal, and every folded stretch leads back to the code points it came from."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.text import fold, words

LETTERS = "aábcñeéßﬁİıΣςǅ½ªº™中०1 \n.,-'’“”…—\u0301\u0327\u00ad\u200d\u00a0_🙂"
SPLIT = unicodedata.normalize("NFD", "La legalización, dijo")
texts = st.one_of(st.text(alphabet=LETTERS, max_size=60), st.text(max_size=60))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Legalización, ¡YA!", " legalizacion ya "),
        ("mano-dura d'Hondt", " mano dura d hondt "),
        ("Straße ﬁn İstanbul", " strasse fin istanbul "),
        ("le\u00adga\u00adli\u00adzar", " legalizar "),
        ("snake_case", " snake case "),
        ("n.º 2.500", " n o 2 500 "),
        ("", " "),
        ("¿…?", " "),
    ],
)
def test_folding(text, folded):
    assert fold(text).text == folded
    assert words(text) == folded.split()


def test_composed_and_decomposed_fold_alike():
    text = "decisión política às vezes São Tomé"
    assert fold(unicodedata.normalize("NFD", text)).text == fold(text).text


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("La «legalización», dijo", "legalizacion", "legalización"),
        (
            unicodedata.normalize("NFD", "La legalización, dijo"),
            "legalizacion",
            unicodedata.normalize("NFD", "legalización"),
        ),
        ("die Straße dort", "strasse", "Straße"),
        ("ein ﬁnes Wort", "fines", "ﬁnes"),
        ("in İstanbul now", "istanbul", "İstanbul"),
        ("½ kilo", "kilo", "kilo"),
        ("½ kilo", "1", "½"),
        ("le\u00adgal now", "legal", "le\u00adgal"),
    ],
)
def test_a_word_is_found_where_it_stands(text, word, original):
    folded = fold(text)
    start = folded.text.index(word)
    begin, end = folded.span(start, start + len(word))
    assert text[begin:end] == original


def test_part_of_a_ligature_is_the_whole_ligature():
    folded = fold("ﬁn")
    assert folded.span(1, 2) == folded.span(2, 3) == (0, 1)


def test_spaces_around_a_word_stay_outside():
    folded = fold("  — mano   dura —")
    assert folded.text == " mano dura "
    assert folded.span(0, len(folded.text)) == (4, 15)
    assert folded.span(0, 1) == (4, 4)


def test_words_are_numbered():
    folded = fold("uno, dos... tres")
    assert [folded.word_index(folded.text.index(word)) for word in ("uno", "dos", "tres")] == [0, 1, 2]


@pytest.mark.parametrize("span", [(-1, 2), (2, 1), (0, 99)])
def test_a_span_outside_the_text_is_refused(span):
    with pytest.raises(ValueError, match="expected 0 <= start <= end"):
        fold("uno dos").span(*span)


@given(texts)
@example("\u0301")
@example("a\u0301\u0301 ")
def test_folding_twice_changes_nothing(text):
    once = fold(text).text
    assert fold(once).text == once
    assert words(text) == once.split()


@given(texts)
def test_shape(text):
    folded = fold(text).text
    assert folded == " " or (folded[0] == folded[-1] == " " and "  " not in folded)
    assert all(char == " " or char.isalnum() for char in folded)


@given(texts, texts)
def test_case_and_composition_make_no_difference(left, right):
    text = left + " " + right
    for form in ("NFC", "NFD"):
        assert words(unicodedata.normalize(form, text)) == words(unicodedata.normalize("NFD", text))


@given(texts, st.data())
def test_a_folded_stretch_folds_from_its_own_original(text, draw):
    folded = fold(text)
    start = draw.draw(st.integers(0, len(folded.text)))
    end = draw.draw(st.integers(start, len(folded.text)))
    begin, finish = folded.span(start, end)
    assert 0 <= begin <= finish <= len(text)
    # a character that folds to several is never cut, so the original may fold to a little more
    assert folded.text[start:end].strip() in fold(text[begin:finish]).text


@given(texts)
def test_words_lie_in_order_and_apart(text):
    folded = fold(text)
    position, last = 0, 0
    for word in folded.text.split():
        position = folded.text.index(f" {word} ", max(position - 1, 0)) + 1
        begin, end = folded.span(position, position + len(word))
        assert begin < end
        # ½ folds to two words that share their original
        assert begin >= last or text[begin : begin + 1] not in fold(text[begin : begin + 1]).text
        last, position = end, position + len(word)


@given(texts, st.data())
def test_the_words_within_a_stretch_are_those_that_begin_in_it(text, draw):
    folded = fold(text)
    start = draw.draw(st.integers(0, len(text)))
    end = draw.draw(st.integers(start, len(text)))
    expected, position = [], 1
    for word in folded.text.split():
        if start <= folded.span(position, position + 1)[0] < end:
            expected.append(word)
        position += len(word) + 1
    first, last = folded.within(start, end)
    assert folded.text[first:last].split() == expected


def test_a_stretch_of_the_original_is_found_in_the_fold():
    text = "«No», dijo: la «legalización»  es… ﬁn."
    start = text.index("la «")
    first, last = fold(text).within(start, text.index("es…") + 3)
    assert fold(text).text[first:last] == "la legalizacion es"
