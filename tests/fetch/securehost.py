"""A host on loopback that speaks TLS, and HTTP/2 where the client takes its offer; its certificate is made here."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import trustme

HOST = "segura.example"


@dataclass
class Talk:
    """One connection as the host sees it."""

    socket: ssl.SSLSocket
    h2: h2.connection.H2Connection
    stop: threading.Event
    #: every request is a dict of headers, pseudo-headers included
    requests: list[dict[str, str]] = field(default_factory=list)

    def flush(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def begin(self, stream: int, status: str = "200", *headers: tuple[str, str]) -> None:
        self.h2.send_headers(stream, [(":status", status), ("content-type", "text/html"), *headers])
        self.flush()

    def send(self, stream: int, body: bytes, *, end: bool = True) -> None:
        """Send what flow control lets through, waiting for more where it is used up."""
        while body:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(body))
            if room == 0:
                self.h2.receive_data(self.socket.recv(65_536))
                continue
            self.h2.send_data(stream, body[:room])
            body = body[room:]
            self.flush()
        if end:
            self.h2.end_stream(stream)
            self.flush()

    def answer(self, stream: int, body: bytes, status: str = "200", *headers: tuple[str, str]) -> None:
        self.begin(stream, status, *headers)
        self.send(stream, body)


Say = Callable[[Talk, int], None]


class SecureHost:
    """Answers by path: a function is given the connection and the stream. `offers` is what its handshake offers."""

    def __init__(self, *offers: str) -> None:
        self.authority = trustme.CA()
        self.says: dict[str, Say] = {}
        self.talks: list[Talk] = []
        self.stop = threading.Event()
        #: in place of the talk: what is done with the bare connection
        self.instead: Callable[[ssl.SSLSocket], None] | None = None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(HOST).configure_cert(self._context)
        if offers:
            self._context.set_alpn_protocols(list(offers))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()[:2]
        return host, port

    def certificates(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def close(self) -> None:
        self.stop.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _run(self, target: Callable[..., None], *args: object) -> None:
        self._threads.append(threading.Thread(target=target, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self.stop.is_set():
                self._run(self._serve, self._listener.accept()[0])

    def _serve(self, bare: socket.socket) -> None:
        # the client hangs up, or does not trust us: what many of these tests are about
        with bare, contextlib.suppress(OSError, h2.exceptions.ProtocolError):
            bare.settimeout(5)
            with self._context.wrap_socket(bare, server_side=True) as secure:
                if self.instead:
                    self.instead(secure)
                elif secure.selected_alpn_protocol() == "h2":
                    self._talk(secure)
                else:
                    secure.recv(65_536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nuno")

    def _talk(self, secure: ssl.SSLSocket) -> None:
        talk = Talk(secure, h2.connection.H2Connection(h2.config.H2Configuration(client_side=False)), self.stop)
        self.talks.append(talk)
        talk.h2.initiate_connection()
        talk.flush()
        while not self.stop.is_set() and (received := secure.recv(65_536)):
            for event in talk.h2.receive_data(received):
                if isinstance(event, h2.events.RequestReceived):
                    headers = {name.decode(): value.decode() for name, value in event.headers}
                    talk.requests.append(headers)
                    self.says[headers[":path"]](talk, event.stream_id)
            talk.flush()
