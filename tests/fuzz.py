"""Fuzzing: whatever strangers can send is changed at random and read. `./run fuzz [SECONDS]`, `python -m tests.fuzz`.

A worker process reads; this one watches it, and kills it where an input takes too long. An input that crashes a reader,
makes it say something impossible, or takes too long is kept in var/fuzz/, and the exit status is 1. The corpus is ours:
the feeds of the tests, the newsroom, and what is listed here.
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.clock import SystemClock
from pipeline.errors import NotAFeed, VigiaError
from pipeline.fetch.page import page_from
from pipeline.fetch.robots import Robots
from pipeline.sources import UrlKeys, load_catalogue, read_feed
from pipeline.sources.dates import read_date
from pipeline.sources.habits import NotPlainError
from pipeline.types import Response
from samples.newsroom.server import Newsroom
from samples.newsroom.site import Asked
from tests.fakes import NOW
from tests.sources import test_feed_fuzz, test_quick

ROOT = Path(__file__).parent.parent
KEEP = ROOT / "var" / "fuzz"
SECONDS = 300.0
#: processor seconds that reading one input may take, and seconds after which its reader is killed
SLOW, HANGS = 2.0, 20.0

DATES = [
    "2012-06-26", "2012-06-26T10:30:00-05:00", "2012-06-26 10:30:00.123 UTC", "Tue, 26 Jun 2012 10:30:00 -0500",
    "26 Jun 12 10:30 EST", "15 de setiembre de 2011", "lunes, 25 de junio del 2012, 10:30 p.m.",
    "March 15, 2006 3:05 PM", "27/06/2012 14:05", "Ter, 26 Jun 2012 12:30:00 GMT-3",
    "26 de março de 2012 às 10h30", "20120626T103000Z",
]  # fmt: skip
URLS = [
    "https://www.diario.example/2012/06/nota-de-hoy/?id=59&utm_source=rss#top", "nonsense",
    "//m.diario.example:8080/a/../b;jsessionid=1", "http://u:p@[2606:4700::1111]:80/index.php?59",
    "https://diario-example.cdn.ampproject.org/c/s/diario.example/nota.amp.html?amp=1", "http://diário.example/%C3%B1%fa",
    "https://www.google.com/amp/s/www.google.com/amp/s/a.b/c",
]  # fmt: skip
ROBOTS = [
    "User-agent: *\nDisallow: /privado\nAllow: /privado/si$\nCrawl-delay: 5\nSitemap: https://diario.example/s.xml\n",
    "\ufeffuser-agent: vigia\nuser-agent: otro\ndisallow: /*.php?*&*\n\n# nada\nUser-agent:*\nDisallow:\n",
]
PAGES = [
    "<!doctype html><html lang='es'><head><title>Nota</title></head><body><p>Dijo que no.</p></body></html>",
    "<html><body><script src='https://h.example/cdn-cgi/challenge-platform/x.js'></script>Un momento</body></html>",
    "<html><head><meta http-equiv='refresh' content='0; url=/otra'></head></html>",
]


@dataclass(frozen=True)
class Target:
    """Something that reads what strangers wrote, and what to change at random for it."""

    read: Callable[[bytes, random.Random], None]
    corpus: Sequence[bytes]


def _feed(body: bytes, rng: random.Random) -> None:
    types = [
        "",
        "text/xml",
        "text/html",
        "application/xml; charset=utf-16",
        "x; charset=cp1252",
        "text/xml; charset=utf-8",
    ]
    try:
        document = read_feed(body, rng.choice(types), "https://diario.example/rss", now=NOW, max_entries=2_000)
    except NotAFeed:
        return
    for entry in document.entries:
        assert urlsplit(entry.url).scheme in ("http", "https")
        for moment in (entry.claimed_at, entry.updated_at):
            assert moment is None or moment.tzinfo is UTC
        (entry.url + entry.title + entry.summary + entry.content + str(entry.guid)).encode()
        for text in (entry.title, entry.summary):
            assert text == " ".join(text.split())


def _quick(body: bytes, _: random.Random) -> None:
    """The short cut, against feedparser itself."""
    with suppress(NotPlainError):
        test_quick.compare(body)


def _date(body: bytes, _: random.Random) -> None:
    moment = read_date(body.decode("utf-8", "replace"), NOW)
    assert moment is None or (moment.tzinfo is UTC and 1990 <= moment.year <= 2012)


KEYS = UrlKeys.load(ROOT / "config")


def _key(body: bytes, _: random.Random) -> None:
    key = KEYS.key(body.decode("utf-8", "surrogateescape"))
    assert KEYS.key(key) == key
    key.encode()


def _robots(body: bytes, rng: random.Random) -> None:
    answer = Response("http://h.example/robots.txt", "http://h.example/robots.txt", 200, {}, body, NOW, 0.1)
    robots = Robots(lambda url: answer, SystemClock(), 60.0)
    robots.allows("http://h.example" + rng.choice(["/", "/privado/si", "/a.php?b&c", "/%C3%B1/" + "a" * 200]))
    robots.crawl_delay("http://h.example/")


def _page(body: bytes, rng: random.Random) -> None:
    headers = {"content-type": rng.choice(["text/html", "", "text/html; charset=x", "application/pdf"])}
    if rng.random() < 0.3:
        headers["retry-after"] = rng.choice(
            ["1e9", "-1", "9" * 400, "Tue, 99 Foo 9999 99:99:99", body[:40].decode("latin-1")]
        )
    status = rng.choice([200, 200, 200, 203, 302, 403, 404, 429, 503])
    with suppress(VigiaError):
        page_from(Response("http://h.example/1", "http://h.example/1", status, headers, body, NOW, 0.1))


def _newsroom() -> list[bytes]:
    """Every feed of the invented press."""
    press = Newsroom()
    catalogue = load_catalogue(ROOT / "samples" / "newsroom")
    places = [urlsplit(feed.url) for source in catalogue for feed in source.feeds]
    paths = [(place.hostname or "", f"{place.path}?{place.query}".rstrip("?")) for place in places]
    return [answer.body for host, path in paths if (answer := press.answer(Asked(host, path, {}))).body]


def targets() -> dict[str, Target]:
    """What is fuzzed, by name."""
    made = [*test_feed_fuzz.SEEDS, *_newsroom()]
    plain = [test_quick.PLAIN.encode(), test_feed_fuzz.ATOM.encode(), *(body for body in made if body[:1] == b"<")]
    return {
        "read_feed": Target(_feed, made),
        "quick": Target(_quick, plain),
        "read_date": Target(_date, _encoded(DATES)),
        "key": Target(_key, _encoded(URLS)),
        "robots": Target(_robots, _encoded(ROBOTS)),
        "page_from": Target(_page, _encoded(PAGES)),
    }


def _encoded(texts: Sequence[str]) -> list[bytes]:
    return [text.encode() for text in texts]


# --- changing an input ------------------------------------------------------------------------------------------------


def mutated(rng: random.Random, corpus: Sequence[bytes], most: int = 400_000) -> bytes:
    """One input of the corpus, changed in one to eight places; at most `most` bytes."""
    body = rng.choice(corpus)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        body = rng.choice(CHANGES)(rng, body, corpus)
    return body[:most]


def _span(rng: random.Random, body: bytes, longest: int = 200) -> tuple[int, int]:
    at = rng.randint(0, len(body))
    return at, min(len(body), at + rng.randint(0, longest))


def _cut(rng: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    at, to = _span(rng, body)
    return body[:at] + body[to:]


def _end_early(rng: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    return body[: rng.randint(0, len(body))]


def _put(rng: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    at, to = _span(rng, body, 20)
    return body[:at] + rng.choice(test_feed_fuzz.PIECES) + body[rng.choice((at, to)) :]


def _bytes(rng: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    at, to = _span(rng, body, 6)
    return body[:at] + rng.randbytes(to - at) + body[to:]


def _flip(rng: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    if not body:
        return body
    at = rng.randrange(len(body))
    return body[:at] + bytes([body[at] ^ 1 << rng.randrange(8)]) + body[at + 1 :]


def _repeat(rng: random.Random, body: bytes, _: Sequence[bytes]) -> bytes:
    """What takes quadratic time shows where there is much of it."""
    at, to = _span(rng, body, rng.choice((3, 30, 300)))
    times = rng.choice((2, 2, 3, 3, 20, 20, 100, 1_000, 20_000))
    return body[:at] + body[at:to] * min(times, 200_000 // max(1, to - at)) + body[to:]


def _splice(rng: random.Random, body: bytes, corpus: Sequence[bytes]) -> bytes:
    other = rng.choice(corpus)
    at, to = _span(rng, other, 2_000)
    here = rng.randint(0, len(body))
    return body[:here] + other[at:to] + body[here:]


CHANGES = (_cut, _put, _put, _bytes, _flip, _repeat, _splice, _end_early)


# --- running ----------------------------------------------------------------------------------------------------------


@dataclass
class Found:
    """What came of a run."""

    inputs: Counter[str] = field(default_factory=Counter)
    #: name of the target, what was wrong, where the input is kept
    failures: list[tuple[str, str, Path]] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def __str__(self) -> str:
        each = ", ".join(f"{name} {number:,}" for name, number in sorted(self.inputs.items()))
        wrong = Counter(kind for _, kind, _ in self.failures)
        counts = ", ".join(f"{wrong[kind]} {words}" for kind, words in KINDS.items())
        seconds, name = self.slowest
        return f"fuzz: {sum(self.inputs.values()):,} inputs ({each}); {counts}; slowest {seconds:.2f} s ({name})"


KINDS = {"crash": "crashes", "slow": "slow", "hang": "hangs"}


def fuzz(
    seconds: float,
    seed: int,
    goals: Callable[[], Mapping[str, Target]] = targets,
    keep: Path = KEEP,
    hangs: float = HANGS,
    enough: Callable[[Found], bool] = lambda found: False,
) -> Found:
    """Fuzz for so many seconds, or until it is enough; a hang costs the reader its process, and another one goes on."""
    found, ends = Found(), time.monotonic() + seconds
    keep.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("forkserver")
    while (left := ends - time.monotonic()) > 0 and not enough(found):
        told: Any = context.SimpleQueue()
        beats, current = context.Value("d", 0.0), keep / f"reading-{seed}"
        reader = context.Process(target=_work, args=(left, seed, goals, keep, current, beats, told))
        reader.start()
        _watch(reader, beats, hangs, found, current, told, enough)
        seed += 1
    return found


def _watch(
    reader: Any,
    beats: Any,
    hangs: float,
    found: Found,
    current: Path,
    told: Any,
    enough: Callable[[Found], bool],
) -> None:
    """Collect what the reader tells until it ends, or kill it when it is silent."""
    while reader.is_alive() or not told.empty():
        while not told.empty():
            _note(found, told.get())
        reader.join(0.1)
        if enough(found):
            reader.kill()
            reader.join()
            break
        if reader.is_alive() and 0 < beats.value < time.monotonic() - hangs:
            reader.kill()
            reader.join()
            _lost(found, "hang", current)
            break
    if reader.exitcode and reader.exitcode > -9:
        _lost(found, "crash", current)
    with suppress(FileNotFoundError):
        current.unlink()


def _lost(found: Found, kind: str, current: Path) -> None:
    name, _, body = current.read_bytes().partition(b"\n")
    kept = current.with_name(f"{kind}-{current.name}")
    kept.write_bytes(body)
    found.failures.append((name.decode(), kind, kept))


def _note(found: Found, message: tuple[str, Any]) -> None:
    what, value = message
    if what == "inputs":
        found.inputs.update(value)
    elif what == "slowest":
        found.slowest = max(found.slowest, value)
    else:
        found.failures.append(value)
        print(f"{value[1]} in {value[0]}: {value[2]}", file=sys.stderr)


def _work(
    seconds: float,
    seed: int,
    goals: Callable[[], Mapping[str, Target]],
    keep: Path,
    current: Path,
    beats: Any,
    told: Any,
) -> None:
    rng, chosen, ends = random.Random(seed), goals(), time.monotonic() + seconds
    number = 0
    while time.monotonic() < ends:
        read: Counter[str] = Counter()
        slowest = (0.0, "")
        for name, target in chosen.items():
            body = mutated(rng, target.corpus)
            current.write_bytes(name.encode() + b"\n" + body)
            beats.value, started = time.monotonic(), time.process_time()
            wrong = _wrong(target, body, rng)
            took = time.process_time() - started
            slowest = max(slowest, (took, name))
            read[name] += 1
            if wrong or took > SLOW:
                number += 1
                kept = keep / f"{name}-{seed}-{number}"
                kept.write_bytes(body)
                told.put(("failure", (name, "crash" if wrong else "slow", kept)))
        told.put(("inputs", dict(read)))
        told.put(("slowest", slowest))


def _wrong(target: Target, body: bytes, rng: random.Random) -> bool:
    try:
        target.read(body, rng)
    except Exception:  # noqa: BLE001 - any of them is what we are looking for
        traceback.print_exc()
        return True
    return False


if __name__ == "__main__":
    result = fuzz(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(result)
    sys.exit(1 if result.failures else 0)
