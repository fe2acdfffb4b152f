"""A worker whose tasks only take their time: python -m tests.workers.napping BROKER POOL."""

from __future__ import annotations

import logging
import sys
import time

from pipeline.settings import Settings
from workers.app import make_app


def nap(seconds: float) -> None:
    time.sleep(seconds)


def run(broker: str, pool: str) -> int:
    logging.basicConfig(level=logging.WARNING)
    app = make_app(Settings(broker_url=broker))
    app.task(nap, name="nap")
    worker = app.Worker(
        queues=["fetch"], pool=pool, concurrency=3, without_gossip=True, without_mingle=True, quiet=True
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:3]))
