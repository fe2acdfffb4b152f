"""What many tests share: a real store, on SQLite and on PostgreSQL, and the way to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.storage.store import Store
from tests import services

#: tests below these run on both databases; all others on SQLite, unless they ask for `postgres_store`
ON_BOTH = (
    "tests/storage/",
    "tests/test_settling.py",
    "tests/test_ingest.py",
    "tests/test_polling.py",
    "tests/test_dispatch.py",
    "tests/alerts/",
    "tests/desk/",
    "tests/exporting/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        here = metafunc.definition.nodeid.startswith(ON_BOTH)
        kinds = ("sqlite", "postgresql") if here else ("sqlite",)
        metafunc.parametrize("database_url", kinds, indirect=True, ids=kinds if here else [""])


@pytest.fixture(scope="session")
def postgres() -> Iterator[services.Postgres]:
    """A server, one for each process that runs tests. Where none can be had the tests fail: they are not skipped."""
    with services.Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: services.Postgres) -> str:
    """The name of a database with the schema in it; copying it takes a tenth of the time of migrating."""
    url = postgres.database()
    store = Store(url)
    store.upgrade()
    store.close()
    return url.rsplit("/", 1)[1]


@pytest.fixture
def postgres_url(postgres: services.Postgres, postgres_template: str) -> Iterator[str]:
    """The address of a database of the test's own, with the schema in it and nothing else."""
    url = postgres.database(postgres_template)
    yield url
    postgres.drop(url)


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """A store on PostgreSQL, for tests of what only that does."""
    opened = Store(postgres_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema in it; copying it takes a twentieth of the time of migrating."""
    file = tmp_path_factory.mktemp("template") / "vigia.sqlite"
    store = Store(f"sqlite:///{file}")
    store.upgrade()
    store.close()
    return file


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store with the schema in it and nothing else; tests of `ON_BOTH` get it twice, of each kind."""
    if request.param == "postgresql":
        found: str = request.getfixturevalue("postgres_url")
        return found
    file = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "vigia.sqlite")
    return f"sqlite:///{file}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of either kind for all of a module's tests: for those that fill it a thousand times and roll back."""
    if request.param == "sqlite":
        opened = Store(f"sqlite:///{tmp_path_factory.mktemp('lasting')}/vigia.sqlite")
        opened.upgrade()
    else:
        server: services.Postgres = request.getfixturevalue("postgres")
        opened = Store(server.database(request.getfixturevalue("postgres_template")))
    yield opened
    opened.close()
