"""Killed in the middle, called again: an import and a reprocessing come to what undisturbed ones come to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.storage.store import Store
from tests.again import ask, press_lines, told
from tests.flows import CONFIG

ROOT = Path(__file__).parent.parent


def start(folder: Path, *words: str, config: Path = CONFIG) -> subprocess.Popen[bytes]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VIGIA_")}
    ours = {"VIGIA_DATABASE_URL": f"sqlite:///{folder}/vigia.sqlite", "VIGIA_CONFIG": str(config)}
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", *words]
    return subprocess.Popen(command, cwd=ROOT, env=plain | ours, start_new_session=True, stderr=subprocess.DEVNULL)


def finish(folder: Path, *words: str, config: Path = CONFIG) -> None:
    assert start(folder, *words, config=config).wait(timeout=120) == 0


def kill_midway(folder: Path, table: str, column: str, *words: str, config: Path = CONFIG) -> None:
    """SIGKILL the call once its first batch is in the store, before its last is."""
    process = start(folder, *words, config=config)
    while process.poll() is None and not _some_way(folder, table, column):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    assert asked(folder, f"SELECT state FROM {table} ORDER BY id DESC LIMIT 1") == [("running",)], "it was too quick"


def _some_way(folder: Path, table: str, column: str) -> bool:
    try:
        return bool(asked(folder, f"SELECT 1 FROM {table} WHERE state = 'running' AND {column} > 0"))
    except Exception:  # noqa: BLE001 - the store is not there yet
        return False


def asked(folder: Path, query: str) -> list[tuple[object, ...]]:
    store = Store(f"sqlite:///{folder}/vigia.sqlite")
    try:
        return ask(store, query)
    finally:
        store.close()


def said(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    store = Store(f"sqlite:///{folder}/vigia.sqlite")
    try:
        return told(store)
    finally:
        store.close()


def write_press(path: Path) -> Path:
    """The invented press as lines, three times over, so that there is time to kill."""
    with path.open("w", encoding="utf-8") as file:
        for turn in range(3):
            for one in press_lines():
                extra = f" {['uno', 'dos', 'tres'][turn]} {turn}" * 40 * turn
                line = {"url": f"{one.url}?turno={turn}", "title": one.title, "text": one.text + extra}
                file.write(json.dumps(line | {"source": one.source, "lang": one.lang}) + "\n")
    return path


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an import comes to that nobody disturbs."""
    folder = tmp_path_factory.mktemp("calm")
    finish(folder, "import", str(write_press(folder / "press.jsonl")))
    return folder


@pytest.mark.timeout(240)
def test_a_killed_import_goes_on_and_comes_to_the_same(calm: Path, tmp_path: Path) -> None:
    lines = str(calm / "press.jsonl")
    for _ in range(2):
        kill_midway(tmp_path, "imports", "place", "import", lines)
    finish(tmp_path, "import", lines)
    assert said(tmp_path) == said(calm)
    (counts,) = asked(tmp_path, "SELECT counts FROM imports ORDER BY id DESC LIMIT 1")
    assert sum(json.loads(str(counts[0])).values()) == len((calm / "press.jsonl").read_text("utf-8").splitlines())


@pytest.mark.timeout(240)
def test_a_killed_reprocessing_goes_on_and_comes_to_the_same(calm: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    (config / "topics" / "eradication.toml").unlink()
    for name in ("disturbed", "undisturbed"):
        (tmp_path / name).mkdir()
        for file in calm.glob("vigia.sqlite*"):
            shutil.copy(file, tmp_path / name)
    finish(tmp_path / "undisturbed", "reprocess", config=config)
    kill_midway(tmp_path / "disturbed", "reprocessings", "item", "reprocess", config=config)
    finish(tmp_path / "disturbed", "reprocess", config=config)
    after = said(tmp_path / "disturbed")
    assert after == said(tmp_path / "undisturbed") != said(calm)
    assert after["alerts"] == []
    counts = [asked(tmp_path / name, "SELECT counts FROM reprocessings") for name in ("disturbed", "undisturbed")]
    assert counts[0] == counts[1], "one row: the second call went on with the first one's"
