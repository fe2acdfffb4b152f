"""One URL, fetched from a host that may say anything at any speed."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clock import SystemClock
from pipeline.errors import ConnectFailed, Disallowed, Misdirected, Never, Retry, ServerFailed, TimedOut, TooLarge
from pipeline.fetch import Fetcher
from pipeline.settings import Settings
from pipeline.types import Request
from tests.fetch.conftest import Host, answer

Make = Callable[..., Fetcher]
NOTA = "http://diario.example/nota"


# --- plain answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 203, 304, 400, 403, 404, 410, 429, 500, 503])
def test_any_status_is_an_answer(fetcher: Make, host: Host, status: int) -> None:
    body = b"" if status == 304 else b"hola"
    host.says["diario.example", "/nota"] = answer(status, body, content_type="text/html", x_odd="uno")
    said = fetcher().get(Request(NOTA))
    assert (said.url, said.final_url, said.status, said.body, said.hops) == (NOTA, NOTA, status, body, ())
    assert said.headers["content-type"] == "text/html"
    assert said.headers["x-odd"] == "uno"
    assert said.fetched_at.utcoffset() is not None
    assert 0 <= said.elapsed < 5


def test_we_say_who_we_are_and_whom_to_ask(fetcher: Make, host: Host) -> None:
    fetcher(contact="https://vigia.example/bot").get(Request(NOTA))
    headers = host.headers("/nota")
    assert headers["user-agent"].startswith("vigia/")
    assert headers["user-agent"].endswith("(+https://vigia.example/bot)")
    assert headers["accept-encoding"] == "gzip, deflate"


def test_feeds_are_asked_for_on_condition(fetcher: Make, host: Host) -> None:
    fetcher().get(Request("http://diario.example/rss", "feed", '"abc"', "Tue, 26 Jun 2012 10:00:00 GMT"))
    headers = host.headers("/rss")
    assert headers["if-none-match"] == '"abc"'
    assert headers["if-modified-since"] == "Tue, 26 Jun 2012 10:00:00 GMT"
    assert "rss" in headers["accept"]


@pytest.mark.parametrize("odd", ['"ñandú"', '"a\tb"', '"a\r\nX-Smuggled: 1"', '"\ud800"'])
def test_validators_that_no_header_can_hold_are_left_out(fetcher: Make, host: Host, odd: str) -> None:
    assert fetcher().get(Request("http://diario.example/rss", "feed", odd, odd)).status == 404
    assert not {"if-none-match", "if-modified-since", "x-smuggled"} & host.headers("/rss").keys()


def test_any_contact_can_be_sent(fetcher: Make, host: Host) -> None:
    fetcher(contact="Redacción\nX-Smuggled: 1").get(Request(NOTA))
    assert host.headers("/nota")["user-agent"].endswith("(+Redacci?n?X-Smuggled: 1)")


def test_cookies_are_neither_kept_nor_sent(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(302, location="/otra", set_cookie="a=1; Path=/")
    one = fetcher()
    one.get(Request(NOTA))
    one.get(Request(NOTA))
    assert all("cookie" not in headers for _, _, headers in host.asked)


def test_packed_bodies_arrive_unpacked(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(200, gzip.compress(b"hola"), content_encoding="gzip")
    assert fetcher().get(Request(NOTA)).body == b"hola"


def test_many_threads_may_fetch_at_once(fetcher: Make, host: Host) -> None:
    for number in range(40):
        host.says["gaceta.example", f"/{number}"] = answer(200, str(number).encode())
    one = fetcher()
    with ThreadPoolExecutor(8) as threads:
        bodies = threads.map(lambda n: one.get(Request(f"http://gaceta.example/{n}")).body, range(40))
    assert list(bodies) == [str(number).encode() for number in range(40)]


# --- redirects --------------------------------------------------------------------------------------------------------


def test_redirects_are_followed_and_every_hop_is_told(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(301, location="/nueva#arriba")
    host.says["diario.example", "/nueva"] = answer(302, b"moved", location="http://gaceta.example/nota?x=1#abajo")
    host.says["gaceta.example", "/nota?x=1"] = answer(200, b"hola")
    said = fetcher().get(Request(NOTA))
    assert (said.url, said.final_url, said.body) == (NOTA, "http://gaceta.example/nota?x=1", b"hola")
    assert said.hops == ((301, NOTA), (302, "http://diario.example/nueva"))


def test_only_so_many_redirects_are_followed(fetcher: Make, host: Host) -> None:
    for number in range(6):
        host.says["diario.example", f"/{number}"] = answer(302, location=f"/{number + 1}")
    host.says["diario.example", "/6"] = answer(200, b"hola")
    assert fetcher(max_redirects=5).get(Request("http://diario.example/1")).body == b"hola"
    with pytest.raises(Misdirected, match="expected at most 5 redirects"):
        fetcher(max_redirects=5).get(Request("http://diario.example/0"))


def test_circles_are_left(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(302, location="/nota")
    with pytest.raises(Misdirected):
        fetcher().get(Request(NOTA))
    assert len(host.asked) == 6


@pytest.mark.parametrize(
    "target",
    [
        "ftp://diario.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://[::1",
        "http://u:p@diario.example/",
    ],
)
def test_redirects_to_what_is_no_web_address(fetcher: Make, host: Host, target: str) -> None:
    host.says["diario.example", "/nota"] = answer(302, location=target)
    with pytest.raises(Misdirected, match=r"diario\.example"):
        fetcher().get(Request(NOTA))


@pytest.mark.parametrize(
    "url", ["", "nota", "ftp://diario.example/", "http://exa mple/", "http://h:99999999/", "http:///x"]
)
def test_what_is_no_web_address_is_never_asked_for(fetcher: Make, url: str) -> None:
    with pytest.raises(Misdirected, match="expected a web address"):
        fetcher().get(Request(url))


@given(st.one_of(st.text(max_size=60), st.text("aA.:/?#@[]%&=\\ñ\ud800\x00 09", max_size=40).map("http://h".__add__)))
def test_any_string_ends_in_a_named_error(url: str) -> None:
    def nowhere(name: str, port: int) -> list[str]:
        raise OSError("no such name")

    one = Fetcher(Settings(), SystemClock(), {}, nowhere)
    with pytest.raises((Never, Retry)):
        one.get(Request(url))
    one.close()


def test_a_redirect_without_a_target_is_an_answer(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(302)
    assert fetcher().get(Request(NOTA)).status == 302


# --- robots.txt -------------------------------------------------------------------------------------------------------


def test_forbidden_pages_are_not_asked_for(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /nota")
    with pytest.raises(Disallowed, match=r"diario\.example/nota: robots\.txt"):
        fetcher(robots=True).get(Request(NOTA))
    assert host.paths() == ["/robots.txt"]


def test_feeds_obey_too(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /rss")
    with pytest.raises(Disallowed):
        fetcher(robots=True).get(Request("http://diario.example/rss", "feed"))


def test_every_hop_obeys(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(302, location="http://gaceta.example/nota")
    host.says["gaceta.example", "/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /\nCrawl-delay: 9")
    one = fetcher(robots=True)
    with pytest.raises(Disallowed, match=r"gaceta\.example"):
        one.get(Request(NOTA))
    assert host.paths("gaceta.example") == ["/robots.txt"]
    assert one.crawl_delay("http://gaceta.example/otra") == 9


def test_rules_are_asked_for_once(fetcher: Make, host: Host) -> None:
    one = fetcher(robots=True)
    for _ in range(3):
        one.get(Request(NOTA))
    assert host.paths() == ["/robots.txt", "/nota", "/nota", "/nota"]


def test_rules_may_live_elsewhere(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/robots.txt"] = answer(301, location="http://gaceta.example/robots.txt")
    host.says["gaceta.example", "/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /nota")
    with pytest.raises(Disallowed):
        fetcher(robots=True).get(Request(NOTA))


def test_rules_may_live_five_redirects_away_whatever_pages_may(fetcher: Make, host: Host) -> None:
    """RFC 9309, 2.3.1.2: at least five are followed; a robots.txt further away is none."""
    for number in range(6):
        path = f"/{number}" if number else "/robots.txt"
        host.says["diario.example", path] = answer(302, location=f"/{number + 1}")
    host.says["diario.example", "/5"] = answer(200, b"User-agent: *\nDisallow: /nota")
    with pytest.raises(Disallowed):
        fetcher(robots=True, max_redirects=0).get(Request(NOTA))
    host.says["diario.example", "/5"] = answer(302, location="/6")
    host.says["diario.example", "/6"] = answer(200, b"User-agent: *\nDisallow: /nota")
    assert fetcher(robots=True).get(Request(NOTA)).status == 404


def test_a_host_whose_rules_cannot_be_had_is_left_alone(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/robots.txt"] = answer(500)
    with pytest.raises(ServerFailed, match=r"robots\.txt"):
        fetcher(robots=True).get(Request(NOTA))
    assert host.paths() == ["/robots.txt"]


def test_of_very_long_rules_the_first_part_counts(fetcher: Make, host: Host) -> None:
    rules = b"User-agent: *\nDisallow: /nota\n" + b"# mucho ruido\n" * 60_000
    host.says["diario.example", "/robots.txt"] = answer(200, rules)
    with pytest.raises(Disallowed):
        fetcher(robots=True).get(Request(NOTA))


def test_robots_can_be_switched_off(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /")
    assert fetcher(robots=False).get(Request(NOTA)).status == 404
    assert host.paths() == ["/nota"]


# --- limits -----------------------------------------------------------------------------------------------------------


def endless(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not stop.is_set():
        connection.sendall(bytes(65_536))


def test_an_endless_body_is_hung_up_on(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = endless
    with pytest.raises(TooLarge, match="expected at most 300000 bytes"):
        fetcher(page_max_bytes=300_000).get(Request(NOTA))


def test_feeds_and_pages_have_caps_of_their_own(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = answer(200, bytes(1000))
    one = fetcher(feed_max_bytes=999, page_max_bytes=1000)
    assert len(one.get(Request(NOTA)).body) == 1000
    with pytest.raises(TooLarge):
        one.get(Request(NOTA, "feed"))


def test_a_bomb_does_not_go_off(fetcher: Make, host: Host) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    host.says["diario.example", "/nota"] = answer(200, bomb, content_encoding="gzip")
    with pytest.raises(TooLarge):
        fetcher(page_max_bytes=1_000_000).get(Request(NOTA))


def test_headers_have_an_end(fetcher: Make, host: Host) -> None:
    def boast(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(2_000):
            connection.sendall(b"X-Boast: " + b"a" * 1000 + b"\r\n")

    host.says["diario.example", "/nota"] = boast
    with pytest.raises(ConnectFailed):
        fetcher().get(Request(NOTA))


def drip(begin: bytes, piece: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def say(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(begin)
        while not stop.wait(0.02):
            connection.sendall(piece)

    return say


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"HTTP/1.1 302 Found\r\nX-Slow: ", b"a"),
    ],
    ids=["body", "chunks", "headers", "redirect"],
)
def test_slow_drips_end_at_the_deadline(fetcher: Make, host: Host, begin: bytes, piece: bytes) -> None:
    """Each byte comes in time; all of them together do not."""
    host.says["diario.example", "/nota"] = drip(begin, piece)
    one, started = fetcher(fetch_timeout=0.25, fetch_read_timeout=10.0), time.monotonic()
    with pytest.raises(TimedOut, match=r"diario\.example/nota: expected an answer within 0\.25 s"):
        one.get(Request(NOTA))
    assert time.monotonic() - started < 2


def test_slow_redirects_share_one_deadline(fetcher: Make, host: Host) -> None:
    def late(connection: socket.socket, stop: threading.Event) -> None:
        stop.wait(0.1)
        connection.sendall(answer(302, location="/nota"))

    host.says["diario.example", "/nota"] = late
    with pytest.raises(TimedOut):
        fetcher(fetch_timeout=0.25, max_redirects=100).get(Request(NOTA))
    assert len(host.asked) <= 4


def test_silence_ends_at_the_read_timeout(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = lambda connection, stop: stop.wait(5) and None
    started = time.monotonic()
    with pytest.raises(TimedOut):
        fetcher(fetch_read_timeout=0.1).get(Request(NOTA))
    assert time.monotonic() - started < 2


def test_silence_ends_at_the_deadline_too(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = lambda connection, stop: stop.wait(5) and None
    started = time.monotonic()
    with pytest.raises(TimedOut):
        fetcher(fetch_timeout=0.15, fetch_read_timeout=10.0).get(Request(NOTA))
    assert time.monotonic() - started < 2


def test_slow_rules_count_against_the_deadline_of_the_page(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/robots.txt"] = drip(b"HTTP/1.1 200 OK\r\n\r\n", b"#")
    with pytest.raises(TimedOut):
        fetcher(robots=True, fetch_timeout=0.25).get(Request(NOTA))


# --- broken transfers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhol",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhola",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        answer(200, gzip.compress(b"una nota entera")[:-9], content_encoding="gzip"),
        answer(200, b"\x1b\x00\x00", content_encoding="br"),
    ],
    ids=["nothing", "half a head", "short", "half a chunk", "no length", "no HTTP", "half a gzip", "brotli"],
)
def test_a_broken_transfer_may_work_later(fetcher: Make, host: Host, said: bytes) -> None:
    host.says["diario.example", "/nota"] = said
    with pytest.raises(ConnectFailed, match=r"diario\.example/nota"):
        fetcher().get(Request(NOTA))


def test_a_reset_may_work_later(fetcher: Make, host: Host) -> None:
    def reset(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhola")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    host.says["diario.example", "/nota"] = reset
    with pytest.raises(ConnectFailed):
        fetcher().get(Request(NOTA))


def test_nobody_there_may_be_there_later(fetcher: Make, host: Host) -> None:
    one = fetcher()
    host.close()
    with pytest.raises(Retry):
        one.get(Request(NOTA))


def test_a_failure_leaves_the_fetcher_usable(fetcher: Make, host: Host) -> None:
    host.says["diario.example", "/nota"] = drip(b"HTTP/1.1 200 OK\r\n\r\n", b"a")
    one = fetcher(fetch_timeout=0.15)
    with pytest.raises(TimedOut):
        one.get(Request(NOTA))
    assert one.get(Request("http://diario.example/otra")).status == 404
