"""Passwords, keys, waits and whose request it is: decided without a store or a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from pipeline.access import hosts, keys
from pipeline.access.passwords import Passwords, accept, load_common
from pipeline.access.people import scopes, user_name
from pipeline.access.throttle import OF_ADDRESS, OF_USER, Buckets, left, network
from pipeline.errors import ConfigError

CONFIG = Path(__file__).parents[2] / "config"
NOW = datetime(2012, 6, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    "password", ["three wet umbrellas", "Año nuevo, vida nueva", "曇りのち雨、そして晴れの日々", "x9!kq#Lw2@zz"]
)
def test_long_words_of_ones_own_are_taken(password: str) -> None:
    accept(password, "ana", load_common(CONFIG))


@pytest.mark.parametrize(
    "password", ["", "short", "a" * 257, "aaaaaaaaaaaaaaaa", "Password1234!", "ana maria 2012!", "CONTRASEÑASEGURA1"]
)
def test_what_is_tried_first_is_not_and_never_shown(password: str) -> None:
    with pytest.raises(ConfigError) as refused:
        accept(password, "ana", load_common(CONFIG))
    assert not password or password not in str(refused.value)


@given(st.text(max_size=300))
def test_a_password_fits_its_own_hash_and_nobody_elses(password: str) -> None:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    stored = quick.hashed(password)
    assert quick.fits(password, stored)
    assert not quick.fits(password + "x", quick.hashed(password + "y"))
    assert not quick.fits(password, None)
    assert not quick.fits("nobody's", None)


def test_keys_are_of_256_bits_and_cannot_be_told_from_what_is_stored() -> None:
    made = [keys.new_key(lambda n: bytes([n]) * n), keys.new_token(lambda n: bytes(range(n)))]
    assert [len(key) for key in made] == [43, 49]
    assert all(key not in keys.stored(key) and len(keys.stored(key)) == 64 for key in made)
    assert keys.csrf_of(made[0]) != keys.stored(made[0])


def test_waits_double_from_a_second_to_the_longest() -> None:
    assert [OF_USER.wait(n) for n in (0, 4, 5, 6, 7, 11, 10**9)] == [0, 0, 1, 2, 4, 60, 60]
    assert OF_ADDRESS.wait(19) == 0
    assert OF_ADDRESS.wait(10**9) == 900


@given(st.integers(0, 10**6), st.floats(-1e6, 1e6))
def test_nobody_waits_longer_than_the_longest_whatever_the_clock_says(failures: int, passed: float) -> None:
    wait = left(OF_USER, failures, NOW, NOW + timedelta(seconds=passed))
    assert 0 <= wait <= OF_USER.longest


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("testclient", "testclient"),
    ],
)
def test_one_subscriber_is_one_caller(address: str, caller: str) -> None:
    assert network(address) == caller


@given(st.lists(st.sampled_from([0.0, 0.1, 0.4, 3.0]), min_size=10, max_size=80))
def test_no_caller_gets_more_than_the_burst_and_the_rate(pauses: list[float]) -> None:
    time = 0.0
    buckets = Buckets(2.0, 5, lambda: time)
    given_ = 0
    for pause in pauses:
        time += pause
        wait = buckets.take("ana")
        given_ += not wait
        if wait:
            assert 0 < wait <= 0.5
    assert given_ <= 5 + 2.0 * time + 1e-6


def test_callers_do_not_share_a_bucket_and_are_forgotten_at_last() -> None:
    buckets = Buckets(1.0, 1, lambda: 0.0)
    assert not buckets.take("ana")
    assert buckets.take("ana") == 1.0
    assert not buckets.take("leo")
    for n in range(20_000):
        buckets.take(f"somebody{n}")
    assert len(buckets._levels) == 10_000


@pytest.mark.parametrize("written", ["", " ", "a b", "-a", "a" * 81, "año", "a\x00", "a\nb"])
def test_what_can_be_no_name(written: str) -> None:
    with pytest.raises(ConfigError, match="users: name"):
        user_name(written)


@pytest.mark.parametrize(("written", "role"), [([], "editor"), (["all"], "editor"), (["read", "rules"], "reader")])
def test_scopes_that_cannot_be_given(written: list[str], role: str) -> None:
    with pytest.raises(ConfigError, match="tokens: scopes"):
        scopes(written, role)


@pytest.mark.parametrize(
    ("method", "origin", "site", "elsewhere"),
    [
        ("GET", "https://evil.example", "cross-site", False),
        ("POST", None, None, False),
        ("POST", "http://127.0.0.1:8000", None, False),
        ("POST", "http://127.0.0.1:8000", "same-origin", False),
        ("POST", None, "none", False),
        ("POST", "http://127.0.0.1:9000", None, True),
        ("POST", "null", None, True),
        ("POST", "", None, True),
        ("POST", "http://127.0.0.1:8000", "same-site", True),
        ("DELETE", "https://evil.example", None, True),
    ],
)
def test_who_sent_a_request(method: str, origin: str | None, site: str | None, elsewhere: bool) -> None:
    assert hosts.from_elsewhere(method, "127.0.0.1:8000", origin, site) is elsewhere


@pytest.mark.parametrize(
    ("host", "alone", "ours"),
    [
        ("127.0.0.1", True, True),
        ("[::1]:80", True, True),
        ("localhost.", True, True),
        ("10.1.2.3", True, False),
        ("10.1.2.3", False, True),
        ("desk.example", True, True),
        ("DESK.example.:8000", False, True),
        ("evil.example", False, False),
        ("127.0.0.1.evil.example", False, False),
        ("127.1", True, False),
    ],
)
def test_which_names_are_ours(host: str, alone: bool, ours: bool) -> None:
    assert hosts.is_ours(host, {"desk.example"}, alone=alone) is ours


@pytest.mark.parametrize("written", ["*", "proxy.example", "10.0.0.1/33"])
def test_a_proxy_is_an_address(written: str) -> None:
    with pytest.raises(ConfigError, match="VIGIA_WEB_PROXIES"):
        hosts.networks(written, "VIGIA_WEB_PROXIES")
