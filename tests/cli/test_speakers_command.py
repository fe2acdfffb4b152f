"""`vigia speakers`: as a person uses it, on a store with what two articles said."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.storage.store import Store
from tests.cli.test_commands import VIGIA, environment
from tests.flows import GACETA, analysis, bench, prose, report

CONFIG = Path(__file__).parents[2] / "config"
WORDS = "La legalización sería una derrota para las familias de este país y no la vamos a firmar"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG, tmp_path / "config")
    store = Store(f"sqlite:///{tmp_path}/vigia.sqlite")
    store.upgrade()
    desk = bench(store)
    desk.settle(analysis("http://diario.example/1", f"«{WORDS}», dijo. {prose(1)}", report(WORDS)))
    other = report(WORDS, "R. Quintanilla")
    other = replace(other, speaker=replace(other.speaker, key="r-quintanilla"))
    desk.settle(analysis("http://gaceta.example/2", f"«{WORDS}», dijo. {prose(2)}", other), GACETA)
    store.close()
    return tmp_path


def vigia(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [VIGIA, "speakers", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(home, VIGIA_CONFIG=str(home / "config")),
    )


def listed(home: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(vigia(home, *arguments, "--json").stdout)
    return found


def test_two_names_of_one_person_are_made_one_for_good(home: Path) -> None:
    assert {who["key"] for who in listed(home)} == {"rosa-quintanilla", "r-quintanilla"}
    done = vigia(home, "merge", "r-quintanilla", "rosa-quintanilla", "--json")
    assert json.loads(done.stdout)["done"] == {"speakers": 1, "moved": 1, "folded": 1, "renamed": 0}
    assert [(who["key"], who["statements"]) for who in listed(home)] == [("rosa-quintanilla", 1)]
    text = (home / "config" / "speakers.toml").read_text("utf-8")
    assert 'from = "r-quintanilla"' in text
    assert text.startswith("# Corrections")
    assert json.loads(vigia(home, "apply", "--json").stdout)["done"]["speakers"] == 0


def test_a_speaker_is_renamed_and_found_under_the_new_name(home: Path) -> None:
    assert vigia(home, "rename", "rosa-quintanilla", "Rosa María Quintanilla").returncode == 0
    assert [who["name"] for who in listed(home, "--find", "maría")] == ["Rosa María Quintanilla"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("merge", "nobody", "no-one"),
        ("merge", "rosa-quintanilla", "rosa-quintanilla"),
        ("rename", "nobody", "Nobody"),
        ("rename", "rosa-quintanilla", " "),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(home: Path, arguments: tuple[str, ...]) -> None:
    before = (home / "config" / "speakers.toml").read_text("utf-8")
    done = vigia(home, *arguments)
    assert done.returncode == 2
    assert "expected" in done.stderr
    assert (home / "config" / "speakers.toml").read_text("utf-8") == before
