"""A page that only sends its readers on is a hop; a page that refreshes itself, or warns old browsers, is a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import AddressRefused, Disallowed, Misdirected
from pipeline.fetch import Fetcher
from pipeline.fetch.refresh import refresh_target
from pipeline.types import Request
from tests.fetch.conftest import Host, answer

Make = Callable[..., Fetcher]
NOTA = "http://diario.example/nota"


def page(meta: str, body: str = "<p>Un momento.</p>") -> bytes:
    return f"<!doctype html><html><head>{meta}<title>Diario</title></head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("meta", "target"),
    [
        ('<meta http-equiv="refresh" content="0; url=/otra">', "/otra"),
        ("<META HTTP-EQUIV='Refresh' CONTENT='0;URL=/otra'/>", "/otra"),
        ("""<meta content="1;url='http://gaceta.example/a;b'" http-equiv=refresh>""", "http://gaceta.example/a;b"),
        ('<meta http-equiv="refresh" content="5 /otra">', "/otra"),
        ('<meta http-equiv="refresh" content="0.5, url = /otra?a=1&amp;b=2 ">', "/otra?a=1&b=2"),
        ('<meta http-equiv="refresh" content="; url=/otra">', "/otra"),
        ('<meta charset="utf-8"><meta http-equiv="x-ua-compatible" content="IE=edge">', None),
        ('<meta http-equiv="refresh" content="6; url=/otra">', None),
        ('<meta http-equiv="refresh" content="300">', None),
        ('<meta http-equiv="refresh" content="0">', None),
        ('<meta http-equiv="refresh" content="0; url=">', None),
        ('<meta http-equiv="refresh" content="soon; url=/otra">', None),
        ('<meta http-equiv="refresh">', None),
        ('<meta name="refresh" content="0; url=/otra">', None),
        ('<noscript><meta http-equiv="refresh" content="0; url=/sin-js"></noscript>', None),
        ('<!--[if lt IE 9]><meta http-equiv="refresh" content="0; url=/viejo"><![endif]-->', None),
        ('<script>\'<meta http-equiv="refresh" content="0; url=/otra">\'</script>', None),
    ],
)
def test_where_a_page_sends_its_readers(meta: str, target: str | None) -> None:
    assert refresh_target(page(meta)) == target


def test_a_page_that_says_something_is_a_page() -> None:
    meta = '<meta http-equiv="refresh" content="1; url=/navegador-viejo">'
    assert refresh_target(page(meta, "<p>" + "palabra " * 59 + "</p>")) is None
    assert refresh_target(page(meta, "<p>" + "palabra " * 20 + "</p>")) == "/navegador-viejo"
    assert refresh_target(page(meta + "<style>" + " " * 16_000 + "</style>")) is None


@given(
    st.binary(max_size=200) | st.text(alphabet="<meta http-equiv=\"refresh' content=0;url/>!-noscript", max_size=200)
)
def test_any_bytes_are_read(body: bytes | str) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    found = refresh_target(b'<meta http-equiv="refresh" content="0;url=/x">' + raw)
    assert found is None or found


# --- as a hop ---------------------------------------------------------------------------------------------------------


def sends(host: Host, target: str, path: str = "/nota") -> None:
    body = page(f'<meta http-equiv="refresh" content="0; url={target}">')
    host.says["diario.example", path] = answer(200, body, content_type="text/html")


def test_it_is_followed_and_told(fetcher: Make, host: Host) -> None:
    sends(host, "http://gaceta.example/nota")
    host.says["gaceta.example", "/nota"] = answer(200, b"hola")
    said = fetcher().get(Request(NOTA))
    assert (said.url, said.final_url, said.body, said.hops) == (
        NOTA,
        "http://gaceta.example/nota",
        b"hola",
        ((200, NOTA),),
    )


def test_circles_are_left(fetcher: Make, host: Host) -> None:
    sends(host, "/otra")
    sends(host, "/nota", "/otra")
    with pytest.raises(Misdirected, match="at most 5 redirects"):
        fetcher().get(Request(NOTA))
    assert len(host.asked) == 6


def test_a_page_that_sends_us_to_itself_is_a_page(fetcher: Make, host: Host) -> None:
    sends(host, "/nota#arriba")
    assert b"Un momento" in fetcher().get(Request(NOTA)).body
    assert len(host.asked) == 1


def test_the_guard_and_robots_txt_hold(fetcher: Make, host: Host) -> None:
    sends(host, "http://169.254.169.254/latest/meta-data/")
    with pytest.raises(AddressRefused):
        fetcher().get(Request(NOTA))
    host.says["diario.example", "/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /privado")
    sends(host, "/privado")
    with pytest.raises(Disallowed):
        fetcher(robots=True).get(Request(NOTA))
    sends(host, "javascript:alert(1)")
    with pytest.raises(Misdirected):
        fetcher().get(Request(NOTA))


def test_feeds_are_not_looked_into(fetcher: Make, host: Host) -> None:
    sends(host, "/otra")
    assert fetcher().get(Request(NOTA, "feed")).final_url == NOTA


def test_nor_are_refusals(fetcher: Make, host: Host) -> None:
    body = page('<meta http-equiv="refresh" content="0; url=/portada">')
    host.says["diario.example", "/nota"] = answer(404, body, content_type="text/html")
    assert fetcher().get(Request(NOTA)).status == 404
