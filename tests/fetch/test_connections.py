"""Connections are kept for the next request to their origin, for a while, and never lent to two requests."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import httpcore
import pytest

from pipeline.fetch import connections
from pipeline.fetch.connections import KEPT_FOR, Connections

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhola"


class Loopback(httpcore.SyncBackend):
    """Dials one address whatever the host; counts the dials."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address, self.dialled = address, list[str]()

    def connect_tcp(self, host: str, port: int, *args: object, **more: object) -> httpcore.NetworkStream:
        self.dialled.append(host)
        return super().connect_tcp(*self.address)


class Host:
    """Answers every request on a connection with `says`; hangs up after `patience` of them."""

    def __init__(self) -> None:
        self.says, self.patience, self.open = OK, 1_000, 0
        self.hung_up = threading.Semaphore(0)
        self.callers: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self._listener.accept()[:1], daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        self.open += 1
        self.callers.append(caller)
        with caller, contextlib.suppress(OSError):
            for _ in range(self.patience):
                if not caller.recv(65_536):
                    break
                caller.sendall(self.says)
        self.open -= 1
        self.hung_up.release()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def host() -> Iterator[Host]:
    opened = Host()
    yield opened
    opened.close()


@pytest.fixture
def backend(host: Host) -> Loopback:
    return Loopback(host.address)


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def get(backend: Loopback, ticks: Ticks) -> Iterator[Callable[[str], bytes]]:
    made = Connections(backend, lambda: pytest.fail("nothing here is https"), ticks)

    def fetch(url: str) -> bytes:
        with made.answer(httpcore.Request("GET", url, headers={"Host": "h"})) as answer:
            return b"".join(answer.pieces)

    yield fetch
    made.close()


Get = Callable[[str], bytes]
A, B, C = (f"http://{name}.example/" for name in "abc")


def test_a_connection_is_kept_for_its_origin(get: Get, backend: Loopback) -> None:
    assert [get(url) for url in (A, A, B, A, B)] == [b"hola"] * 5
    assert backend.dialled == ["a.example", "b.example"]


def test_another_port_is_another_origin(get: Get, backend: Loopback) -> None:
    get(A), get("http://a.example:8080/")
    assert len(backend.dialled) == 2


def test_a_connection_that_was_idle_too_long_is_closed(get: Get, host: Host, ticks: Ticks) -> None:
    get(A)
    ticks.now = KEPT_FOR + 1
    get(B)
    assert host.hung_up.acquire(timeout=5)
    assert host.open == 1


def test_of_too_many_the_one_that_was_idle_longest_is_closed(
    get: Get, backend: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "KEPT_MOST", 2)
    for url in (A, B, A, C, A, B):
        get(url)
    assert backend.dialled == ["a.example", "b.example", "c.example", "b.example"]


def test_an_answer_that_is_not_read_to_its_end_costs_its_connection(backend: Loopback, ticks: Ticks) -> None:
    made = Connections(backend, lambda: pytest.fail("nothing here is https"), ticks)
    for _ in range(2):
        with made.answer(httpcore.Request("GET", A, headers={"Host": "h"})) as answer:
            assert answer.status == 200
    assert len(backend.dialled) == 2


def test_a_host_that_hung_up_since_is_called_again(get: Get, host: Host, backend: Loopback) -> None:
    host.patience = 1
    assert get(A) == b"hola"
    assert host.hung_up.acquire(timeout=5)
    assert get(A) == b"hola"
    assert len(backend.dialled) == 2


def test_what_a_host_said_unasked_is_no_answer(get: Get, host: Host, backend: Loopback) -> None:
    """Servers say 408 to a connection that was idle for too long."""
    assert get(A) == b"hola"
    host.callers[0].sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 5\r\n\r\nadios")
    assert get(A) == b"hola"
    assert len(backend.dialled) == 2


def test_a_host_that_hangs_up_on_a_new_connection_is_not_called_again(get: Get, host: Host, backend: Loopback) -> None:
    host.says = b""
    host.patience = 1
    with pytest.raises(httpcore.RemoteProtocolError):
        get(A)
    assert len(backend.dialled) == 1


def test_closing_closes_what_is_kept(backend: Loopback, host: Host, ticks: Ticks) -> None:
    made = Connections(backend, lambda: pytest.fail("nothing here is https"), ticks)
    with made.answer(httpcore.Request("GET", A, headers={"Host": "h"})) as answer:
        list(answer.pieces)
    made.close()
    assert host.hung_up.acquire(timeout=5)
    assert host.open == 0
