"""What a publisher changed: readable, whole on either side, quick whatever the texts; stamps are no change."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedupe import changes, is_trivial
from pipeline.types import Change

OLD = "El ministro dijo ayer que hay 12 detenidos.\nNada más se supo.\nFin de la nota, según la prefectura."
NEW = "El ministro afirmó ayer que hay 15 detenidos.\nNada más se supo.\nFin de la nota, según la prefectura.\nSigue."


def side(found: Iterable[Change], *ops: str) -> str:
    return "".join(change.text for change in found if change.op in ops)


def test_only_the_changed_words_are_told() -> None:
    found = changes(OLD, NEW)
    assert [change.text.strip() for change in found if change.op == "deleted"] == ["dijo", "12"]
    assert [change.text.strip() for change in found if change.op == "inserted"] == ["afirmó", "15", "Sigue."]


def test_equal_texts_are_one_stretch_and_empty_ones_none() -> None:
    assert changes(OLD, OLD) == (Change("same", OLD),)
    assert changes("", "") == ()
    assert changes("", OLD) == (Change("inserted", OLD),)


def test_a_paragraph_that_moves_leaves_the_others_alone() -> None:
    first, second, third = OLD.split("\n")
    found = changes(OLD, "\n".join([second, third, first]))
    assert second in side(found, "same")
    assert third in side(found, "same")


def test_lone_small_words_do_not_hold_a_rewritten_sentence_together() -> None:
    old, new = "Ayer la casa de Juan ardió y no quedó pared.", "Hoy un barco de remos zarpó y ella iba sola."
    assert len([change for change in changes(old, new) if change.op == "same"]) == 0


PIECES = st.lists(
    st.sampled_from(["la", "ley", "no", "12", "\n", " ", "  ", "dijo", "«que»", "día.", "\u00a0"]), max_size=60
)


@given(PIECES, PIECES)
def test_either_side_can_be_put_together_again(a: list[str], b: list[str]) -> None:
    old, new = "".join(a), "".join(b)
    found = changes(old, new)
    assert side(found, "same", "deleted") == old
    assert side(found, "same", "inserted") == new


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_texts_can_be_put_together_again(old: str, new: str) -> None:
    found = changes(old, new)
    assert (side(found, "same", "deleted"), side(found, "same", "inserted")) == (old, new)


def words(number: int, of: int, seed: int) -> str:
    dice = random.Random(seed)
    return " ".join(f"w{dice.randrange(of)}" for _ in range(number))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("of", [1, 2, 110, 5_000, 10**9])
def test_long_texts_of_few_words_are_told_apart_in_the_end(of: int) -> None:
    """Comparing each of 50,000 words with each would take hours where they are of few kinds."""
    old, new = words(50_000, of, 1), words(50_000, of, 2)
    assert side(changes(old, new), "same", "inserted") == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Actualizado: 14:35", "Actualizado: 16:02"),
        ("Actualizado el 26/06 a las 14h35", ""),
        ("1.204 visitas", "3.977 visitas"),
        ("Hace 3 horas", "Hace 5 horas"),
        ("Updated 2:35 p.m. June 26", "Updated 6:10 p.m. June 26"),
        ("", "12 comentarios"),
    ],
)
def test_a_stamp_is_no_change(old: str, new: str) -> None:
    assert is_trivial(f"{old}\n{OLD}", f"{new}\n{OLD}")
    assert is_trivial(f"{OLD}\n{old}", f"{OLD}\n{new}")


@pytest.mark.parametrize(
    "new",
    [
        OLD.replace("12", "15"),
        OLD.replace("dijo", "negó"),
        OLD + "\nHay 3 heridos.",
        OLD + "\nLa sesión del martes 26 de junio, que empezó a las 14:35, fue suspendida",
        OLD.replace("Nada más se supo.", ""),
        OLD + "\nFe de erratas",
    ],
)
def test_what_a_reader_would_notice_is_a_change(new: str) -> None:
    assert not is_trivial(OLD, new)
