"""How many feeds can be polled, how politely, and does memory stay flat? 2,000 feeds on 200 hosts, the real engine.

Pages are not fetched: only polls are counted. Baseline, in the same run: a plain httpx.Client that asks for the same
feeds one after the other, feedparser with its defaults reading each, nothing stored.
`python -m benchmarks.poll_speed 100000` is the long run for memory.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.crowd import FEEDS_EACH, HOSTS, Crowd, Log, crowd, ip, name
from pipeline.bootstrap import engine
from pipeline.runner import Event, Runner
from pipeline.settings import Settings

POLLS, WARM_UP, BASELINE = 6_000, 2_000, 150
#: the limit of a host in this benchmark: so that 200 hosts together allow 500 polls a second
GAP, CONCURRENCY = 0.4, 2
THREADS = 16
#: a start as a host sees it comes a little later or earlier than we made it
_SEEN = 0.1


class Poller(Runner):
    """The engine, told to leave pages alone."""

    def _start_fetches(self, *_: object) -> float:
        return float("inf")

    def _start_reading(self, *_: object) -> None:
        return


def run(shared: Path, polls: int = POLLS) -> dict[str, Any]:
    """Polls/s, requests of each host, memory, and the baseline."""
    with crowd() as hosts, tempfile.TemporaryDirectory() as folder:
        figures = _polled(Path(folder), hosts, polls)
        figures["baseline_httpx_feedparser_feeds_per_s"] = baseline = _baseline(hosts)
        figures["ratio"] = round(figures["polls_per_s_per_core"] / baseline, 1)
    return figures


def _polled(folder: Path, hosts: Crowd, polls: int) -> dict[str, Any]:
    with _poller(folder, hosts) as poller:
        watch = Watch(poller, WARM_UP)
        watch.until(WARM_UP)
        hosts.log()
        used, started = time.process_time(), time.perf_counter()
        watch.until(polls)
        seconds, used = time.perf_counter() - started, time.process_time() - used
        log = hosts.log()
    answers = log.not_modified + log.same + log.changed
    return {
        "polls": polls,
        "failed": watch.failed,
        "unchanged_share": round((log.not_modified + log.same) / answers, 2),
        "seconds": round(seconds, 1),
        "polls_per_s": round(polls / seconds, 1),
        "polls_per_s_per_core": round(polls / used, 1),
        "cpu_ms_per_poll": round(1000 * used / polls, 2),
        "host_limit": {"gap_s": GAP, "per_minute": round(60 / GAP)},
        "hosts": _politeness(log, seconds),
        "memory_mb": watch.memory,
    }


class Watch:
    """Lets the engine run until so many polls ended, and looks at its memory on the way."""

    def __init__(self, poller: Poller, step: int) -> None:
        self._poller, self._step = poller, step
        self.total = self.failed = self._wanted = 0
        self.memory: dict[int, float] = {}
        poller.watch = self._seen

    def until(self, polls: int) -> None:
        self._wanted, self._stop = self.total + polls, threading.Event()
        self._poller.run(self._stop)

    def _seen(self, event: Event) -> None:
        if event.polled is None:
            return
        self.total += 1
        self.failed += event.polled.kind not in ("read", "unchanged")
        if self.total % max(self._step, self._wanted // 8) == 0:
            self.memory[self.total] = _resident()
        if self.total >= self._wanted:
            self._stop.set()


@contextmanager
def _poller(folder: Path, hosts: Crowd) -> Iterator[Poller]:
    _write_sources(folder)
    settings = dataclasses.replace(
        Settings(),
        database_url=f"sqlite:///{folder}/vigia.sqlite",
        host_gap=GAP,
        host_concurrency=CONCURRENCY,
        fetch_threads=THREADS,
        # every feed is due again before we get round to it
        poll_min=0.5,
        poll_max=2.0,
    )
    addresses = {name(host): (ip(host), hosts.port) for host in range(HOSTS)}
    wiring = engine.wire(settings, catalogue=folder, addresses=addresses, stream=StringIO(), seed=1)
    poller = Poller(wiring.flow, engine.open_pool(settings))
    try:
        yield poller
    finally:
        poller.close()
        wiring.close()


def _write_sources(folder: Path) -> None:
    outlets = []
    for host in range(HOSTS):
        home = f"http://{name(host)}/"
        feeds = ", ".join(f'{{ url = "{home}{feed}" }}' for feed in range(FEEDS_EACH))
        outlets.append(
            f'[[source]]\nslug = "diario-{host}"\nname = "Diario {host}"\ncountry = "PE"\nlanguages = ["es"]\n'
            f'homepage = "{home}"\nfeeds = [{feeds}]\n'
        )
    (folder / "sources.toml").write_text("\n".join(outlets), "utf-8")


def _politeness(log: Log, seconds: float) -> dict[str, Any]:
    """What the hosts' own log says of us. Raises AssertionError when any host was asked more than its limit allows."""
    minute = min(60.0, seconds)
    busiest = max(_most_within(asked, minute) for asked in log.asked)
    gaps = sorted(later - first for asked in log.asked for first, later in pairwise(asked))
    allowed = minute / GAP + 1
    assert busiest <= allowed * (1 + _SEEN), f"expected at most {allowed:.0f} requests a host in {minute:.0f} s"
    return {
        "asked": sum(bool(asked) for asked in log.asked),
        "requests_per_minute_mean": round(sum(map(len, log.asked)) / HOSTS / seconds * 60, 1),
        # the first of a window stands at its edge: n starts are n - 1 gaps
        "requests_per_minute_most": round((busiest - 1) / minute * 60, 1),
        "gap_s_first_percentile": round(gaps[len(gaps) // 100], 3),
    }


def _most_within(asked: list[float], window: float) -> int:
    first = most = 0
    for last, moment in enumerate(asked):
        while moment - asked[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


def _resident() -> float:
    status = Path("/proc/self/status").read_text("utf-8")
    return round(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024, 1)


def _baseline(hosts: Crowd) -> float:
    """Feeds per second of processor time, as ours are counted."""
    import feedparser
    import httpx

    used = time.process_time()
    with httpx.Client() as client:
        for number in range(BASELINE):
            host = number % HOSTS
            answer = client.get(f"http://{ip(host)}:{hosts.port}/{number // HOSTS}")
            feedparser.parse(BytesIO(answer.content))
        used = time.process_time() - used
    return round(BASELINE / used, 1)


if __name__ == "__main__":
    print(json.dumps(run(Path(), int(sys.argv[1]) if len(sys.argv) > 1 else POLLS), indent=1))
