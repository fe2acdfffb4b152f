"""How fast are pages fetched? Fifty hosts on loopback, through the real Fetcher: guard, robots.txt, caps, deadline.

Baseline, in the same run, on the same threads and pages: one shared `httpx.Client` as anybody would write it, which
reads the body and does nothing else. `ratio` is our pages per second over its. They take turns, so that a busy machine
slows both.
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from pipeline.clock import SystemClock
from pipeline.fetch import Fetcher
from pipeline.settings import Settings
from pipeline.types import Request

HOSTS, PAGES, THREADS, ROUNDS = 50, 3_000, 16, 3
#: bytes of a page before it is packed: scripts and furniture weigh more than the text
PAGE_BYTES = 40_000
Answers = Mapping[bytes, bytes]


def run(shared: Path, pages: int = PAGES) -> dict[str, Any]:
    """Pages per second, CPU time for a page and memory of the client's process; the server is another process."""
    with served(_answers(pages)) as port:
        urls = [f"http://127.0.0.{1 + number % HOSTS}:{port}/nota-{number}" for number in range(pages)]
        settings = Settings(allow_addresses="127.0.0.0/8", host_gap=0.0)
        fetcher, client = Fetcher(settings, SystemClock()), httpx.Client(trust_env=False)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(_measure(urls, lambda url: len(fetcher.get(Request(url)).body)))
            before = _memory()
            theirs.append(_measure(urls, lambda url: len(client.get(url).content)))
        grown = _memory() - before
        fetcher.close(), client.close()
    return {
        "hosts": HOSTS,
        "pages": pages,
        "threads": THREADS,
        "pages_per_s": round(_best(ours, 0)),
        "cpu_ms_per_page": round(1000 / _best(ours, 1), 2),
        "baseline_shared_httpx_client": {
            "pages_per_s": round(_best(theirs, 0)),
            "cpu_ms_per_page": round(1000 / _best(theirs, 1), 2),
        },
        "ratio": round(statistics.median(o[0] / t[0] for o, t in zip(ours, theirs, strict=True)), 2),
        "cpu_ratio": round(statistics.median(o[1] / t[1] for o, t in zip(ours, theirs, strict=True)), 2),
        "peak_memory_mb": round(_memory()),
        "last_round_grew_by_mb": round(grown, 1),
    }


def _measure(urls: list[str], fetch: Callable[[str], int]) -> tuple[float, float]:
    """Pages per second, and pages per second of CPU time."""
    started, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as threads:
        sizes = list(threads.map(fetch, urls))
    seconds, used = time.perf_counter() - started, time.process_time() - used
    if min(sizes) < PAGE_BYTES:
        raise RuntimeError(f"expected pages of {PAGE_BYTES} bytes or more, got {min(sizes)}")
    return len(urls) / seconds, len(urls) / used


def _best(rounds: list[tuple[float, float]], which: int) -> float:
    return max(one[which] for one in rounds)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _answers(number: int) -> Answers:
    """Whole answers by path."""
    from samples.newsroom.generate import pages

    furniture = b"<script>" + b"".join(b"window.q%d=%d;" % (n, n * 7919 % 65_521) for n in range(PAGE_BYTES // 16))
    made = [gzip.compress(html + furniture + b"</script>", 6) for _, html, _ in pages(50, 7)]
    answers = {b"/nota-%d" % place: _answer(made[place % len(made)], b"text/html", b"gzip") for place in range(number)}
    answers[b"/robots.txt"] = _answer(b"User-agent: *\nDisallow: /buscar\nDisallow: /*?imprimir=\n", b"text/plain")
    return answers


def _answer(body: bytes, kind: bytes, encoding: bytes = b"identity") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s; charset=utf-8\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n"
    return head % (kind, encoding, len(body)) + b"Server: loopback\r\nCache-Control: max-age=60\r\n\r\n" + body


@contextmanager
def served(answers: Answers) -> Iterator[int]:
    """Serve on every address of 127.0.0.0/8 until the block ends; gives the port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(answers, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


class _Host(asyncio.Protocol):
    """As little work for an answer as possible: it is the client that is measured."""

    def __init__(self, answers: Answers) -> None:
        self._answers, self._asked = answers, b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, self._asked = self._asked.split(b"\r\n\r\n", 1)
            self._transport.write(self._answers[head.split(b" ", 2)[1]])


def _serve(answers: Answers, pipe: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Host(answers), "0.0.0.0", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
