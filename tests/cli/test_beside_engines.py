"""What commands leave alone: the list of outlets, a store that an engine holds, a store that belongs to workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pipeline.storage import sources
from pipeline.storage.store import Store
from tests import services
from tests.flows import analysis, bench, prose, report

ROOT = Path(__file__).parents[2]
LINE = {"url": "http://ajena.example/1", "title": "Otro", "text": prose(9), "source": "ajena", "published_at": None}


def vigia(*words: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VIGIA_")}
    ours = {"VIGIA_DATABASE_URL": f"sqlite:///{home}/vigia.sqlite", **settings}
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", *words]
    return subprocess.run(command, cwd=ROOT, env=plain | ours, capture_output=True, text=True, timeout=90)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store whose outlets are not those of the shipped catalogue."""
    with closing(Store(f"sqlite:///{tmp_path}/vigia.sqlite")) as store:
        store.upgrade()
        bench(store).settle(analysis("http://diario.example/1", prose(1), report("Legalizar la coca sería un error")))
    return tmp_path


def outlets(home: Path) -> dict[str, str]:
    with closing(Store(f"sqlite:///{home}/vigia.sqlite")) as store, store.read() as db:
        return sources.names(db)


def test_reading_again_importing_and_tidying_leave_the_outlets_as_they_are(home: Path) -> None:
    before = outlets(home)
    lines = home / "one.jsonl"
    lines.write_text(json.dumps(LINE) + "\n", "utf-8")
    for words in (["tidy", "--dry-run"], ["tidy"], ["reprocess", "--dry-run"], ["reprocess", "--only", "topics"]):
        assert vigia(*words, home=home).returncode == 0
        assert outlets(home) == before
    assert vigia("import", str(lines), home=home).returncode == 0
    assert outlets(home).keys() == {*before, "ajena"}


def test_a_store_that_an_engine_holds_is_neither_replaced_nor_taken_down(home: Path) -> None:
    archive = str(home / "all.archive")
    assert vigia("export", "--all", archive, home=home).returncode == 0
    with closing(Store(f"sqlite:///{home}/vigia.sqlite")) as store, store.alone():
        for words in (["db", "restore", archive, "--replace"], ["db", "downgrade", "base", "--yes"]):
            refused = vigia(*words, home=home)
            assert refused.returncode != 0
            assert "Traceback" not in refused.stderr
        store.check()
    assert vigia("db", "restore", archive, "--replace", home=home).returncode == 0


def test_the_embedded_engine_leaves_a_store_to_the_workers(home: Path, postgres_url: str) -> None:
    shared = {"VIGIA_BROKER_URL": f"redis://127.0.0.1:{services.free_port()}/0", "VIGIA_DATABASE_URL": postgres_url}
    for words in (["run"], ["poll"]):
        refused = vigia(*words, home=home, **shared)
        assert (refused.returncode, "VIGIA_BROKER_URL: expected none" in refused.stderr) == (2, True)
    assert "the workers go on with them" in vigia("retry", home=home, **shared).stderr
    assert "`vigia run` goes on with them" in vigia("retry", home=home).stderr


def test_no_embedded_engine_works_beside_a_beat_though_no_broker_is_set(home: Path, postgres_store: Store) -> None:
    shared = {"VIGIA_DATABASE_URL": postgres_store.url}
    with postgres_store.among():
        for words in (["run"], ["poll"], ["db", "downgrade", "base", "--yes"]):
            refused = vigia(*words, home=home, **shared)
            assert (refused.returncode, "another vigia process works on this store" in refused.stderr) == (1, True)
    postgres_store.check()


@pytest.mark.parametrize("words", [["beat"], ["worker"]])
def test_beat_and_workers_do_not_start_beside_an_embedded_engine(
    home: Path, postgres_store: Store, words: list[str], tmp_path: Path
) -> None:
    with services.Redis(tmp_path / "redis", persistent=False) as redis, postgres_store.alone():
        shared = {"VIGIA_DATABASE_URL": postgres_store.url, "VIGIA_BROKER_URL": redis.url}
        refused = vigia(*words, home=home, **shared)
    assert (refused.returncode, "another vigia process works on this store" in refused.stderr) == (1, True)


