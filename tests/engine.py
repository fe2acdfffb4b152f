"""An engine on the newsroom in its own process, for tests that kill it: python -m tests.engine FOLDER PORT HOUR URL?"""

from __future__ import annotations

import dataclasses
import sys
import threading
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import samples.newsroom
from pipeline.bootstrap import engine
from pipeline.clock import ShiftedClock
from pipeline.runner import Runner, only_engine
from pipeline.settings import Settings
from samples.newsroom.server import Newsroom

PRESS = Path(samples.newsroom.__file__).parent
#: hurried, because the press misbehaves on purpose
HURRY = {
    "host_gap": 0.0,
    "host_concurrency": 4,
    "fetch_connect_timeout": 1.0,
    "fetch_read_timeout": 1.0,
    "fetch_timeout": 1.5,
    "feed_timeout": 1.5,
    "page_max_bytes": 3_000_000,
    "retry_base": 0.05,
    "retry_cap": 0.1,
    "attempts_max": 3,
    "process_workers": 2,
}
PATIENCE = 1.5
MORNING, EVENING = datetime(2012, 6, 26, 12, tzinfo=UTC), datetime(2012, 6, 27, 12, tzinfo=UTC)


def settings_for(folder: Path, database_url: str = "") -> Settings:
    return dataclasses.replace(
        Settings(),
        database_url=database_url or f"sqlite:///{folder}/vigia.sqlite",
        alerts_file=str(folder / "alerts.jsonl"),
        **HURRY,  # type: ignore[arg-type]
    )


def play(
    folder: Path, address: tuple[str, int], hosts: tuple[str, ...], start: datetime, database_url: str = ""
) -> None:
    """One round over everything that the press shows now."""
    settings = settings_for(folder, database_url)
    wiring = engine.wire(
        settings,
        clock=ShiftedClock(start),
        catalogue=PRESS,
        addresses=dict.fromkeys(hosts, address),
        stream=StringIO(),
        seed=1,
    )
    with only_engine(wiring.flow.store):
        runner = Runner(wiring.flow, engine.open_pool(settings))
        runner.take_over()
        try:
            runner.make_due()
            runner.round(threading.Event(), patience=PATIENCE)
        finally:
            runner.close()
            wiring.close()


if __name__ == "__main__":
    press = ("127.0.0.1", int(sys.argv[2]))
    play(Path(sys.argv[1]), press, Newsroom().hosts, datetime.fromisoformat(sys.argv[3]), *sys.argv[4:])
