"""Which conditions of a query were met, and whose sides count for a rule."""

from datetime import UTC, datetime

import pytest

from pipeline.alerts.grounds import met, sides_of, widened
from pipeline.query import Record, parse, unparse

NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)
SIDES = {"legalization": "for", "harm-reduction": "against", "treatment": "unclear"}


def test_met_names_what_holds_and_nothing_that_must_not():
    record = Record("statement", fields={"topic": ("legalization", "drug-policy"), "role": ("minister",)})
    query = parse("topic:legalization (role:president OR role:minister) -lang:pt")
    assert [unparse(one) for one in met(query, record, NOW)] == ["topic:legalization", "role:minister"]


@pytest.mark.parametrize(
    ("query", "topics"),
    [
        ("topic:legalization", {"legalization"}),
        ("topic:harm-reduction country:PE", {"harm-reduction"}),
        ("topic:(legalization OR treatment)", {"legalization", "treatment"}),
        ("stance:harm-reduction=against", {"harm-reduction"}),
        ("topic:leg*", {"legalization"}),
        ("country:PE", set(SIDES)),
        ("country:PE -topic:treatment", set(SIDES)),
        ("topic:drug-policy topic:treatment", set(SIDES)),
        ("topic:eradication", set()),
    ],
)
def test_sides_count_on_topics_that_the_query_names(query, topics):
    assert sides_of(parse(query), SIDES) == {topic: SIDES[topic] for topic in topics}


@pytest.mark.parametrize(
    ("query", "wide"),
    [
        ("last:2d", ""),
        ("x last:2d", "x"),
        ("x y last:2d", "x y"),
        ("x -(y last:2d)", "x"),
        ("x (y OR last:2d)", "x"),
        ("x OR (y last:2d)", "x OR y"),
        ("x -y after:2012", "x -y after:2012"),
    ],
)
def test_what_counts_back_is_left_out_of_a_wider_query(query, wide):
    assert widened(parse(query).root) == parse(wide).root
