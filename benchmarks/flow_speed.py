"""How fast is the whole flow? Generated pages, polled, fetched, read, settled and alerted on by the real engine.

Baseline, in the same run: trafilatura with its own defaults, extracting the same pages in one process and doing nothing
else. `ratio` is our articles per second and core over its pages per second.

`python -m benchmarks.flow_speed PAGES postgresql` runs it on PostgreSQL as well: `ratio_to_sqlite` compares the
engine's processor time for an article, which is what the other store changes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.press import HOSTS, served, site
from pipeline.bootstrap import engine
from pipeline.clock import ShiftedClock
from pipeline.runner import Runner
from pipeline.settings import Settings
from pipeline.storage.store import Store
from tests.services import Postgres

PAGES, BASELINE_PAGES = 600, 150
START = datetime(2012, 6, 27, 9, tzinfo=UTC)
CORES = 2


def run(shared: Path, number: int = PAGES, *, postgresql: bool = False) -> dict[str, Any]:
    """Measure once; pages per second and core, and peak memory."""
    files, bare = site(number, seed=7)
    with tempfile.TemporaryDirectory() as folder, served(files) as address:
        figures = _flow(Path(folder), address, f"sqlite:///{folder}/vigia.sqlite")
        if postgresql:
            figures["postgresql"] = _on_postgresql(Path(folder), address, figures)
    figures["baseline_trafilatura_default_pages_per_s"] = baseline = _trafilatura(bare[:BASELINE_PAGES])
    figures["ratio"] = round(figures["articles_per_s_per_core"] / baseline, 2)
    return figures


def _on_postgresql(folder: Path, address: tuple[str, int], sqlite: dict[str, Any]) -> dict[str, Any]:
    with Postgres() as server:
        url = server.database()
        with closing(Store(url)) as store:
            store.upgrade()
        figures = _flow(folder, address, url)
    mine, theirs = (one["cpu_ms_per_article"]["engine"] for one in (figures, sqlite))
    return {**figures, "ratio_to_sqlite": {"engine_cpu": round(mine / theirs, 2)}}


def _flow(folder: Path, address: tuple[str, int], url: str) -> dict[str, Any]:
    _write_sources(folder)
    settings = dataclasses.replace(
        Settings(),
        database_url=url,
        host_gap=0.0,
        host_concurrency=4,
        process_workers=CORES,
    )
    addresses = dict.fromkeys(HOSTS, address)
    clock = ShiftedClock(START + timedelta(hours=1))
    wiring = engine.wire(settings, clock=clock, catalogue=folder, addresses=addresses, stream=StringIO(), seed=1)
    runner = Runner(wiring.flow, engine.open_pool(settings))
    started, used = time.perf_counter(), time.process_time()
    runner.round(threading.Event())
    seconds = time.perf_counter() - started
    used = time.process_time() - used
    readers = [_process(pid) for pid in _descendants(os.getpid())]
    runner.close()
    outcomes = dict(runner.endings)
    wiring.close()
    stored = outcomes.get("stored", 0)
    return {
        "articles": stored,
        "outcomes": outcomes,
        "seconds": round(seconds, 2),
        "articles_per_s": round(stored / seconds, 1),
        "articles_per_s_per_core": round(stored / seconds / CORES, 1),
        "cpu_ms_per_article": {
            "engine": round(1000 * used / stored, 1),
            "reading": round(1000 * sum(reader.cpu for reader in readers) / stored, 1),
        },
        "peak_memory_mb": {
            "engine": round(_process(os.getpid()).peak),
            "reading_process": round(max(reader.peak for reader in readers)),
        },
    }


@dataclass(frozen=True, slots=True)
class Process:
    """What a process used: seconds of processor time, megabytes at its peak."""

    cpu: float
    peak: float


def _process(pid: int) -> Process:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return Process((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak / 1024)


def _descendants(pid: int) -> list[int]:
    """Every process below this one that runs our code: not the one that serves the pages."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    ours = [
        child for child in children if "forkserver" in Path(f"/proc/{child}/cmdline").read_text() or pid != os.getpid()
    ]
    return ours + [grandchild for child in ours for grandchild in _descendants(child)]


def _write_sources(folder: Path) -> None:
    outlets = (
        f'[[source]]\nslug = "{host.split(".")[0]}"\nname = "{host}"\ncountry = "PE"\nlanguages = ["es", "en", "pt"]\n'
        f'homepage = "http://{host}/"\nfeeds = [{{ url = "http://{host}/rss.xml", kind = "rss" }}]\nenabled = true\n'
        for host in HOSTS
    )
    (folder / "sources.toml").write_text("\n".join(outlets), "utf-8")


def _trafilatura(bodies: list[bytes]) -> float:
    import trafilatura

    trafilatura.extract(bodies[0])
    started = time.perf_counter()
    for body in bodies:
        trafilatura.extract(body)
    return round(len(bodies) / (time.perf_counter() - started), 1)


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    print(json.dumps(run(Path(), asked, postgresql="postgresql" in sys.argv[2:]), indent=1))
