"""`vigia reprocess`, `tidy` and `import` of archives as they are typed: answers, words and exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warcs import record, write_warc

ROOT = Path(__file__).parent.parent.parent
SAID = (
    "<p>La ministra Rosa Quintanilla rechazó ayer en Lima la legalización de la marihuana en el país.</p>"
    "<p>«La legalización de la marihuana es una derrota para las familias de este país», dijo la ministra.</p>"
    "<p>Añadió que la erradicación de los cultivos de coca seguirá en el valle durante todo el año.</p>"
)


def vigia(*words: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VIGIA_")}
    ours = {"VIGIA_DATABASE_URL": f"sqlite:///{home}/vigia.sqlite", **settings}
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", *words]
    return subprocess.run(command, cwd=ROOT, env=plain | ours, capture_output=True, text=True, timeout=90)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an archive of two pages imported, one of them on topic."""
    folder = tmp_path_factory.mktemp("home")
    page = f"<html><head><title>Titular</title></head><body><article><h1>Titular</h1>{SAID}</article></body></html>"
    records = [
        record("http://diario.example/1", page),
        record("http://diario.example/2", page.replace("marihuana", "pelota").replace("coca", "papa")),
        record("http://diario.example/3", page, status="301 Moved"),
    ]
    done = vigia("import", str(write_warc(folder / "a.warc.gz", records)), "--json", home=folder)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["url"][-1], one["outcome"]) for one in answers] == [("1", "stored"), ("2", "off_topic")]
    assert "1 passed over" in done.stderr
    return folder


def test_reprocess_answers_in_one_object_and_shows_tenths_where_nobody_watches(home: Path) -> None:
    done = vigia("reprocess", "--since", "2012", "--json", home=home)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["finished"], told["numbers"]["read"], told["numbers"]["from_pages"]) == (True, 1, 1)
    assert told["numbers"]["changed"] == told["numbers"]["failures"] == 0
    assert "reprocessing: 1 of 1" in done.stderr


def test_reprocess_says_in_words_what_changed(home: Path) -> None:
    done = vigia("reprocess", "--dry-run", home=home)
    assert done.returncode == 0
    assert "read 1 items, 1 of them from their pages; would have changed 0" in done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--since", "gestern"), "a span of time like 24h"),
        (("--query", "topic:("), "at character 8"),
        (("--source", "nobody"), "--source"),
        (("--off-topic", "--query", "coca"), "--query"),
        (("--off-topic", "--only", "topics"), "--only"),
        (("--only", "everything"), "--only"),
    ],
)
def test_what_cannot_be_is_refused(home: Path, words: tuple[str, ...], named: str) -> None:
    done = vigia("reprocess", *words, home=home)
    assert done.returncode == 2
    assert named in done.stderr


def test_tidy_tells_first_and_then_does(home: Path) -> None:
    # what ended a moment ago is older than no days at all
    first = vigia("tidy", "--dry-run", "--json", home=home, VIGIA_KEEP_PAGES="0")
    assert json.loads(first.stdout) == {"pages": 1, "entries": 0, "dry_run": True}
    done = vigia("tidy", home=home, VIGIA_KEEP_PAGES="0")
    assert done.returncode == 0
    assert "removed 1 pages and 0 off-topic entries" in done.stderr
    assert json.loads(vigia("tidy", "--json", home=home, VIGIA_KEEP_PAGES="0").stdout)["pages"] == 0


def test_a_bad_file_is_named(home: Path) -> None:
    (home / "bad.jsonl").write_text('{"url": "x"}\n', "utf-8")
    done = vigia("import", str(home / "bad.jsonl"), home=home)
    assert done.returncode == 1
    assert "bad.jsonl: line 1: " in done.stderr
    assert vigia("import", str(home / "none.jsonl"), home=home).returncode == 2
