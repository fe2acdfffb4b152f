"""What the worker tests run: a press of 500 entries, a broker, a store, workers as processes; and what came of it."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

from sqlalchemy import text

from pipeline.bootstrap import desks, engine
from pipeline.clock import ShiftedClock
from pipeline.runner import Runner
from pipeline.settings import Settings
from pipeline.statements.identity import same_statement
from pipeline.storage import feeds
from pipeline.storage.store import Store
from samples.newsroom.generate import pages
from samples.newsroom.server import Newsroom
from tests.engine import EVENING, HURRY, MORNING, PRESS

ROOT = Path(__file__).parents[2]
#: the outlets that stand around the newsroom, and what they publish each morning and evening
HOSTS = tuple(f"prensa-{number}.example" for number in range(6))
MORNING_PAGES, EVENING_PAGES, LATE_PAGES = 200, 400, 420
#: short intervals: what takes a minute in production takes seconds here
SOON: dict[str, Any] = {
    **HURRY,
    "dispatch_every": 0.1,
    "resend_after": 2.0,
    "lease_margin": 3.0,
    "process_timeout": 4.0,
    "process_memory": 1_500_000_000,
    "fetch_threads": 6,
    "queue_max": 60,
}
POISON = ("hang", "crash", "memory")


class Around:
    """Six outlets of generated pages, served on loopback; `shown` pages are out, `poison` is one of its articles."""

    def __init__(self) -> None:
        made = list(pages(LATE_PAGES, 7))
        self.shown, self.poison = MORNING_PAGES, False
        self.files: dict[tuple[str, str], bytes] = {}
        self.told: list[tuple[str, str]] = []
        for number, (url, html, title) in enumerate(made):
            parts = urlsplit(url)
            host, path = HOSTS[number % len(HOSTS)], f"/{number}{parts.path}"
            self.files[host, path] = html
            link = f"http://{host}{escape(path)}"
            self.told.append(
                (
                    host,
                    f"<item><title>{escape(title)}</title><link>{link}</link><guid>{number}</guid>"
                    f"<pubDate>{format_datetime(MORNING if number < MORNING_PAGES else EVENING)}</pubDate></item>",
                )
            )
        for kind in POISON:
            self.files[HOSTS[0], f"/{kind}"] = f"<html><!-- poison: {kind} --><p>Nota</p></html>".encode()

    def feed(self, host: str) -> bytes:
        items = [item for of, item in self.told[: self.shown] if of == host]
        if self.poison and host == HOSTS[0]:
            items += [f"<item><title>{k}</title><link>http://{host}/{k}</link><guid>{k}</guid></item>" for k in POISON]
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()

    @contextmanager
    def served(self) -> Iterator[tuple[str, int]]:
        outer = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host = (self.headers["Host"] or "").split(":")[0]
                feed = self.path == "/rss.xml"
                body = outer.feed(host) if feed else outer.files.get((host, unquote(self.path)), b"")
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/rss+xml" if feed else "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            # with the five of the library, a burst on a busy machine waits to be let in, and the host counts as away
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that was killed hangs up."""

        server = Server(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield ("127.0.0.1", server.server_address[1])
        server.shutdown()
        server.server_close()


@dataclass
class Press:
    """The newsroom and the outlets around it."""

    newsroom: Newsroom
    around: Around
    address: tuple[str, int]
    folder: Path

    @property
    def addresses(self) -> dict[str, tuple[str, int]]:
        return {**dict.fromkeys(self.newsroom.hosts, self.newsroom.address), **dict.fromkeys(HOSTS, self.address)}

    def publish(self, edition: int, shown: int | None = None) -> None:
        """The newsroom's edition, and so many pages of the outlets around it."""
        self.newsroom.edition = edition
        self.around.shown = shown or (MORNING_PAGES if edition == 1 else EVENING_PAGES)


@contextmanager
def press(folder: Path) -> Iterator[Press]:
    """A whole press, and its catalogue in `folder`."""
    around = Around()
    with Newsroom() as newsroom, around.served() as address:
        written = (PRESS / "sources.toml").read_text("utf-8")
        for host in HOSTS:
            written += (
                f'\n[[source]]\nslug = "{host.split(".")[0]}"\nname = "{host}"\ncountry = "PE"\nlanguages = ["es"]\n'
                f'homepage = "http://{host}"\nfeeds = [{{ url = "http://{host}/rss.xml", kind = "rss" }}]\n'
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sources.toml").write_text(written, "utf-8")
        yield Press(newsroom, around, address, folder)


# --- running ----------------------------------------------------------------------------------------------------------


def embedded(press: Press, folder: Path) -> Store:
    """Both editions through the embedded engine; gives its store, open."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = dataclasses.replace(
        Settings(),
        **HURRY,
        database_url=f"sqlite:///{folder}/vigia.sqlite",
        alerts_file=str(folder / "alerts.jsonl"),
    )
    for edition, hour in ((1, MORNING), (2, EVENING)):
        press.publish(edition)
        wiring = engine.wire(
            settings,
            clock=ShiftedClock(hour),
            catalogue=press.folder,
            addresses=press.addresses,
            stream=StringIO(),
            seed=1,
        )
        with closing(wiring), closing(Runner(wiring.flow, engine.open_pool(settings))) as runner:
            runner.make_due()
            runner.round(threading.Event(), patience=1.5)
    return desks.open_store(settings)


@dataclass
class Desk:
    """Workers on a press, and the store that they share."""

    press: Press
    folder: Path
    database: str
    broker: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    #: when something was last published
    hour: datetime | None = None

    def open(self) -> None:
        """Write down how workers are wired; make the store."""
        self.folder.mkdir(parents=True, exist_ok=True)
        given = {**SOON, **self.settings, "database_url": self.database, "broker_url": self.broker}
        given["alerts_file"] = str(self.folder / "alerts.jsonl")
        wiring = {"settings": given, "addresses": self.press.addresses}
        (self.folder / "wiring.json").write_text(json.dumps(wiring))
        (self.folder / "sources.toml").write_bytes((self.press.folder / "sources.toml").read_bytes())
        self.store = desks.name_store(Settings(**given))
        self.store.upgrade()

    def set_hour(self, hour: datetime) -> None:
        fresh = self.folder / "offset.new"
        fresh.write_text(str((hour - datetime.now(UTC)).total_seconds()))
        fresh.replace(self.folder / "offset")

    def start(self, name: str, what: str, queues: str = "") -> None:
        """Start a process; what it says goes into a file of its name."""
        command = [sys.executable, "-m", "tests.workers.press", str(self.folder), name, what, queues]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)

    def start_all(self) -> None:
        self.start("beat", "beat")
        self.start("fetching", "worker", "poll,fetch,deliver")
        self.start("reading", "worker", "process")

    def end(self, name: str, how: signal.Signals) -> int:
        """Send a process a signal, and wait for its end; SIGKILL takes its children along, as a power cut does."""
        process = self.running.pop(name)
        if how == signal.SIGKILL:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        return process.wait(40)

    def end_all(self) -> None:
        for name in list(self.running):
            self.end(name, signal.SIGKILL)

    def children(self, name: str) -> list[int]:
        """Processes that a worker has forked."""
        told = Path(f"/proc/{self.running[name].pid}/task/{self.running[name].pid}/children").read_text()
        return [int(pid) for pid in told.split()]

    def publish(self, edition: int, shown: int | None = None) -> None:
        """Something new is out, and every feed is due."""
        self.press.publish(edition, shown)
        hour = MORNING if edition == 1 else EVENING
        if not self.hour or hour > self.hour:
            self.set_hour(hour)
        self.hour = self.now()
        with self.store.write() as db:
            feeds.make_due(db, self.hour)

    def now(self) -> datetime:
        """The press's time."""
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "offset").read_text()))

    def waiting(self) -> tuple[int, int, int]:
        """Feeds not polled since this edition came out, entries without an outcome, deliveries not sent."""
        with self.store.read() as db:
            known = [feed for feed, _ in feeds.listing(db) if feed.state == "active"]
        since = self.hour or MORNING
        unpolled = sum(feed.last_polled_at is None or feed.last_polled_at < since for feed in known) + (not known)
        return unpolled, self._count("entries WHERE outcome IS NULL"), self._count("deliveries WHERE state = 'waiting'")

    def ended(self) -> int:
        return self._count("entries WHERE outcome IS NOT NULL")

    def until(self, done: Callable[[], bool], seconds: float = 60.0) -> float:
        """Wait for something; gives the seconds that took. Real time: other processes work meanwhile."""
        began = time.monotonic()
        while not done():
            for name, process in self.running.items():
                assert process.poll() is None, f"{name} ended with {process.returncode}: {self.said(name)}"
            assert time.monotonic() - began < seconds, f"after {seconds} s: {self.waiting()} wait; {self.said()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def until_done(self, seconds: float = 60.0) -> float:
        return self.until(lambda: self.waiting() == (0, 0, 0), seconds)

    def said(self, *names: str) -> str:
        """The last lines of what processes said."""
        logs = [self.folder / f"{name}.log" for name in names] or sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {log.stem}\n" + "\n".join(log.read_text().splitlines()[-12:]) for log in logs)

    def _count(self, what: str) -> int:
        return int(ask(self.store, f"SELECT count(*) FROM {what}")[0][0])


