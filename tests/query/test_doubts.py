"""A query that asks for what nobody knows is answered, and the doubt is said."""

from __future__ import annotations

from pipeline.query import parse
from pipeline.query.doubts import Doubt, doubts

KNOWN = {"topic": {"legalization", "harm reduction", "drug policy"}, "source": {"elpuente"}, "country": {"pe", "co"}}


def test_a_mistyped_topic_is_doubted_and_the_right_one_named() -> None:
    (doubt,) = doubts(parse("topic:legalisation country:PE").root, KNOWN)
    assert doubt == Doubt("topic", "legalisation", ("legalization",))
    assert str(doubt) == "topic:legalisation: no such topic is known; did you mean legalization?"


def test_what_is_known_is_not_doubted_whatever_its_spelling() -> None:
    assert not doubts(parse("topic:Harm-Reduction source:elpuente country:pe lang:xx speaker:nobody").root, KNOWN)


def test_each_is_said_once_wherever_it_stands() -> None:
    query = "NOT topic:x OR (topic:x AND stance:y=against) OR topic:x*"
    assert [(doubt.field, doubt.value) for doubt in doubts(parse(query).root, KNOWN)] == [
        ("topic", "x"),
        ("topic", "y"),
    ]


def test_a_stance_on_a_known_topic_is_none() -> None:
    assert not doubts(parse("stance:legalization=against").root, KNOWN)
