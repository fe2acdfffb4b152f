"""A desk over a store that tests fill by settling articles, and by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from deskpress import Say

from pipeline.desk import Desk, Reference
from pipeline.storage.store import Store
from pipeline.types import Source, Speaker
from tests.flows import DIARIO, Bench, analysis, bench, prose, report

CONFIG = Path(__file__).parent.parent.parent / "config"


@pytest.fixture
def press(store: Store) -> Bench:
    return bench(store)


@pytest.fixture
def desk(press: Bench) -> Desk:
    flow = press.flow
    return Desk(flow.store, flow.clock, flow.settings, flow.sources, Reference(CONFIG, CONFIG))


@pytest.fixture
def say(press: Bench) -> Say:
    numbers = itertools.count(1)

    def said(
        speaker: str,
        stance: str,
        at: datetime,
        *,
        topic: str = "legalization",
        role: str | None = "minister",
        country: str | None = "PE",
        source: Source = DIARIO,
        sure: float = 0.9,
    ) -> int:
        """Let somebody say something new on a topic, in an article of that moment that comes in now."""
        number = next(numbers)
        words = prose(10_000 + number, 12)
        key = speaker.lower().replace(" ", "-")
        told = report(words, confidence=sure, topics=(topic,), stance={topic: stance})
        told = replace(told, speaker=Speaker(speaker, role, country, key=key), parts=((0, len(words)),))
        found = analysis(f"http://{source.slug}.example/{number}", f"{words} {prose(number)}", told, topics=(topic,))
        ending = press.settle(replace(found, article=replace(found.article, published_at=at)), source)
        assert ending.item_id is not None
        (made,) = press.statement_ids(ending.item_id)
        return made

    return said
