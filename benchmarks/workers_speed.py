"""What many machines cost beside one: CPU an entry, items a second with one child and two, a long queue's memory.

All in one run, against the embedded engine on the same press, with a real Redis and PostgreSQL. The long run:
python -m benchmarks.workers_speed 100000
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from pipeline.storage import entries, feeds, pages, schema, sources
from pipeline.storage.entries import Announcement
from pipeline.types import Entry, FeedAddress, Page, Source
from tests.services import Postgres, Redis
from tests.workers import newsdesk
from tests.workers.newsdesk import Desk, Press, ask, press

#: entries of the short run of the long queue
DRAINED = 4_000
_FEED = FeedAddress("http://larga.example/rss")
_TICKS = os.sysconf("SC_CLK_TCK")


def run(_shared: Path) -> dict[str, Any]:
    """Figures of a short run."""
    with tempfile.TemporaryDirectory(prefix="vigia-bench-") as name:
        folder = Path(name)
        with (
            Redis(folder / "redis", persistent=False) as redis,
            Postgres() as postgres,
            press(folder / "press") as served,
        ):
            alone = embedded(served, folder / "alone")
            one = distributed(served, folder / "one", redis, postgres, children=1)
            two = distributed(served, folder / "two", redis, postgres, children=2)
            drained = drain(served, folder / "drain", redis, postgres, DRAINED)
    return {
        "entries": one["entries"],
        "embedded, 2 reading processes": alone,
        "workers, 1 child": one,
        "workers, 2 children": two,
        "cpu_of_workers_to_embedded": round(one["cpu_ms_an_entry_in_all"] / alone["cpu_ms_an_entry_in_all"], 2),
        "two_children_to_one": round(two["entries_a_second"] / one["entries_a_second"], 2),
        "long_queue": drained,
    }


def embedded(served: Press, folder: Path) -> dict[str, Any]:
    """Both editions through the embedded engine; serving the press is within its processor time."""
    own, began = time.process_time(), time.monotonic()
    with _watched() as used, closing(newsdesk.embedded(served, folder)) as store:
        took = time.monotonic() - began
        number = ask(store, "SELECT count(*) FROM entries")[0][0]
    return _figures(number, took, {"engine": time.process_time() - own, "reading": sum(used.values())})


def distributed(served: Press, folder: Path, redis: Redis, postgres: Postgres, children: int) -> dict[str, Any]:
    """Both editions through workers; neither their start nor the servers' processor time is counted."""
    with _desk(served, folder, redis, postgres, process_workers=children, dispatch_every=1.0) as desk:
        served.publish(1)
        before, took = _cpu(desk), 0.0
        for edition in (1, 2):
            desk.publish(edition)
            took += desk.until_done(600)
        after = _cpu(desk)
        return _figures(desk.ended(), took, {name: after[name] - before[name] for name in after})


def drain(served: Press, folder: Path, redis: Redis, postgres: Postgres, number: int) -> dict[str, Any]:
    """So many pages that wait to be read, all of them short and of no topic: what is left is the work of a message."""
    served.around.shown = 0
    with _desk(
        served, folder, redis, postgres, process_workers=2, queue_max=200, dispatch_every=1.0, start=False
    ) as desk:
        _fill(desk, number)
        desk.start("beat", "beat")
        desk.start("reading", "worker", "process")
        desk.until(lambda: desk.ended() >= number // 10, 3600)
        early, began, at = _resident(desk), time.monotonic(), desk.ended()
        most = 0
        while (ended := desk.ended()) < number:
            most = max(most, int(redis.client.info("memory")["used_memory"]))
            time.sleep(0.2)
        return {
            "entries": number,
            "entries_a_second": round((ended - at) / (time.monotonic() - began), 1),
            "resident_mb_after_a_tenth": early,
            "resident_mb_at_the_end": _resident(desk),
            "redis_mb_at_most": round(most / 1e6, 1),
        }


@contextmanager
def _desk(
    served: Press, folder: Path, redis: Redis, postgres: Postgres, *, start: bool = True, **settings: Any
) -> Iterator[Desk]:
    redis.client.flushall()
    desk = Desk(served, folder, postgres.database(), redis.url, {"log_level": "warning", **settings})
    desk.open()
    desk.set_hour(newsdesk.MORNING)
    try:
        if start:
            desk.start_all()
            desk.until(lambda: bool(ask(desk.store, "SELECT count(*) FROM feeds")[0][0]))
        yield desk
    finally:
        for name in list(desk.running):
            desk.end(name, signal.SIGKILL)
        desk.store.close()


def _fill(desk: Desk, number: int) -> None:
    """Entries that were fetched already, all with the same bytes."""
    at, source = newsdesk.MORNING, Source("larga", "Larga", "PE", ("es",), "http://larga.example", (_FEED,))
    with desk.store.write() as db:
        sources.sync(db, [source])
        feeds.sync(db, [source], at, 300.0)
        feed = feeds.listing(db)[0][0]
        told = [(f"http://larga.example/{n}", f"larga.example/{n}") for n in range(number)]
        fresh = [Announcement(Entry(url, "Nota"), key, key, host="larga.example") for url, key in told]
        ids = entries.announce(db, "larga", feed.id, fresh, at, quiet=True)
        db.execute(update(schema.entries).values(state="to_process"))
        body = b"<html><body><article>" + b"<p>El mercado abre a las ocho y cierra tarde.</p>" * 30
        pages.save(db, ids[0], Page(fresh[0].entry.url, fresh[0].entry.url, body, "text/html", at), at)
        held = schema.pages.c
        others = [column for column in held if column.name != "entry_id"]
        query = select(schema.entries.c.id, *others).where(schema.entries.c.id != held.entry_id)
        db.execute(schema.pages.insert().from_select(["entry_id", *(column.name for column in others)], query))


def _figures(number: int, took: float, cpu: dict[str, float]) -> dict[str, Any]:
    return {
        "entries": number,
        "seconds": round(took, 1),
        "entries_a_second": round(number / took, 1),
        "cpu_ms_an_entry": {name: round(1000 * used / number, 1) for name, used in cpu.items()},
        "cpu_ms_an_entry_in_all": round(1000 * sum(cpu.values()) / number, 1),
    }


@contextmanager
def _watched() -> Iterator[dict[int, float]]:
    """Seconds of processor time of every process below this one but the servers, which are there already."""
    there, used, over = set(_below(os.getpid())), dict[int, float](), threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            for pid in set(_below(os.getpid())) - there:
                used[pid] = _stat(pid) / _TICKS

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield used
    finally:
        over.set()
        watching.join()


def _below(pid: int) -> Iterator[int]:
    try:
        children = [
            int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield child
        yield from _below(child)


def _cpu(desk: Desk) -> dict[str, float]:
    """Seconds of the beat and of each worker, its children included."""
    running = desk.running.items()
    return {name: sum(map(_stat, (at.pid, *desk.children(name)))) / _TICKS for name, at in running}


def _stat(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _pids(desk: Desk) -> list[int]:
    return [pid for name, process in desk.running.items() for pid in (process.pid, *desk.children(name))]


def _resident(desk: Desk) -> float:
    pages_held = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _pids(desk))
    return round(pages_held * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


if __name__ == "__main__":
    DRAINED = int(sys.argv[1]) if len(sys.argv) > 1 else DRAINED
    print(json.dumps(run(Path()), indent=1))
