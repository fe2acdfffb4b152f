"""Real servers on loopback for messages: SMTP with STARTTLS, TLS and login, and a webhook that checks keys."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class MailServer(socketserver.ThreadingTCPServer):
    """As much of RFC 5321 as a client needs. `answers` replaces what it says to a command."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, certificate: ssl.SSLContext | None = None, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.certificate, self.tls = certificate, tls
        self.port = self.server_address[1]
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.logins: list[tuple[str, str]] = []
        self.secure: list[bool] = []


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def setup(self) -> None:
        if self.server.tls and self.server.certificate:
            self.request = self.server.certificate.wrap_socket(self.request, server_side=True)
        self.is_secure = self.server.tls
        super().setup()

    def handle(self) -> None:
        self.say("220 letterbox.example")
        while line := self.rfile.readline().decode().strip():
            command, _, rest = line.partition(" ")
            command = command.upper()
            if command in self.server.answers and command != "DATA":
                self.say(self.server.answers[command])
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                getattr(self, command, self.unknown)(rest)

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def unknown(self, _: str) -> None:
        self.say("502 no")

    def EHLO(self, _: str) -> None:
        offers = ["letterbox.example", "AUTH PLAIN"]
        if self.server.certificate and not self.is_secure:
            offers.append("STARTTLS")
        for offer in offers[:-1]:
            self.say(f"250-{offer}")
        self.say(f"250 {offers[-1]}")

    def STARTTLS(self, _: str) -> None:
        self.say("220 go on")
        assert self.server.certificate
        self.request = self.connection = self.server.certificate.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), socketserver._SocketWriter(self.connection)
        self.is_secure = True

    def AUTH(self, rest: str) -> None:
        _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        self.server.logins.append((user, password))
        self.say("235 welcome" if password == "s3cret" else "535 no")

    def MAIL(self, _: str) -> None:
        self.say("250 ok")

    RCPT = RSET = NOOP = MAIL

    def DATA(self, _: str) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = self.server.answers.get("DATA", "250 taken")
        if answer.startswith("250"):
            self.server.secure.append(self.is_secure)
            self.server.mails.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
        self.say(answer)


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Hook(ThreadingHTTPServer):
    """A webhook that takes each Idempotency-Key once. While `silent` it takes a message, and never says so."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hooked)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.silent = False
        self.status = 204
        self.came = threading.Event()
        self.posts: list[str] = []
        self.taken: dict[str, dict[str, object]] = {}
        self.lock = threading.Lock()


class _Hooked(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers.get("Idempotency-Key", "")
        silent = self.server.silent
        with self.server.lock:
            self.server.posts.append(key)
            if self.server.status < 300:
                self.server.taken.setdefault(key, json.loads(body))
        self.server.came.set()
        if silent:
            # until the other side is gone
            self.connection.settimeout(60)
            self.rfile.read(1)
            return
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""
