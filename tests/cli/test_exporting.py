"""`vigia export`: files that are whole or not there, stdout, refusals."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import feedparser
import pytest

from benchmarks.desk_store import make
from pipeline.storage.store import Store
from tests.cli.test_commands import LINES, VIGIA, as_json, environment, vigia


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    lines = folder / "lines.jsonl"
    lines.write_text("\n".join(map(json.dumps, LINES)), "utf-8")
    assert vigia("import", str(lines), home=folder).returncode == 0
    return folder


def test_statements_go_to_stdout_and_words_to_stderr(home: Path) -> None:
    done = vigia("export", "topic:legalization", "--about", "statements", home=home)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    told = as_json(vigia("statements", "topic:legalization", "--json", home=home))
    assert [int(row["id"]) for row in rows] == [said["id"] for said in told]
    assert f"stdout: {len(rows)} rows" in done.stderr


def test_json_lines_are_what_search_tells(home: Path) -> None:
    done = vigia("export", "--about", "items", "--format", "jsonl", home=home)
    assert [json.loads(line) for line in done.stdout.splitlines()] == as_json(vigia("search", "--json", home=home))


def test_a_file_says_how_much_is_in_it(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "items.parquet"
    said = as_json(vigia("export", "--about", "items", "--format", "parquet", "-o", str(file), "--json", home=home))
    assert said == {
        "file": str(file),
        "about": "items",
        "format": "parquet",
        "rows": 1,
        "bytes": file.stat().st_size,
    }
    assert [one.name for one in tmp_path.iterdir()] == ["items.parquet"]


def test_a_feed_is_written_too(home: Path) -> None:
    done = vigia("export", "--about", "items", "--format", "atom", home=home)
    assert [entry.title for entry in feedparser.parse(done.stdout).entries] == [LINES[0]["title"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x",), "expected --all"),
        (("--all",), "expected --all and a file"),
        (("--all", "x", "--about", "items"), "expected --all"),
        (("topic:(", "--about", "items"), "at character"),
        (("@nobody", "--about", "items"), "a saved search"),
        (("--about", "alerts", "--format", "rss"), "expected --about items or statements"),
        (("--about", "items", "--json"), "expected --output FILE"),
        (("--about", "items", "-o", "nowhere/at/all.csv"), "No such file"),
    ],
)
def test_what_cannot_be_exported_is_refused(home: Path, words: tuple[str, ...], said: str) -> None:
    done = vigia("export", *words, home=home)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_refused_query_leaves_the_file_as_it_was(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text("old")
    assert vigia("export", "topic:(", "--about", "items", "-o", str(file), home=home).returncode == 2
    assert (file.read_text(), [one.name for one in tmp_path.iterdir()]) == ("old", ["old.csv"])


def test_the_whole_store_goes_to_stdout(home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [VIGIA, "export", "--all", "-"], capture_output=True, timeout=60, cwd=tmp_path, env=environment(home)
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "whole.archive").write_bytes(done.stdout)
    restored = vigia("db", "restore", str(tmp_path / "whole.archive"), home=tmp_path)
    assert restored.returncode == 0, restored.stderr
    assert as_json(vigia("search", "--json", home=tmp_path)) == as_json(vigia("search", "--json", home=home))


@pytest.mark.timeout(240)
def test_an_export_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path}/vigia.sqlite")) as store:
        store.upgrade()
        make(store, 1_500)
    out = tmp_path / "out"
    out.mkdir()
    os.mkfifo(out / "all.csv.part")
    words = [VIGIA, "export", "--about", "statements", "-o", str(out / "all.csv")]
    running = subprocess.Popen(words, stderr=subprocess.DEVNULL, env=environment(tmp_path))
    # it writes into a pipe that nobody empties, and so is in the midst of it
    with (out / "all.csv.part").open("rb") as reading:
        assert reading.read(2) == b"id"
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
    assert list(out.iterdir()) == []
