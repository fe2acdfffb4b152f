"""Settings as the environment gives them: what would make an engine run wild is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import settings
from pipeline.errors import ConfigError
from pipeline.storage.store import Store


@pytest.mark.parametrize("name", ["POLL_MIN", "POLL_MAX", "POLL_LEASE"])
def test_a_feed_cannot_be_polled_without_end(name: str) -> None:
    with pytest.raises(ConfigError, match=f"VIGIA_{name}: expected a number of s, 1 or more, got 0.0"):
        settings.load({f"VIGIA_{name}": "0"})
    assert settings.load({f"VIGIA_{name}": "1"})


def test_what_is_no_setting_and_what_is_no_number_are_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"VIGIA_POL_MIN: expected a setting of docs/settings.md, such as VIGIA_POLL_MIN"
    ):
        settings.load({"VIGIA_POL_MIN": "5"})
    with pytest.raises(ConfigError, match="VIGIA_FETCH_THREADS: expected int, got 'many'"):
        settings.load({"VIGIA_FETCH_THREADS": "many"})
    with pytest.raises(ConfigError, match=r"expected a setting of docs/settings\.md, got 'x'"):
        settings.load({"VIGIA_QQQQ": "x"})


def test_a_setting_may_be_held_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("p@ss/wörd:7 \n", "utf-8")
    read = settings.load({"VIGIA_DATABASE_PASSWORD_FILE": str(tmp_path / "secret"), "VIGIA_ALERTS_FILE": "a.jsonl"})
    assert (read.database_password, read.alerts_file) == ("p@ss/wörd:7 ", "a.jsonl")


def test_a_file_that_is_not_there_and_a_setting_given_twice_are_refused(tmp_path: Path) -> None:
    gone = {"VIGIA_WEBHOOK_SECRET_FILE": str(tmp_path / "gone")}
    with pytest.raises(ConfigError, match="VIGIA_WEBHOOK_SECRET_FILE: expected a file of text that can be read, got"):
        settings.load(gone)
    with pytest.raises(ConfigError, match="expected either this or VIGIA_WEBHOOK_SECRET, got 'both'"):
        settings.load({**gone, "VIGIA_WEBHOOK_SECRET": "x"})
    with pytest.raises(ConfigError, match="VIGIA_SECRETS_FILE: expected a setting"):
        settings.load({"VIGIA_SECRETS_FILE": "x"})


def test_the_password_of_the_store_may_be_told_beside_its_address() -> None:
    beside = Store("postgresql://vigia@127.0.0.1/vigia", password="p@ss/7")
    within = Store("postgresql://vigia:own@127.0.0.1/vigia", password="p@ss/7")
    assert (beside.engine.url.password, within.engine.url.password) == ("p@ss/7", "own")
    assert "p@ss" not in beside.name + beside.address
