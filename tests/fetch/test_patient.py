"""One caller outside of the engine keeps each host's distance."""

from __future__ import annotations

import pytest

from pipeline.errors import ConnectFailed
from pipeline.fetch import Patient
from pipeline.types import Request, Response
from tests.fakes import FakeWeb, ManualClock


class Web(FakeWeb):
    """A fetcher that knows a robots.txt."""

    delay: float | None = None

    def get(self, request: Request) -> Response:
        self.moments = [*getattr(self, "moments", []), self.clock.monotonic()]
        return super().get(request)

    def crawl_delay(self, url: str) -> float | None:
        return self.delay


@pytest.fixture
def web() -> Web:
    web = Web(ManualClock())
    for path in "abc":
        web.says(f"http://uno.example/{path}", "")
    web.says("http://dos.example/a", "")
    return web


def ask(web: Web, *urls: str, gap: float = 5.0) -> list[float]:
    patient = Patient(web, web.clock, gap, web.clock.forward)
    for url in urls:
        patient.get(Request(f"http://{url}"))
    return web.moments


def test_starts_to_one_host_are_apart_and_other_hosts_do_not_wait(web: Web) -> None:
    assert ask(web, "uno.example/a", "dos.example/a", "uno.example/b", "uno.example/c") == [0, 0, 5, 10]


def test_what_robots_asks_for_counts_where_it_is_longer_up_to_a_minute(web: Web) -> None:
    web.delay = 20
    assert ask(web, "uno.example/a", "uno.example/b") == [0, 20]
    web.delay, web.moments = 86_400, []
    assert ask(web, "uno.example/a", "uno.example/b") == [20, 80]


def test_a_failure_takes_its_turn_too(web: Web) -> None:
    web.answers["http://uno.example/a"] = ConnectFailed("refused")
    patient = Patient(web, web.clock, 5.0, web.clock.forward)
    with pytest.raises(ConnectFailed):
        patient.get(Request("http://uno.example/a"))
    patient.get(Request("http://uno.example/b"))
    assert web.moments == [0, 5]
