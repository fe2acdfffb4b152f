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
]


@pytest.mark.parametrize(("lang", "text", "topic", "stance"), CASES)
def test_the_side_a_statement_takes(find, lang, text, topic, stance):
    [report] = find(text, lang)
    assert report.stance == {topic: stance}


def test_words_without_a_topic_take_the_nearest_one_before_them(find):
    text = "Peru has not joined calls for legalization, with Ana Quiroz stating that such a move would be madness."
    [report] = find(text, "en")
    assert report.stance == {LEGAL: "against"}


def test_for_one_thing_and_against_another(find):
    [report] = find('Ana Quiroz said: "We need legalization. The war on drugs is a failure."', "en")
    assert report.stance == {LEGAL: "for", LINE: "against"}


def test_no_topic_no_stance(find):
    [report] = find("Ana Quiroz said that breakfast was a failure.", "en")
    assert (report.topics, report.stance) == ((), {})
