"""Does a beat keep anything of its looks, or of the messages it sends? On a Redis and a PostgreSQL, in one process.

python -m benchmarks.beat_memory 5000           looks, one after the other instead of one a second
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.bootstrap import desks
from pipeline.settings import Settings
from tests.services import Postgres, Redis
from tests.workers.newsdesk import PRESS
from workers.app import make_app
from workers.bench import Bench, Surroundings
from workers.post import Post
from workers.schedule import Beat

#: looks before the first figure: what is loaded once is loaded then
_BEFORE = 50
#: ids of one sending
_SENT = 200
_PARTS = 10


def run(_shared: Path, looks: int = 500) -> dict[str, Any]:
    """Resident MB, and objects that the collector watches, at each tenth of so many looks; then of messages."""
    with tempfile.TemporaryDirectory() as folder, Redis(Path(folder), persistent=False) as redis, Postgres() as server:
        settings = Settings(broker_url=redis.url, database_url=server.database(), resend_after=0.05)
        with closing(desks.name_store(settings)) as store:
            store.upgrade()
        bench = Bench(settings, Surroundings(catalogue=PRESS))
        post = Post(make_app(settings), bench.redis, settings.queue_max)
        with closing(bench):
            beat, ids = Beat(bench, post), count()

            def look() -> None:
                beat.tick()
                redis.client.flushall()

            def send() -> None:
                post.send("vigia.read", (next(ids) for _ in range(_SENT)))
                redis.client.flushall()

            return {
                "looks": looks,
                "by_looks": list(_watched(look, looks)),
                "by_messages": list(_watched(send, 10 * looks // _SENT)),
            }


def _watched(do: Callable[[], None], times: int) -> Iterator[tuple[float, int]]:
    for _ in range(_BEFORE):
        do()
    yield _held()
    for _ in range(_PARTS):
        for _ in range(times // _PARTS):
            do()
        yield _held()


def _held() -> tuple[float, int]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 2), len(gc.get_objects())


if __name__ == "__main__":
    print(json.dumps(run(Path(), int(sys.argv[1]) if len(sys.argv) > 1 else 500)))
