"""The query language: what it reads, what it refuses and where it points."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from querytrees import trees

from pipeline.errors import QueryError
from pipeline.query import parse, unparse
from pipeline.query.ast import (
    FIELDS,
    And,
    Everything,
    HasStance,
    Last,
    Name,
    Near,
    Not,
    Or,
    Text,
    Value,
    Within,
)


def day(year, month, date):
    return datetime(year, month, date, tzinfo=UTC)


def word(written, field="any"):
    return Text(field, (written,))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", Everything()),
        ("  \n", Everything()),
        ("coca", word("coca")),
        ("Legalización", word("legalizacion")),
        ("mano-dura", Text("any", ("mano", "dura"))),
        ('"Mano dura, ¡ya!"', Text("any", ("mano", "dura", "ya"))),
        ("“tough laws”", Text("any", ("tough", "laws"))),
        ("legaliz*", Text("any", ("legaliz",), prefix=True)),
        ('"tough law*"', Text("any", ("tough", "law"), prefix=True)),
        ("a b", And((word("a"), word("b")))),
        ("a AND b", And((word("a"), word("b")))),
        ("a OR b", Or((word("a"), word("b")))),
        ("a OR b c", Or((word("a"), And((word("b"), word("c")))))),
        ("(a OR b) c", And((Or((word("a"), word("b"))), word("c")))),
        ("a (b c)", And((word("a"), word("b"), word("c")))),
        ("NOT a b", And((Not(word("a")), word("b")))),
        ("-a -(b c)", And((Not(word("a")), Not(And((word("b"), word("c"))))))),
        ("NOT -a", Not(Not(word("a")))),
        ("and or not near", And(tuple(map(word, ("and", "or", "not", "near"))))),
        ("anti-drug a-b", And((Text("any", ("anti", "drug")), Text("any", ("a", "b"))))),
        ("10:30", Text("any", ("10", "30"))),
        ("a NEAR/5 b*", Near(word("a"), Text("any", ("b",), prefix=True), 5)),
        ('a NEAR "b c" d', And((Near(word("a"), Text("any", ("b", "c")), 10), word("d")))),
        ("title:(a NEAR/2 b)", Near(word("a", "title"), word("b", "title"), 2)),
        ("title:a", word("a", "title")),
        ("said:(a OR -b)", Or((word("a", "said"), Not(word("b", "said"))))),
        ("topic:alternative-development", Value("topic", "alternative development")),
        ('topic:"Alternative Development"', Value("topic", "alternative development")),
        ("topic:legal*", Value("topic", "legal", prefix=True)),
        ("topic:(a b)", And((Value("topic", "a"), Value("topic", "b")))),
        ("COUNTRY:pe", Value("country", "pe")),
        ("role:Presidente", Value("role", "presidente")),
        ("kind:indirect", Value("kind", "indirect")),
        ("access:Teaser", Value("access", "teaser")),
        ("access:t*", Value("access", "t", prefix=True)),
        ('speaker:"Ollanta Humala"', Name("speaker", ("ollanta", "humala"))),
        ("via:República", Name("via", ("republica",))),
        ("stance:against", HasStance("against")),
        ("stance:alternative-development=for", HasStance("for", "alternative development")),
        ("stance:(for OR mixed)", Or((HasStance("for"), HasStance("mixed")))),
        ("after:2012-06-01", Within("published", day(2012, 6, 1), None)),
        ("before:2012", Within("published", None, day(2012, 1, 1))),
        ("after:2012-06-01T10:00-05:00", Within("published", datetime(2012, 6, 1, 15, tzinfo=UTC), None)),
        ("published:2012", Within("published", day(2012, 1, 1), day(2013, 1, 1))),
        ("published:2012-12", Within("published", day(2012, 12, 1), day(2013, 1, 1))),
        ("seen:2012-02-29", Within("seen", day(2012, 2, 29), day(2012, 3, 1))),
        ("seen:2012-06..2012-07-15", Within("seen", day(2012, 6, 1), day(2012, 7, 16))),
        ("seen:..2012", Within("seen", None, day(2013, 1, 1))),
        ("last:7d", Last("published", 7, "d")),
        ("seen:24h", Last("seen", 24, "h")),
    ],
)
def test_reading(query, tree):
    assert parse(query).root == tree


@pytest.mark.parametrize(
    ("query", "position", "expected"),
    [
        ("topic:", 6, "right after"),
        ("topic: legalization", 6, "right after the colon"),
        ("topic:)", 6, "a value"),
        ("foo:bar", 0, "one of the fields topic"),
        ("https://x.example", 0, "quotation marks"),
        ("(a b", 4, "closing bracket for the one at character 1"),
        ("a )", 2, "the end of the query"),
        ("()", 1, "a word, a phrase"),
        ('a "b c', 2, "a closing quotation mark"),
        ('""', 0, "letters or digits"),
        ("a &", 2, "letters or digits"),
        ("a*b", 1, "* only at the end"),
        ('"a* b"', 2, "* only at the end"),
        ("*", 0, "a word before *"),
        ('"a *"', 0, "a word before *"),
        ("OR a", 0, "a word, a phrase"),
        ("a AND", 5, "a word, a phrase"),
        ("a OR OR b", 5, "a word, a phrase"),
        ("NOT", 3, "a word, a phrase"),
        ("- a", 2, "right after the -"),
        ("a NEAR/x b", 7, "a number of words"),
        ("a NEAR/3", 8, "a word, a phrase"),
        ("a NEAR/3 (b c)", 9, "on both sides of NEAR"),
        ("title:a NEAR/3 b", 0, "on both sides of NEAR"),
        ("topic:(a NEAR/3 b)", 7, "on both sides of NEAR"),
        ("a NEAR/3 b NEAR/3 c", 11, "one NEAR"),
        ("topic:(a source:b)", 9, "a value of topic"),
        ("access:paid", 7, "one of open, teaser"),
        ("kind:question", 5, "one of direct"),
        ("stance:pro", 7, "one of for, against"),
        ("stance:=for", 7, "topic="),
        ("last:7", 5, "24h, 7d or 2w"),
        ("last:0d", 5, "24h, 7d or 2w"),
        ("after:2012-13", 6, "a date like"),
        ("after:yesterday", 6, "a date like"),
        ("published:2012-02-30", 10, "a date like"),
        ("published:2012-06-01T10:00Z", 10, "a day, month or year"),
        ("published:..", 10, "before or after .."),
        ("published:2013..2012", 10, "earlier to later"),
        ("(" * 60 + "a" + ")" * 60, 50, "at most 50"),
        ("-" * 60 + "a", 50, "at most 50"),
        ("a" * 20_001, 0, "at most 20000"),
        ("a " * 401, 800, "at most 400 words and other conditions"),
    ],
)
def test_refusing(query, position, expected):
    with pytest.raises(QueryError) as refused:
        parse(query)
    assert refused.value.position == position
    assert expected in refused.value.expected
    if len(query) < 100:
        assert str(refused.value).endswith(f"  {query}\n  {' ' * position}^")


def test_a_wrong_field_is_told_all_fields():
    with pytest.raises(QueryError) as refused:
        parse("tpic:legalization")
    assert all(field in refused.value.expected for field in FIELDS)


@given(trees)
def test_what_is_written_reads_as_what_was_meant(tree):
    assert parse(unparse(tree)).root == tree


PIECES = [*FIELDS, *':()"-*“”/=.& \n', "AND", "OR", "NOT", "NEAR/3", "a", "ñ", "2012-06", "..", "7d", "for", "\u0301"]


@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("seen:٢٠١٢")
@example("last:²d")
@example("seen:2012-06-01T24:00Z")
@example("a NEAR/٣ b")
@example("after:2099-12-31T23:59-14:00")
def test_nothing_but_a_query_error_comes_of_any_text(query):
    try:
        tree = parse(query).root
    except QueryError as error:
        refused = error
    else:
        assert parse(unparse(tree)).root == tree
        return
    assert 0 <= refused.position <= len(query)
