"""Hypothesis strategies for queries: `trees` gives any tree that a query can mean."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import strategies as st

from pipeline.query.ast import (
    And,
    Everything,
    HasStance,
    Last,
    Name,
    NameField,
    Near,
    Not,
    Or,
    Text,
    TextField,
    TimeField,
    Value,
    ValueField,
    Within,
)
from pipeline.text import words as fold_words
from pipeline.types import Stance

letters = st.sampled_from("abzñß0中ªﬁ")
words = st.text(letters, min_size=1, max_size=4).map(lambda w: "".join(fold_words(w))).filter(bool)
times = st.integers(-600_000_000, 3_700_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
moments = times | times.map(lambda time: time.replace(hour=0, minute=0, second=0, microsecond=0))


def trees_of(words=words, values=None, names=None, moments=moments, longest_near=999):
    """Trees over these words; `values` gives folded values of any field, `names` folded words of names."""
    phrases = st.lists(words, min_size=1, max_size=3).map(tuple)
    values = phrases.map(" ".join) if values is None else values
    names = phrases if names is None else st.lists(names, min_size=1, max_size=3).map(tuple)
    texts = st.builds(Text, st.sampled_from(get_args(TextField)), phrases, st.booleans())
    nears = st.builds(
        lambda field, left, right, within: Near(Text(field, *left), Text(field, *right), within),
        st.sampled_from(get_args(TextField)),
        st.tuples(phrases, st.booleans()),
        st.tuples(phrases, st.booleans()),
        st.integers(0, 4) | st.integers(0, longest_near),
    )
    fields = [f for f in get_args(ValueField) if f not in ("kind", "access")]
    leaves = st.one_of(
        texts,
        nears,
        st.builds(Value, st.sampled_from(fields), values, st.booleans()),
        st.builds(Value, st.just("kind"), st.sampled_from(["direct", "mixed", "indirect"])),
        st.builds(Value, st.just("access"), st.sampled_from(["open", "teaser"])),
        st.builds(Name, st.sampled_from(get_args(NameField)), names, st.booleans()),
        st.builds(HasStance, st.sampled_from(get_args(Stance)), st.none() | values),
        st.builds(Within, st.sampled_from(get_args(TimeField)), moments, st.none()),
        st.builds(Within, st.sampled_from(get_args(TimeField)), st.none(), moments),
        st.builds(
            lambda field, start, span: Within(field, start, start + span),
            st.sampled_from(get_args(TimeField)),
            moments,
            st.timedeltas(timedelta(microseconds=1), timedelta(days=3000)),
        ),
        st.builds(Last, st.sampled_from(get_args(TimeField)), st.integers(1, 9999), st.sampled_from("hdw")),
    )
    return st.just(Everything()) | st.recursive(
        leaves, lambda inner: _joined(And, inner) | _joined(Or, inner) | st.builds(Not, inner), max_leaves=12
    )


def _joined(kind, children):
    flat = st.lists(children.filter(lambda node: not isinstance(node, kind)), min_size=2, max_size=4)
    return flat.map(lambda parts: kind(tuple(parts)))


trees = trees_of()
