"""Does real input go through? Every captured feed and page beside the checkout, served on loopback, the whole flow.

Feeds are polled at hosts of their own; what they link to is answered 404 here, so their entries end as `gone` (or are
quarantined where the link wants TLS). Pages are announced by one feed and kept whole, on topic or not.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from benchmarks.press import served
from pipeline.bootstrap import engine
from pipeline.clock import ShiftedClock
from pipeline.errors import NotAFeed
from pipeline.runner import Event, Runner
from pipeline.settings import Settings
from pipeline.sources import read_feed

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PAGES_HOST = "pages.example"
SETS = ("aeb", "fundus", "trafilatura")
Files = dict[tuple[str, str], tuple[str, bytes]]


def run(shared: Path) -> dict[str, Any]:
    """How each feed and each page ended; `crashes` must be 0."""
    if not (shared / "data").is_dir():
        return {"skipped": f"{shared.name}/data is not there"}
    files, hosts = _feed_files(shared), set[str]()
    feeds = len(files)
    for (host, _), (_, body) in files.items():
        hosts |= {host} | _linked_hosts(body, host)
    files |= _page_files(shared)
    with tempfile.TemporaryDirectory() as folder, served(files) as address:
        return _through(Path(folder), files, hosts | {PAGES_HOST}, address, feeds)


def _feed_files(shared: Path) -> Files:
    folder = shared / "data" / "feeds"
    listed = [json.loads(line) for line in (folder / "feeds.jsonl").read_text("utf-8").splitlines()]
    return {
        (f"feed-{number}.example", "/feed"): ("application/xml", (folder / feed["path"]).read_bytes())
        for number, feed in enumerate(listed)
    }


def _linked_hosts(body: bytes, host: str) -> set[str]:
    try:
        document = read_feed(body, "application/xml", f"http://{host}/feed", now=NOW, max_entries=2000)
    except NotAFeed:
        return set()
    return {urlsplit(entry.url).hostname or "" for entry in document.entries}


def _page_files(shared: Path) -> Files:
    files: Files = {}
    entries = []
    for name in SETS:
        folder = shared / "data" / "extraction" / name
        for line in (folder / "pages.jsonl").read_text("utf-8").splitlines():
            page = json.loads(line)
            raw = (folder / page["html_path"]).read_bytes()
            path = f"/{name}/{len(entries)}"
            files[PAGES_HOST, path] = ("text/html", gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
            entries.append(f"<item><link>http://{PAGES_HOST}{path}</link><title>{escape(page['id'])}</title></item>")
    feed = f'<rss version="2.0"><channel><title>pages</title>{"".join(entries)}</channel></rss>'
    files[PAGES_HOST, "/feed"] = ("application/rss+xml", feed.encode())
    return files


def _through(folder: Path, files: Files, hosts: set[str], address: tuple[str, int], feeds: int) -> dict[str, Any]:
    _write_sources(folder, [host for host, path in files if path == "/feed"])
    settings = dataclasses.replace(
        Settings(), database_url=f"sqlite:///{folder}/vigia.sqlite", keep="all", host_gap=0.0, host_concurrency=8,
        attempts_max=1, robots=False, fetch_timeout=10.0,
    )  # fmt: skip
    wiring = engine.wire(
        settings, clock=ShiftedClock(NOW), catalogue=folder, addresses=dict.fromkeys(hosts, address), stream=StringIO()
    )
    polls: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    others: Counter[str] = Counter()
    slow: list[tuple[float, str]] = []

    def seen(event: Event) -> None:
        if event.polled is not None:
            polls[event.polled.kind] += 1
        elif event.ending is not None:
            ended = pages if urlsplit(event.url).hostname == PAGES_HOST else others
            ended[event.ending.outcome] += 1
            if event.ending.outcome == "quarantined" and ended is pages:
                slow.append((0.0, f"{event.url}: {event.ending.detail}"))

    runner = Runner(wiring.flow, engine.open_pool(settings), seen)
    started = time.perf_counter()
    runner.round(threading.Event())
    seconds = time.perf_counter() - started
    runner.close()
    with wiring.flow.store.read() as db:
        read = _read_feeds(db)
    wiring.close()
    return {
        "feeds": feeds,
        "polls": dict(polls),
        "entries_found": read,
        "entries_of_captured_feeds": dict(others),
        "pages": dict(pages),
        "crashes": sum("Error" in words for _, words in slow),
        "quarantined_pages": [words for _, words in slow],
        "seconds": round(seconds, 1),
    }


def _read_feeds(db: Any) -> int:
    from pipeline.storage import counts

    return counts.totals(db).rows["entries"]


def _write_sources(folder: Path, hosts: list[str]) -> None:
    outlets = (
        f'[[source]]\nslug = "{host.split(".")[0]}"\nname = "{host}"\ncountry = "PE"\nlanguages = ["en"]\n'
        f'homepage = "http://{host}/"\nfeeds = [{{ url = "http://{host}/feed", kind = "rss" }}]\n'
        for host in hosts
    )
    (folder / "sources.toml").write_text("\n".join(outlets), "utf-8")


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1])), indent=1, ensure_ascii=False))
