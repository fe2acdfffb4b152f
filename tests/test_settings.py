"""Settings as the environment gives them: what would make an engine run wild is refused."""

from __future__ import annotations

import pytest

from pipeline import settings
from pipeline.errors import ConfigError


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
