"""Reading processes keep to the configuration that was checked, and leave Ctrl-C to the engine."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.reading import PagePool, result_of
from pipeline.settings import Settings
from pipeline.types import Analysis, Article
from tests.flows import CONFIG


@pytest.mark.timeout(60)
def test_a_process_that_replaces_another_does_not_read_what_somebody_is_editing(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    pool = PagePool(folder, replace(Settings(), process_workers=1, process_tasks=1))
    article = Article("http://d.example/1", "http://d.example/1", "Legalization", "Marijuana legalization. " * 40)
    try:
        for _ in range(2):
            assert isinstance(result_of(pool.analyze(article), article.url), Analysis)
            (folder / "people.toml").write_text("[[person]\nhalf saved", "utf-8")
    finally:
        pool.close()


@pytest.mark.timeout(60)
def test_ctrl_c_reaches_no_process_that_pages_are_read_in() -> None:
    pool = PagePool(CONFIG, replace(Settings(), process_workers=1))
    try:
        reading = descendants(os.getpid())
        assert reading, "what they are forked from starts with the pool"
        assert isinstance(result_of(pool.analyze(Article("u", "u", "T", "Cocaine. " * 40)), "u"), Analysis)
        assert len(descendants(os.getpid())) > len(reading)
        assert all(is_blocked(signal.SIGINT, pid) for pid in descendants(os.getpid()))
    finally:
        pool.close()


def descendants(pid: int) -> list[int]:
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    ours = [child for child in children if "forkserver" in Path(f"/proc/{child}/cmdline").read_text()]
    return ours + [grandchild for child in ours for grandchild in descendants(child)]


def is_blocked(number: int, pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk"))
    return bool(int(mask, 16) & 1 << (number - 1))
