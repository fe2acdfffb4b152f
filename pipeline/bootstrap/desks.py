"""From settings to the store and what is asked of it.

Loads nothing that fetches, reads articles, migrates or sends: most commands only look.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.bootstrap.configuration import config_folder, holder, load_sources
from pipeline.clock import Clock, SystemClock
from pipeline.desk import Desk
from pipeline.desk.reference import Reference
from pipeline.errors import ConfigError, StoreError
from pipeline.settings import Settings, home_database
from pipeline.storage.database import Limits
from pipeline.storage.store import Store

if TYPE_CHECKING:
    from pipeline.accessdesk import AccessDesk
    from pipeline.ruledesk import RuleDesk


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


def find_desk(settings: Settings) -> Desk | None:
    """The read side of the store as it is; None where there is no store that this code can read."""
    try:
        store = find_store(settings)
        store.check()
    except StoreError:
        return None
    folder = config_folder(settings)
    return Desk(store, SystemClock(), settings, load_sources(folder), _reference(folder))


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
    return Reference(folder, holder(folder, "officials.toml"))


def open_rules(settings: Settings, clock: Clock | None = None, store: Store | None = None) -> RuleDesk:
    """The alert rules: of the file, to be looked at, and of the store, to be changed. Raises ConfigError."""
    # what sends alerts is slow to load, and most commands send none
    from pipeline.alerts.channels import names as channel_names
    from pipeline.alerts.rules import load_written
    from pipeline.ruledesk import RuleDesk

    folder = config_folder(settings)
    channels = frozenset(channel_names(settings, folder))
    return RuleDesk(store or open_store(settings), clock or SystemClock(), load_written(folder, channels), channels)


def access_to(store: Store, settings: Settings, clock: Clock | None = None) -> AccessDesk:
    """The accounts of a store. Raises ConfigError."""
    # what hashes passwords is slow to load, and most commands have none
    from pipeline.access.passwords import Passwords, load_common
    from pipeline.accessdesk import AccessDesk

    common = load_common(holder(config_folder(settings), "access/common-passwords.txt"))
    return AccessDesk(store, clock or SystemClock(), settings, Passwords(), common, secrets.token_bytes)