# --- what came of it --------------------------------------------------------------------------------------------------


def ask(store: Store, query: str) -> list[tuple[Any, ...]]:
    with store.read() as db:
        return [tuple(row) for row in db.execute(text(query))]


@dataclass(frozen=True)
class Outcome:
    """What a run left behind, in words that depend neither on ids nor on the order of arrival.

    Which of nearly the same words are one statement does depend on it, in the embedded engine as well (A may be near B,
    and B near C, but A not near C): all that are near each other in a row count as one here.
    """

    #: addresses with the outcome of each of their announcements
    entries: Counter[tuple[str, str]]
    #: for each item, the addresses that it appeared at
    items: Counter[frozenset[str]]
    #: who is reported to have said what
    reports: frozenset[tuple[str, str]]
    #: the same of statements, each in the words that stand for all that are near
    statements: frozenset[tuple[str, str]]
    #: rule, and the statement or item that each alert is about
    alerts: frozenset[tuple[str, object]]


def outcome_of(store: Store) -> Outcome:
    shown: dict[int, set[str]] = {}
    for item, url in ask(store, "SELECT item_id, url_key FROM appearances"):
        shown.setdefault(item, set()).add(url)
    said = {row[0]: row[1:] for row in ask(store, f"SELECT statements.id, speakers.key, statements.text FROM {_SAID}")}
    reported = ask(store, f"SELECT DISTINCT speakers.key, reports.text FROM {_SAID} JOIN reports ON {_REPORTED}")
    stands = _near({(speaker, words) for speaker, words in [*reported, *said.values()]})
    kept = ("stored", "reprint")
    ended = ask(store, "SELECT url_key, outcome FROM entries")
    fired = ask(store, "SELECT rule, statement_id, item_id FROM alerts")
    return Outcome(
        Counter((url, "kept" if how in kept else how) for url, how in ended),
        Counter(frozenset(urls) for urls in shown.values()),
        frozenset((speaker, words) for speaker, words in reported),
        frozenset(stands[speaker, words] for speaker, words in said.values()),
        frozenset((rule, stands[said[what]] if what else frozenset(shown[item])) for rule, what, item in fired),
    )