@contextmanager
def worker(home: Path, queues: str, shared: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`vigia worker`, once it works."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("VIGIA_")}
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", "worker", "--queues", queues]
    log = home / "worker.log"
    with (
        log.open("w") as to,
        subprocess.Popen(command, cwd=ROOT, env=outside | shared, stdout=to, stderr=to, text=True) as process,
    ):
        try:
            end = time.monotonic() + 60
            while f"working on {queues}" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            yield process
        finally:
            process.kill()


@pytest.fixture
def shared(postgres_store: Store, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What workers share."""
    with services.Redis(tmp_path / "redis", persistent=False) as redis:
        yield {"VIGIA_DATABASE_URL": postgres_store.url, "VIGIA_BROKER_URL": redis.url}


@pytest.mark.parametrize("queues", ["fetch", "process"])
def test_no_embedded_engine_works_beside_workers_that_empty_queues_without_a_beat(
    home: Path, postgres_store: Store, shared: dict[str, str], queues: str
) -> None:
    with worker(home, queues, shared) as working:
        refused = vigia("poll", home=home, VIGIA_DATABASE_URL=postgres_store.url)
        assert (refused.returncode, "another vigia process works on this store" in refused.stderr) == (1, True)
        working.terminate()
        assert working.wait(60) == 0
    with postgres_store.alone():
        pass


def test_a_worker_ends_when_an_engine_came_in_while_the_store_was_away(
    home: Path, postgres_store: Store, shared: dict[str, str]
) -> None:
    with worker(home, "process", shared) as working:
        with postgres_store.read() as db:
            services.end_other_sessions(db)
        with postgres_store.alone():
            assert working.wait(60) == 1
    assert "ending, as somebody came in while the store was away" in (home / "worker.log").read_text()


@pytest.mark.parametrize("revision", ["nonsense", "9999", ""])
def test_a_revision_that_is_none_is_refused_before_anything_is_asked(home: Path, revision: str) -> None:
    refused = vigia("db", "downgrade", revision, home=home)
    assert (refused.returncode, "expected base or one of ['0001', " in refused.stderr) == (2, True)
    assert "lose what" not in refused.stderr + refused.stdout


@pytest.mark.parametrize(
    "words",
    [["search"], ["statements", "legalization"], ["status"], ["alerts"], ["show", "1"], ["retry"], ["sources"]],
)
def test_who_only_looks_makes_no_store_at_an_address_that_was_mistyped(tmp_path: Path, words: list[str]) -> None:
    refused = vigia(*words, home=tmp_path / "no" / "such")
    assert refused.returncode == 1
    assert f"expected a store, got no file {tmp_path}/no/such/vigia.sqlite; `vigia run`" in refused.stderr
    assert not (tmp_path / "no").exists()


def test_the_store_that_nobody_named_is_made_by_whoever_comes_first(tmp_path: Path) -> None:
    ours = tmp_path / ".local/share/vigia/vigia.sqlite"
    made = vigia("status", "--json", home=tmp_path, HOME=str(tmp_path), VIGIA_DATABASE_URL=f"sqlite:///{ours}")
    assert (made.returncode, ours.exists()) == (0, True), made.stderr


def test_what_the_store_tells_is_shown_while_the_broker_is_away(home: Path) -> None:
    broker = f"redis://127.0.0.1:{services.free_port()}/0"
    shown = vigia("status", "--json", home=home, VIGIA_BROKER_URL=broker)
    assert (shown.returncode, json.loads(shown.stdout)["totals"]["rows"]["items"]) == (1, 1)
    assert "broker" in shown.stderr
    examined = vigia("doctor", "--no-network", "--json", home=home, VIGIA_BROKER_URL=broker)
    found = {one["check"]: one["verdict"] for one in json.loads(examined.stdout)}
    assert (examined.returncode, found["broker"], found["database"]) == (1, "error", "ok")


@pytest.mark.parametrize(
    "words", [["show", str(1 << 63)], ["search", "-n", "9" * 22], ["search", "--offset", "9" * 22]]
)
def test_numbers_beyond_any_store_are_wrong_usage(home: Path, words: list[str]) -> None:
    refused = vigia(*words, home=home)
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
