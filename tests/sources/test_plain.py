"""What feeds write becomes plain text and absolute addresses, in time that grows with its length alone."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.plain import address, language, plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("  El Congreso\n debate\t hoy \xa0", "El Congreso debate hoy"),
        ("Caf&eacute; &amp; coca", "Café & coca"),
        ("Caf&amp;eacute;", "Café"),
        ("&#191;Y ahora?", "¿Y ahora?"),
        ("<p>Uno</p><p>Dos</p>", "Uno Dos"),
        ("Uno<br/>dos", "Uno dos"),
        ("narco<b>tráfico</b>, dijo", "narcotráfico, dijo"),
        ("&lt;p&gt;Hola&lt;/p&gt;", "Hola"),
        ("menos de 5 < 6 y 7 > 3", "menos de 5 < 6 y 7 > 3"),
        ("antes <!-- un <b>comentario</b> --> después", "antes después"),
        ("antes <!-- sin fin", "antes"),
        ("<script>var a = '<p>x</p>';</script>Texto", "Texto"),
        ("<style>p { color: red }</style>Texto", "Texto"),
        ('<img src="a.jpg" alt="x"/>Texto', "Texto"),
        ("Texto<", "Texto<"),
        ("<![CDATA[Texto]]>", "Texto"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_control_characters_never_reach_a_screen() -> None:
    assert plain("Titular\x1b[31m rojo\x00\x9b") == "Titular[31m rojo"


def test_text_is_cut_at_the_limit() -> None:
    assert plain("palabra " * 1000, 100) == ("palabra " * 12 + "pala")
    assert len(plain("<b>" * 10_000 + "x" * 9_000, 1_000)) <= 1_000


@given(st.text(alphabet=st.sampled_from("<>&;!-/ abp\"'#x1=lt"), max_size=200))
def test_any_markup_becomes_some_text(markup: str) -> None:
    text = plain(markup)
    assert text == " ".join(text.split())


@pytest.mark.parametrize(
    "markup", ["<!--" * 25_000, "<a " * 30_000, "<" * 80_000, "&" * 80_000, "<script>" * 10_000, "<p><!-" * 15_000]
)
def test_hostile_markup_takes_no_time(markup: str) -> None:
    started = process_time()
    plain(markup)
    assert process_time() - started < 0.5


BASE = "http://diario.example/es/rss.xml"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("http://diario.example/nota", "http://diario.example/nota"),
        ("  https://diario.example/nota \n", "https://diario.example/nota"),
        ("/nota", "http://diario.example/nota"),
        ("nota", "http://diario.example/es/nota"),
        ("//m.diario.example/nota", "http://m.diario.example/nota"),
        ("?id=5", "http://diario.example/es/rss.xml?id=5"),
        ("/una nota", "http://diario.example/una%20nota"),
        ("/año", "http://diario.example/año"),
        ("", None),
        ("  ", None),
        ("https://", None),
        (None, None),
        ("javascript:alert(1)", None),
        ("mailto:a@diario.example", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("ftp://diario.example/nota", None),
        ("http://", None),
        ("http:///nota", "http://diario.example/nota"),
        ("http://[::1", None),
        ("http://diario.example/" + "a" * 2048, None),
    ],
)
def test_links_become_absolute_addresses_or_nothing(link: str | None, absolute: str | None) -> None:
    assert address(BASE, link) == absolute


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_an_address_or_none(base: str, link: str) -> None:
    found = address(base, link)
    assert found is None or found.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("es-PE", "es"),
        ("pt_BR", "pt"),
        (" en ", "en"),
        ("spa", "es"),
        ("eng", "en"),
        ("por", "pt"),
        ("spanish", None),
        ("xyz", None),
        ("e", None),
        ("", None),
        ("español", None),
    ],
)
def test_languages_are_two_letters(written: str, code: str | None) -> None:
    assert language(written) == code
