"""The gate in Redis keeps the rules of the one in memory, for all who share it; and nobody passes without it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.clock import AgreedClock
from pipeline.errors import BrokerAway, ConfigError
from pipeline.fetch import HostGate
from tests.fakes import ManualClock
from tests.services import Redis
from workers.gate import RedisGate, connect, server_time

HOST = "diario.example"
KEYS = (f"vigia:host:{HOST}", f"vigia:places:{HOST}")


def gate(client: redis.Redis, gap: float = 5.0, concurrency: int = 2, kept: float = 60.0) -> RedisGate:
    return RedisGate(client, gap, concurrency, kept)


def pass_time(client: redis.Redis, seconds: float) -> None:
    """As if all that is remembered of the host had happened so much earlier."""
    if client.hexists(KEYS[0], "started"):
        client.hincrbyfloat(KEYS[0], "started", -seconds)
    for place in client.zrange(KEYS[1], 0, -1):
        client.zincrby(KEYS[1], -seconds, place)


_STEPS = st.lists(
    st.one_of(
        st.just(("wait", 0.0)),
        st.just(("leave", 0.0)),
        st.just(("sent", 0.0)),
        st.tuples(st.just("answered"), st.sampled_from([0.2, 3.0, 12.0, 40.0])),
        st.tuples(st.just("widen"), st.sampled_from([0.0, 2.0, 30.0])),
        st.tuples(st.just("pass"), st.sampled_from([1.0, 5.5, 12.5, 45.0])),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STEPS)
def test_it_says_what_the_gate_in_memory_says(client: redis.Redis, steps: list[tuple[str, float]]) -> None:
    client.flushall()
    clock = ManualClock()
    mine, shared, inside = HostGate(5.0, 2, clock), gate(client), 0
    for what, value in steps:
        if what == "pass":
            clock.forward(value)
            pass_time(client, value)
        elif what == "wait":
            expected, found = mine.wait(HOST), shared.wait(HOST)
            assert found == pytest.approx(expected, abs=0.9), "nearly: Redis' clock goes on meanwhile"
            assert (found == 0) == (expected == 0)
            inside += found == 0
        elif what == "leave":
            if inside:
                mine.leave(HOST), shared.leave(HOST)
                inside -= 1
        else:
            for one in (mine, shared):
                getattr(one, what)(HOST, *([] if what == "sent" else [value]))


def test_workers_keep_one_distance(client: redis.Redis) -> None:
    one, other = gate(client), gate(client)
    assert one.wait(HOST) == 0
    assert 4 < other.wait(HOST) <= 5
    assert other.wait("gaceta.example") == 0


def test_a_host_is_one_whatever_its_spelling_and_so_are_hosts_that_share_a_limit(client: redis.Redis) -> None:
    shared = RedisGate(client, 5.0, 2, 60.0, lambda host: host.removeprefix("uno."))
    assert shared.wait("UNO.diario.example.") == 0
    assert shared.wait(HOST) > 0


def test_a_place_that_a_worker_died_with_is_free_when_its_time_is_over(client: redis.Redis) -> None:
    dead, alive = gate(client, concurrency=1), gate(client, concurrency=1)
    assert dead.wait(HOST) == 0
    pass_time(client, 59)
    assert alive.wait(HOST) > 0
    pass_time(client, 2)
    assert alive.wait(HOST) == 0


def test_leaving_gives_back_ones_own_place_only(client: redis.Redis) -> None:
    one, other = gate(client, gap=0.0), gate(client, gap=0.0)
    assert one.wait(HOST) == other.wait(HOST) == 0
    one.leave(HOST)
    assert client.zcard(KEYS[1]) == 1
    other.leave(HOST)
    assert client.zcard(KEYS[1]) == 0


def test_a_start_in_the_future_keeps_nobody_waiting_longer_than_the_gap(client: redis.Redis) -> None:
    """Somebody put the clock of Redis back by an hour."""
    shared = gate(client)
    assert shared.wait(HOST) == 0
    shared.leave(HOST)
    pass_time(client, -3600)
    assert shared.wait(HOST) <= 5


def test_many_at_once_get_no_more_places_than_there_are(client: redis.Redis) -> None:
    gates, passed = [gate(client, gap=0.0, concurrency=3) for _ in range(4)], list[float]()
    threads = [threading.Thread(target=lambda g=one: passed.append(g.wait(HOST))) for one in gates * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in passed) == 3


def test_nothing_of_a_host_is_remembered_for_ever(client: redis.Redis) -> None:
    shared = gate(client)
    shared.wait(HOST)
    shared.answered(HOST, 1.0)
    assert all(0 < int(client.ttl(key)) <= 3700 for key in KEYS)


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[redis.Redis]:
    """The way to a Redis that is stopped."""
    server = Redis(tmp_path)
    client = connect(server.url)
    yield client
    client.close()


def test_without_redis_nobody_passes(nobody: redis.Redis) -> None:
    shared = gate(nobody)
    for ask in (lambda: shared.wait(HOST), lambda: shared.sent(HOST), lambda: shared.widen(HOST, 2.0)):
        with pytest.raises(BrokerAway, match="the gate of hosts: expected an answer of Redis"):
            ask()


def test_what_is_told_afterwards_is_only_logged(nobody: redis.Redis, caplog: pytest.LogCaptureFixture) -> None:
    gate(nobody).answered(HOST, 1.0)
    assert "the time that diario.example took is not remembered" in caplog.text


def test_a_broker_that_is_no_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="VIGIA_BROKER_URL: expected redis://"):
        connect("amqp://broker")


# --- the clock --------------------------------------------------------------------------------------------------------


def test_workers_agree_on_the_time_of_the_server(client: redis.Redis) -> None:
    told = server_time(client)()
    assert told is not None
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_that_is_agreed_on_goes_on_alone_and_is_asked_now_and_then() -> None:
    answers: list[datetime | None] = [datetime(2012, 6, 27, tzinfo=UTC), None, datetime(2013, 1, 1, tzinfo=UTC)]
    patient = AgreedClock(lambda: answers.pop(0), every=3600)
    first, second = patient.now(), patient.now()
    assert first.date() == second.date() == datetime(2012, 6, 27, tzinfo=UTC).date()
    assert len(answers) == 2
    eager = AgreedClock(lambda: answers.pop(0), every=0)
    assert abs(eager.now() - datetime.now(UTC)) < timedelta(seconds=5), "nobody ever told: the machine's own"
    assert eager.now().year == 2013


def test_the_clock_of_redis_may_be_away(nobody: redis.Redis, caplog: pytest.LogCaptureFixture) -> None:
    assert server_time(nobody)() is None
    assert "the shared clock does not answer" in caplog.text
