"""A desk over a store that tests fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.desk import Desk, Reference
from pipeline.storage.store import Store
from tests.flows import Bench, bench

CONFIG = Path(__file__).parent.parent.parent / "config"


@pytest.fixture
def press(store: Store) -> Bench:
    return bench(store)


@pytest.fixture
def desk(press: Bench) -> Desk:
    flow = press.flow
    return Desk(flow.store, flow.clock, flow.settings, flow.sources, Reference(CONFIG, CONFIG))
