"""Source health on the command line: what `status` shows, and what `poll` tells the channels."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.clock import SystemClock
from pipeline.health import SourceDay, Symptom
from pipeline.storage import days, sources, symptoms
from pipeline.storage.store import Store
from tests.cli.test_commands import CONFIG, as_json, vigia
from tests.days import START, by_day, made

SINCE = datetime(2012, 6, 27, 12, tzinfo=UTC)
SOURCE = """
[[source]]
slug = "diario"
name = "Diario"
country = "PE"
languages = ["es"]
homepage = "http://diario.example/"
feeds = [{ url = "http://127.0.0.1:1/rss" }]
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = Store(f"sqlite:///{tmp_path}/vigia.sqlite")
    opened.prepare()
    with opened.write() as db:
        sources.ensure(db, "diario")
    return opened


def test_status_shows_sources_in_trouble(store: Store, tmp_path: Path) -> None:
    with store.write() as db:
        symptoms.begin(db, Symptom("diario", "silence", SINCE, "nothing new for 31 hours", "warning"))
        symptoms.begin(db, Symptom("", "outage", SINCE, "nobody answers", "warning"))
    shown = vigia("status", home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    table = shown.stdout[shown.stdout.index("Sources in trouble") :]
    for words in ("diario", "silence", "2012-06-27 12:00", "nothing new for 31 hours", "(all)", "nobody answers"):
        assert words in table
    told = as_json(vigia("status", "--json", home=tmp_path))["health"]
    assert told == {
        "watched": 0,
        "in_trouble": 1,
        "last_poll_at": None,
        "symptoms": [
            {
                "source": source,
                "kind": kind,
                "since": "2012-06-27T12:00:00Z",
                "sentence": sentence,
                "severity": "warning",
            }
            for source, kind, sentence in (
                ("diario", "silence", "nothing new for 31 hours"),
                ("", "outage", "nobody answers"),
            )
        ],
    }


def test_status_of_healthy_sources_has_no_such_table(store: Store, tmp_path: Path) -> None:
    shown = vigia("status", home=tmp_path)
    assert "sources in trouble" in shown.stdout
    assert "Sources in trouble" not in shown.stdout


def test_poll_tells_terminal_and_file_of_a_silent_source_once(store: Store, tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "config" / "sources.toml").write_text(SOURCE, "utf-8")
    with store.write() as db:
        for day in lately(made(6, lambda day, hour: by_day(day, hour) if day < 38 else 0)):
            days.add(db, day)
    first, second = (vigia("poll", home=tmp_path, VIGIA_CONFIG=str(tmp_path / "config")) for _ in range(2))
    assert "HEALTH Diario: silence" in first.stdout
    assert "HEALTH" not in second.stdout
    (line,) = (tmp_path / "alerts.jsonl").read_text("utf-8").splitlines()
    told = json.loads(line)
    assert (told["event"], told["rule"], told["title"]) == ("source-health", "source-health", "Diario: silence")
    assert told["fields"]["sentence"].startswith("nothing new since ")


def lately(old: list[SourceDay]) -> list[SourceDay]:
    """The same days, the last of them yesterday."""
    last = old[-1].day
    yesterday = SystemClock().now().date() - timedelta(days=1)
    assert last > START.date()
    return [dataclasses.replace(day, day=day.day + (yesterday - last)) for day in old]
