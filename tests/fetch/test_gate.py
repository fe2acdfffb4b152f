"""No host sees more of us at once, or more often, than the settings allow."""

from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import HostGate
from tests.fakes import ManualClock

HOST = "diario.example"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_the_first_request_starts_at_once_and_the_next_after_the_gap(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock)
    assert gate.wait(HOST) == 0
    assert gate.wait(HOST) == 5.0
    clock.forward(3)
    assert gate.wait(HOST) == 2.0
    clock.forward(2)
    assert gate.wait(HOST) == 0


def test_hosts_do_not_wait_for_each_other(clock: ManualClock) -> None:
    gate = HostGate(5.0, 1, clock)
    assert gate.wait(HOST) == 0
    assert gate.wait("gaceta.example") == 0


def test_hosts_that_share_a_limit_wait_for_each_other_and_for_what_the_fetcher_sends(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock, lambda host: host.removeprefix("uno.").removeprefix("dos."))
    assert gate.wait("bitacoras.example") == 0
    gate.leave("bitacoras.example")
    clock.forward(5)
    gate.sent("dos.bitacoras.example")
    assert gate.wait("bitacoras.example") == gate.wait("uno.bitacoras.example") == 5.0
    gate.widen("uno.bitacoras.example", 30.0)
    assert gate.wait("dos.bitacoras.example") == 30.0


def test_slow_answers_keep_the_door_shut_until_somebody_leaves(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock)
    for _ in range(2):
        assert gate.wait(HOST) == 0
        clock.forward(5)
    assert gate.wait(HOST) > 0
    gate.leave(HOST)
    assert gate.wait(HOST) == 0


def test_leaving_does_not_shorten_the_gap(clock: ManualClock) -> None:
    gate = HostGate(5.0, 1, clock)
    assert gate.wait(HOST) == 0
    gate.leave(HOST)
    assert gate.wait(HOST) == 5.0


def test_without_a_gap_a_full_host_is_not_asked_in_a_busy_loop(clock: ManualClock) -> None:
    gate = HostGate(0.0, 1, clock)
    assert gate.wait(HOST) == 0
    assert gate.wait(HOST) >= 0.05


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 4)), max_size=60), st.integers(1, 3))
def test_whatever_is_asked_starts_keep_their_distance(asked: list[tuple[str, float]], concurrency: int) -> None:
    clock = ManualClock()
    gate = HostGate(2.0, concurrency, clock)
    started: dict[str, list[float]] = {}
    inside: dict[str, list[float]] = {}
    for host, pause in asked:
        clock.forward(pause)
        now = clock.monotonic()
        # every request takes three seconds
        while inside.get(host) and inside[host][0] + 3 <= now:
            inside[host].pop(0)
            gate.leave(host)
        if gate.wait(host) == 0:
            started.setdefault(host, []).append(now)
            inside.setdefault(host, []).append(now)
            assert len(inside[host]) <= concurrency
    for times in started.values():
        assert all(later - sooner >= 2.0 - 1e-6 for sooner, later in itertools.pairwise(times))


def test_threads_that_ask_at_once_get_one_place(clock: ManualClock) -> None:
    gate = HostGate(5.0, 10, clock)
    ready, waits = threading.Barrier(8), list[float]()

    def ask() -> None:
        ready.wait()
        waits.append(gate.wait(HOST))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(0.0) == 1


def test_hosts_at_rest_are_forgotten(clock: ManualClock) -> None:
    gate = HostGate(5.0, 1, clock)
    for number in range(10_001):
        gate.wait(f"h{number}.example")
        gate.leave(f"h{number}.example")
    clock.forward(6)
    gate.wait(HOST)
    assert len(gate._hosts) == 1


# --- what the gate hears of the requests ------------------------------------------------------------------------------


def test_requests_that_did_not_wait_count_for_those_that_do(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock)
    assert gate.wait(HOST) == 0
    clock.forward(4)
    gate.sent(HOST)
    clock.forward(1)
    assert gate.wait(HOST) == 4.0


def test_a_slow_host_is_asked_as_often_as_it_answers(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock)
    gate.wait(HOST)
    gate.answered(HOST, 12.0)
    clock.forward(5)
    assert gate.wait(HOST) == 7.0


def test_the_mean_follows_the_answers_by_a_quarter(clock: ManualClock) -> None:
    gate = HostGate(0.0, 2, clock)
    for seconds in (8.0, 4.0, 4.0):
        gate.answered(HOST, seconds)
    gate.wait(HOST)
    assert gate.wait(HOST) == pytest.approx(4 + 4 * 0.75**2)


def test_a_fast_host_is_asked_no_more_than_the_settings_allow(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock)
    for _ in range(20):
        gate.answered(HOST, 0.01)
    gate.wait(HOST)
    assert gate.wait(HOST) == 5.0


def test_without_a_gap_less_than_a_second_is_not_slow(clock: ManualClock) -> None:
    gate = HostGate(0.0, 4, clock)
    gate.answered(HOST, 0.9)
    assert [gate.wait(HOST) for _ in range(4)] == [0.0] * 4


def test_the_gap_that_a_host_asks_for_holds_from_the_request_it_was_read_at(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock)
    gate.wait(HOST)
    gate.widen(HOST, 30.0)
    clock.forward(5)
    assert gate.wait(HOST) == 25.0
    assert gate.wait("gaceta.example") == 0


def test_a_gap_that_is_narrower_than_ours_changes_nothing(clock: ManualClock) -> None:
    gate = HostGate(5.0, 2, clock)
    gate.widen(HOST, 1.0)
    gate.wait(HOST)
    assert gate.wait(HOST) == 5.0


@pytest.mark.parametrize("written", [f"{HOST}.", HOST.upper()])
def test_a_host_is_one_host_however_it_is_written(clock: ManualClock, written: str) -> None:
    gate = HostGate(5.0, 1, clock)
    assert gate.wait(HOST) == 0
    assert gate.wait(written) > 0
    gate.leave(written)
    clock.forward(5)
    assert gate.wait(HOST) == 0
