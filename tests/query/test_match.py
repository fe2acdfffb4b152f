"""Asking a query of a record in memory."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.query import Record, matches, parse
from pipeline.query.ast import Near, Text
from pipeline.query.match import matches as node_matches
from pipeline.text import words

NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)


def texts(*written):
    return tuple(tuple(words(text)) for text in written)


ITEM = Record(
    "item",
    fields={
        "topic": ("alternative-development", "enforcement-policy"),
        "source": ("el-heraldo",),
        "country": ("PE", "CO"),
        "lang": ("es",),
        "role": ("Presidente", "ministra de Salud"),
        "kind": ("direct", "indirect"),
    },
    names={"speaker": ("Rosa Quispe Mamani", "José Núñez"), "via": ("Agencia Cóndor",)},
    texts={
        "title": texts("Cumbre en Lima: más desarrollo alternativo"),
        "text": texts("El Gobierno pide cultivos legales. Las leyes duras, dijo, no bastan."),
        "said": texts("Las leyes duras no bastan", "Vamos a erradicar la coca"),
    },
    published=datetime(2012, 6, 25, 9, tzinfo=UTC),
    seen=datetime(2012, 6, 25, 10, tzinfo=UTC),
    stance={"enforcement-policy": ("against", "mixed"), "eradication": ("for",)},
)
STATEMENT = Record(
    "statement",
    fields={"topic": ("legalization",), "kind": ("direct",)},
    names={"speaker": ("Rosa Quispe",)},
    texts={"said": texts("Sería una locura")},
    stance={"legalization": ("against",)},
)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "cumbre",
        "MÁS",
        "desarroll*",
        '"leyes duras"',
        'said:"duras no bast*"',
        "said:(leyes -legales)",
        "title:lima",
        "text:gobierno",
        "said:erradicar",
        "leyes NEAR/3 bastan",
        "bastan NEAR/3 leyes",
        '"desarrollo alternativo" NEAR/0 mas',
        "leyes NEAR leyes",
        "topic:alternative-development",
        'topic:"Alternative Development"',
        "topic:enforce*",
        "source:el-heraldo",
        "country:pe lang:ES",
        "role:presidente",
        'role:"ministra de salud"',
        "role:ministra*",
        "kind:direct",
        "speaker:nunez",
        'speaker:"Mamani Rosa"',
        'speaker:"rosa qui*"',
        "via:condor",
        "stance:mixed",
        "stance:eradication=for",
        "after:2012-06-25 before:2012-06-26",
        "after:2012-06-25T09:00Z",
        "published:2012",
        "seen:2012-06-25",
        "last:2d",
        "last:27h",
        "NOT topic:legalization",
        "lima OR bogota",
        "-bogota",
    ],
)
def test_an_item_that_meets_it(query):
    assert matches(parse(query), ITEM, NOW)


@pytest.mark.parametrize(
    "query",
    [
        "bogota",
        "desarroll",
        '"duras leyes"',
        '"alternativo el"',  # the title's end and the text's beginning are not next to each other
        '"bastan vamos"',  # nor are two statements
        'said:"bastan vamos"',
        "title:gobierno",
        "erradicar",  # said is searched by name only: its words are in the text when they were reported there
        "leyes NEAR/2 bastan",
        "cumbre NEAR/50 gobierno",
        "topic:alternative",
        "role:ministra",
        'speaker:"rosa nunez"',  # two names
        "speaker:ros",
        "stance:eradication=against",
        "stance:unclear",
        "after:2012-06-26",
        "before:2012-06-25",
        "before:2012-06-25T09:00Z",
        "last:26h",
        "seen:2012-06-24",
        "topic:enforcement-policy -lima",
        "NOT lima",
    ],
)
def test_an_item_that_does_not(query):
    assert not matches(parse(query), ITEM, NOW)


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("locura", True),
        ("quispe", True),  # bare words look at the speaker too
        ("quispe locura", True),
        ('"locura rosa"', False),
        ("stance:legalization=against", True),
        ("title:locura", False),
        ("text:locura", False),
        ("after:1990", False),
        ("before:2090", False),
        ("-after:1990", True),
        ("last:9999w", False),
        ("source:x", False),
        ("-source:x", True),
    ],
)
def test_a_statement_and_what_it_has_none_of(query, met):
    assert matches(parse(query), STATEMENT, NOW) is met


def test_last_includes_its_first_moment():
    record = Record("item", published=NOW - timedelta(days=7))
    assert matches(parse("last:7d"), record, NOW)
    assert not matches(parse("last:7d"), record, NOW + timedelta(microseconds=1))


letters = st.sampled_from(["a", "ab", "abc", "b", "c"])
phrases = st.tuples(st.lists(letters, min_size=1, max_size=3).map(tuple), st.booleans())


def _starts(text, phrase, prefix):
    def fits(at):
        *closed, last = phrase
        piece = text[at : at + len(phrase)]
        if len(piece) < len(phrase) or list(piece[:-1]) != closed:
            return False
        return piece[-1].startswith(last) if prefix else piece[-1] == last

    return [at for at in range(len(text)) if fits(at)]


@given(st.lists(letters, max_size=8).map(tuple), phrases, phrases, st.integers(0, 4))
def test_phrases_and_near_mean_what_their_definition_says(text, left, right, within):
    record = Record("item", texts={"title": (text,)})
    one, other = _starts(text, *left), _starts(text, *right)
    assert node_matches(Text("title", *left), record, NOW) == bool(one)
    near = any((b - (a + len(left[0])) if a <= b else a - (b + len(right[0]))) <= within for a in one for b in other)
    assert node_matches(Near(Text("title", *left), Text("title", *right), within), record, NOW) == near
