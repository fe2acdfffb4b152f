"""Whatever fails while an engine closes, what it had opened is closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontends.cli.work import _engine
from pipeline.bootstrap.engine import Wiring
from pipeline.errors import StoreError
from pipeline.fetch import Fetcher
from pipeline.runner import Runner
from pipeline.storage import feeds
from pipeline.storage.store import Store


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    monkeypatch.setenv("VIGIA_DATABASE_URL", f"sqlite:///{tmp_path}/vigia.sqlite")
    names: list[str] = []
    for what in (Wiring, Store):
        close = what.close
        monkeypatch.setattr(what, "close", lambda self, close=close: (names.append(type(self).__name__), close(self)))
    return names


def fail(*_: object) -> None:
    raise StoreError("the disk is full")


@pytest.mark.parametrize("step", ["close", "take_over", "make_due"])
def test_an_engine_whose_store_fails_closes_all_the_same(
    closed: list[str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(Runner, step, fail)
    with pytest.raises(StoreError, match="the disk is full"), _engine(json=False) as (runner, *_):
        runner.make_due()
    assert closed == ["Wiring", "Store"]


def test_a_store_that_takes_no_feeds_back_keeps_nothing_open(
    closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="the disk is full"), _engine(json=False):
        monkeypatch.setattr(feeds, "release", fail)
    assert closed == ["Wiring", "Store"]


def test_connections_that_do_not_close_keep_no_store_open(closed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fetcher, "close", fail)
    with pytest.raises(StoreError, match="the disk is full"), _engine(json=False):
        pass
    assert closed == ["Wiring", "Store"]
