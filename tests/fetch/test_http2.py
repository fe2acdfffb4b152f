"""Where a host offers HTTP/2 it is spoken, and the guard, the caps and the deadline hold for it as for HTTP/1.1."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import h2.errors
import httpcore
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.clock import SystemClock
from pipeline.errors import AddressRefused, ConnectFailed, TimedOut, TooLarge
from pipeline.fetch import Fetcher
from pipeline.fetch.guard import GuardedBackend
from pipeline.settings import Settings
from pipeline.types import Request
from tests.fakes import ManualClock
from tests.fetch.securehost import HOST, SecureHost, Talk

NOTA = f"https://{HOST}/nota"


@pytest.fixture
def host() -> Iterator[SecureHost]:
    opened = SecureHost("h2", "http/1.1")
    yield opened
    opened.close()


def fetcher_for(host: SecureHost, **changes: object) -> Fetcher:
    settings = replace(Settings(), **{"robots": False, **changes})  # type: ignore[arg-type]
    overrides = dict.fromkeys((HOST, "otra.example"), host.address)
    return Fetcher(settings, SystemClock(), overrides, certificates=host.certificates)


@pytest.fixture
def fetcher(host: SecureHost) -> Iterator[Callable[..., Fetcher]]:
    made: list[Fetcher] = []

    def make(**changes: object) -> Fetcher:
        made.append(fetcher_for(host, **changes))
        return made[-1]

    yield make
    for one in made:
        one.close()


Make = Callable[..., Fetcher]


def test_it_is_spoken_where_it_is_offered(fetcher: Make, host: SecureHost) -> None:
    host.says["/nota"] = lambda talk, stream: talk.answer(stream, b"hola", "200", ("x-odd", "uno"), ("x-odd", "dos"))
    said = fetcher(contact="https://vigia.example").get(Request(NOTA, "page", '"abc"'))
    assert (said.status, said.body, said.headers["x-odd"]) == (200, b"hola", "uno, dos")
    asked = host.talks[0].requests[0]
    assert (asked[":authority"], asked[":path"], asked["if-none-match"]) == (HOST, "/nota", '"abc"')
    assert asked["user-agent"].endswith("(+https://vigia.example)")
    assert "host" not in asked


def test_one_connection_serves_one_request_after_another(fetcher: Make, host: SecureHost) -> None:
    host.says["/nota"] = lambda talk, stream: talk.answer(stream, b"hola")
    host.says["/fuera"] = lambda talk, stream: talk.answer(stream, b"", "404")
    one = fetcher()
    assert [one.get(Request(f"https://{HOST}{path}")).status for path in ("/nota", "/fuera", "/nota")] == [
        200,
        404,
        200,
    ]
    assert len(host.talks) == 1


def test_a_body_longer_than_the_window_comes_whole(fetcher: Make, host: SecureHost) -> None:
    body = bytes(range(256)) * 20_000
    host.says["/nota"] = lambda talk, stream: talk.answer(stream, body)
    assert fetcher().get(Request(NOTA)).body == body


def test_packed_bodies_arrive_unpacked(fetcher: Make, host: SecureHost) -> None:
    host.says["/nota"] = lambda talk, stream: talk.answer(
        stream, gzip.compress(b"hola"), "200", ("content-encoding", "gzip")
    )
    assert fetcher().get(Request(NOTA)).body == b"hola"


@pytest.mark.parametrize("offers", [("http/1.1",), ()])
def test_a_host_that_does_not_offer_it_is_spoken_to_as_ever(offers: tuple[str, ...]) -> None:
    host = SecureHost(*offers)
    one = fetcher_for(host)
    assert one.get(Request(NOTA)).body == b"uno"
    assert host.talks == []
    one.close()
    host.close()


# --- trust ------------------------------------------------------------------------------------------------------------


def test_a_certificate_for_another_host_is_refused(fetcher: Make, host: SecureHost) -> None:
    with pytest.raises(ConnectFailed, match="certificate"):
        fetcher().get(Request("https://otra.example/"))
    assert host.talks == []


def test_an_authority_that_we_do_not_know_is_refused(host: SecureHost) -> None:
    one = Fetcher(Settings(robots=False), SystemClock(), {HOST: host.address})
    with pytest.raises(ConnectFailed, match="certificate"):
        one.get(Request(NOTA))
    one.close()


def test_the_guard_comes_before_the_handshake(fetcher: Make, host: SecureHost) -> None:
    with pytest.raises(AddressRefused):
        fetcher().get(Request(f"https://127.0.0.1:{host.address[1]}/"))
    assert host.talks == []


# --- limits -----------------------------------------------------------------------------------------------------------


def drip(talk: Talk, stream: int) -> None:
    talk.begin(stream)
    while not talk.stop.wait(0.02):
        talk.send(stream, b"a", end=False)


def knock(talk: Talk, stream: int) -> None:
    while not talk.stop.wait(0.02):
        talk.h2.ping(b"12345678")
        talk.flush()


def silence(talk: Talk, stream: int) -> None:
    talk.stop.wait(5)


@pytest.mark.parametrize("say", [drip, knock, silence])
def test_a_host_that_plays_for_time_is_left_at_the_deadline(
    fetcher: Make, host: SecureHost, say: Callable[[Talk, int], None]
) -> None:
    host.says["/nota"] = say
    one, started = fetcher(fetch_timeout=0.3), time.monotonic()
    with pytest.raises(TimedOut):
        one.get(Request(NOTA))
    assert time.monotonic() - started < 2


def test_a_handshake_that_does_not_go_on_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings = Settings(robots=False, fetch_timeout=0.3, fetch_connect_timeout=10.0)
        one, started = Fetcher(settings, SystemClock(), {HOST: mute.getsockname()}), time.monotonic()
        with pytest.raises(TimedOut):
            one.get(Request(NOTA))
        assert time.monotonic() - started < 2


def test_a_deadline_between_call_and_handshake_leaves_no_connection_open(host: SecureHost) -> None:
    clock = ManualClock()
    backend = GuardedBackend(clock.monotonic, overrides={HOST: host.address})
    backend.deadline.at = clock.monotonic() + 1
    stream = backend.connect_tcp(HOST, 443)
    clock.forward(2)
    with pytest.raises(httpcore.ReadTimeout):
        stream.start_tls(host.certificates(), HOST)
    assert stream.get_extra_info("socket").fileno() == -1


def test_one_request_that_runs_out_of_time_takes_no_other_with_it(fetcher: Make, host: SecureHost) -> None:
    """Requests do not share a connection: neither its deadline nor its death."""
    late = threading.Event()

    def after_the_other(talk: Talk, stream: int) -> None:
        late.wait(5)
        talk.answer(stream, b"hola")

    host.says["/lenta"], host.says["/nota"] = silence, after_the_other
    host.says["/antes"] = lambda talk, stream: talk.answer(stream, b"")
    one = fetcher(fetch_timeout=0.3, feed_timeout=5.0)
    one.get(Request(f"https://{HOST}/antes"))
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(one.get, Request(f"https://{HOST}/lenta", "page"))
        fine = threads.submit(one.get, Request(NOTA, "feed"))
        assert isinstance(slow.exception(5), TimedOut)
        late.set()
        assert fine.result(5).body == b"hola"
    assert len(host.talks) == 2


def test_an_endless_body_is_left_at_the_cap_and_the_host_can_be_asked_again(fetcher: Make, host: SecureHost) -> None:
    def endless(talk: Talk, stream: int) -> None:
        talk.begin(stream)
        while not talk.stop.is_set():
            talk.send(stream, bytes(10_000), end=False)

    host.says["/sin-fin"], host.says["/nota"] = endless, lambda talk, stream: talk.answer(stream, b"hola")
    one, started = fetcher(page_max_bytes=300_000), time.monotonic()
    with pytest.raises(TooLarge):
        one.get(Request(f"https://{HOST}/sin-fin"))
    assert one.get(Request(NOTA)).body == b"hola"
    assert len(host.talks) == 2
    assert time.monotonic() - started < 3, "what was left half read is not read on with the next answer"


def test_headers_have_an_end(fetcher: Make, host: SecureHost) -> None:
    boast = [(f"x-boast-{number}", f"{number}" + "a" * 1000) for number in range(200)]
    host.says["/nota"] = lambda talk, stream: talk.answer(stream, b"hola", "200", *boast)
    with pytest.raises(ConnectFailed):
        fetcher().get(Request(NOTA))


# --- broken transfers -------------------------------------------------------------------------------------------------


def reset(talk: Talk, stream: int) -> None:
    talk.begin(stream)
    talk.h2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
    talk.flush()


def half_a_body(talk: Talk, stream: int) -> None:
    talk.begin(stream)
    talk.send(stream, b"hol", end=False)
    talk.socket.close()


def goodbye(talk: Talk, stream: int) -> None:
    talk.h2.close_connection(last_stream_id=0)
    talk.flush()


@pytest.mark.parametrize("say", [reset, half_a_body, goodbye])
def test_a_broken_transfer_may_work_later(fetcher: Make, host: SecureHost, say: Callable[[Talk, int], None]) -> None:
    host.says["/nota"] = say
    with pytest.raises(ConnectFailed, match=HOST):
        fetcher().get(Request(NOTA))


def test_a_host_that_has_hung_up_since_is_called_again(fetcher: Make, host: SecureHost) -> None:
    host.says["/nota"] = lambda talk, stream: talk.answer(stream, b"hola")
    one = fetcher()
    assert one.get(Request(NOTA)).body == b"hola"
    host.talks[0].socket.shutdown(socket.SHUT_RDWR)
    assert one.get(Request(NOTA)).body == b"hola"
    assert len(host.talks) == 2


@pytest.mark.parametrize("frames", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"\0\0\5\1\4\0\0\0\1\x48\x03abc", b"\xff" * 100])
def test_what_is_no_http2_is_a_broken_transfer(fetcher: Make, host: SecureHost, frames: bytes) -> None:
    host.instead = speak(frames)
    with pytest.raises(ConnectFailed):
        fetcher().get(Request(NOTA))


def speak(frames: bytes) -> Callable[[ssl.SSLSocket], None]:
    def say(secure: ssl.SSLSocket) -> None:
        secure.recv(65_536)
        secure.sendall(frames)
        secure.shutdown(1)

    return say


FRAME = st.builds(
    lambda kind, flags, stream, body: (
        len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body
    ),
    st.integers(0, 10),
    st.integers(0, 255),
    st.sampled_from([0, 1, 2, 3]),
    st.binary(max_size=40),
)


@given(st.lists(FRAME | st.binary(max_size=20), max_size=6).map(b"".join))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_frames_end_in_a_named_error(host: SecureHost, frames: bytes) -> None:
    host.instead = speak(frames)
    one = fetcher_for(host, fetch_timeout=5.0)
    with pytest.raises((ConnectFailed, TimedOut)):
        one.get(Request(NOTA))
    one.close()
