"""From settings to the engine: fetching, reading, alerting, wired together."""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

import httpx

from pipeline.alerts.channels import SAMPLE, World, open_all, open_one
from pipeline.alerts.channels import names as channel_names
from pipeline.alerts.rules import load_notice_channels, load_rules
from pipeline.analysis import Analyst
from pipeline.bootstrap.configuration import config_folder, holder, load_hints, load_sources
from pipeline.bootstrap.desks import name_store, open_store
from pipeline.clock import Clock, SystemClock
from pipeline.dedupe import Agencies
from pipeline.errors import VigiaError
from pipeline.fetch import Fetcher, Gate, HostGate, Patient, guarded_client
from pipeline.flow import Flow, Observer, Seeker, Unobserved
from pipeline.patience import Considerate
from pipeline.poll import HostRules
from pipeline.reading import PagePool, config_files
from pipeline.rulebook import RuleBook
from pipeline.settings import Settings, home_database
from pipeline.sources import Hints, UrlKeys
from pipeline.sources.discovery import replacement
from pipeline.sources.past.sitemaps import BYTES_MAX
from pipeline.storage import due, feeds, locks, sources
from pipeline.storage.store import Store, Transaction
from pipeline.types import AlertRule, FeedState, Request, Source

Addresses = Mapping[str, tuple[str, int]]


@contextmanager
def open_web(settings: Settings, sleep: Callable[[float], object]) -> Iterator[Patient]:
    """The web, for one caller who keeps the hosts' distance by sleeping. Raises ConfigError."""
    clock = SystemClock()
    hosts = HostRules.load(holder(config_folder(settings), "hosts.toml"))
    gate = HostGate(settings.host_gap, settings.host_concurrency, clock, hosts.limit_of)
    fetcher = Fetcher(settings, clock, gate=gate)
    try:
        yield Patient(fetcher, gate, sleep)
    finally:
        fetcher.close()


def load_analyst(settings: Settings) -> Analyst:
    """An analyst for this process. Raises ConfigError."""
    return Analyst.load(config_folder(settings), settings)


def open_pool(settings: Settings) -> PagePool:
    """Reading processes; they start with the first page. Raises ConfigError for what they could not load."""
    load_analyst(settings)
    return PagePool(config_folder(settings), settings)


def due_gauges(flow: Flow) -> dict[tuple[str, tuple[str, ...]], float]:
    """How much each step has to do, and for how long, as metrics. Raises StoreError."""
    now = flow.clock.now()
    with flow.store.read() as db:
        found = due.due(db, now)
    gauges: dict[tuple[str, tuple[str, ...]], float] = {}
    for step, what in found.items():
        gauges["waiting", (step,)], gauges["lag_seconds", (step,)] = what.rows, what.lag(now)
    return gauges


def try_network(settings: Settings, tried: int = 3) -> tuple[bool, str]:
    """Whether any of the first few enabled sources can be reached, and in words which."""
    urls = [
        feed.url for source in load_sources(config_folder(settings)).values() if source.enabled for feed in source.feeds
    ]
    fetcher = Fetcher(settings, SystemClock(), {})
    said = []
    try:
        for url in urls[:tried]:
            try:
                return True, f"{url} answered {fetcher.get(Request(url, 'feed')).status}"
            except VigiaError as error:
                said.append(str(error))
    finally:
        fetcher.close()
    return False, "; ".join(said)


@dataclass(frozen=True, slots=True)
class Wiring:
    """A flow, with what must be closed after it."""

    flow: Flow
    fetcher: Fetcher

    def close(self) -> None:
        """Close connections and the store."""
        with closing(self.flow.store):
            self.fetcher.close()


