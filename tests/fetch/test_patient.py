"""Callers outside of the engine keep each host's distance, to each other and to the engine."""

from __future__ import annotations

import pytest

from pipeline.errors import ConnectFailed
from pipeline.fetch import HostGate, Patient
from pipeline.types import Request, Response
from tests.fakes import FakeWeb, ManualClock


class Web(FakeWeb):
    """Remembers when it was asked."""

    def get(self, request: Request) -> Response:
        self.moments = [*getattr(self, "moments", []), self.clock.monotonic()]
        return super().get(request)


@pytest.fixture
def web() -> Web:
    web = Web(ManualClock())
    for path in "abc":
        web.says(f"http://uno.example/{path}", "")
    for host in ("dos.example", "ana.blogs.example", "eva.blogs.example", "xn--pealosa-5za.example"):
        web.says(f"http://{host}/a", "")
    web.says("http://peñalosa.example/a", "")
    return web


@pytest.fixture
def gate(web: Web) -> HostGate:
    return HostGate(5.0, 1, web.clock, lambda host: "blogs.example" if host.endswith("blogs.example") else host)


def ask(web: Web, gate: HostGate, *urls: str) -> list[float]:
    patient = Patient(web, gate, web.clock.forward)
    for url in urls:
        patient.get(Request(f"http://{url}"))
    return web.moments


def test_starts_to_one_host_are_apart_and_other_hosts_do_not_wait(web: Web, gate: HostGate) -> None:
    assert ask(web, gate, "uno.example/a", "dos.example/a", "uno.example/b", "uno.example/c") == [0, 0, 5, 10]


def test_what_robots_asks_for_counts_where_it_is_longer(web: Web, gate: HostGate) -> None:
    gate.widen("uno.example", 20)
    assert ask(web, gate, "uno.example/a", "uno.example/b") == [0, 20]


def test_hosts_that_share_a_limit_share_the_gap(web: Web, gate: HostGate) -> None:
    assert ask(web, gate, "ana.blogs.example/a", "eva.blogs.example/a") == [0, 5]


def test_the_distance_is_kept_to_whoever_passes_the_same_gate(web: Web, gate: HostGate) -> None:
    assert gate.wait("uno.example") == 0
    gate.leave("uno.example")
    assert ask(web, gate, "uno.example/a") == [5]
    assert gate.wait("uno.example") == 5, "and they keep it to us"


def test_nobody_starts_while_places_are_taken(web: Web, gate: HostGate) -> None:
    assert gate.wait("uno.example") == 0
    waits = iter((7.0, 7.0))

    def sleep(seconds: float) -> None:
        web.clock.forward(next(waits))
        if web.clock.monotonic() > 10:
            gate.leave("uno.example")

    Patient(web, gate, sleep).get(Request("http://uno.example/a"))
    assert web.moments == [14]


def test_a_host_in_letters_is_the_host_that_is_sent(web: Web, gate: HostGate) -> None:
    assert ask(web, gate, "peñalosa.example/a", "xn--pealosa-5za.example/a") == [0, 5]


def test_a_failure_takes_its_turn_too_and_gives_its_place_back(web: Web, gate: HostGate) -> None:
    web.answers["http://uno.example/a"] = ConnectFailed("refused")
    patient = Patient(web, gate, web.clock.forward)
    with pytest.raises(ConnectFailed):
        patient.get(Request("http://uno.example/a"))
    patient.get(Request("http://uno.example/b"))
    assert web.moments == [0, 5]
