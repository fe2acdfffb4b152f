"""Sentences of ours are said in other languages, values and all; other texts are left as they are."""

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from pipeline.wording import joined, shape, worded

SPANISH = {"{n} of them": "{n} de ellos", "expected {what}": "se esperaba {what}"}
#: what no template of ours has around its values
values = st.text(string.ascii_letters + string.digits + " ", min_size=1).map(str.strip).filter(bool)


def spanish(template):
    return SPANISH.get(template, template)


def test_a_sentence_is_english_until_it_is_said_otherwise():
    sentence = worded("expected {what}", what=worded("{n} of them", n=3))
    assert str(sentence) == "expected 3 of them"
    assert sentence.said(spanish) == "se esperaba 3 de ellos"


def test_a_value_may_hold_braces():
    assert str(worded("expected {what}", what="{n}")) == "expected {n}"


def test_clauses_make_one_sentence():
    assert joined(worded("{n} of them", n=3), worded("expected {what}", what="4")) == "3 of them; expected 4"


@given(values, values)
def test_a_sentence_is_known_by_its_shape_and_gives_its_values_back(number, days):
    template = "{number} new (titles) in {days} days."
    match = shape(template).fullmatch(str(worded(template, number=number, days=days)))
    assert match is not None
    assert template.format(**match.groupdict()) == template.format(number=number, days=days)


def test_another_sentence_has_another_shape():
    assert not shape("{n} of them").fullmatch("3 of those")
    assert not shape("a.c").fullmatch("abc"), "what stands in a template is no pattern"
    assert re.compile(shape("{n} of them")).fullmatch("3 of them").groupdict() == {"n": "3"}