def wire(
    settings: Settings,
    *,
    clock: Clock | None = None,
    catalogue: Path | None = None,
    addresses: Addresses | None = None,
    stream: TextIO | None = None,
    seed: int | None = None,
    gate: Callable[[HostRules], Gate] | None = None,
    observer: Observer | None = None,
    catch_up: bool = True,
) -> Wiring:
    """All that the four steps need.

    `catalogue` is a folder whose sources.toml stands in for the configured one; `addresses` sends requests for a host
    to a fixed (IP, port), past the address guard: for the newsroom and for tests. `gate` makes one that is shared with
    other processes, in place of this one's own; `catch_up` lets the store follow the catalogue, which one of many does.
    Raises ConfigError, StoreError.
    """
    clock, folder = clock or SystemClock(), config_folder(settings)
    known = load_sources(catalogue or folder)
    url_keys, hosts = UrlKeys.load(folder), HostRules.load(holder(folder, "hosts.toml"))
    store = open_store(settings)
    own = HostGate(settings.host_gap, settings.host_concurrency, clock, hosts.limit_of)
    passed = gate(hosts) if gate else own
    fetcher = Fetcher(settings, clock, addresses or {}, gate=passed)
    client = guarded_client(settings, clock, addresses or {})
    world = _world(settings, folder, store, client, clock, stream or sys.stdout)
    channels = open_all(world, folder, alerts_file(settings, store))
    rules = RuleBook(clock, load_rules(folder, channels.keys()), channels)
    notice_channels = load_notice_channels(folder, channels.keys())
    now = clock.now()
    if catch_up:
        store.transact(lambda db: _sync(db, known, now, settings, hosts))
    rng = random.Random(seed)
    flow = Flow(
        settings=settings,
        store=store,
        clock=clock,
        rng=rng,
        fetcher=fetcher,
        sources=known,
        url_keys=url_keys,
        rules=rules,
        channels=channels,
        gate=passed,
        hosts=hosts,
        notice_channels=notice_channels,
        agencies=Agencies.load(holder(folder, "agencies.toml")),
        observer=observer or Unobserved(),
    )
    return Wiring(replace(flow, seek=_seeker(flow, fetcher, load_hints(settings))), fetcher)


def _sync(db: Transaction, known: Mapping[str, Source], now: datetime, settings: Settings, hosts: HostRules) -> None:
    # workers that start together write the same catalogue
    locks.hold(db, ["catalogue"])
    sources.sync(db, known.values())
    feeds.sync(db, known.values(), now, settings.poll_min, hosts.key)


def _seeker(flow: Flow, fetcher: Fetcher, hints: Hints) -> Seeker:
    """Feed discovery, for lost feeds: few at a time, and waiting for their hosts' gates by sleeping on their thread."""
    web = Considerate(replace(flow, fetcher=Patient(fetcher, flow.gate, time.sleep)))

    def seek(source: Source, feed: FeedState) -> str | None:
        return replacement(web.get, source, feed.url, now=flow.clock.now(), hints=hints, key=flow.url_keys.key)

    return seek


@contextmanager
def open_past(wiring: Wiring, sleep: Callable[[float], object]) -> Iterator[Flow]:
    """The flow, for one caller outside of the engine who keeps the hosts' distance by sleeping.

    Pages may be as large as sitemaps.org allows the lists of the past.
    """
    flow = wiring.flow
    settings = replace(flow.settings, page_max_bytes=max(flow.settings.page_max_bytes, BYTES_MAX))
    fetcher = Fetcher(settings, flow.clock, gate=flow.gate)
    try:
        yield replace(flow, fetcher=Patient(fetcher, flow.gate, sleep))
    finally:
        fetcher.close()


def _world(settings: Settings, folder: Path, store: Store, client: httpx.Client, clock: Clock, stream: TextIO) -> World:
    return World(
        settings=settings,
        environment=os.environ,
        stream=stream,
        client=client,
        now=clock.now,
        templates=holder(folder, "templates/words.toml") / "templates",
        beside=(store.path or home_database()).parent,
    )


def load_alert_rules(settings: Settings) -> tuple[AlertRule, ...]:
    """The alert rules, disabled ones included. Raises ConfigError."""
    folder = config_folder(settings)
    return load_rules(folder, channel_names(settings, folder))


def try_channel(settings: Settings, name: str, stream: TextIO) -> None:
    """Send one channel a sample, as `vigia alerts send-test` does.

    Raises ConfigError for a channel that is not there or cannot be opened; a Retry or Never where it takes nothing.
    """
    clock, folder = SystemClock(), config_folder(settings)
    store = name_store(settings)
    world = _world(settings, folder, store, guarded_client(settings, clock, {}), clock, stream)
    channel = open_one(world, folder, alerts_file(settings, store), name)
    now = clock.now()
    channel.send(replace(SAMPLE, id=f"test-{now:%Y%m%d%H%M%S%f}-{name}", fired_at=now))


def alerts_file(settings: Settings, store: Store) -> Path:
    """Where channel `file` writes."""
    if settings.alerts_file:
        return Path(settings.alerts_file).expanduser()
    beside = store.path or home_database()
    return beside.with_name("alerts.jsonl")


def made_of(settings: Settings) -> str:
    """A hash of the program and of the configuration: another one where either changed. Raises ConfigError."""
    program, folder = Path(__file__).parents[1], config_folder(settings)
    found = hashlib.sha256()
    for root, files in ((program, sorted(program.rglob("*.py"))), (folder, config_files(folder))):
        for file in files:
            found.update(f"{file.relative_to(root)}\0".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()
