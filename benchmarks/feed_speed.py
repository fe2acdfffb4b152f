"""How fast are feeds read? Every captured feed, and feeds of our own making, by us and by feedparser as it comes.

Baseline, in the same run: feedparser.parse with its defaults. Each reads all of them several times, in a process of its
own, and its best time of the processor counts. `ratio` is our feeds per second over feedparser's. `short_cut` is the
share of feeds that pipeline/sources/quick.py read; the others went to feedparser, trimmed.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path
from typing import Any

ROUNDS, FEEDS, ENTRIES = 3, 40, 40
NOW = datetime(2100, 1, 1, tzinfo=UTC)
PROSE = """el ministro dijo ayer que la ley de drogas no cambia nada; cultivos, coca, puerto, congreso y una comisión
the treaty was said to be under review in the senate a polícia apreendeu três toneladas segundo o governo"""
WORDS = PROSE.split()

Feed = tuple[bytes, str]


def run(shared: Path) -> dict[str, Any]:
    """Feeds per second, ours and feedparser's, over generated feeds and over the captured ones where they are there."""
    figures = {"generated": _compare("generated", shared)}
    figures["captured"] = _compare("captured", shared) if captured(shared) else "no captured feeds beside this checkout"
    return figures


def _compare(which: str, shared: Path) -> dict[str, Any]:
    """Time both, each in a process of its own, as we change feedparser when we load it."""
    feeds = FEED_SETS[which](shared)
    seconds = {reader: _timed(reader, which, shared) for reader in ("feedparser", "ours")}
    return {
        "feeds": len(feeds),
        "mean_bytes": round(sum(len(body) for body, _ in feeds) / len(feeds)),
        "feeds_per_s": round(len(feeds) / seconds["ours"], 1),
        "baseline_feedparser_default_feeds_per_s": round(len(feeds) / seconds["feedparser"], 1),
        "ratio": round(seconds["feedparser"] / seconds["ours"], 1),
        "short_cut": round(sum(map(_is_plain, feeds)) / len(feeds), 2),
    }


def _timed(reader: str, which: str, shared: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.feed_speed", reader, which, str(shared)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def best(reader: str, feeds: Sequence[Feed]) -> float:
    """Seconds of processor time that the fastest of several rounds took."""
    read = READERS[reader]()
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for body, url in feeds:
            read(body, url)
        seconds.append(time.process_time() - started)
    return min(seconds)


def _feedparser() -> Callable[[bytes, str], Any]:
    import feedparser

    def read(body: bytes, url: str) -> Any:
        headers = {"content-type": "application/xml", "content-location": url}
        return feedparser.parse(BytesIO(body), response_headers=headers)

    return read


def _ours() -> Callable[[bytes, str], Any]:
    from pipeline.sources import read_feed

    def read(body: bytes, url: str) -> Any:
        return read_feed(body, "application/xml", url, now=NOW, max_entries=100_000)

    return read


def _is_plain(feed: Feed) -> bool:
    from pipeline.sources import quick
    from pipeline.sources.encoding import to_utf8
    from pipeline.sources.habits import NotPlainError

    body, url = feed
    try:
        quick.read(to_utf8(body, "")[0].lstrip(), url)
    except NotPlainError:
        return False
    return True


def captured(shared: Path) -> list[Feed]:
    """Feeds as outlets served them, with addresses that they may have had."""
    folder = shared / "data" / "feeds"
    index = folder / "feeds.jsonl"
    if not index.exists():
        return []
    rows = [json.loads(line) for line in index.read_text("utf-8").splitlines()]
    return [((folder / row["path"]).read_bytes(), f"http://{row['host'] or 'outlet.example'}/feed") for row in rows]


def generated(_: Path) -> list[Feed]:
    """RSS and Atom in the shape that most outlets publish: summaries, some with full text, categories, pictures."""
    rng = random.Random(7)
    return [(_made(rng, number), f"http://h{number}.example/feed") for number in range(FEEDS)]


def _made(rng: random.Random, number: int) -> bytes:
    shape = _atom if number % 4 == 3 else _rss
    return shape(rng, full=number % 2 == 0).encode()


def _prose(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words))


def _html(rng: random.Random, paragraphs: int) -> str:
    return "".join(f'<p class="p">{_prose(rng, 40)} <a href="/{n}">{_prose(rng, 3)}</a></p>' for n in range(paragraphs))


def _rss(rng: random.Random, *, full: bool) -> str:
    items = []
    for number in range(ENTRIES):
        date = format_datetime(datetime(2012, 6, 27, tzinfo=UTC) - timedelta(minutes=number * 17))
        body = f"<content:encoded><![CDATA[{_html(rng, 12)}]]></content:encoded>" if full else ""
        items.append(
            f"<item><title>{_prose(rng, 9)} &amp; más</title><link>http://h.example/2012/06/{number}?a=1&amp;b=2</link>"
            f'<guid isPermaLink="false">n-{number}</guid><pubDate>{date}</pubDate><dc:creator>Ana Luz</dc:creator>'
            f"<category>Política</category><category>Drogas</category>"
            f'<media:thumbnail url="http://h.example/{number}.jpg" width="9"/><comments>http://h.example/c</comments>'
            f"<description><![CDATA[<p>{_prose(rng, 40)}</p>]]></description>{body}</item>"
        )
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:media="http://search.yahoo.com/mrss/"'
    )
    head = "<title>Diario</title><link>http://h.example/</link><ttl>30</ttl>"
    return f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel>{head}{"".join(items)}</channel></rss>'


def _atom(rng: random.Random, *, full: bool) -> str:
    entries = []
    for number in range(ENTRIES):
        date = (datetime(2012, 6, 27, tzinfo=UTC) - timedelta(minutes=number * 17)).isoformat()
        markup = f'<div xmlns="http://www.w3.org/1999/xhtml">{_html(rng, 6)}</div>'
        body = f'<content type="xhtml">{markup}</content>' if full else ""
        entries.append(
            f'<entry><title>{_prose(rng, 9)}</title><link rel="alternate" href="http://h.example/{number}"/>'
            f"<id>tag:h.example,2012:{number}</id><published>{date}</published><updated>{date}</updated>"
            f"<author><name>Ana Luz</name></author><summary>{_prose(rng, 40)}</summary>{body}</entry>"
        )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Diario</title>{"".join(entries)}</feed>'


READERS = {"feedparser": _feedparser, "ours": _ours}
FEED_SETS = {"captured": captured, "generated": generated}

if __name__ == "__main__":
    print(best(sys.argv[1], FEED_SETS[sys.argv[2]](Path(sys.argv[3]))))
