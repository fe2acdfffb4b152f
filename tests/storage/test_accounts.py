"""Accounts on both databases: what is counted when many try at once, what a migration and an archive do with them."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from pipeline.access.passwords import Passwords
from pipeline.accessdesk import AccessDesk, Refused, SignedIn
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.storage import migrate, transfer
from pipeline.storage.store import Store
from tests.fakes import ManualClock
from tests.flows import analysis, bench, prose

WORDS = "three wet umbrellas"
_VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"
BEFORE = max(file.name[:4] for file in _VERSIONS.glob("0*.py") if file.name < "0017")


@pytest.fixture
def access(store: Store) -> AccessDesk:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    desk = AccessDesk(store, ManualClock(), Settings(), quick, frozenset(), secrets.token_bytes)
    desk.add_user("ana", WORDS, "editor")
    return desk


def test_many_guesses_at_once_are_no_more_than_one_after_another(access: AccessDesk) -> None:
    with ThreadPoolExecutor(12) as guessing:
        told = list(guessing.map(lambda n: access.sign_in("ana", f"guess {n}", f"10.0.0.{n}"), range(24)))
    assert sum(one == Refused(0) for one in told) == 5


def test_who_signs_in_at_many_places_at_once_is_in_at_all_of_them(access: AccessDesk) -> None:
    with ThreadPoolExecutor(4) as devices:
        told = list(devices.map(lambda n: access.sign_in("ana", WORDS, f"10.0.0.{n}"), range(4)))
    keys = {one.key for one in told if isinstance(one, SignedIn)}
    assert len(keys) == 4
    assert all(access.by_session(key) for key in keys)


def test_one_name_is_one_account(access: AccessDesk) -> None:
    for name in ("ana", "ANA", " Ana "):
        with pytest.raises(ConfigError, match="one that nobody has"):
            access.add_user(name, WORDS, "reader")


def test_one_name_is_one_token_of_an_account(access: AccessDesk) -> None:
    access.add_user("leo", WORDS, "reader")
    for user in ("ana", "leo"):
        access.make_token(user, "nightly", ["read"], None)
    with pytest.raises(ConfigError, match="one that this account does not have"):
        access.make_token("ana", "nightly", ["read"], None)


def test_an_account_that_is_removed_takes_its_keys_with_it(access: AccessDesk) -> None:
    signed, token = access.sign_in("ana", WORDS, "10.0.0.1"), access.make_token("ana", "nightly", ["read"], None)
    assert isinstance(signed, SignedIn)
    access.remove_user("ana")
    assert access.by_session(signed.key) is None
    assert access.by_token(token.key) is None
    assert access.is_open()


def test_using_a_login_is_written_down_once_a_minute(access: AccessDesk) -> None:
    token = access.make_token("ana", "nightly", ["read"], None)
    assert isinstance(access.clock, ManualClock)
    access.by_token(token.key)
    first = access.tokens()[0].used_at
    access.clock.forward(30)
    access.by_token(token.key)
    assert access.tokens()[0].used_at == first
    access.clock.forward(31)
    access.by_token(token.key)
    assert access.tokens()[0].used_at == access.clock.now()


def test_passwords_are_hashed_anew_when_the_house_does_it_better(access: AccessDesk) -> None:
    better = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    desk = AccessDesk(access.store, access.clock, access.settings, better, frozenset(), secrets.token_bytes)
    assert desk.verified("ana", WORDS)
    with access.store.engine.connect() as db:
        assert "t=2" in str(db.exec_driver_sql("SELECT password FROM users").scalar())
    assert desk.verified("ana", WORDS)


def test_a_store_with_items_gains_accounts_and_loses_only_them(access: AccessDesk) -> None:
    at = bench(access.store)
    at.settle(analysis("http://diario.example/1", prose(1)))
    migrate.downgrade(access.store.engine, BEFORE)
    migrate.upgrade(access.store.engine)
    with access.store.read() as db:
        assert transfer.count(db, "items") == 1
    assert access.users() == []
    access.add_user("ana", WORDS, "editor")


def test_an_archive_has_no_accounts_and_leaves_those_that_are_there(access: AccessDesk) -> None:
    assert not {"users", "sessions", "api_tokens", "login_attempts"} & {shape.table for shape in transfer.shapes()}
    with access.store.write() as db:
        assert "users" not in transfer.filled(db)
        transfer.empty(db)
    assert [user.name for user in access.users()] == ["ana"]
