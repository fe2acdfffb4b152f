"""A question that takes too long is ended, whatever it does with its time; what carries everything away is not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from pipeline.errors import OutOfTime
from pipeline.storage.database import Limits
from pipeline.storage.store import Store

#: counts to a number; a thousand millions take minutes
COUNT = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT count(*) FROM n")
ENDLESS, SHORT = {"most": 1_000_000_000}, {"most": 10}
#: seconds of a question; a connection is opened within them, too
LIMIT = 0.3


@pytest.fixture
def impatient(store: Store) -> Iterator[Store]:
    with closing(Store(store.url, Limits(reading=LIMIT))) as opened:
        yield opened


def test_a_statement_that_would_not_end_is_ended(impatient: Store) -> None:
    began = time.monotonic()
    with pytest.raises(OutOfTime, match=r"expected an answer within 0\.3 s.*narrow") as ended, impatient.read() as db:
        db.execute(COUNT, ENDLESS)
    assert ended.value.seconds == LIMIT
    assert time.monotonic() - began < 20


def keep_asking(store: Store, seconds: float, then: dict[str, int]) -> None:
    """Short questions for so long, then another, all in one transaction."""
    until = time.monotonic() + seconds
    with store.read() as db:
        while time.monotonic() < until:
            db.execute(COUNT, SHORT)
        db.execute(COUNT, then)


def test_many_short_statements_are_ended_all_the_same(impatient: Store) -> None:
    keep_asking(impatient, 0.1, SHORT)
    with pytest.raises(OutOfTime):
        keep_asking(impatient, 10, SHORT)


def test_a_long_statement_after_short_ones_has_what_they_left(impatient: Store) -> None:
    with pytest.raises(OutOfTime):
        keep_asking(impatient, 0.2, ENDLESS)


def test_who_asks_next_has_all_the_time_again(impatient: Store) -> None:
    for _ in range(3):
        with pytest.raises(OutOfTime), impatient.read() as db:
            db.execute(COUNT, ENDLESS)
        with impatient.read() as db:
            assert db.execute(COUNT, SHORT).scalar_one() == 10


def test_what_carries_everything_away_takes_as_long_as_it_takes(impatient: Store) -> None:
    until = time.monotonic() + 2 * LIMIT
    with impatient.read(bounded=False) as db:
        while time.monotonic() < until:
            db.execute(COUNT, SHORT)
        # a second or so in one statement
        assert db.execute(COUNT, {"most": 3_000_000}).scalar_one() == 3_000_000
    with pytest.raises(OutOfTime), impatient.read() as db:
        db.execute(COUNT, ENDLESS)


def test_without_a_limit_nothing_is_ended(store: Store) -> None:
    with store.read() as db:
        assert db.execute(COUNT, {"most": 300_000}).scalar_one() == 300_000
