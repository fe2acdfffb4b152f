"""How long pages take and how much the API answers, on a store as large as years make it, asked by a public load tool.

    python -m benchmarks.desk_store sqlite:////tmp/desk.sqlite
    python -m benchmarks.web_speed sqlite:////tmp/desk.sqlite [PROCESSES]

`vigia serve` runs as it does for people, on this machine without accounts; `hey` (Debian's package, one binary) asks
it: each page 60 times, two at once; the API for five seconds, eight at once. Milliseconds by the clock, as whoever asks
sees them; of the API also answers a second of the servers' processor time (not the database's), which other work on the
machine does not change much. Without a store or `hey` this says so and stops.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from tests.services import free_port

#: every page, asked for what is much and for what is little; the year is that of the store's own time
PAGES = (
    "/?since=2012-06-26",
    "/search",
    "/search?q=topic:legalization",
    "/search?q=voz7+-voz3&sort=relevance",
    "/search?q=topic:legalization+country:PE&about=statement",
    "/timeline?q=topic:legalization",
    "/timeline?q=voz7",
    "/facets?q=topic:legalization",
    "/facets?q=voz7&about=statement",
    "/items/150000",
    "/statements/400000",
    "/positions",
    "/positions?topic=legalization&on=2011-01-01",
    "/positions/PE/legalization",
    "/speakers",
    "/alerts",
    "/rules",
    "/sources",
    "/topics",
    "/topics/legalization",
)
ASKED_OF_API = (
    "/api/v1/items?limit=20",
    "/api/v1/items/150000",
    "/api/v1/statements?limit=20",
    "/api/v1/statements/400000",
    "/api/v1/searches",
)
_TIMES, _AT_ONCE, _OF_API = 60, 2, 8


def run(shared: Path, url: str = "", processes: int = 1) -> dict[str, Any]:
    """{"pages": {path: {median, p95 in ms}}, "api": {path: answers a second, by the clock and of processor time}}."""
    del shared
    if not url or not shutil.which("hey"):
        return {"skipped": "expected the address of a store of benchmarks.desk_store, and hey (apt-get install hey)"}
    with served(url, processes) as (base, server):
        pages = {path: _page(base + path) for path in PAGES}
        slow = sorted(path for path, one in pages.items() if one["median"] > 200 or one["p95"] > 500)
        api = {path: _rate(base + path, server) for path in ASKED_OF_API}
    return {"processes": processes, "pages": pages, "over_200_or_500_ms": slow, "api": api}


@contextmanager
def served(url: str, processes: int = 1) -> Iterator[tuple[str, int]]:
    """`vigia serve` on a free port, until this ends: its address, and the number of the process."""
    port = free_port()
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", "serve"]
    command += ["--processes", str(processes), "--address"]
    env = {**os.environ, "VIGIA_DATABASE_URL": url, "VIGIA_LOG_LEVEL": "warning"}
    process = subprocess.Popen([*command, f"127.0.0.1:{port}"], env=env)
    base = f"http://127.0.0.1:{port}"
    try:
        _await(f"{base}/healthz")
        yield base, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _await(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{address}: expected an answer within 30 s")


def _page(address: str) -> dict[str, float]:
    asked = ["hey", "-n", str(_TIMES), "-c", str(_AT_ONCE), "-o", "csv", address]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=300).stdout
    rows = list(csv.DictReader(StringIO(told)))
    wrong = {row["status-code"] for row in rows} - {"200"}
    if wrong:
        raise ValueError(f"{address}: expected answers 200, got {sorted(wrong)}")
    times = sorted(1000 * float(row["response-time"]) for row in rows)
    return {"median": round(statistics.median(times), 1), "p95": round(times[int(0.95 * len(times)) - 1], 1)}


def _rate(address: str, server: int) -> dict[str, float]:
    asked = ["hey", "-z", "5s", "-c", str(_OF_API), "-o", "csv", address]
    before = _processor_time(server)
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    took = _processor_time(server) - before
    rows = list(csv.DictReader(StringIO(told)))
    good = sum(row["status-code"] == "200" for row in rows)
    until = max(float(row["offset"]) + float(row["response-time"]) for row in rows)
    return {"per_s": round(good / until, 1), "per_processor_s": round(good / took, 1)}


def _processor_time(pid: int) -> float:
    """Seconds that a process and its children had, as Linux counts them."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in (pid, *children)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    address, number = (*sys.argv[1:], *("", "1")[len(sys.argv) - 1 :])[:2]
    print(json.dumps(run(Path(), address, int(number)), indent=1))
