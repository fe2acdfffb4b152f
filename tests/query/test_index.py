"""Few of many rules are asked of a record; test_backends.py shows that none is left out that would fire."""

from __future__ import annotations

import pytest

from pipeline.query import Index, Record, parse
from pipeline.query.terms import terms

ITEM = Record(
    "item",
    fields={"topic": ("legalization", "drug-policy"), "country": ("PE",), "lang": ("es",), "source": ("el-faro",)},
    names={"speaker": ("Rosa Quispe",)},
    texts={
        "title": (tuple(terms("Cumbre en Lima")),),
        "text": (tuple(terms("El Gobierno pide cultivos legales y leyes duras.")),),
        "said": (tuple(terms("leyes duras")),),
    },
    stance={"legalization": ("against",)},
)


def asked(*queries: str) -> list[int]:
    return Index(parse(query).root for query in queries).candidates(ITEM)


@pytest.mark.parametrize(
    "query",
    [
        "cultivos",
        "cultiv*",
        '"leyes duras"',
        "leyes NEAR/2 duras",
        "title:cumbre",
        "said:duras",
        "topic:legalization",
        "topic:legal*",
        "topic:drug-policy",
        "source:el-faro",
        "speaker:quispe",
        'speaker:"quispe ro*"',
        "stance:against",
        "stance:legalization=against",
        "absent OR cumbre",
        "NOT absent",
        "NOT cumbre",
        "last:7d",
        "cumbre -absent last:7d",
        "topic:legalization (absent OR NOT absent)",
    ],
)
def test_a_rule_that_may_be_met_is_asked(query):
    assert asked(query) == [0]


@pytest.mark.parametrize(
    "query",
    [
        "absent",
        "absen*",
        '"leyes absent"',
        "topic:legalization absent",
        "title:gobierno",
        "said:gobierno",
        "country:MX OR country:CO",
        "speaker:rosas",
        "stance:eradication=against",
        "absent last:7d",
        "absent NEAR/2 leyes",
    ],
)
def test_a_rule_that_cannot_be_met_is_not_asked(query):
    assert asked(query) == []


def test_rules_come_in_their_order_each_once():
    assert asked("gobierno OR cumbre", "absent", "cumbre", "-absent", "gobierno") == [0, 2, 3, 4]


def test_many_rules_on_one_topic_are_told_apart_by_what_else_they_ask():
    countries = [f"topic:legalization country:{first}{second}" for first in "PQR" for second in "ABCDEFG"]
    assert asked(*countries) == [countries.index("topic:legalization country:PE")]


def test_a_thousand_rules_on_speakers_cost_the_one_that_is_named():
    rules = [f'speaker:"name{number} quispe"' for number in range(1000)]
    assert asked(*rules, 'speaker:"rosa quispe"') == [1000]
