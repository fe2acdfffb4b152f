"""Commands that look after an installation: db, doctor."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import Json, console, say, size, table, write_json

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.storage.store import Store

db_app = typer.Typer(help="The database: upgrade, downgrade, check, vacuum.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(doctor)
    app.add_typer(db_app, name="db")


@db_app.command()
def upgrade(json: Json = False) -> None:
    """Create the schema or bring it up to date."""
    from pipeline.bootstrap import configuration, desks

    store = desks.name_store(configuration.settings_from_environment())
    store.upgrade()
    store.check()
    _tell(json, store, "up to date")


@db_app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="Down to this revision, 0008 say; base empties the database.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Bring the schema down, for an older program; what it has no room for is lost."""
    from pipeline.bootstrap import configuration, desks

    store = desks.find_store(configuration.settings_from_environment())
    store.expect_revision(revision)
    if not yes and not typer.confirm(
        f"{store.name}: go down to {revision} and lose what that has no room for?", err=True
    ):
        raise typer.Exit(1)
    with store.alone():
        store.downgrade(revision)
    _tell(json, store, "downgraded")


@db_app.command()
def check(json: Json = False) -> None:
    """Check schema and integrity; exit 1 when something is wrong."""
    from pipeline.bootstrap import configuration, desks
    from pipeline.errors import StoreError

    store = desks.find_store(configuration.settings_from_environment())
    store.check()
    word = store.integrity()
    if word != "ok":
        raise StoreError(f"{store.name}: integrity: expected ok, got {word}")
    _tell(json, store, "integrity ok")


@db_app.command()
def vacuum(json: Json = False) -> None:
    """Give free space back to the file system."""
    from pipeline.bootstrap import configuration, desks

    store = desks.find_store(configuration.settings_from_environment())
    before = store.size()
    store.vacuum()
    _tell(json, store, f"{size(before)} before")


def _tell(json: bool, store: Store, words: str) -> None:
    if json:
        write_json({"database": store.name, "schema": store.revision(), "bytes": store.size(), "result": words})
    else:
        say(f"{store.name}: schema {store.revision()}, {size(store.size())}, {words}")


# --- doctor -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `verdict` is ok, warning or error."""

    check: str
    verdict: str
    found: str


def doctor(
    network: Annotated[bool, typer.Option(help="Try to reach a few sources.")] = True,
    json: Json = False,
) -> None:
    """Check Python, configuration, database, clock and network; exit 1 when something is broken."""
    findings = list(_examine(network))
    if json:
        write_json(findings)
    else:
        marks = {"ok": "ok", "warning": "!", "error": "ERROR"}
        rows = ((f.check, marks[f.verdict], f.found) for f in findings)
        console().print(table(None, "check", "", "found", rows=rows))
    if any(finding.verdict == "error" for finding in findings):
        raise typer.Exit(1)


def _examine(network: bool) -> Iterator[Finding]:
    from pipeline.bootstrap import configuration
    from pipeline.errors import ConfigError

    yield _python()
    settings: Settings | None = None
    try:
        settings = configuration.settings_from_environment()
        yield Finding("settings", "ok", _changed(settings))
    except ConfigError as error:
        yield Finding("settings", "error", str(error))
    if settings is None:
        return
    yield _try("configuration", lambda: _configuration(settings))
    yield _try("database", lambda: _database(settings))
    if settings.broker_url:
        yield _try("broker", _broker)
    yield _clock()
    if network:
        yield _network(settings)


def _broker() -> str:
    from frontends.cli.many import shared_status

    shared = shared_status()
    return f"{len(shared.workers)} workers" if shared else ""


def _python() -> Finding:
    import sqlite3

    version = ".".join(map(str, sys.version_info[:3]))
    has_fts5 = any("FTS5" in row[0] for row in sqlite3.connect(":memory:").execute("PRAGMA compile_options"))
    verdict = "ok" if sys.version_info >= (3, 11) and has_fts5 else "error"
    return Finding(
        "python", verdict, f"Python {version}, SQLite {sqlite3.sqlite_version}{'' if has_fts5 else ' without FTS5'}"
    )


def _changed(settings: Settings) -> str:
    from pipeline.settings import Settings

    names = [name for name in Settings.__slots__ if getattr(settings, name) != getattr(Settings(), name)]
    return f"changed from the defaults: {', '.join(names)}" if names else "all defaults"


def _try(check: str, examine: Callable[[], str]) -> Finding:
    from pipeline.errors import VigiaError

    try:
        return Finding(check, "ok", examine())
    except VigiaError as error:
        return Finding(check, "error", str(error))


def _configuration(settings: Settings) -> str:
    from pipeline.bootstrap import configuration, engine

    folder = configuration.config_folder(settings)
    sources = configuration.load_sources(folder).values()
    analyst = engine.load_analyst(settings)
    rules = engine.load_alert_rules(settings)
    enabled = sum(source.enabled for source in sources)
    return (
        f"{folder}: {enabled} of {len(sources)} sources enabled, {len(analyst.topics.all)} topics, {len(rules)} rules"
    )


def _database(settings: Settings) -> str:
    from pipeline.bootstrap import desks

    store = desks.open_store(settings)
    store.check()
    with store.write():
        pass
    return f"{store.name}: schema {store.revision()}, writable, {size(store.size())}"


def _clock() -> Finding:
    from pipeline.clock import SystemClock

    now = SystemClock().now()
    # older than this program: the machine's clock was never set
    verdict = "ok" if now.year >= 2026 else "error"
    return Finding("clock", verdict, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _network(settings: Settings) -> Finding:
    from pipeline.bootstrap import engine

    reached, words = engine.try_network(settings)
    return Finding("network", "ok" if reached else "warning", words)
