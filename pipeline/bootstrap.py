"""From settings to wired objects. The only place that knows which part is made of which; nothing connects at import."""

from __future__ import annotations

import hashlib
import os
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import httpx

from pipeline import settings as settings_module
from pipeline.alerts.channels import SAMPLE, World, open_all, open_one
from pipeline.alerts.channels import names as channel_names
from pipeline.alerts.rules import load_notice_channels, load_rules, load_written
from pipeline.analysis import Analyst
from pipeline.clock import Clock, SystemClock
from pipeline.dedupe import Agencies
from pipeline.desk import Desk
from pipeline.desk.reference import Reference
from pipeline.errors import ConfigError, StoreError, VigiaError
from pipeline.fetch import Fetcher, Gate, HostGate, Patient, guarded_client
from pipeline.flow import Flow, Observer, Seeker, Unobserved
from pipeline.patience import Considerate
from pipeline.poll import HostRules
from pipeline.reading import PagePool, config_files
from pipeline.rulebook import RuleBook
from pipeline.ruledesk import RuleDesk
from pipeline.settings import Settings, home_database
from pipeline.sources import Hints, UrlKeys, load_catalogue
from pipeline.sources.discovery import replacement
from pipeline.sources.past.sitemaps import BYTES_MAX
from pipeline.statements import Lexicons, People
from pipeline.storage import due, feeds, locks, sources
from pipeline.storage.database import Limits
from pipeline.storage.store import Store, Transaction
from pipeline.topics import Topics
from pipeline.types import AlertRule, FeedState, Request, Source

if TYPE_CHECKING:
    from pipeline.accessdesk import AccessDesk

#: where the checkout keeps the configuration, and where an installed wheel does
_CONFIG_FOLDERS = (Path(__file__).parent.parent / "config", Path(__file__).parent / "_config")

Addresses = Mapping[str, tuple[str, int]]


def settings_from_environment() -> Settings:
    """Settings as the environment has them. Raises ConfigError."""
    return settings_module.load(os.environ)


def config_folder(settings: Settings) -> Path:
    """The configuration folder: the one set, else the shipped one. Raises ConfigError where there is none."""
    if settings.config:
        folder = Path(settings.config).expanduser()
        if not folder.is_dir():
            raise ConfigError("environment", "VIGIA_CONFIG", "a folder", settings.config)
        return folder
    for folder in _CONFIG_FOLDERS:
        if (folder / "sources.toml").is_file():
            return folder
    raise ConfigError("settings", "config", f"sources.toml in one of {[str(f) for f in _CONFIG_FOLDERS]}", "none")


def _holder(folder: Path, name: str) -> Path:
    """The folder that has a file: a copy of the configuration from before it came goes on with the shipped one."""
    held = (one for one in (folder, *_CONFIG_FOLDERS) if (one / name).is_file())
    return next(held, folder)


def load_sources(folder: Path) -> dict[str, Source]:
    """The catalogue by slug. Raises ConfigError."""
    return {source.slug: source for source in load_catalogue(folder)}


def writable_folder(settings: Settings) -> Path:
    """The configuration folder, if its catalogue may be changed. Raises ConfigError, which says what to do, if not."""
    folder = config_folder(settings)
    if folder == _CONFIG_FOLDERS[1]:
        expected = "a folder of your own, which `vigia sources init FOLDER` makes"
        raise ConfigError("environment", "VIGIA_CONFIG", expected, "the configuration inside the installed program")
    file = folder / "sources.toml"
    if not os.access(file, os.W_OK) or not os.access(file.resolve().parent, os.W_OK):
        raise ConfigError(str(file), "the whole file", "a file that can be written, in a folder that can", "neither")
    return folder


def shipped_config() -> Path:
    """The configuration this program came with. Raises ConfigError where there is none."""
    return config_folder(Settings())


def load_hints(settings: Settings) -> Hints:
    """How outlets name their feeds; as shipped where the configuration folder has no word on it. Raises ConfigError."""
    return Hints.load(_holder(config_folder(settings), "discovery.toml"))


@contextmanager
def open_web(settings: Settings, sleep: Callable[[float], object]) -> Iterator[Patient]:
    """The web, for one caller who keeps the hosts' distance by sleeping. Raises ConfigError."""
    clock = SystemClock()
    hosts = HostRules.load(_holder(config_folder(settings), "hosts.toml"))
    gate = HostGate(settings.host_gap, settings.host_concurrency, clock, hosts.limit_of)
    fetcher = Fetcher(settings, clock, gate=gate)
    try:
        yield Patient(fetcher, gate, sleep)
    finally:
        fetcher.close()


