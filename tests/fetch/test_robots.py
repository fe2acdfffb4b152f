"""robots.txt is obeyed as RFC 9309 reads it, and asked for once a day."""

from __future__ import annotations

import pytest

from pipeline.errors import AddressRefused, ConnectFailed, Misdirected, RateLimited, Retry, ServerFailed, TimedOut
from pipeline.fetch.robots import FAILED_TTL, Robots
from pipeline.types import Response
from tests.fakes import ManualClock

DAY = 86_400.0
NOTA = "https://diario.example/2012/06/nota.html"


class Hosts:
    """Answers for every robots.txt, and counts how often it was asked."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.asked = clock, list[str]()
        self.said: tuple[int, str] | Exception = (200, "")
        self.headers: dict[str, str] = {}

    def fetch(self, url: str) -> Response:
        self.asked.append(url)
        if isinstance(self.said, Exception):
            raise self.said
        status, body = self.said
        return Response(url, url, status, self.headers, body.encode(), self.clock.now(), 0.1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def hosts(clock: ManualClock) -> Hosts:
    return Hosts(clock)


@pytest.fixture
def robots(hosts: Hosts, clock: ManualClock) -> Robots:
    return Robots(hosts.fetch, clock, DAY)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/", True),
        ("User-agent: *\nDisallow: /", "/nota", False),
        ("User-agent: *\nDisallow:", "/nota", True),
        ("User-agent: *\nDisallow: /privado", "/privado/x", False),
        ("User-agent: *\nDisallow: /privado", "/publico/x", True),
        ("User-agent: *\nDisallow: /\nAllow: /rss", "/rss/home.xml", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x=1", True),
        ("User-agent: vigia\nDisallow: /\n\nUser-agent: *\nDisallow:", "/nota", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Vigia\nDisallow:", "/nota", True),
        ("User-agent: otherbot\nDisallow: /", "/nota", True),
        ("<!DOCTYPE html><html><body>No encontrado</body></html>", "/nota", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/nota", False),
        # RFC 9309, 2.2.1: groups of one name are one; a group of ours stands for all
        ("User-agent: vigia\nDisallow: /a\n\nUser-agent: vigia\nDisallow: /b", "/a/x", False),
        ("User-agent: vigia\nDisallow: /a\n\nUser-agent: vigia\nDisallow: /b", "/b/x", False),
        ("User-agent: vigia\nUser-agent: otherbot\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /a\n\nUser-agent: vigia\nDisallow: /b", "/a", True),
        ("User-agent: vigia-news\nDisallow: /", "/nota", True),
        # 2.2.2: the longest rule decides, and of two as long as each other the one that allows
        ("User-agent: *\nDisallow: /notas\nAllow: /notas/abiertas", "/notas/abiertas/1", True),
        ("User-agent: *\nAllow: /notas\nDisallow: /notas/cerradas", "/notas/cerradas/1", False),
        ("User-agent: *\nDisallow: /nota\nAllow: /nota", "/nota", True),
        ("User-agent: *\nDisallow: /Nota", "/nota", True),
        # 2.2.2: letters beyond ASCII, escaped or not, are the same
        ("User-agent: *\nDisallow: /política/", "/pol%C3%ADtica/x", False),
        ("User-agent: *\nDisallow: /pol%C3%ADtica/", "/política/x", False),
        # 2.2: comments, line ends, spaces; what is no rule is passed over
        ("# vigia\r\nUser-Agent : *\r\nDISALLOW:/x # no\r\nSitemap: /s.xml\r\nNoindex: /y", "/x", False),
        ("User-agent: *\rDisallow: /x", "/x", False),
        ("Disallow: /x", "/x", True),
    ],
)
def test_rules(robots: Robots, hosts: Hosts, rules: str, path: str, allowed: bool) -> None:
    hosts.said = 200, rules
    assert robots.allows(f"https://diario.example{path}") is allowed


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 451])
def test_a_host_without_rules_allows_everything(robots: Robots, hosts: Hosts, status: int) -> None:
    hosts.said = status, "User-agent: *\nDisallow: /"
    assert robots.allows(NOTA)


@pytest.mark.parametrize("error", [Misdirected("in circles"), AddressRefused("private")])
def test_rules_that_can_never_be_had_are_none(robots: Robots, hosts: Hosts, error: Exception) -> None:
    hosts.said = error
    assert robots.allows(NOTA)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((500, ""), ServerFailed),
        ((503, ""), ServerFailed),
        ((429, ""), RateLimited),
        (ConnectFailed("refused"), ConnectFailed),
        (TimedOut("slow"), TimedOut),
    ],
)
def test_a_host_that_cannot_say_allows_nothing_for_now(
    robots: Robots, hosts: Hosts, clock: ManualClock, said: tuple[int, str] | Exception, kind: type[Retry]
) -> None:
    hosts.said = said
    with pytest.raises(kind):
        robots.allows(NOTA)
    hosts.said = 200, ""
    with pytest.raises(kind):
        robots.allows(NOTA)
    assert len(hosts.asked) == 1, "it is left alone for a while"
    clock.forward(FAILED_TTL + 1)
    assert robots.allows(NOTA)


def test_a_host_that_asks_for_patience_gets_it(robots: Robots, hosts: Hosts, clock: ManualClock) -> None:
    hosts.said, hosts.headers = (503, ""), {"retry-after": "600"}
    with pytest.raises(ServerFailed) as caught:
        robots.allows(NOTA)
    assert caught.value.after == 600
    clock.forward(FAILED_TTL + 1)
    with pytest.raises(ServerFailed):
        robots.allows(NOTA)
    assert len(hosts.asked) == 1


def test_rules_are_remembered_and_asked_for_again_when_old(robots: Robots, hosts: Hosts, clock: ManualClock) -> None:
    for _ in range(3):
        assert robots.allows(NOTA)
    assert hosts.asked == ["https://diario.example/robots.txt"]
    clock.forward(DAY + 1)
    hosts.said = 200, "User-agent: *\nDisallow: /"
    assert not robots.allows(NOTA)
    assert len(hosts.asked) == 2


def test_each_scheme_host_and_port_has_rules_of_its_own(robots: Robots, hosts: Hosts) -> None:
    for origin in (
        "https://diario.example",
        "http://diario.example",
        "https://diario.example:8443",
        "https://DIARIO.example",
    ):
        robots.allows(f"{origin}/nota")
    assert hosts.asked == [
        "https://diario.example/robots.txt",
        "http://diario.example/robots.txt",
        "https://diario.example:8443/robots.txt",
    ]


def test_the_delay_that_a_host_wants(robots: Robots, hosts: Hosts) -> None:
    hosts.said = 200, "User-agent: *\nCrawl-delay: 7.5\nDisallow: /x"
    assert robots.crawl_delay(NOTA) is None, "not known before it was read"
    robots.allows(NOTA)
    assert robots.crawl_delay(NOTA) == 7.5


def test_rules_full_of_stars_take_no_time(robots: Robots, hosts: Hosts) -> None:
    hosts.said = 200, "User-agent: *\nDisallow: /" + "*a" * 500 + "b\n"
    assert robots.allows("https://diario.example/" + "a" * 2000)
