"""`vigia alerts ...` as it is used: in a process of its own, on a store that a test filled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import DeliveryRefused
from pipeline.storage.store import Store
from pipeline.types import AlertRule
from tests.alerts.letterbox import Hook, MailServer, serving
from tests.flows import analysis, bench, prose, report

CONFIG = Path(__file__).parents[2] / "config"
VIGIA = Path(sys.executable).with_name("vigia")
FILE = """
[[rule]]
name = "one"
query = "topic:legalization"
channels = ["hook"]
realert = "2h"

[[channel]]
name = "hook"
kind = "webhook"
url_env = "HOOK"

[[channel]]
name = "desk"
kind = "email"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "vigia@a.example"
to = ["x@a.example"]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an alert and something kept quiet after it, and a folder of configuration."""
    folder = tmp_path_factory.mktemp("home")
    config = folder / "config"
    config.mkdir()
    for path in CONFIG.iterdir():
        (config / path.name).symlink_to(path)
    (config / "alerts.toml").unlink()
    (config / "alerts.toml").write_text(FILE.format(port=1), "utf-8")
    store = Store(f"sqlite:///{folder}/vigia.sqlite")
    store.upgrade()
    at = bench(store, [AlertRule("one", "topic:legalization", channels=("inbox",), realert=7200.0)])
    at.inbox.failure = DeliveryRefused("inbox: expected 2xx, got 404")
    for number in (1, 2):
        at.settle(analysis(f"http://diario.example/{number}", prose(number), report(prose(100 + number, 12))))
        at.clock.forward(minutes=5)
    at.deliver()
    store.close()
    return folder


def vigia(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {"VIGIA_DATABASE_URL": f"sqlite:///{home}/vigia.sqlite", "VIGIA_CONFIG": str(home / "config")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIGIA_")}
    command = [str(VIGIA), "alerts", *words]
    return subprocess.run(
        command, env={**kept, **settings, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def test_test_tells_what_fires_and_what_is_kept_quiet(home: Path) -> None:
    told = json.loads(vigia(home, "test", "one", "--since", "9999d", "--json").stdout)
    assert [bool(one["suppressed"]) for one in told] == [False, True]
    assert told[1]["suppressed"][0].startswith("told of rosa-quintanilla / legalization before")
    shown = vigia(home, "test", "one", "--since", "9999d")
    assert "would have fired 1 time(s), kept quiet 1 time(s)" in shown.stderr
    unknown = vigia(home, "test", "two")
    assert (unknown.returncode, "expected one of one, got 'two'" in unknown.stderr) == (2, True)


def test_explain_tells_why(home: Path) -> None:
    found = json.loads(vigia(home, "explain", "1", "--json").stdout)
    assert found["met"] == ["Everything that is on the topic “legalization”."]
    assert found["new"] == "the first report of this statement"
    assert [one["title"] for one in found["after"]] == ["A title"]
    assert vigia(home, "explain", "99").returncode == 1


def test_the_dead_are_listed_and_taken_up_again(home: Path) -> None:
    (dead,) = json.loads(vigia(home, "--dead", "--json").stdout)
    assert (dead["channel"], dead["error"]) == ("inbox", "inbox: expected 2xx, got 404")
    wrong = vigia(home, "retry", "99")
    assert (wrong.returncode, "expected messages that `vigia alerts --dead` lists" in wrong.stderr) == (1, True)
    assert json.loads(vigia(home, "retry", "--json").stdout) == {"retried": 1}
    assert json.loads(vigia(home, "--dead", "--json").stdout) == []


def test_a_rule_is_muted_and_speaks_again(home: Path) -> None:
    assert json.loads(vigia(home, "mute", "one", "--until", "2999-01-01", "--json").stdout) == {
        "rule": "one",
        "muted_until": "2999-01-01T00:00:00Z",
    }
    assert "one speaks again" in vigia(home, "mute", "one", "--until", "now").stderr
    wrong = vigia(home, "mute", "one", "--until", "later")
    assert (wrong.returncode, "expected a span like 12h" in wrong.stderr) == (2, True)


def test_send_test_says_whether_a_channel_took_it(home: Path) -> None:
    server, hook = MailServer(), Hook()
    with serving(server), serving(hook):
        (home / "config" / "alerts.toml").write_text(FILE.format(port=server.port), "utf-8")
        sent = json.loads(vigia(home, "send-test", "desk", "--json").stdout)
        assert sent == {"channel": "desk", "sent": True, "error": None}
        assert len(server.mails) == 1
        guarded = vigia(home, "send-test", "hook", HOOK=hook.url)
        assert (guarded.returncode, hook.posts) == (1, [])
        let = vigia(home, "send-test", "hook", HOOK=hook.url, VIGIA_ALLOW_ADDRESSES="127.0.0.0/8")
        assert (let.returncode, len(hook.posts)) == (0, 1)
    missing = vigia(home, "send-test", "hook")
    assert (missing.returncode, "url_env: expected the name of an environment variable" in missing.stderr) == (2, True)
    assert vigia(home, "send-test", "pager").returncode == 2
