"""Channels: how one message leaves. Each takes a message, or raises a `Retry` (later) or a `Never` (dead).

The same message may be sent twice when a process dies between sending and writing down that it was sent. The file
drops the repetition itself; the webhook's receiver can, by its `Idempotency-Key`; the terminal shows it again.
Not here: when to send, counting attempts, marking what was sent (ingest.py).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Protocol, TextIO

import httpx
import msgspec

from pipeline.errors import (
    ConfigError,
    ConnectFailed,
    DeliveryFailed,
    DeliveryRefused,
    RateLimited,
    ServerFailed,
    TimedOut,
)
from pipeline.httpdates import asked_wait
from pipeline.settings import Settings
from pipeline.types import Message

#: seconds; a receiver that asks for more is asked again after a day
_LONGEST_WAIT = 86_400.0
#: what a line on the terminal begins with, by event
_WORDS = {"alert": "ALERT", "source-health": "HEALTH", "digest": "DIGEST"}
#: doubling more often than this passes any cap
_DOUBLINGS = 30


class Channel(Protocol):
    """A way out for messages."""

    def send(self, message: Message) -> None:
        """Return once the message is out for good; else raise a Retry or a Never."""


def open_channels(
    settings: Settings, *, stream: TextIO, file: Path, client: httpx.Client, now: Callable[[], datetime]
) -> Mapping[str, Channel]:
    """Make the channels that these settings allow, by name: no webhook without an address. Connects to nothing.

    `client` must check addresses as it connects, as the one for fetches does. Raises ConfigError for a bad address.
    """
    channels: dict[str, Channel] = {"terminal": Terminal(stream), "file": JsonLines(file)}
    if settings.webhook_url:
        channels["webhook"] = Webhook(
            settings.webhook_url, settings.webhook_secret, client=client, timeout=settings.deliver_timeout, now=now
        )
    return channels


def retry_after(attempts: int, settings: Settings, asked: float | None = None) -> float:
    """Seconds to wait after `attempts` failures (1 or more): doubling up to the cap, and never less than was asked."""
    return max(min(settings.retry_base * 2.0 ** min(attempts - 1, _DOUBLINGS), settings.retry_cap), asked or 0.0)


def encoded(message: Message) -> bytes:
    """One message as JSON without line breaks: what the file keeps and the webhook posts."""
    return msgspec.json.encode(message)


class Terminal:
    """Plain lines on a stream, whatever it is connected to."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, message: Message) -> None:
        """Print title and body. Raises DeliveryFailed when the stream is closed."""
        lines = [
            f"{_WORDS.get(message.event, 'NOTICE')} {message.title}",
            *(f"  {line}" for line in message.body.splitlines()),
        ]
        encoding = self._stream.encoding or "utf-8"
        shown = "\n".join(map(_printable, lines)).encode(encoding, "replace").decode(encoding)
        try:
            self._stream.write(shown + "\n\n")
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise DeliveryFailed(f"terminal: cannot write: {error}") from error


def _printable(line: str) -> str:
    """Headlines come from strangers: no escape sequence or direction mark of theirs reaches the terminal."""
    return "".join(char for char in line if char.isprintable())


class JsonLines:
    """One JSON object a line, appended and synced; a message whose id stands in the file already is not repeated."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: set[str] = set()
        self._inode = -1
        self._read_to = 0

    def send(self, message: Message) -> None:
        """Append the message unless it is there. Raises DeliveryFailed when the disk says no."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab+", buffering=0) as file:
                # other processes and threads append here too; closing gives the lock back
                fcntl.flock(file, fcntl.LOCK_EX)
                self._catch_up(file)
                if message.id not in self._ids:
                    _append(file, encoded(message) + b"\n")
        except OSError as error:
            raise DeliveryFailed(f"{self._path}: cannot append: {error.strerror}") from error

    def _catch_up(self, file: FileIO) -> None:
        """Read what was appended since we last looked, by us or by others, and mend what a crash cut short."""
        state = os.fstat(file.fileno())
        if state.st_ino != self._inode or state.st_size < self._read_to:
            self._inode, self._read_to, self._ids = state.st_ino, 0, set()
        file.seek(self._read_to)
        unread = file.readall()
        whole = unread[: unread.rfind(b"\n") + 1]
        self._read_to += len(whole)
        self._ids.update(filter(None, map(_id_of, whole.splitlines())))
        if torn := unread[len(whole) :]:
            self._mend(file, torn)

    def _mend(self, file: FileIO, torn: bytes) -> None:
        if _id_of(torn) is None:
            file.truncate(self._read_to)
        else:
            _append(file, b"\n")
            self._catch_up(file)


def _append(file: FileIO, line: bytes) -> None:
    if file.write(line) != len(line):
        # the next `_catch_up` drops the part of a line
        raise OSError(errno.ENOSPC, "no room for a whole line")
    os.fsync(file.fileno())


class _HasId(msgspec.Struct):
    id: str


def _id_of(line: bytes) -> str | None:
    """Find the id of a line; None for a line that is none of ours."""
    try:
        return msgspec.json.decode(line, type=_HasId).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


class Webhook:
    """POST to one address, signed when there is a secret: `X-Vigia-Signature: sha256=` + HMAC-SHA256 of the body."""

    def __init__(
        self, url: str, secret: str, *, client: httpx.Client, timeout: float, now: Callable[[], datetime]
    ) -> None:
        self._url, self._secret, self._client, self._timeout, self._now = _checked(url), secret, client, timeout, now

    def send(self, message: Message) -> None:
        """Post the message.

        Raises TimedOut, ConnectFailed, ServerFailed (5xx, 408) and RateLimited (429, 425, 503 with Retry-After) for
        later; DeliveryRefused (any other answer than 2xx, redirects too) and AddressRefused (the client's guard) for
        never.
        """
        body = encoded(message)
        headers = self._headers(message, body)
        post = self._client.build_request("POST", self._url, content=body, headers=headers, timeout=self._timeout)
        try:
            # the answer's body is of no interest, however long it is
            answer = self._client.send(post, stream=True, follow_redirects=False)
        except httpx.TimeoutException as error:
            raise TimedOut(f"webhook {self._host}: no answer within {self._timeout:g} s") from error
        except httpx.TransportError as error:
            raise ConnectFailed(f"webhook {self._host}: {error or type(error).__name__}") from error
        with closing(answer):
            self._accept(answer)

    @property
    def _host(self) -> str:
        # the rest of a webhook's address is often a secret
        return self._url.host

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "X-Vigia-Event": message.event, "Idempotency-Key": message.id}
        if self._secret:
            headers["X-Vigia-Signature"] = "sha256=" + hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        return headers

    def _accept(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if 200 <= status < 300:
            return
        said = f"webhook {self._host}: expected 2xx, got {status}"
        wait = asked_wait(answer.headers.get("Retry-After", ""), self._now())
        wait = None if wait is None else min(wait, _LONGEST_WAIT)
        if status in (425, 429) or (status == 503 and wait is not None):
            raise RateLimited(said, wait)
        if status == 408 or status >= 500:
            raise ServerFailed(said, wait)
        raise DeliveryRefused(said)


def _checked(raw: str) -> httpx.URL:
    try:
        url = httpx.URL(raw)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError("environment", "VIGIA_WEBHOOK_URL", "an http or https address", raw)
    return url
