"""Lines at either end of a text, and texts without those that are known to be repeated."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedupe import edges, without

BODY = "\n".join(f"Párrafo número {at} de una noticia sobre la cosecha de hoja en el valle alto." for at in range(20))
LETTER = "Suscríbete a nuestro boletín y recibe lo mejor del día."


def test_known_lines_are_left_out_wherever_they_stand() -> None:
    known = edges(LETTER)
    assert without(f"{LETTER}\n{BODY}\n{LETTER}", known) == BODY


def test_a_line_is_known_by_its_words_however_it_is_set() -> None:
    assert without(f"{BODY}\n{LETTER.upper()}!", edges(LETTER)) == BODY


def test_lines_of_the_middle_and_of_few_words_are_not_looked_at() -> None:
    lines = BODY.split("\n")
    found = edges(BODY)
    assert len(found) == 8
    assert found == edges("\n".join([*lines[:2], *lines[-6:]]))
    assert edges("Lea también\nY aquí\n") == frozenset()


def test_a_text_of_little_but_boilerplate_is_compared_whole() -> None:
    brief = f"{LETTER}\nUna nota breve de pocas palabras.\n{LETTER}"
    assert without(brief, edges(LETTER)) == brief


@given(st.text(max_size=300))
def test_nothing_known_changes_nothing(text: str) -> None:
    assert without(text, frozenset()) == text