def find_desk(settings: Settings) -> Desk | None:
    """The read side of the store as it is; None where there is no store that this code can read."""
    try:
        store = find_store(settings)
        store.check()
    except StoreError:
        return None
    folder = config_folder(settings)
    return Desk(store, SystemClock(), settings, load_sources(folder), _reference(folder))


def made_of(settings: Settings) -> str:
    """A hash of the program and of the configuration: another one where either changed. Raises ConfigError."""
    program, folder = Path(__file__).parent, config_folder(settings)
    found = hashlib.sha256()
    for root, files in ((program, sorted(program.rglob("*.py"))), (folder, config_files(folder))):
        for file in files:
            found.update(f"{file.relative_to(root)}\0".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def load_analyst(settings: Settings) -> Analyst:
    """An analyst for this process. Raises ConfigError."""
    return Analyst.load(config_folder(settings), settings)


def open_pool(settings: Settings) -> PagePool:
    """Reading processes; they start with the first page. Raises ConfigError for what they could not load."""
    folder = config_folder(settings)
    Topics.load(folder), Lexicons.load(folder), People.load(folder)
    return PagePool(folder, settings)


def name_store(settings: Settings, reading: float = 0.0) -> Store:
    """The store that the settings name, not yet connected to; readers get so many seconds. Raises ConfigError."""
    limits = Limits(
        settings.database_pool, settings.database_statement_timeout, settings.database_lock_timeout, reading
    )
    return Store(settings.database_url, limits, settings.database_password)


def open_store(settings: Settings, reading: float = 0.0) -> Store:
    """The store, ready to be used: a file is created or migrated. Raises ConfigError, StoreError, SchemaError."""
    store = name_store(settings, reading)
    store.prepare()
    return store


def expect_store(settings: Settings) -> None:
    """Raise StoreError where the settings name a file in a folder that is not there; others are made at first use.

    For those who only look: an empty answer from a store that their own typing error made would pass for the truth.
    """
    store = name_store(settings)
    if store.path is not None and store.path != home_database() and not store.path.parent.is_dir():
        makes = "`vigia run`, `vigia import` or `vigia db upgrade` makes one"
        raise StoreError(f"VIGIA_DATABASE_URL: expected a store, got no file {store.name}; {makes}")


def find_store(settings: Settings) -> Store:
    """The store as it is, unchanged. Raises StoreError where there is none."""
    store = name_store(settings)
    if not store.exists():
        raise StoreError(f"{store.name}: expected a database, got none; `vigia db upgrade` makes one")
    return store


def expect_shared_store(settings: Settings) -> None:
    """Raise ConfigError unless the store is one that many processes on many machines may write into."""
    if settings.database_url.startswith("sqlite"):
        expected = (
            "a PostgreSQL store, such as postgresql+psycopg://vigia@HOST/vigia; on one machine `vigia run` does it all"
        )
        raise ConfigError("environment", "VIGIA_DATABASE_URL", expected, settings.database_url)


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


def open_desk(
    settings: Settings, clock: Clock | None = None, catalogue: Path | None = None, *, reading: float = 0.0
) -> Desk:
    """The read side of the store; each question may take so many seconds (0: as it takes).

    Raises StoreError where there is none, as for a mistyped address.
    """
    folder = config_folder(settings)
    expect_store(settings)
    known = load_sources(catalogue or folder)
    return Desk(open_store(settings, reading), clock or SystemClock(), settings, known, _reference(folder))


def _reference(folder: Path) -> Reference:
    return Reference(folder, _holder(folder, "officials.toml"))


def open_rules(settings: Settings, clock: Clock | None = None, store: Store | None = None) -> RuleDesk:
    """The alert rules: of the file, to be looked at, and of the store, to be changed. Raises ConfigError."""
    folder = config_folder(settings)
    channels = frozenset(channel_names(settings, folder))
    return RuleDesk(store or open_store(settings), clock or SystemClock(), load_written(folder, channels), channels)


def access_to(store: Store, settings: Settings, clock: Clock | None = None) -> AccessDesk:
    """The accounts of a store. Raises ConfigError."""
    # what hashes passwords is slow to load, and most commands have none
    from pipeline.access.passwords import Passwords, load_common
    from pipeline.accessdesk import AccessDesk

    common = load_common(_holder(config_folder(settings), "access/common-passwords.txt"))
    return AccessDesk(store, clock or SystemClock(), settings, Passwords(), common, secrets.token_bytes)


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
    url_keys, hosts = UrlKeys.load(folder), HostRules.load(_holder(folder, "hosts.toml"))
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
        agencies=Agencies.load(_holder(folder, "agencies.toml")),
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
        templates=_holder(folder, "templates/words.toml") / "templates",
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
