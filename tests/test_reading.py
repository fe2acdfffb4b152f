"""Reading processes keep to the configuration that was checked when the engine started."""

from __future__ import annotations

import shutil
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
