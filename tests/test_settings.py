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
    with pytest.raises(ConfigError, match="VIGIA_POL_MIN: expected a setting; known: "):
        settings.load({"VIGIA_POL_MIN": "5"})
    with pytest.raises(ConfigError, match="VIGIA_FETCH_THREADS"):
        settings.load({"VIGIA_FETCH_THREADS": "many"})
