"""For or against, and unclear rather than wrong."""

from __future__ import annotations

import pytest

LEGAL, LINE = "legalization", "enforcement-policy"
CASES = [
    ("en", "Ana Quiroz called for legalization.", LEGAL, "for"),
    ("en", "Ana Quiroz rejected legalization.", LEGAL, "against"),
    ("en", "Ana Quiroz said that legalization is the solution.", LEGAL, "for"),
    ("en", "Ana Quiroz said that legalization would be madness.", LEGAL, "against"),
    ("en", "Ana Quiroz said she does not support legalization.", LEGAL, "against"),
    ("en", "Ana Quiroz said that tough laws alone weren't enough.", LINE, "against"),
    ("en", "Ana Quiroz branded the war on drugs a failure.", LINE, "against"),
    ("en", "Ana Quiroz said that legalization is on the agenda.", LEGAL, "unclear"),
    ("en", "Ana Quiroz said legalization is not a failure.", LEGAL, "unclear"),
    ("es", "Ana Quiroz pidió la legalización.", LEGAL, "for"),
    ("es", "Ana Quiroz rechazó la legalización.", LEGAL, "against"),
    ("es", "Ana Quiroz dijo que la legalización sería una locura.", LEGAL, "against"),
    ("es", "Ana Quiroz dijo que está a favor de la legalización.", LEGAL, "for"),
    ("es", "Ana Quiroz dijo que la mano dura ha fracasado.", LINE, "against"),
    ("es", "Ana Quiroz dijo que la legalización se debatirá mañana.", LEGAL, "unclear"),
    ("pt", "Ana Quiroz rejeitou a legalização.", LEGAL, "against"),
    ("pt", "Ana Quiroz disse que a legalização seria uma loucura.", LEGAL, "against"),
    ("pt", "Ana Quiroz disse que é a favor da legalização.", LEGAL, "for"),
    ("pt", "Ana Quiroz disse que a linha dura fracassou.", LINE, "against"),
    ("pt", "Ana Quiroz disse que a legalização será debatida amanhã.", LEGAL, "unclear"),
    ("en", "“I will not legalise drugs,” said Ana Quiroz.", LEGAL, "against"),
    ("en", "Ana Quiroz said no to legalisation.", LEGAL, "against"),
    ("en", "Ana Quiroz rejected calls to legalise drugs.", LEGAL, "against"),
    ("en", "Ana Quiroz denied that legalization had been a mistake.", LEGAL, "for"),
    ("es", "Ana Quiroz negó que la legalización haya fracasado.", LEGAL, "for"),
    ("pt", "Ana Quiroz negou que a legalização tenha sido um erro.", LEGAL, "for"),
    ("en", "Ana Quiroz said regulation is better than the war on drugs.", LINE, "against"),
    ("en", "“Should we legalise drugs?” asked Ana Quiroz.", LEGAL, "unclear"),
    ("en", "Ana Quiroz said legalisation would free the courts for people who do harm to others.", LEGAL, "unclear"),
    ("en", "Ana Quiroz said countries should not legalise cannabis.", LEGAL, "against"),
    ("en", "Ana Quiroz said legalization is part of the fight against crime.", LEGAL, "unclear"),
    ("es", "«No legalizaremos las drogas», dijo Ana Quiroz.", LEGAL, "against"),
    ("es", "Ana Quiroz dijo que los países le dan tiempo a la legalización.", LEGAL, "unclear"),
    ("es", "Ana Quiroz dijo que la legalización es parte de la lucha contra la delincuencia.", LEGAL, "unclear"),
    ("pt", "“Não legalizaremos as drogas”, disse Ana Quiroz.", LEGAL, "against"),
]


@pytest.mark.parametrize(("lang", "text", "topic", "stance"), CASES)
def test_the_side_a_statement_takes(find, lang, text, topic, stance):
    [report] = find(text, lang)
    assert report.stance == {topic: stance}


def test_words_without_a_topic_take_the_nearest_one_before_them(find):
    text = "Peru has not joined calls for legalization, with Ana Quiroz stating that such a move would be madness."
    [report] = find(text, "en")
    assert report.stance == {LEGAL: "against"}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        (
            "en",
            "Peru has not joined calls for legalization. Ana Quiroz said this year that such a move would be madness.",
        ),
        (
            "en",
            "Guatemala called for legalization. Peru did not join those calls. That step is madness, said Ana Quiroz.",
        ),
        ("es", "El Perú no pide la legalización. Ana Quiroz afirmó este año que dar ese paso sería «una locura»."),
        ("pt", "O Peru não pede a legalização. Ana Quiroz declarou que uma medida assim seria “uma loucura”."),
    ],
)
def test_words_that_point_back_take_the_topic_of_the_sentence_before(find, lang, text):
    assert find(text, lang)[-1].stance == {LEGAL: "against"}


def test_words_that_do_not_point_back_have_no_topic_of_another_sentence(find):
    report = find("Peru has not joined calls for legalization. Ana Quiroz said that breakfast was a failure.", "en")[-1]
    assert report.topics == ()


def test_a_demand_for_something_else_is_no_side(find):
    [report] = find("After the debate on legalization, Ana Quiroz called for more schools in the valley.", "en")
    assert report.stance == {LEGAL: "unclear"}


def test_for_one_thing_and_against_another(find):
    [report] = find('Ana Quiroz said: "We need legalization. The war on drugs is a failure."', "en")
    assert report.stance == {LEGAL: "for", LINE: "against"}


def test_no_topic_no_stance(find):
    [report] = find("Ana Quiroz said that breakfast was a failure.", "en")
    assert (report.topics, report.stance) == ((), {})


def test_what_is_to_be_done_instead_and_what_not(find):
    [report] = find("Ana Quiroz called for legalization instead of tough laws.", "en")
    assert report.stance == {LEGAL: "for", LINE: "against"}
