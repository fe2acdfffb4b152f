"""How fast does everything leave the store, and in how much memory? On a store of 200,000 items, 500,000 statements.

Rows a second of processor time, by kind and format, and the peak of the process's memory; each in a process of its own.
The baseline, in the same run: csv.writer over the bare rows of the table alone, as sqlite3 gives them: no topics, no
outlets, no speakers, nothing neutralised. `ratio` is the baseline's rows a second over those of the export.

    python -m benchmarks.export_speed [FILE]     # a SQLite store made by benchmarks.desk_store; makes one without
"""

from __future__ import annotations

import csv
import io
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.desk_speed import Still
from benchmarks.desk_store import ITEMS, SOURCES, make
from pipeline.bootstrap.configuration import shipped_config
from pipeline.desk import Desk, Reference
from pipeline.exporting.export import begin, write
from pipeline.settings import Settings
from pipeline.storage.store import Store

BARE = {
    "items": "SELECT id, published_at, first_seen_at, source, title, url, lang, countries, access, authors FROM items",
    "statements": (
        "SELECT id, published_at, first_seen_at, speaker_id, role, country, text, kind, lang, confidence, last_seen_at"
        " FROM statements"
    ),
}
FORMATS = ("csv", "jsonl", "parquet")
BATCH = 1_000


def run(_: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vigia.sqlite"
        with closing(Store(f"sqlite:///{file}")) as store:
            store.upgrade()
            make(store, ITEMS)
        return measured(file)


def measured(file: Path) -> dict[str, Any]:
    """By kind: the baseline, and each format beside it."""
    found: dict[str, Any] = {}
    for about in BARE:
        found[about] = {"baseline": _apart(file, about, "bare")}
        for form in FORMATS:
            told = _apart(file, about, form)
            told["ratio"] = round(found[about]["baseline"]["rows_per_second"] / told["rows_per_second"], 2)
            found[about][form] = told
    return found


def _apart(file: Path, about: str, form: str) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.export_speed", str(file), about, form]
    told: dict[str, Any] = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return told


def _one(file: Path, about: str, form: str) -> dict[str, Any]:
    began = time.process_time()
    rows, length = _bare(file, about) if form == "bare" else _export(file, about, form)
    spent = time.process_time() - began
    return {
        "rows": rows,
        "bytes": length,
        "rows_per_second": round(rows / spent),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _bare(file: Path, about: str) -> tuple[int, int]:
    rows = length = 0
    with closing(sqlite3.connect(file)) as db:
        cursor = db.execute(BARE[about])
        while batch := cursor.fetchmany(BATCH):
            out = io.StringIO()
            csv.writer(out).writerows(batch)
            rows, length = rows + len(batch), length + len(out.getvalue().encode())
    return rows, length


def _export(file: Path, about: str, form: str) -> tuple[int, int]:
    rows = length = 0
    with closing(Store(f"sqlite:///{file}")) as store:
        desk = Desk(store, Still(), Settings(), SOURCES, Reference(shipped_config(), shipped_config()))
        for piece in write(begin(desk, about, ""), form):  # type: ignore[arg-type]
            rows, length = rows + piece.rows, length + len(piece.body)
    return rows, length


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(_one(Path(sys.argv[1]), *sys.argv[2:])))
    else:
        print(json.dumps(run(Path()) if len(sys.argv) == 1 else measured(Path(sys.argv[1])), indent=1))
