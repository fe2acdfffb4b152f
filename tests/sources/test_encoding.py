"""Feeds are read in the encoding they are in, whatever they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.encoding import to_utf8

TEXT = "Señaló que «así no» – dijo “basta”"
DECLARED = '<?xml version="1.0" encoding="{}"?><rss><title>' + TEXT + "</title></rss>"


def utf8(body: bytes, content_type: str = "") -> str:
    return to_utf8(body, content_type)[0].decode()


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8", "utf8"),
        ("cp1252", "windows-1252"),
        ("cp1252", "ISO-8859-1"),
        ("cp1252", "iso-8859-1"),
        ("cp1252", "latin1"),
        ("cp1252", "us-ascii"),
        ("cp1254", "iso-8859-9"),
        ("mac-roman", "macintosh"),
        ("gb18030", "GB2312"),
    ],
)
def test_a_declaration_that_is_true_is_believed(encoding: str, said: str) -> None:
    declared = DECLARED.format(said)
    assert to_utf8(declared.encode(encoding), "") == (declared.encode(), None)


def test_the_declaration_comes_before_the_header() -> None:
    declared = DECLARED.format("windows-1252")
    assert utf8(declared.encode("cp1252"), "text/xml; charset=cp1250") == declared


@pytest.mark.parametrize(
    "header", ["text/xml; charset=windows-1252", 'text/xml;Charset="ISO-8859-1"', "charset=latin1"]
)
def test_without_a_declaration_the_header_counts(header: str) -> None:
    assert utf8(f"<rss>{TEXT}</rss>".encode("cp1252"), header) == f"<rss>{TEXT}</rss>"


def test_without_either_it_is_utf_8_or_else_windows_1252() -> None:
    assert to_utf8(f"<rss>{TEXT}</rss>".encode(), "text/xml") == (f"<rss>{TEXT}</rss>".encode(), None)
    text, trouble = to_utf8(f"<rss>{TEXT}</rss>".encode("cp1252"), "text/xml")
    assert text.decode() == f"<rss>{TEXT}</rss>"
    assert trouble == "says no encoding: read as utf-8 mixed with windows-1252"


def test_windows_1252_that_says_utf_8() -> None:
    declared = DECLARED.format("UTF-8")
    text, trouble = to_utf8(declared.encode("cp1252"), "text/xml; charset=utf-8")
    assert text.decode() == declared
    assert trouble is not None
    assert "not in the encoding it says" in trouble


def test_utf_8_that_says_iso_8859_1() -> None:
    declared = DECLARED.format("ISO-8859-1")
    assert to_utf8(declared.encode(), "") == (declared.encode(), "says cp1252, is utf-8")


def test_both_in_one_feed() -> None:
    mixed = "<a>Perú – coca</a>".encode() + "<b>opinión “sí”</b>".encode("cp1252") + "<c>ñ</c>".encode()
    assert utf8(mixed) == "<a>Perú – coca</a><b>opinión “sí”</b><c>ñ</c>"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_byte_order_marks_and_wide_encodings(encoding: str) -> None:
    declared = DECLARED.format("utf-16")
    assert utf8(declared.encode(encoding), "text/xml; charset=iso-8859-1") == declared


@pytest.mark.parametrize("said", ["klingon", "hex", "rot13", "base64", "utf-7", "idna", "zlib", "unicode_escape"])
def test_names_of_no_encoding_are_ignored(said: str) -> None:
    declared = DECLARED.format(said)
    assert utf8(declared.encode()) == declared
    assert utf8(declared.encode("cp1252"), f"text/xml; charset={said}") == declared


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_told_without_mark_or_declaration(encoding: str) -> None:
    assert utf8(f"<rss>{TEXT}</rss>".encode(encoding)) == f"<rss>{TEXT}</rss>"


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_a_mark_of_another_encoding_is_not_believed(mark: bytes) -> None:
    declared = DECLARED.format("UTF-8")
    assert to_utf8(mark + declared.encode(), "") == (declared.encode(), "has the byte order mark of another encoding")
    bare = f"<rss><title>{TEXT}</title></rss>".ljust(80)
    assert utf8(mark + bare.encode("cp1252"), "text/xml; charset=windows-1252") == bare


def test_a_mark_of_utf_8_before_windows_1252() -> None:
    declared = DECLARED.format("windows-1252")
    assert utf8(b"\xef\xbb\xbf" + declared.encode("cp1252")) == declared


def test_control_characters_are_taken_out_and_told_of() -> None:
    assert to_utf8(b"<rss>a\x00\x08b\tc\r\nd\x1f</rss>", "") == (
        b"<rss>ab\tc\r\nd</rss>",
        "control characters were taken out",
    )


@pytest.mark.parametrize("reference", ["&#0;", "&#x1F;", "&#xD800;", "&#56832;", "&#x110000;", "&#" + "9" * 5000 + ";"])
def test_references_to_no_character_are_taken_out(reference: str) -> None:
    assert (
        utf8(f"<a>uno{reference}dos&#233;&#x2014;&#x1F600;&#10;</a>".encode())
        == "<a>unodos&#233;&#x2014;&#x1F600;&#10;</a>"
    )


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_become_text(body: bytes, content_type: str) -> None:
    to_utf8(body, content_type)[0].decode()


@given(st.text(max_size=200).map(lambda text: "".join(c for c in text if c.isprintable())))
def test_utf_8_is_left_as_it_is(text: str) -> None:
    body = f"<rss>{text}</rss>".encode()
    assert to_utf8(body, "application/xml") == (body, None)


@pytest.mark.timeout(10)
def test_long_bodies_full_of_wrong_bytes_take_no_time() -> None:
    assert len(to_utf8(b"\xe9\xed " * 400_000, "")[0]) == 2_000_000