_SAID = "statements JOIN speakers ON speakers.id = speaker_id"
_REPORTED = "reports.statement_id = statements.id"


def _near(said: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """For the words of each speaker, the first in the alphabet of all that are near them in a row."""
    by_speaker: dict[str, list[str]] = {}
    for speaker, words in sorted(said):
        by_speaker.setdefault(speaker, []).append(words)
    stands: dict[tuple[str, str], tuple[str, str]] = {}
    for speaker, told in by_speaker.items():
        groups: list[list[str]] = []
        for words in told:
            near = [group for group in groups if any(same_statement(words, other) for other in group)]
            groups = [group for group in groups if group not in near] + [[words, *chain(*near)]]
        stands |= {(speaker, words): (speaker, min(group)) for group in groups for words in group}
    return stands


def twice(store: Store) -> list[str]:
    """What is there more than once though it may be once only; empty when all is well."""
    once = {
        "entry": "SELECT url_key, version FROM entries GROUP BY url_key, version HAVING count(*) > 1",
        "appearance": "SELECT url_key FROM appearances GROUP BY url_key HAVING count(*) > 1",
        "item": "SELECT text_hash FROM items GROUP BY text_hash HAVING count(*) > 1",
        "statement": "SELECT speaker_id, key FROM statements GROUP BY speaker_id, key HAVING count(*) > 1",
        "alert": "SELECT rule, subject FROM alerts GROUP BY rule, subject HAVING count(*) > 1",
        "delivery": "SELECT alert_id, channel FROM deliveries WHERE alert_id IS NOT NULL"
        " GROUP BY alert_id, channel HAVING count(*) > 1",
        "report": 'SELECT statement_id, item_id, appearance_id, revision_id, "where", text, CAST(parts AS TEXT)'
        " FROM reports GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING count(*) > 1",
    }
    return [f"{what} {row}" for what, query in once.items() for row in ask(store, query)]
