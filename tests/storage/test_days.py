"""Days of sources in the store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from pipeline.health import SourceDay, Symptom
from pipeline.storage import days, sources, symptoms
from pipeline.storage.store import Store
from tests.fakes import NOW

TODAY = NOW.date()


@pytest.fixture
def known(store: Store) -> Store:
    with store.write() as db:
        sources.ensure(db, "diario")
        sources.ensure(db, "gaceta")
    return store


def test_numbers_add_up_and_hours_are_joined(known: Store) -> None:
    with known.write() as db:
        days.add(db, SourceDay("diario", TODAY, hours_asked=0b011, hours_news=0b010, polls=2, entries=3, pages=1))
        days.add(db, SourceDay("diario", TODAY, hours_asked=0b110, hours_answered=0b100, polls=1, entries=4, items=1))
    with known.read() as db:
        assert days.since(db, TODAY) == [
            SourceDay(
                "diario", TODAY, hours_asked=0b111, hours_answered=0b100, hours_news=0b010, polls=3, entries=7,
                pages=1, items=1,
            )
        ]  # fmt: skip


def test_days_come_by_source_oldest_first(known: Store) -> None:
    with known.write() as db:
        for ago, slug in ((0, "gaceta"), (0, "diario"), (2, "gaceta"), (9, "diario")):
            days.add(db, SourceDay(slug, TODAY - timedelta(days=ago), polls=1))
    with known.read() as db:
        found = days.since(db, TODAY - timedelta(days=2))
        assert [(day.source, (TODAY - day.day).days) for day in found] == [("diario", 0), ("gaceta", 2), ("gaceta", 0)]
        assert [day.source for day in days.since(db, TODAY, "gaceta")] == ["gaceta"]


def test_a_day_belongs_to_a_source(known: Store) -> None:
    with pytest.raises(IntegrityError), known.write() as db:
        days.add(db, SourceDay("nobody", TODAY, polls=1))


def test_a_transaction_that_fails_counts_nothing(known: Store) -> None:
    def half_done() -> None:
        with known.write() as db:
            days.add(db, SourceDay("diario", TODAY, polls=1))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_done()
    with known.read() as db:
        assert days.since(db, TODAY) == []


def test_symptoms_are_open_until_they_end(known: Store) -> None:
    silent = Symptom("diario", "silence", NOW, "nothing new", "warning")
    odd = Symptom("gaceta", "dates", NOW - timedelta(days=1), "no dates", "notice")
    ours = Symptom("", "outage", NOW + timedelta(days=1), "nobody answers", "warning")
    with known.write() as db:
        for symptom in (odd, ours, silent):
            assert symptoms.begin(db, symptom)
        assert not symptoms.begin(db, silent)
    with known.write() as db:
        assert symptoms.unended(db) == [silent, ours, odd]
        assert symptoms.end(db, ours, "they answer again", NOW)
        assert not symptoms.end(db, ours, "they answer again", NOW)
        assert symptoms.unended(db) == [silent, odd]
