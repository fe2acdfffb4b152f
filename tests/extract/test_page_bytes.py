"""Charsets: what pages say they are, and what they are."""

from __future__ import annotations

import codecs

import pytest

from tests.extract.made import PARAGRAPHS, article, read

WORDS = "El señor Muñoz pidió más información sobre la coca según la comisión, y añadió: “no habrá tregua”."
PAGE = article(body=f"<p>{WORDS}</p><p>{PARAGRAPHS[0]}</p>")


def declared(charset: str) -> str:
    return PAGE.replace("utf-8", charset)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PAGE.encode(), "text/html"),
        (PAGE.encode(), "text/html; charset=ISO-8859-1"),
        (declared("iso-8859-1").encode(), "text/html"),
        (declared("").encode("cp1252"), "text/html"),
        (declared("x").encode("cp1252"), "text/html; charset=windows-1252"),
        (declared("iso-8859-1").encode("cp1252"), "text/html"),
        (declared("utf-8").encode("cp1252"), "text/html; charset=utf-8"),
        (declared("utf-8").encode("utf-16"), "text/html; charset=utf-16"),
        (codecs.BOM_UTF8 + declared("iso-8859-1").encode(), "text/html; charset=iso-8859-1"),
        (b'<?xml version="1.0" encoding="windows-1252"?>' + declared("").encode("cp1252"), "application/xhtml+xml"),
        (declared("no-such-charset").encode("cp1252"), "text/html; charset=no-such-charset"),
    ],
)
def test_accents_survive(body: bytes, content_type: str) -> None:
    assert read(body, content_type=content_type).text.startswith(WORDS)


def test_one_damaged_character_does_not_make_a_page_latin() -> None:
    body = PAGE.replace("tregua", "tre\0gua").encode().replace(b"\0", b"\xe9")
    assert read(body).text.startswith(WORDS.partition("tre")[0])


def test_a_declared_charset_of_another_script_is_used() -> None:
    russian = "Министр сообщил, что новая программа лечения начнётся в следующем году во всех областях страны."
    body = declared("windows-1251").replace(WORDS, russian).encode("cp1251", "replace")
    assert read(body, content_type="text/html").text.startswith(russian)


@pytest.mark.parametrize("odd", ["&#12;", "&#x1f;", "\x0c", "\x00", "\ufffe", "&#0;", "&#xFFFF;"])
def test_characters_that_mean_nothing_do_no_harm(odd: str) -> None:
    markup = PAGE.replace("tregua", f"tre{odd}gua").replace(
        "<article>", f'<p><a href="/x">Uno dos tres cuatro</a></p>{odd}<article>'
    )
    assert "no habrá" in read(markup).text


@pytest.mark.parametrize(
    ("reference", "char"), [("&#x27;", "'"), ("&#39;", "'"), ("&#124;", "|"), ("&#x201C;", "“"), ("&#8211;", "–")]
)
def test_character_references_are_read(reference: str, char: str) -> None:
    assert f"la {char} coca" in read(PAGE.replace("la coca", f"la {reference} coca")).text
