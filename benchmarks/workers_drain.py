"""Does a long queue drain at an even pace, in even memory, each entry once? Real workers, Redis, PostgreSQL.

    python -m benchmarks.workers_drain 100000          pages that were fetched already and wait to be read
    python -m benchmarks.workers_drain 10000 fetch     pages still to be fetched, of two hundred hosts on loopback

One page of twenty is an article on topic, each another one; the others are short and of none, as most of what is
announced to a monitor. Limits, leases and lengths of queues are those of production; only the gap of hosts is 0. The
baseline of memory is the first quarter of the run. What a worker logs is the witness for "once": a line each ending.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Any

from sqlalchemy import update

from benchmarks.press import served_apart
from pipeline.settings import Settings
from pipeline.storage import entries, feeds, pages, schema, sources
from pipeline.storage.entries import Announcement
from pipeline.types import Entry, FeedAddress, Page, Source
from samples.newsroom import generate
from tests.services import Postgres, Redis
from tests.workers import newsdesk
from tests.workers.newsdesk import Desk, ask

#: one entry of so many is on topic
EVERY = 20
HOSTS = tuple(f"larga-{number}.example" for number in range(200))
_EACH = 5.0
_BATCH = 2_000
_DULL = b"<html><body><article>" + b"<p>El mercado abre a las ocho y cierra tarde.</p>" * 30
_FEED = FeedAddress(f"http://{HOSTS[0]}/rss")
_SOURCE = Source("larga", "Larga", "PE", ("es",), f"http://{HOSTS[0]}", (_FEED,))
_CATALOGUE = """[[source]]
slug = "larga"
name = "Larga"
country = "PE"
languages = ["es"]
homepage = "http://{host}"
feeds = [{{ url = "http://{host}/rss", kind = "rss" }}]
"""
#: what tests hurry is put back to what an operator has
_PRODUCTION = {
    name: getattr(Settings(), name) for name in (*newsdesk.SOON,) if name not in ("host_gap", "process_workers")
}
_LOGGED = {"log_level": "info", "log_format": "json"}


@dataclass(frozen=True)
class Outlets:
    """What stands in for the press of the worker tests: the same four words, and two hundred hosts."""

    folder: Path
    addresses: Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class Sample:
    """One look: seconds since the start, entries that ended, resident bytes of each process, lengths of queues."""

    at: float
    ended: int
    resident: Mapping[str, int]
    queues: Mapping[str, int]
    redis: int


@dataclass
class Watch:
    """Looks every few seconds, and writes down each look at once: a run that is broken off has told something."""

    desk: Desk
    redis: Redis
    log: Path
    began: float = field(default_factory=time.monotonic)
    samples: list[Sample] = field(default_factory=list)

    def until(self, number: int) -> None:
        """Look until so many entries ended. Raises AssertionError where a process ends meanwhile."""
        while (ended := self.desk.ended()) < number:
            for name, process in self.desk.running.items():
                assert process.poll() is None, f"{name} ended: {self.desk.said(name)}"
            self._look(ended)
            time.sleep(_EACH)
        self._look(ended)

    def _look(self, ended: int) -> None:
        client = self.redis.client
        queues = {name: int(client.llen(name)) for name in ("poll", "fetch", "process", "deliver")}  # type: ignore[arg-type]
        redis = int(client.info("memory")["used_memory"])  # type: ignore[index]
        seen = Sample(time.monotonic() - self.began, ended, _resident(self.desk), queues, redis)
        self.samples.append(seen)
        with self.log.open("a") as file:
            file.write(json.dumps([round(seen.at, 1), ended, seen.resident, queues, redis]) + "\n")


def run(_shared: Path, number: int = 2_000, *, fetch: bool = False, log: Path | None = None) -> dict[str, Any]:
    """Drain `number` entries; the figures, and what was not as it has to be (an empty list)."""
    with tempfile.TemporaryDirectory(prefix="vigia-bench-") as name:
        folder = Path(name)
        with (
            Redis(folder / "redis", persistent=False) as redis,
            Postgres() as postgres,
            served_apart(_serve, number // EVERY if fetch else 0) as address,
        ):
            outlets = Outlets(folder / "press", dict.fromkeys(HOSTS, address))
            outlets.folder.mkdir()
            (outlets.folder / "sources.toml").write_text(_CATALOGUE.format(host=HOSTS[0]))
            desk = Desk(outlets, folder / "desk", postgres.database(), redis.url, {**_PRODUCTION, **_LOGGED})  # type: ignore[arg-type]
            desk.open()
            desk.set_hour(newsdesk.MORNING)
            _fill(desk, number, fetch=fetch)
            try:
                desk.start_all()
                desk.until(lambda: desk.ended() > 0, 600)
                watch = Watch(desk, redis, log or folder / "samples.jsonl")
                watch.until(number)
                return _figures(desk, number, watch.samples)
            finally:
                desk.end_all()
                desk.store.close()


# --- what is drained --------------------------------------------------------------------------------------------------


def _fill(desk: Desk, number: int, *, fetch: bool) -> None:
    at = newsdesk.MORNING
    with desk.store.write() as db:
        sources.sync(db, [_SOURCE])
        feeds.sync(db, [_SOURCE], at, 300.0)
        feed = feeds.listing(db)[0][0].id
    articles = generate.pages(number // EVERY, 7)
    for start in range(0, number, _BATCH):
        told = [_announcement(n) for n in range(start, min(start + _BATCH, number))]
        with desk.store.write() as db:
            ids = entries.announce(db, "larga", feed, told, at, quiet=False)
            if fetch:
                continue
            for id_, announced in zip(ids, told, strict=True):
                url = announced.entry.url
                body = next(articles)[1] if _on_topic(url) else _DULL
                pages.save(db, id_, Page(url, url, body, "text/html", at), at)
            waiting = update(schema.entries).where(schema.entries.c.id.in_(ids))
            db.execute(waiting.values(state="to_process"))


def _announcement(number: int) -> Announcement:
    host = HOSTS[number % len(HOSTS)]
    kind = "nota" if number % EVERY else "tema"
    url = f"http://{host}/{kind}/{number // EVERY if kind == 'tema' else number}"
    entry = Entry(url, "Nota", claimed_at=newsdesk.MORNING)
    return Announcement(entry, url, url.removeprefix("http://"), host=host)


def _on_topic(url: str) -> bool:
    return "/tema/" in url


def _serve(articles: int, pipe: Any) -> None:
    """All hosts."""
    bodies = [page[1] for page in generate.pages(articles, 7)]

    def body(path: str) -> bytes:
        _, _, rest = path.partition("/tema/")
        return bodies[int(rest)] if rest else _DULL if "/nota/" in path else b""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                told = body(head.split(b" ", 2)[1].decode())
                status = b"200 OK" if told else b"404 Not Found"
                writer.write(
                    b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
                    % (status, len(told), told)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


# --- what came of it --------------------------------------------------------------------------------------------------


def _resident(desk: Desk) -> dict[str, int]:
    """Bytes by process: the name it was started under, with its number for a child."""
    found = {}
    for name, process in desk.running.items():
        for pid in (process.pid, *desk.children(name)):
            try:
                held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except OSError:
                continue
            found[name if pid == process.pid else f"{name}/{pid}"] = held
    return found


def _figures(desk: Desk, number: int, samples: Sequence[Sample]) -> dict[str, Any]:
    first, last = samples[0], samples[-1]
    outcomes = dict(ask(desk.store, "SELECT outcome, count(*) FROM entries GROUP BY outcome ORDER BY 2 DESC"))
    return {
        "entries": number,
        "seconds": round(last.at, 1),
        "entries_a_second": round((last.ended - first.ended) / (last.at - first.at), 1),
        "outcomes": outcomes,
        "wrong": _wrong(desk, number),
        "resident_mb": _memory(samples),
        "queue_at_most": {name: max(one.queues[name] for one in samples) for name in first.queues},
        "redis_mb_at_most": round(max(one.redis for one in samples) / 1e6, 1),
        "pace": _pace(samples),
        "looks": len(samples),
    }


def _wrong(desk: Desk, number: int) -> list[str]:
    """In words, whatever is not: each entry ended once, nothing is there twice."""
    without = ask(desk.store, "SELECT count(*) FROM entries WHERE outcome IS NULL")[0][0]
    there = ask(desk.store, "SELECT count(*) FROM entries")[0][0]
    endings = Counter(line["entry"] for line in _lines(desk) if line["logger"] == "vigia.tasks" and "entry" in line)
    often = Counter(endings.values())
    wrong = newsdesk.twice(desk.store)
    wrong += [f"{without} without an outcome"] * (without > 0)
    wrong += [f"{there} entries, {number} expected"] * (there != number)
    wrong += [f"endings logged an entry: {dict(often)}, expected {{1: {number}}}"] * (often != {1: number})
    return wrong


def _lines(desk: Desk) -> Iterator[dict[str, Any]]:
    with (desk.folder / "reading.log").open() as log:
        yield from (json.loads(line) for line in log if line.startswith("{"))


def _memory(samples: Sequence[Sample]) -> dict[str, Any]:
    """Of each kind of process: the mean of the first quarter, that of the second half, the most that one had."""
    seen: dict[str, list[tuple[float, float]]] = defaultdict(list)
    lives: dict[str, list[float]] = defaultdict(list)
    for one in samples:
        # the last look may be at processes that idle already
        for name, held in one.resident.items():
            kind = name.partition("/")[0] + (" child" if "/" in name else "")
            seen[kind].append((one.at / samples[-1].at, held / 1e6))
            if "/" in name:
                lives[name].append(held / 1e6)
    told = {kind: _halves(held) for kind, held in seen.items()}
    # its second quarter beside its last: the first is loading, and the very last look may find it half ended
    grown = [
        median(life[-(len(life) // 4) :]) - median(life[len(life) // 4 : len(life) // 2])
        for life in lives.values()
        if len(life) >= 8
    ]
    return told | {"children": len(lives), "a_child_grows_after_a_quarter_of_its_life": round(fmean(grown or [0]), 1)}


def _halves(held: Sequence[tuple[float, float]]) -> dict[str, float]:
    early, late = [mb for at, mb in held if at <= 0.25], [mb for at, mb in held if at > 0.5]
    return {
        "first_quarter": round(fmean(early or [0]), 1),
        "second_half": round(fmean(late or [0]), 1),
        "at_most": round(max(mb for _, mb in held), 1),
    }


def _pace(samples: Sequence[Sample], parts: int = 10) -> list[float]:
    """Entries a second in each tenth of the run."""
    marks = [samples[round(part * (len(samples) - 1) / parts)] for part in range(parts + 1)]
    return [round((b.ended - a.ended) / (b.at - a.at), 1) if b.at > a.at else 0.0 for a, b in pairwise(marks)]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    into = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    print(json.dumps(run(Path(), wanted, fetch="fetch" in sys.argv[2:3], log=into), indent=1))
