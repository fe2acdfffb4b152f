"""Behind a reverse proxy: whose word is believed on who asks, and whether over https; over real sockets."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
import uvicorn

from frontends.cli.listening import listen
from frontends.cli.serve import server_config
from frontends.web.app import create_app
from frontends.web.office import Office
from pipeline.errors import ConfigError
from tests.services import free_port
from tests.web.signing import peopled

SECURE = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}


@dataclass
class Served:
    port: int

    def ask(self, path: str, headers: Mapping[str, str]) -> tuple[int, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers

    def burst(self, forwarded: list[str]) -> list[int]:
        return [self.ask("/login", {"x-forwarded-for": one})[0] for one in forwarded]


@contextmanager
def served(office: Office, **settings: str | float) -> Iterator[Served]:
    """As `vigia serve` does, to people with accounts."""
    changed = replace(office.settings, web_hosts="vigia.example", **settings)
    ours = peopled(replace(office, settings=changed, close=lambda: None))
    port = free_port()
    (doors,) = listen("127.0.0.1", port)
    server = uvicorn.Server(server_config(create_app(ours), changed))
    thread = threading.Thread(target=server.run, args=(doors,), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield Served(port)
    server.should_exit = True
    thread.join(10)


def test_a_proxy_that_was_named_says_whether_it_was_https(office: Office) -> None:
    with served(office, web_proxies="127.0.0.1") as server:
        _, told = server.ask("/login", SECURE)
        assert told["set-cookie"].startswith("__Host-vigia-form=")
        assert "Secure" in told["set-cookie"]
        assert "strict-transport-security" in told
        _, told = server.ask("/login", SECURE | {"x-forwarded-proto": "http"})
        assert "Secure" not in told["set-cookie"]
        assert "strict-transport-security" not in told


@pytest.mark.parametrize("proxies", ["", "192.0.2.0/24"])
def test_nobody_else_is_believed(office: Office, proxies: str) -> None:
    with served(office, web_proxies=proxies, web_rate=0.01, web_burst=4) as server:
        _, told = server.ask("/login", SECURE)
        assert told["set-cookie"].startswith("vigia-form=")
        assert "strict-transport-security" not in told
        # nor has anybody another address for each request
        assert server.burst([f"192.0.2.{one}" for one in range(4)]) == [200, 200, 200, 429]


def test_behind_a_proxy_one_visitor_does_not_use_up_anothers_patience(office: Office) -> None:
    with served(office, web_proxies="10.0.0.0/8, 127.0.0.0/8", web_rate=0.01, web_burst=3) as server:
        assert server.burst([*["192.0.2.7"] * 4, "192.0.2.8"]) == [200, 200, 200, 429, 200]
        # what a visitor writes in front of what the proxy adds changes nothing, nor do further proxies of ours
        assert server.burst([f"198.51.100.{one}, 192.0.2.9" for one in range(4)]) == [200, 200, 200, 429]
        assert server.burst([f"192.0.2.10, 10.0.0.{one}" for one in range(4)]) == [200, 200, 200, 429]


def test_a_proxy_does_not_make_a_name_ours(office: Office) -> None:
    with served(office, web_proxies="127.0.0.1") as server:
        said = {"accept": "application/json", "x-forwarded-host": "vigia.example"}
        assert server.ask("/sources.json", said | {"host": "evil.example"})[0] == 421
        assert server.ask("/sources.json", said | {"host": "vigia.example"})[0] == 401


def test_a_proxy_that_is_no_address_is_refused(office: Office) -> None:
    settings = replace(office.settings, web_proxies="proxy.example")
    with pytest.raises(ConfigError, match="VIGIA_WEB_PROXIES: expected addresses"):
        server_config(create_app(office), settings)
