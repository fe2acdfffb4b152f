"""Every channel: what arrives, what is tried again, what is given up, and what a crash cannot repeat."""

import hashlib
import hmac
import io
import json
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.deliver import JsonLines, Terminal, Webhook, encoded, open_channels, retry_after
from pipeline.errors import (
    AddressRefused,
    ConfigError,
    ConnectFailed,
    DeliveryFailed,
    DeliveryRefused,
    RateLimited,
    Retry,
    ServerFailed,
    TimedOut,
)
from pipeline.settings import Settings
from pipeline.types import Message

NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)


def message(ident: str = "abc-file", title: str = "Legalización: “sí”", body: str = "one\ntwo") -> Message:
    return Message(ident, "officials", title, body, "https://diario.example/a", NOW, {"topics": ["legalization"]})


class Receiver(ThreadingHTTPServer):
    """A real webhook on loopback: answers `status` with `headers`, keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status, self.headers = 204, {}
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook/s3cret"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def webhook(url: str, secret: str = "", transport: httpx.BaseTransport | None = None) -> Iterator[Webhook]:
    with httpx.Client(transport=transport, trust_env=False) as client:
        yield Webhook(url, secret, client=client, timeout=5.0, now=lambda: NOW)


def test_webhook_posts_signed_json_with_an_idempotency_key(receiver):
    with webhook(receiver.url, "key of ours") as channel:
        channel.send(message("abc-webhook"))
    [(headers, body)] = receiver.received
    assert headers["x-vigia-signature"] == "sha256=" + hmac.new(b"key of ours", body, hashlib.sha256).hexdigest()
    assert headers["idempotency-key"] == "abc-webhook"
    assert headers["x-vigia-event"] == "alert"
    assert headers["content-type"] == "application/json"
    posted = json.loads(body)
    assert posted["id"] == "abc-webhook"
    assert posted["title"] == "Legalización: “sí”"
    assert posted["fired_at"] == "2012-06-26T12:00:00Z"
    assert posted["fields"] == {"topics": ["legalization"]}


def test_what_is_told_of_sources_is_another_event(receiver):
    told = replace(message(), event="source-health")
    with webhook(receiver.url) as channel:
        channel.send(told)
        channel.send(message())
    assert [headers["x-vigia-event"] for headers, _ in receiver.received] == ["source-health", "alert"]
    assert [json.loads(body)["event"] for _, body in receiver.received] == ["source-health", "alert"]
    stream = io.StringIO()
    Terminal(stream).send(told)
    assert stream.getvalue().startswith("HEALTH ")


def test_webhook_sends_the_same_bytes_and_key_again(receiver):
    with webhook(receiver.url) as channel:
        channel.send(message())
        channel.send(message())
    (first, body), (second, same) = receiver.received
    assert body == same
    assert first["idempotency-key"] == second["idempotency-key"]
    assert "x-vigia-signature" not in first


@pytest.mark.parametrize(
    ("status", "headers", "error", "after"),
    [
        (408, {}, ServerFailed, None),
        (425, {}, RateLimited, None),
        (429, {"Retry-After": "120"}, RateLimited, 120.0),
        (429, {"Retry-After": "Tue, 26 Jun 2012 12:10:00 GMT"}, RateLimited, 600.0),
        (429, {"Retry-After": "Tue, 26 Jun 2012 11:00:00 GMT"}, RateLimited, 0.0),
        (429, {"Retry-After": "Tue, 26 Jun 2012 12:10:00 -0000"}, RateLimited, 600.0),
        (429, {"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, RateLimited, None),
        (429, {"Retry-After": "soon"}, RateLimited, None),
        (429, {"Retry-After": "99999999"}, RateLimited, 86_400.0),
        (429, {"Retry-After": "Tue, 26 Jun 2040 12:00:00 GMT"}, RateLimited, 86_400.0),
        (500, {}, ServerFailed, None),
        (503, {"Retry-After": "7"}, RateLimited, 7.0),
        (503, {}, ServerFailed, None),
    ],
)
def test_answers_that_may_pass_are_tried_later(receiver, status, headers, error, after):
    receiver.status, receiver.headers = status, headers
    with webhook(receiver.url) as channel, pytest.raises(error, match=f"got {status}") as caught:
        channel.send(message())
    assert caught.value.after == after


@pytest.mark.parametrize("status", [302, 400, 401, 404, 410, 413, 422])
def test_other_answers_are_final_and_redirects_are_not_followed(receiver, status):
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    with webhook(receiver.url) as channel, pytest.raises(DeliveryRefused, match=f"got {status}") as caught:
        channel.send(message())
    assert len(receiver.received) == 1
    assert "s3cret" not in str(caught.value)


def test_nobody_at_the_address_is_tried_later(receiver):
    receiver.server_close()
    with webhook(receiver.url) as channel, pytest.raises(ConnectFailed):
        channel.send(message())


def refuse(request: httpx.Request) -> httpx.Response:
    raise AddressRefused("hook.example: private address")


def never_answer(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("", request=request)


@pytest.mark.parametrize(("answer", "error"), [(refuse, AddressRefused), (never_answer, TimedOut)])
def test_the_transport_passed_in_has_the_word(answer, error):
    with webhook("https://hook.example/x", transport=httpx.MockTransport(answer)) as channel, pytest.raises(error):
        channel.send(message())


@pytest.mark.parametrize("url", ["hook.example/x", "ftp://hook.example/", "https://", "http://[::1/"])
def test_a_webhook_without_a_usable_address_is_refused_at_start(url, tmp_path):
    with httpx.Client() as client, pytest.raises(ConfigError, match="VIGIA_WEBHOOK_URL"):
        open_channels(
            Settings(webhook_url=url), stream=io.StringIO(), file=tmp_path / "a", client=client, now=lambda: NOW
        )


def test_there_is_a_webhook_only_where_one_is_set(tmp_path):
    with httpx.Client() as client:
        common = {"stream": io.StringIO(), "file": tmp_path / "a", "client": client, "now": lambda: NOW}
        assert set(open_channels(Settings(), **common)) == {"terminal", "file"}
        channels = open_channels(Settings(webhook_url="https://hook.example/x"), **common)
    assert set(channels) == {"terminal", "file", "webhook"}
    assert not (tmp_path / "a").exists()


def kept(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


def test_the_file_keeps_one_line_a_message(tmp_path):
    path = tmp_path / "new" / "alerts.jsonl"
    channel = JsonLines(path)
    for ident in ("a", "b", "a"):
        channel.send(message(ident))
    assert kept(path) == ["a", "b"]
    assert json.loads(path.read_text("utf-8").splitlines()[0])["body"] == "one\ntwo"


def test_a_message_written_before_a_crash_is_not_written_again(tmp_path):
    path = tmp_path / "alerts.jsonl"
    JsonLines(path).send(message("a"))
    after_restart, other_process = JsonLines(path), JsonLines(path)
    after_restart.send(message("a"))
    other_process.send(message("b"))
    after_restart.send(message("b"))
    assert kept(path) == ["a", "b"]


@given(cut=st.integers(0, len(encoded(message("b"))) + 1))
def test_a_line_cut_short_anywhere_ends_whole_and_once(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "alerts.jsonl"
    JsonLines(path).send(message("a"))
    with path.open("ab") as file:
        file.write((encoded(message("b")) + b"\n")[:cut])
    channel = JsonLines(path)
    for ident in ("b", "c", "b"):
        channel.send(message(ident))
    assert kept(path) == ["a", "b", "c"]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 10])
def test_a_disk_that_is_full_half_way_is_tried_later_and_mended(tmp_path, room):
    path = tmp_path / "alerts.jsonl"
    channel = JsonLines(path)
    channel.send(message("a"))
    with room_for(path.stat().st_size + room), pytest.raises(DeliveryFailed, match=r"alerts\.jsonl: cannot append"):
        channel.send(message("b"))
    assert len(path.read_bytes().splitlines()) == (2 if room else 1)
    channel.send(message("b"))
    assert kept(path) == ["a", "b"]


def test_only_what_stands_in_the_file_now_counts(tmp_path):
    path, other = tmp_path / "alerts.jsonl", tmp_path / "other.jsonl"
    channel = JsonLines(path)
    for _ in range(2):
        channel.send(message("a"))
    path.write_bytes(b"")
    for _ in range(2):
        channel.send(message("a"))
    assert kept(path) == ["a"]
    for ident in ("b", "c"):
        JsonLines(other).send(message(ident))
    other.replace(path)
    for ident in ("b", "a"):
        channel.send(message(ident))
    assert kept(path) == ["b", "c", "a"]


def test_a_line_is_on_disk_before_it_counts_as_sent(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("pipeline.alerts.deliver.os.fsync", lambda file: synced.append(os.fstat(file).st_size))
    path = tmp_path / "alerts.jsonl"
    JsonLines(path).send(message("a"))
    assert synced == [path.stat().st_size]


def test_lines_of_others_are_left_alone(tmp_path):
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'not ours\n\xff\xfe\n{"id": 7}\n[1]\n')
    JsonLines(path).send(message("a"))
    assert path.read_bytes().startswith(b'not ours\n\xff\xfe\n{"id": 7}\n[1]\n{"id":"a"')


def test_threads_share_one_file(tmp_path):
    path = tmp_path / "alerts.jsonl"
    channels = [JsonLines(path), JsonLines(path)]
    names = [f"m{number}" for number in range(40)]
    threads = [threading.Thread(target=lambda c=c: [c.send(message(n)) for n in names]) for c in channels * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept(path)) == sorted(names)


def test_a_folder_in_the_way_is_tried_later(tmp_path):
    with pytest.raises(DeliveryFailed, match=str(tmp_path)):
        JsonLines(tmp_path).send(message())


def test_the_terminal_shows_title_and_body_without_strangers_escapes():
    stream = io.StringIO()
    Terminal(stream).send(message(title="Sí\x1b[31m \x07red\u202e", body="uno\x9b2J\ndos"))
    assert stream.getvalue() == "ALERT Sí[31m red\n  uno2J\n  dos\n\n"


def test_a_poor_terminal_gets_what_it_can_show():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Terminal(stream).send(message(title="Sí", body="ñ"))
    assert stream.buffer.getvalue() == b"ALERT S?\n  ?\n\n"


def test_a_closed_terminal_is_tried_later():
    stream = io.StringIO()
    stream.close()
    with pytest.raises(DeliveryFailed):
        Terminal(stream).send(message())


def test_waits_double_up_to_the_cap():
    settings = Settings(retry_base=60.0, retry_cap=3600.0)
    assert [retry_after(attempt, settings) for attempt in (1, 2, 3, 7, 12)] == [60.0, 120.0, 240.0, 3600.0, 3600.0]
    assert retry_after(1, settings, asked=86_400.0) == 86_400.0
    assert retry_after(3, settings, asked=1.0) == 240.0
    assert retry_after(100_000, settings) == 3600.0


def test_what_may_pass_and_what_cannot_are_different_trees():
    assert issubclass(DeliveryFailed, Retry)
    assert not issubclass(DeliveryRefused, Retry)
