"""Texts cut into pieces: nothing is lost, everything marked is marked, and marks nest."""

from hypothesis import given
from hypothesis import strategies as st

from frontends.web.marking import Piece, Run, paragraphs

TEXT = "She said: legalize it.\nHe said no."
spans = st.tuples(st.integers(-5, 60), st.integers(-5, 60))
texts = st.text("ab \n", max_size=50)
evidence = st.lists(st.tuples(st.sampled_from("xyz"), spans), max_size=8)
said = st.lists(st.tuples(st.integers(1, 3), spans), max_size=8)


def test_evidence_inside_what_was_said_is_one_run_of_three_pieces():
    first, second = paragraphs(TEXT, [("legalization", (10, 18))], [(7, (10, 21))])
    assert first == (
        Run((Piece("She said: "),)),
        Run((Piece("legalize", ("legalization",)), Piece(" it")), (7,), (7,), (7,)),
        Run((Piece("."),)),
    )
    assert second == (Run((Piece("He said no."),)),)


def test_what_overlaps_nests():
    (paragraph,) = paragraphs("abcdef", [("x", (1, 4)), ("y", (3, 6))], [(1, (0, 3)), (2, (2, 5))])
    assert [(run.said, [(one.text, one.topics) for one in run.pieces]) for run in paragraph] == [
        ((1,), [("a", ()), ("b", ("x",))]),
        ((1, 2), [("c", ("x",))]),
        ((2,), [("d", ("x", "y")), ("e", ("y",))]),
        ((), [("f", ("y",))]),
    ]


def test_a_statement_over_two_paragraphs_begins_in_one_and_ends_in_the_other():
    first, second = paragraphs("a\nb", [], [(4, (0, 1)), (4, (2, 3))])
    assert (first[0].begins, first[0].ends) == ((4,), ())
    assert (second[0].begins, second[0].ends) == ((), (4,))


@given(texts, evidence, said)
def test_the_pieces_make_up_the_text(text, evidence, said):
    lines = ["".join(piece.text for run in one for piece in run.pieces) for one in paragraphs(text, evidence, said)]
    assert "\n".join(lines) == text


@given(texts, evidence, said)
def test_every_character_is_marked_by_what_covers_it(text, evidence, said):
    place = 0
    for paragraph in paragraphs(text, evidence, said):
        for run in paragraph:
            for piece in run.pieces:
                for _ in piece.text:
                    assert set(piece.topics) == {name for name, (start, end) in evidence if start <= place < end}
                    assert set(run.said) == {number for number, (start, end) in said if start <= place < end}
                    place += 1
        place += 1


@given(texts, said)
def test_each_statement_begins_once_and_ends_once(text, said):
    runs = [run for paragraph in paragraphs(text, [], said) for run in paragraph]
    for number in {number for run in runs for number in run.said}:
        assert sum(number in run.begins for run in runs) == 1
        assert sum(number in run.ends for run in runs) == 1
