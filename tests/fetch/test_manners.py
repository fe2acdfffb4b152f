"""What a host notices of us: how often it is asked, and that it is left alone when it cannot be reached."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.clock import SystemClock
from pipeline.errors import ConnectFailed, Retry, TimedOut
from pipeline.fetch import Fetcher, HostGate
from pipeline.fetch.guard import GuardedBackend, Unreachable
from pipeline.settings import Settings
from pipeline.types import Request
from tests.fakes import ManualClock
from tests.fetch.conftest import HOSTS, Host, answer

NOTA = "http://diario.example/nota"
TEN_MINUTES = 600.0


class Slate(HostGate):
    """A gate that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(5.0, 2, ManualClock())
        self.told: list[tuple[str, str]] = []
        self.seconds: dict[str, float] = {}

    def sent(self, host: str) -> None:
        self.told.append(("sent", host))

    def answered(self, host: str, seconds: float) -> None:
        self.told.append(("answered", host))
        self.seconds[host] = seconds

    def widen(self, host: str, seconds: float) -> None:
        self.told.append((f"widen {seconds:g}", host))


def fetch(host: Host, url: str = NOTA, **changes: object) -> Slate:
    slate = Slate()
    settings = replace(Settings(), **changes)  # type: ignore[arg-type]
    one = Fetcher(settings, SystemClock(), dict.fromkeys(HOSTS, host.address), gate=slate)
    try:
        one.get(Request(url))
    finally:
        one.close()
    return slate


