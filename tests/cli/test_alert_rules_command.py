"""`vigia alerts rules`, `add`, `remove`, `enable` and `disable` as they are used: each in a process of its own."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import SystemClock
from pipeline.ruledesk import RuleDesk
from pipeline.storage.store import Store
from tests.cli.test_alerts_command import CONFIG, vigia
from tests.flows import analysis, bench, prose, report

FILE = '[[rule]]\nname = "of-the-file"\nquery = "topic:eradication"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store with two statements, and a folder of configuration with one rule."""
    config = tmp_path / "config"
    config.mkdir()
    for path in CONFIG.iterdir():
        (config / path.name).symlink_to(path)
    (config / "alerts.toml").unlink()
    (config / "alerts.toml").write_text(FILE, "utf-8")
    store = Store(f"sqlite:///{tmp_path}/vigia.sqlite")
    store.upgrade()
    at = bench(store, ())
    for number in (1, 2):
        at.settle(analysis(f"http://diario.example/{number}", prose(number), report(prose(100 + number, 12))))
    store.close()
    return tmp_path


def shown(home: Path) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(vigia(home, "rules", "--json").stdout)}


def keep(home: Path, **changes: object) -> None:
    """What `vigia alerts add` would have kept, without a process for it."""
    rule = {"name": "kept", "query": "topic:legalization", "channels": ["file"], "realert": "2h", **changes}
    with closing(Store(f"sqlite:///{home}/vigia.sqlite")) as store:
        RuleDesk(store, SystemClock(), (), ("file",)).save_rule(rule, "ana")


def test_a_rule_is_tried_before_it_is_made(home: Path) -> None:
    written = ("kept", "topic:legalization", "--channel", "file", "--realert", "2h", "--description", "Ours")
    tried = vigia(home, "add", *written, "--try", "9999d", "--json")
    assert [bool(one["suppressed"]) for one in json.loads(tried.stdout)] == [False, True]
    assert list(shown(home)) == ["of-the-file"]
    made = json.loads(vigia(home, "add", *written, "--json").stdout)
    assert made["written"] == {
        "name": "kept",
        "query": "topic:legalization",
        "channels": ["file"],
        "description": "Ours",
        "realert": "2h",
    }
    assert (made["kept_in"], made["asked"], bool(made["made_by"])) == ("store", True, True)
    assert shown(home)["kept"] == made


def test_a_rule_of_the_store_is_tested_and_muted_like_one_of_the_file(home: Path) -> None:
    keep(home)
    tested = vigia(home, "test", "kept", "--since", "9999d")
    assert "would have fired 1 time(s), kept quiet 1 time(s)" in tested.stderr
    assert vigia(home, "mute", "kept", "--until", "2999-01-01").returncode == 0
    listed = vigia(home, "rules")
    assert "muted until 2999-01-01" in listed.stdout
    assert "2 rule(s), 2 of them asked" in listed.stderr


def test_a_rule_is_switched_off_and_on_written_anew_and_removed(home: Path) -> None:
    keep(home)
    assert json.loads(vigia(home, "disable", "kept", "--json").stdout) == {"rule": "kept", "enabled": False}
    assert shown(home)["kept"]["asked"] is False
    assert vigia(home, "enable", "kept").returncode == 0
    assert shown(home)["kept"]["asked"] is True
    assert vigia(home, "add", "kept", "coca", "--replace", "--disabled").returncode == 0
    anew = shown(home)["kept"]
    assert (anew["query"], anew["enabled"], anew["channels"]) == ("coca", False, ["terminal"])
    assert json.loads(vigia(home, "remove", "kept", "--json").stdout) == {"rule": "kept", "removed": True}
    assert list(shown(home)) == ["of-the-file"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "kept", "coca"), "expected a name that no rule has, got 'kept'"),
        (("add", "of-the-file", "coca"), "a rule of alerts.toml has it"),
        (("add", "other", "colour:red"), "at character 1: expected one of the fields"),
        (("add", "other", "coca", "--channel", "pager"), "expected any of file, terminal"),
        (("add", "other", "coca", "--try", "long"), "--try: expected"),
        (("disable", "of-the-file"), "a rule of alerts.toml has it"),
        (("remove", "other"), "expected a rule of the store (kept), got 'other'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_refused_is_refused_in_words(home: Path, words: tuple[str, ...], said: str) -> None:
    keep(home)
    refused = vigia(home, *words)
    assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
