"""Killed at any moment, run again: every entry has exactly one outcome, nothing is there twice, nothing is missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.storage.store import Store
from samples.newsroom.server import Newsroom
from tests.engine import EVENING, MORNING

ROOT = Path(__file__).parent.parent
#: seconds after the first page was stored: within polling, fetching, settling, delivering
KILLS = (0.05, 0.3, 0.7, 1.2)
MINUTE = timedelta(minutes=1)


def start(folder: Path, press: Newsroom, hour: datetime) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.engine", str(folder), str(press.address[1]), hour.isoformat()]
    # a group of its own, so that we can look whether anything of it stays behind
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def finish(folder: Path, press: Newsroom, hour: datetime) -> None:
    assert start(folder, press, hour).wait(timeout=90) == 0


def ask(folder: Path, query: str) -> list[tuple[object, ...]]:
    store = Store(f"sqlite:///{folder}/vigia.sqlite")
    with store.read() as db:
        rows = [tuple(row) for row in db.execute(text(query))]
    store.close()
    return rows


def kill_at_work(folder: Path, press: Newsroom, hour: datetime, after: float) -> None:
    """SIGKILL the engine a moment after it did something."""
    process = start(folder, press, hour)
    before = len(press.requests)
    while len(press.requests) == before and process.poll() is None:
        time.sleep(0.01)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    assert_nobody_left(process.pid)


def assert_nobody_left(group: int) -> None:
    """The reading processes notice that their engine is gone."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("processes of a killed engine are still there")


def told(folder: Path) -> dict[str, Counter[object]]:
    """All that a run comes to, without what depends on which of several copies came first."""
    families = defaultdict[object, set[object]](set)
    for item_id, url_key in ask(folder, "SELECT item_id, url_key FROM appearances"):
        families[item_id].add(url_key)
    kept = "CASE WHEN outcome IN ('stored', 'reprint') THEN 'kept' ELSE outcome END"
    said = "SELECT speakers.key FROM statements JOIN speakers ON speakers.id = speaker_id"
    return {
        "entries": Counter(ask(folder, f"SELECT url_key, version, {kept} FROM entries")),
        "items": Counter(frozenset(family) for family in families.values()),
        "statements": Counter(ask(folder, said)),
        "alerts": Counter(ask(folder, "SELECT rule FROM alerts")),
    }


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("calm")
    with Newsroom() as press:
        finish(folder, press, MORNING)
        press.edition = 2
        finish(folder, press, EVENING)
    return folder


def disturbed(folder: Path, press: Newsroom, hour: datetime) -> None:
    """A run that is killed again and again, until it may end."""
    for number, after in enumerate(KILLS):
        # time goes on: an engine that began at the hour of the one before would find its work still to come
        kill_at_work(folder, press, hour + number * MINUTE, after)
    finish(folder, press, hour + len(KILLS) * MINUTE)


@pytest.mark.timeout(240)
def test_a_killed_engine_loses_nothing_and_repeats_nothing(tmp_path: Path, calm: Path) -> None:
    with Newsroom() as press:
        disturbed(tmp_path, press, MORNING)
        press.edition = 2
        disturbed(tmp_path, press, EVENING)
    assert ask(tmp_path, "SELECT url FROM entries WHERE outcome IS NULL OR state != 'ended'") == []
    assert told(tmp_path) == told(calm)
    assert ask(tmp_path, "SELECT id FROM deliveries WHERE state != 'sent'") == []
    lines = (tmp_path / "alerts.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == len(set(lines)) > 0
    told_of = Counter(json.loads(line)["event"] for line in lines)
    assert told_of["alert"] == len(ask(tmp_path, "SELECT id FROM alerts")) > 0
    assert told_of["source-health"] == len(ask(tmp_path, "SELECT id FROM notices")) > 0


def test_a_second_run_adds_nothing(calm: Path) -> None:
    before = told(calm)
    with Newsroom(edition=2) as press:
        finish(calm, press, EVENING)
    assert told(calm) == before


def test_two_engines_do_not_work_on_one_store(tmp_path: Path) -> None:
    with Newsroom() as press:
        first = start(tmp_path, press, MORNING)
        while not press.requests:
            time.sleep(0.01)
        second = start(tmp_path, press, MORNING)
        assert second.wait(timeout=30) != 0
        first.send_signal(signal.SIGKILL)
        first.wait(timeout=10)