def test_the_gate_hears_of_robots_txt_and_of_every_hop(host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(302, location="http://gaceta.example/nota")
    host.says["gaceta.example", "/robots.txt"] = answer(200, b"User-agent: *\nCrawl-delay: 12")
    slate = fetch(host)
    diario, gaceta = "diario.example", "gaceta.example"
    assert slate.told == [
        *[(what, diario) for what in ("sent", "answered", "sent", "answered")],
        *[(what, gaceta) for what in ("sent", "answered", "widen 12", "sent", "answered")],
    ]


@pytest.mark.parametrize(("written", "gap"), [("7.5", 7.5), ("3600", 60.0)])
def test_a_robots_txt_may_widen_the_gap_up_to_a_limit(host: Host, written: str, gap: float) -> None:
    host.says["diario.example", "/robots.txt"] = answer(200, f"User-agent: *\nCrawl-delay: {written}".encode())
    assert (f"widen {gap:g}", "diario.example") in fetch(host, crawl_delay_max=60.0).told


@pytest.mark.parametrize("written", ["inf", "nan", "soon", "-3", ""])
def test_a_delay_that_is_no_number_is_none(host: Host, written: str) -> None:
    host.says["diario.example", "/robots.txt"] = answer(200, f"User-agent: *\nCrawl-delay: {written}".encode())
    assert not [what for what, _ in fetch(host).told if what.startswith("widen")]


def test_an_answer_that_did_not_come_in_time_was_slow(host: Host) -> None:
    host.says["diario.example", "/nota"] = lambda connection, stop: stop.wait(5) and None
    slate = Slate()
    settings = Settings(robots=False, fetch_read_timeout=0.2)
    one = Fetcher(settings, SystemClock(), dict.fromkeys(HOSTS, host.address), gate=slate)
    with pytest.raises(TimedOut):
        one.get(Request(NOTA))
    one.close()
    assert slate.seconds["diario.example"] >= 0.2


# --- hosts that cannot be reached -------------------------------------------------------------------------------------


class Dials:
    """A resolver that counts how often it is asked, and sends us to a port where nobody listens."""

    def __init__(self, *found: str) -> None:
        self.found, self.asked = found or ("127.0.0.1",), list[str]()
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.port = closed.getsockname()[1]

    def __call__(self, name: str, port: int) -> list[str]:
        self.asked.append(name)
        return list(self.found)


def fetcher_for(dials: Callable[[str, int], list[str]], clock: ManualClock, **changes: object) -> Fetcher:
    settings = Settings(robots=False, allow_addresses="127.0.0.0/8", **changes)  # type: ignore[arg-type]
    return Fetcher(settings, clock, {}, dials)


def test_a_host_that_cannot_be_reached_is_left_alone_for_a_while() -> None:
    clock, dials = ManualClock(), Dials()
    one, url = fetcher_for(dials, clock), f"http://caida.example:{dials.port}/nota"
    with pytest.raises(ConnectFailed, match=r"caida\.example: .*refused") as first:
        one.get(Request(url))
    assert first.value.after == TEN_MINUTES, "whoever asked need not ask again before"
    clock.forward(100)
    for _ in range(3):
        with pytest.raises(
            ConnectFailed, match=r"caida\.example: could not be reached; not tried again for 500 s"
        ) as told:
            one.get(Request(url))
        assert told.value.after == 500.0
    assert len(dials.asked) == 1
    clock.forward(TEN_MINUTES)
    with pytest.raises(ConnectFailed, match="refused"):
        one.get(Request(url))
    assert len(dials.asked) == 2


def test_robots_txt_is_not_asked_for_either() -> None:
    clock, dials = ManualClock(), Dials()
    one = Fetcher(Settings(allow_addresses="127.0.0.0/8"), clock, {}, dials)
    for seconds in (0.0, 61.0, 61.0):
        clock.forward(seconds)
        with pytest.raises(Retry):
            one.get(Request(f"http://caida.example:{dials.port}/nota"))
    assert len(dials.asked) == 1


def test_another_port_or_host_is_another_matter(host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(200, b"hola")
    clock, dials = ManualClock(), Dials()
    one = fetcher_for(dials, clock)
    with pytest.raises(ConnectFailed):
        one.get(Request(f"http://diario.example:{dials.port}/nota"))
    assert one.get(Request(f"http://diario.example:{host.address[1]}/nota")).body == b"hola"
    one.close()


def test_a_broken_answer_is_no_reason_to_leave_a_host_alone(host: Host) -> None:
    host.says["diario.example", "/nota"] = b"SSH-2.0-OpenSSH_9.2\r\n"
    one = Fetcher(Settings(robots=False), SystemClock(), dict.fromkeys(HOSTS, host.address))
    for _ in range(2):
        with pytest.raises(ConnectFailed):
            one.get(Request(NOTA))
    one.close()
    assert host.paths() == ["/nota", "/nota"]


@pytest.mark.parametrize(
    ("error", "remembered"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), True),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), False),
        (OSError(101, "Network is unreachable"), False),
        (ConnectionRefusedError(111, "Connection refused"), True),
    ],
)
def test_trouble_of_our_own_network_is_not_held_against_a_host(error: OSError, remembered: bool) -> None:
    asked: list[str] = []

    def resolver(name: str, port: int) -> list[str]:
        asked.append(name)
        raise error

    one = fetcher_for(resolver, ManualClock())
    for _ in range(2):
        with pytest.raises(ConnectFailed):
            one.get(Request(NOTA))
    assert len(asked) == (1 if remembered else 2)


def test_a_call_that_had_no_time_left_says_nothing_of_the_host() -> None:
    clock = ManualClock()
    backend = GuardedBackend(clock.monotonic, resolver=lambda name, port: ["127.0.0.1"], unreachable_ttl=TEN_MINUTES)
    backend.deadline.at = clock.monotonic() + 1

    def late(name: str, port: int) -> list[str]:
        clock.forward(2)
        raise OSError("too late")

    backend._resolver = late
    with pytest.raises(Exception, match="too late"):
        backend.connect_tcp("diario.example", 80)
    backend._unreachable.check("diario.example", 80)


def test_hosts_that_may_be_called_again_are_forgotten() -> None:
    clock = ManualClock()
    known = Unreachable(TEN_MINUTES, clock.monotonic)
    for number in range(10_001):
        known.note(f"h{number}.example", 80, OSError("refused"))
    clock.forward(TEN_MINUTES + 1)
    known.note("otra.example", 80, OSError("refused"))
    assert len(known._until) == 1
