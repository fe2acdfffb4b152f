"""docs/query.md shows every field, and every query it shows can be read."""

import re
from pathlib import Path

import pytest

from pipeline.errors import QueryError
from pipeline.query import parse
from pipeline.query.ast import FIELDS

PAGE = (Path(__file__).parents[2] / "docs" / "query.md").read_text("utf-8")
SHOWN = sorted({code for code in re.findall(r"`([^`\n]+)`", PAGE) if ":" in code and "…" not in code})


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_shown(field):
    assert re.search(rf"`{field}(`|:)", PAGE)


@pytest.mark.parametrize("query", [code for code in SHOWN if not code.startswith(("field:", '"'))])
def test_every_query_shown_can_be_read(query):
    parse(query)


def test_the_mistake_shown_is_the_one_made():
    with pytest.raises(QueryError) as refused:
        parse("topic: legalization")
    assert str(refused.value) in PAGE
