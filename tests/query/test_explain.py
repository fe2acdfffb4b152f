"""A query says in a sentence what it will find."""

import pytest
from hypothesis import given, settings
from querytrees import trees

from pipeline.query import explain, parse

ENGLISH = {
    "": "Everything.",
    "coca": "Everything that contains the word “coca”.",
    '"mano dura"': "Everything that contains the phrase “mano dura”.",
    "legaliz*": "Everything that contains a word beginning with “legaliz”.",
    "topic:legalization -country:pe": (
        "Everything that is on the topic “legalization”, and does not concern the country “PE”."
    ),
    "title:coca OR said:coca": (
        "Everything that either has the word “coca” in the title or has the word “coca” in what was said."
    ),
    "-(a b)": "Everything that either does not contain the word “a” or does not contain the word “b”.",
    "-(a OR -b)": "Everything that does not contain the word “a”, and contains the word “b”.",
    "stance:legalization=against": "Everything that takes a stance against “legalization”.",
    "leyes NEAR/3 drogas": (
        "Everything that contains the word “leyes” and the word “drogas” with at most 3 words between them."
    ),
    "last:1d": "Everything that was published in the last day.",
    "seen:2012-06-01..": "Everything that was first seen on or after 2012-06-01.",
}
SPANISH = {
    "": "Todo.",
    'speaker:"Rosa Quispe" last:7d': (
        "Todo lo que recoge a alguien llamado “rosa quispe”, y fue publicado en los últimos 7 días."
    ),
    "a (b OR c)": "Todo lo que contiene la palabra “a”, y (o bien contiene la palabra “b” o contiene la palabra “c”).",
    "-stance:against": "Todo lo que no toma postura en contra de algún tema.",
}


@pytest.mark.parametrize(("query", "sentence"), ENGLISH.items())
def test_in_english(query, sentence):
    assert parse(query).explain() == sentence


@pytest.mark.parametrize(("query", "sentence"), SPANISH.items())
def test_in_spanish(query, sentence):
    assert parse(query).explain("es") == sentence


@given(trees)
@settings(max_examples=60)
def test_every_query_has_its_sentence(tree):
    for lang in ("en", "es"):
        sentence = explain(tree, lang)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert sentence.count("(") == sentence.count(")")


def test_values_of_one_field_are_listed() -> None:
    query = parse("topic:(legalization OR treatment OR prevention) AND role:(president OR minister)")
    assert query.explain() == (
        "Everything that is on the topic “legalization”, “treatment” or “prevention”, "
        "and has a speaker in the role “president” or “minister”."
    )
    assert "del tema “coca” o “opio”" in parse("topic:(coca OR opio)").explain("es")


def test_values_go_by_their_names_where_they_have_some() -> None:
    names = {("topic", "harm reduction"): "Reducción de daños", ("country", "pe"): "Perú"}
    query = parse("topic:harm-reduction stance:harm-reduction=for country:(PE OR X*) topic:other")
    assert explain(query.root, "es", lambda field, value: names.get((field, value))) == (
        "Todo lo que trata del tema “Reducción de daños”, y toma postura a favor de “Reducción de daños”, y se refiere"
        " al país “Perú” o que empieza por “X”, y trata del tema “other”."
    )
