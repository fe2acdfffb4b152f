"""Workers on an invented press, in processes of their own: python -m tests.workers.press FOLDER worker QUEUES | beat.

FOLDER holds wiring.json (settings, addresses of hosts, the moment that "now" is), and the catalogue. While the process
runs, a file `jump-NAME` in it sets the machine's clock of the process of that name forward or back by so many seconds.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from frontends.cli.work import log_to_stderr, stop_on_signals
from pipeline.analysis import Analyst
from pipeline.bootstrap import engine
from pipeline.clock import Clock
from pipeline.settings import Settings
from pipeline.types import Analysis, Page
from workers import main
from workers.bench import Surroundings


class PressTime:
    """The time that workers agree on, moved to that of the press, as its folder says at this moment."""

    def __init__(self, agreed: Clock, folder: Path) -> None:
        self._agreed, self._file = agreed, folder / "offset"

    def now(self) -> datetime:
        return self._agreed.now() + timedelta(seconds=float(self._file.read_text()))

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True)
class Poisoned:
    """An analyst whom some pages hang, kill or have eat memory, as hostile markup does with C parsers."""

    analyst: Analyst

    def read(self, page: Page, *, keep_all: bool) -> Analysis:
        if b"poison: hang" in page.body:
            signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL})
            ctypes.CDLL(None).sleep(600)
        if b"poison: crash" in page.body:
            os.kill(os.getpid(), signal.SIGSEGV)
        if b"poison: memory" in page.body:
            _ = [bytes(100_000_000) for _ in range(10_000)]
        return self.analyst.read(page, keep_all=keep_all)


def around(folder: Path, wiring: dict[str, Any]) -> Surroundings:
    addresses = {host: (str(at[0]), int(at[1])) for host, at in wiring["addresses"].items()}
    return Surroundings(
        catalogue=folder,
        addresses=addresses,
        clock=lambda agreed: PressTime(agreed, folder),
        analyst=lambda settings: Poisoned(engine.load_analyst(settings)),  # type: ignore[arg-type, return-value]
    )


def wrong_clock(file: Path) -> None:
    """From now on this process's machine has the clock that the file says."""
    told = time.time

    def jumped() -> float:
        try:
            return told() + float(file.read_text())
        except FileNotFoundError:
            return told()

    time.time = jumped


def run(folder: Path, name: str, what: str, queues: str) -> int:
    wrong_clock(folder / f"jump-{name}")
    wiring = json.loads((folder / "wiring.json").read_text())
    settings = Settings(**wiring["settings"])
    log_to_stderr(settings)
    if what == "beat":
        main.run_beat(settings, stop_on_signals(), around(folder, wiring))
        return 0
    return main.run_worker(settings, queues.split(","), None, around(folder, wiring))


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), *sys.argv[2:5]))
