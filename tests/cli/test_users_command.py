"""Accounts from the terminal; pages that refuse to be shown to strangers; engine and pages together."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.cli.test_commands import CONFIG, as_json, environment, vigia
from tests.services import free_port

WORDS = "three wet umbrellas\n"
#: an outlet that is not polled: the engine runs, and asks nobody
NOBODY = """
[[source]]
slug = "diario"
name = "Diario"
country = "PE"
languages = ["es"]
homepage = "https://diario.example"
feeds = [{ url = "https://diario.example/rss", kind = "rss" }]
enabled = false
reason = "nobody is asked for anything here"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an editor in it."""
    folder = tmp_path_factory.mktemp("users")
    made = vigia("users", "add", "Ana", "--role", "editor", "--password-stdin", home=folder, stdin=WORDS)
    assert made.returncode == 0, made.stderr
    return folder


def test_an_account_is_listed_without_its_secrets(home: Path) -> None:
    found = as_json(vigia("users", "list", "--json", home=home))
    assert [(one["name"], one["role"], one["disabled"]) for one in found] == [("ana", "editor", False)]
    assert "argon2" not in json.dumps(found)


@pytest.mark.parametrize(
    ("arguments", "words", "said"),
    [
        (("add", "ana"), WORDS, "expected one that nobody has"),
        (("add", "a b"), WORDS, "expected 1 to 80 of a-z"),
        (("add", "leo"), "short\n", "expected 12 to 256 characters"),
        (("add", "leo"), "password1234\n", "everybody tries first"),
        (("add", "leo"), "leo is my name\n", "without the account's name"),
        (("password", "nobody"), WORDS, "expected an account"),
    ],
)
def test_what_is_no_account_is_refused(home: Path, arguments: tuple[str, ...], words: str, said: str) -> None:
    done = vigia("users", *arguments, "--password-stdin", home=home, stdin=words)
    assert done.returncode == 2
    assert said in done.stderr
    assert words.strip() not in done.stderr


def test_a_token_is_printed_once(home: Path) -> None:
    made = vigia("users", "token", "add", "ana", "nightly", "--scope", "read", "--days", "30", home=home)
    assert made.stdout.startswith("vigia_")
    (told,) = as_json(vigia("users", "token", "list", "--json", home=home))
    assert (told["user"], told["name"], told["scopes"]) == ("ana", "nightly", ["read"])
    assert made.stdout.strip() not in json.dumps(told)
    assert vigia("users", "token", "remove", "ana", "nightly", home=home).returncode == 0
    assert vigia("users", "token", "remove", "ana", "nightly", home=home).returncode == 1


def test_pages_are_not_shown_to_others_before_there_are_users(tmp_path: Path) -> None:
    assert vigia("db", "upgrade", home=tmp_path).returncode == 0
    done = vigia("serve", "--address", "0.0.0.0:8000", home=tmp_path)
    assert done.returncode == 2
    assert "vigia users add NAME" in done.stderr


def test_engine_and_pages_start_and_stop_together(tmp_path: Path) -> None:
    port = free_port()
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "config" / "sources.toml").write_text(NOBODY, "utf-8")
    ours = environment(tmp_path, VIGIA_CONFIG=str(tmp_path / "config"), VIGIA_WEB_ADDRESS=f"127.0.0.1:{port}")
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", "run", "--serve"]
    running = subprocess.Popen(command, env=ours, stderr=subprocess.PIPE, text=True)
    try:
        assert answers(f"http://127.0.0.1:{port}/healthz")
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 0, said
    assert said.strip().endswith("stopped")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz")


def test_the_pages_alone_stop_cleanly(home: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", "serve"]
    ours = environment(home, VIGIA_WEB_ADDRESS=f"127.0.0.1:{port}")
    running = subprocess.Popen(command, env=ours, stderr=subprocess.PIPE, text=True)
    try:
        assert answers(f"http://127.0.0.1:{port}/healthz")
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 0, said


def answers(url: str, within: float = 90.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            return bool(urllib.request.urlopen(url, timeout=5).status == 200)
        except OSError:
            time.sleep(0.2)
    return False
