"""Links that narrow a query and widen it again: the tree is right, and what its author wrote stays where it can."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from querytrees import trees

from pipeline.errors import QueryError
from pipeline.query import parse, unparse
from pipeline.query.ast import And, Everything, Name, Value, Within, all_of
from pipeline.query.narrow import MOST, between, conditions, narrowed

COCA = Value("topic", "eradication")


def day(number):
    return datetime(2012, 6, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "wider"),
    [
        ("", "topic:eradication"),
        ("  Coca ", "Coca topic:eradication"),
        ("coca OR Amapola", "(coca OR Amapola) topic:eradication"),
        ("Coca NEAR/3 hoja", "Coca NEAR/3 hoja topic:eradication"),
        ("a topic:Eradication", "a topic:Eradication"),
    ],
)
def test_one_condition_more_leaves_the_rest_as_it_was_written(query, wider):
    assert narrowed(query, COCA) == wider


def test_several_words_of_a_name_stay_together():
    assert narrowed("x", Name("speaker", ("ollanta", "humala"))) == 'x speaker:"ollanta humala"'


@given(trees, trees)
def test_narrowed_asks_for_both(tree, other):
    assume(not isinstance(other, And | Everything))
    query = narrowed(unparse(tree), other)
    held = tree.parts if isinstance(tree, And) else () if isinstance(tree, Everything) else (tree,)
    assert parse(query).root == (tree if other in held else all_of([*held, other]))


@given(trees)
def test_each_condition_can_be_taken_away(tree):
    found = conditions(unparse(tree))
    for place, one in enumerate(found):
        rest = [other.node for other in found if other is not one]
        assert parse(one.without).root == (all_of(rest) if rest else Everything()), place


def test_what_is_taken_away_leaves_the_rest_as_it_was_written():
    found = conditions("Coca topic:(eradication OR Treatment)  “Mano dura” -after:2012")
    assert [one.without for one in found] == [
        "topic:(eradication OR Treatment)  “Mano dura” -after:2012",
        "Coca “Mano dura” -after:2012",
        "Coca topic:(eradication OR Treatment) -after:2012",
        "Coca topic:(eradication OR Treatment)  “Mano dura”",
    ]


def test_a_period_takes_the_place_of_another():
    june = Within("published", day(1), day(30))
    assert between("coca last:7d", june) == "coca published:2012-06-01..2012-06-29"
    assert between("coca after:2012 seen:2012-06", june) == "coca seen:2012-06 published:2012-06-01..2012-06-29"


def test_a_query_that_cannot_be_read_is_refused():
    with pytest.raises(QueryError):
        narrowed("coca (", COCA)


def test_a_query_of_a_program_is_not_taken_apart():
    long = " ".join(f"w{number}" for number in range(MOST + 1))
    assert conditions(long) == ()
    assert narrowed(long, COCA) == f"{long} topic:eradication"
