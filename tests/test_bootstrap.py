"""Where program and configuration are looked for, which nothing else notices before somebody installs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.bootstrap import configuration, engine
from pipeline.settings import Settings

ROOT = Path(__file__).parent.parent


def test_the_configuration_is_beside_a_checkout_or_inside_an_installed_program() -> None:
    assert configuration._CONFIG_FOLDERS == (ROOT / "config", ROOT / "pipeline" / "_config")
    assert configuration.shipped_config() == ROOT / "config"


def test_another_program_or_another_configuration_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, config = tmp_path / "pipeline", tmp_path / "config"
    shutil.copytree(ROOT / "config", config)
    (program / "topics").mkdir(parents=True)
    monkeypatch.setattr(engine, "__file__", str(program / "bootstrap" / "engine.py"))
    settings, seen = Settings(config=str(config)), set()
    for changed in (program / "topics" / "scan.py", program / "flow.py", config / "countries.toml"):
        seen.add(engine.made_of(settings))
        changed.write_text((changed.read_text("utf-8") if changed.exists() else "") + "\n# another\n", "utf-8")
        seen.add(engine.made_of(settings))
    assert len(seen) == 4
    assert engine.made_of(settings) in seen
