"""Hosts that are no hosts, say no at length, or are asked by many threads at once: each ends in a named way."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clock import SystemClock
from pipeline.errors import Misdirected, Never, Retry
from pipeline.fetch import Fetcher, guarded_client
from pipeline.fetch.robots import FAILED_TTL, Robots
from pipeline.settings import Settings
from pipeline.types import Request, Response
from tests.fakes import ManualClock
from tests.fetch.conftest import HOSTS, Host, answer

Make = Callable[..., Fetcher]
NOTA = "http://diario.example/nota"


def nowhere(name: str, port: int) -> list[str]:
    raise OSError("no such name")


OFFLINE = Fetcher(replace(Settings(), robots=False), SystemClock(), {}, nowhere)
HOST_TEXT = st.text(alphabet="ab.:/?#@[]%-_ñßİ。\u200d\U0001f600 \t\n\\xn0123456789①\x00\x7f", max_size=25)


@given(
    HOST_TEXT | st.text(alphabet="xn-a0.", max_size=14) | st.text(max_size=20),
    st.sampled_from(["http://", "https://", ""]),
)
def test_any_text_for_a_host_ends_in_a_named_error(written: str, scheme: str) -> None:
    with pytest.raises((Retry, Never)):
        OFFLINE.get(Request(scheme + written))


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a..example", ".example"])
def test_a_name_that_the_dns_cannot_hold_is_not_tried_again(fetcher: Make, name: str) -> None:
    with pytest.raises(Misdirected):
        fetcher().get(Request(f"http://{name}/"))


def test_a_name_that_cannot_be_shown_in_letters_can_be_asked(fetcher: Make, host: Host) -> None:
    """Its punycode is an emoji's, which the standard for names forbids and the DNS has."""
    host.says["xn--i-7iq.example", "/"] = answer(200, b"hola")
    one = fetcher(lambda name, port: ["127.0.0.1"], allow_addresses="127.0.0.1/32")
    assert one.get(Request(f"http://xn--i-7iq.example:{host.address[1]}/")).body == b"hola"


def test_a_host_that_does_not_take_the_call_is_left_at_the_deadline() -> None:
    """Its queue of callers is full, so that connecting takes as long as it is allowed to."""
    settings = Settings(robots=False, fetch_timeout=0.2, fetch_connect_timeout=10)
    with socket.socket() as deaf, contextlib.ExitStack() as callers:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(3):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        one, started = Fetcher(settings, SystemClock(), {"diario.example": deaf.getsockname()}), time.monotonic()
        with pytest.raises(Retry):
            one.get(Request(NOTA))
        assert time.monotonic() - started < 2
        one.close()


def endless_refusal(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
    while not stop.is_set():
        connection.sendall(b"No encontrado. " * 4_000)


@pytest.mark.parametrize("cut", [200, 12])
def test_a_refusal_counts_whatever_comes_with_it(fetcher: Make, host: Host, cut: int) -> None:
    host.says["diario.example", "/nota"] = endless_refusal
    host.says["diario.example", "/gzip"] = answer(403, bytes(range(cut)), content_encoding="gzip")
    host.says["diario.example", "/br"] = answer(410, b"\x8b\x02", content_encoding="br")
    one = fetcher(page_max_bytes=100_000)
    answers = [one.get(Request(f"http://diario.example/{path}")) for path in ("nota", "gzip", "br")]
    assert [said.status for said in answers] == [404, 403, 410]
    assert 0 < len(answers[0].body) <= 64 * 1024


def stalls(status: int, *headers: str) -> Callable[[socket.socket, threading.Event], None]:
    """A host that promises a body and keeps the line open without it."""

    def say(connection: socket.socket, stop: threading.Event) -> None:
        lines = [f"HTTP/1.1 {status} Said", "Content-Length: 50", *headers, "", "Espere"]
        connection.sendall("\r\n".join(lines).encode())
        stop.wait(10)

    return say


@pytest.mark.parametrize("status", [404, 410, 429, 503])
def test_a_refusal_counts_though_its_body_never_comes(fetcher: Make, host: Host, status: int) -> None:
    host.says["diario.example", "/nota"] = stalls(status, "Retry-After: 600")
    said = fetcher(fetch_read_timeout=0.1).get(Request(NOTA))
    assert (said.status, said.headers["retry-after"]) == (status, "600")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_followed_though_its_body_never_comes(fetcher: Make, host: Host, status: int) -> None:
    host.says["diario.example", "/nota"] = stalls(status, "Location: /nueva")
    host.says["diario.example", "/nueva"] = answer(200, b"hola")
    started = time.monotonic()
    said = fetcher(fetch_read_timeout=5, fetch_timeout=5).get(Request(NOTA))
    assert (said.body, said.hops) == (b"hola", ((status, NOTA),))
    assert time.monotonic() - started < 4, "nobody waits for what nobody reads"


def test_five_hundred_requests_on_sixteen_threads(fetcher: Make, host: Host) -> None:
    for name in HOSTS:
        for number in range(50):
            host.says[name, f"/{number}"] = answer(200, f"{name} {number}".encode())
    one = fetcher(robots=True)
    asked = [f"http://{HOSTS[n % len(HOSTS)]}/{n % 50}" for n in range(500)]
    with ThreadPoolExecutor(16) as threads:
        bodies = list(threads.map(lambda url: one.get(Request(url)).body.decode(), asked))
    assert [f"http://{body.replace(' ', '/')}" for body in bodies] == asked


def test_a_webhook_that_drips_its_headers_is_left(host: Host) -> None:
    def drip(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not stop.wait(0.02):
            connection.sendall(b"a")

    host.says["diario.example", "/hook"] = drip
    settings, started = Settings(deliver_timeout=0.2), time.monotonic()
    with (
        guarded_client(settings, SystemClock(), {"diario.example": host.address}) as client,
        pytest.raises(httpx.TimeoutException),
    ):
        client.post("http://diario.example/hook", content=b"{}", timeout=10)
    assert time.monotonic() - started < 2


def test_rules_that_were_read_once_hold_while_they_cannot_be_read_again() -> None:
    clock, answers = ManualClock(), [(200, b"User-agent: *\nDisallow: /privado"), (503, b""), (200, b"")]
    asked: list[str] = []

    def fetch(url: str) -> Response:
        asked.append(url)
        status, body = answers.pop(0)
        return Response(url, url, status, {}, body, clock.now(), 0.1)

    robots, private = Robots(fetch, clock, 3_600), "http://diario.example/privado"
    assert not robots.allows(private)
    clock.forward(3_601)
    for _ in range(3):
        assert robots.allows(NOTA)
        assert not robots.allows(private)
    assert len(asked) == 2, "the host is left alone for a while"
    clock.forward(FAILED_TTL + 1)
    assert robots.allows(private)
    assert len(asked) == 3
