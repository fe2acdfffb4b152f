"""How long pages take and how much the API answers, on a store as large as years make it, asked by a public load tool.

    python -m benchmarks.desk_store sqlite:////tmp/desk.sqlite
    python -m benchmarks.web_speed sqlite:////tmp/desk.sqlite

`vigia serve` runs as it does for people, one process on this machine without accounts; `hey` (Debian's package, one
binary) asks it: each page 60 times, two at once; the API for five seconds, four at once. Milliseconds by the clock, as
whoever asks sees them. Without a store or `hey` this says so and stops.
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
_TIMES, _AT_ONCE = 60, 2


def run(shared: Path, url: str = "") -> dict[str, Any]:
    """{"pages": {path: {median, p95 in ms}}, "api": {path: answers a second}}."""
    del shared
    if not url or not shutil.which("hey"):
        return {"skipped": "expected the address of a store of benchmarks.desk_store, and hey (apt-get install hey)"}
    with served(url) as base:
        pages = {path: _page(base + path) for path in PAGES}
        slow = sorted(path for path, one in pages.items() if one["median"] > 200 or one["p95"] > 500)
        api = {path: _rate(base + path) for path in ASKED_OF_API}
    return {"pages": pages, "over_200_or_500_ms": slow, "api_per_s": api}


@contextmanager
def served(url: str) -> Iterator[str]:
    """`vigia serve` on a free port, until this ends."""
    port = free_port()
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", "serve", "--address"]
    env = {**os.environ, "VIGIA_DATABASE_URL": url, "VIGIA_LOG_LEVEL": "warning"}
    process = subprocess.Popen([*command, f"127.0.0.1:{port}"], env=env)
    base = f"http://127.0.0.1:{port}"
    try:
        _await(f"{base}/healthz")
        yield base
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


def _rate(address: str) -> float:
    asked = ["hey", "-z", "5s", "-c", "4", "-o", "csv", address]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = list(csv.DictReader(StringIO(told)))
    good = sum(row["status-code"] == "200" for row in rows)
    return round(good / max(float(row["offset"]) + float(row["response-time"]) for row in rows), 1)


if __name__ == "__main__":
    print(json.dumps(run(Path(), sys.argv[1] if len(sys.argv) > 1 else ""), indent=1))
