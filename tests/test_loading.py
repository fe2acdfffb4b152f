"""Loading what stays without the collector, which afterwards is as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pipeline.loading import made_to_stay


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    yield
    gc.enable()


@made_to_stay()
def load(fails: bool = False) -> bool:
    if fails:
        raise ValueError("unreadable")
    return gc.isenabled()


def test_nothing_is_collected_meanwhile_and_again_afterwards() -> None:
    assert not load()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="unreadable"):
        load(fails=True)
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_so() -> None:
    gc.disable()
    assert not load()
    assert not gc.isenabled()
