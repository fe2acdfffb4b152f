"""Lists of feeds from and for other programs: what they write is read, what is hostile refused, ours comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.sources import Hints, UrlKeys, load_catalogue
from pipeline.sources.adoption import FEEDS_MAX, Adopted, Terms, adopt
from pipeline.sources.opml import DEPTH_MAX, OUTLINES_MAX, SIZE_MAX, Outline, read_opml, write_opml
from pipeline.types import FeedAddress, FeedKind, Source

CONFIG = Path(__file__).parents[2] / "config"
KEYS, HINTS = UrlKeys.load(CONFIG), Hints.load(CONFIG)
TERMS = Terms("PE", ("es",), True, "not checked")


def opml(body: str, version: str = "2.0") -> bytes:
    return f'<?xml version="1.0"?>\n<opml version="{version}"><head/><body>{body}</body></opml>'.encode()


def read(body: str) -> tuple[Outline, ...]:
    return read_opml(opml(body), "list.opml")[0]


def taken(body: str, known: tuple[Source, ...] = (), terms: Terms = TERMS) -> Adopted:
    return adopt(read(body), known, terms, KEYS, HINTS)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_outlines_in_folders() -> None:
    found = read(
        """
        <outline text="Perú"><outline title="Diarios">
          <outline type="rss" text="El Puente" xmlUrl="http://puente.example/rss" htmlUrl="http://puente.example/"
                   language="es-PE" category="/Política,Lima"/>
        </outline></outline>
        <outline text="Suelto" xmlUrl="http://suelto.example/rss"/>
        """
    )
    puente, suelto = found
    assert (puente.name, puente.homepage, puente.language) == ("El Puente", "http://puente.example/", "es")
    assert puente.categories == ("Perú", "Diarios", "Política", "Lima")
    assert (suelto.url, suelto.categories, suelto.homepage) == ("http://suelto.example/rss", (), "")


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="El Puente" xmlurl="http://puente.example/rss"/>',
        '<outline title="El Puente" text="" xmlUrl=" http://puente.example/rss "/>',
        '<outline text="El Puente &amp;amp; Cía" xmlUrl="http://puente.example/rss"/>',
        '<outline text="El Puente" type="atom" xmlUrl="http://puente.example/rss"><outline text="comment"/></outline>',
    ],
)
def test_as_other_programs_write_it(outline: str) -> None:
    (found,) = read(outline)
    assert found.url == "http://puente.example/rss"
    assert found.name.startswith("El Puente")
    assert "&amp;" not in found.name


def test_outlines_without_a_feed_are_no_feeds() -> None:
    assert (
        read('<outline text="a"/><outline text="b" xmlUrl=""/><outline text="c" type="link" url="http://x.example/"/>')
        == ()
    )


def test_a_list_with_a_flaw_is_read_as_far_as_it_goes_and_said_so() -> None:
    found, trouble = read_opml(opml('<outline text="A & B" xmlUrl="http://a.example/"/>'), "list.opml")
    assert [outline.url for outline in found] == ["http://a.example/"]
    assert "not well-formed" in trouble
    assert read_opml(opml(""), "list.opml")[1] == ""


def test_other_encodings() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><opml version="1.0"><body><outline text="Año" xmlUrl="http://a.example/"/></body></opml>'
    (found,) = read_opml(text.encode("latin-1"), "list.opml")[0]
    assert found.name == "Año"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "OPML"),
        (b"not xml", "OPML"),
        (b"<html><body></body></html>", "<opml>"),
        (b"<opml version='2.0'><head/></opml>", "<body>"),
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml><body/></opml>", "without a document type"),
        (b"<!DOCTYPE opml SYSTEM 'file:///etc/passwd'><opml><body/></opml>", "without a document type"),
        (
            "<!DOCTYPE opml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml/>".encode("utf-16"),
            "without a document type",
        ),
        (b" " * (SIZE_MAX + 1), "bytes"),
        (opml('<outline text="x">' * (DEPTH_MAX + 5) + "</outline>" * (DEPTH_MAX + 5)), "deep"),
        (opml("<outline/>" * (OUTLINES_MAX + 1)), "at most"),
    ],
)
def test_what_is_none_or_hostile_is_refused(body: bytes, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_opml(body, "list.opml")
    assert str(caught.value).startswith("list.opml: ")
    assert expected in str(caught.value)


def test_a_hundred_thousand_folders_in_folders_hang_nothing() -> None:
    with pytest.raises(ConfigError):
        read_opml(opml("<outline>" * 100_000), "list.opml")


@given(
    st.binary(max_size=500) | st.text(alphabet="<>/=\"' outlineOPMLbodyxmlUrl&;", max_size=300).map(lambda t: opml(t))
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_opml(body, "list.opml")
    except ConfigError:
        return


# --- from outlines to sources -----------------------------------------------------------------------------------------


def test_feeds_of_one_home_page_are_one_source() -> None:
    found = taken(
        '<outline text="El Puente" xmlUrl="http://puente.example/a" htmlUrl="http://www.puente.example/"/>'
        '<outline text="El Puente: Política" xmlUrl="http://puente.example/b" htmlUrl="http://puente.example/politica"/>'
        '<outline text="Otro" xmlUrl="http://feeds.quemador.example/otro"/>'
        '<outline text="Uno" xmlUrl="http://feeds.quemador.example/uno"/>'
    )
    assert [(source.slug, len(source.feeds)) for source in found.sources] == [
        ("puente", 2),
        ("quemador", 1),
        ("quemador-pe", 1),
    ]
    assert found.sources[0].name == "El Puente"


def test_what_the_list_tells_comes_before_what_is_said_for_all() -> None:
    (chile, folder, other) = taken(
        '<outline text="a" xmlUrl="http://a.cl/rss" language="pt"/>'
        '<outline text="MX"><outline text="b" xmlUrl="http://b.com/rss"/></outline>'
        '<outline text="c" xmlUrl="http://c.com/rss"/>'
    ).sources
    assert (chile.country, chile.languages) == ("CL", ("pt",))
    assert (folder.country, other.country, other.languages) == ("MX", "PE", ("es",))


def test_added_disabled_unless_asked_for() -> None:
    outline = '<outline text="a" xmlUrl="http://a.cl/rss"/>'
    (off,) = taken(outline, terms=replace(TERMS, enable=False)).sources
    (on,) = taken(outline).sources
    assert (off.enabled, off.reason, on.enabled, on.reason) == (False, "not checked", True, "")


@pytest.mark.parametrize(
    ("outline", "terms", "why"),
    [
        ('xmlUrl="ftp://a.cl/rss"', TERMS, "no web address"),
        ('xmlUrl="http://me:secret@a.cl/rss"', TERMS, "no web address"),
        ('xmlUrl="https://www.uno.example/rss/"', TERMS, "a feed of uno already"),
        ('xmlUrl="http://a.com/rss"', Terms(languages=("es",)), "--country"),
        ('xmlUrl="http://a.com/rss"', Terms(country="PE"), "--language"),
        ('xmlUrl="http://a.com/rss" v:source="uno"', TERMS, "there is a source uno already"),
        ('xmlUrl="http://a.com/rss" v:source="NO SLUG"', TERMS, "slug"),
        ('xmlUrl="http://a.com/rss"', Terms("Peru", ("es",), True), "country"),
    ],
)
def test_what_is_left_out_is_told_with_the_reason(outline: str, terms: Terms, why: str) -> None:
    uno = Source("uno", "Uno", "PE", ("es",), "http://uno.example/", (FeedAddress("http://uno.example/rss"),))
    found = taken(f'<outline xmlns:v="urn:vigia:opml" text="a" {outline}/>', (uno,), terms)
    assert found.sources == ()
    ((_, told),) = found.skipped
    assert why in told


def test_a_feed_that_stands_in_a_list_twice_is_added_once() -> None:
    found = taken('<outline text="a" xmlUrl="http://a.cl/rss"/>' * 2)
    assert len(found.sources) == 1
    assert found.skipped == (("http://a.cl/rss", "a feed of a already"),)


def test_an_outlet_has_no_more_feeds_than_anybody_polls() -> None:
    found = taken("".join(f'<outline xmlUrl="http://a.cl/{n}" htmlUrl="http://a.cl/"/>' for n in range(FEEDS_MAX + 5)))
    assert [len(source.feeds) for source in found.sources] == [FEEDS_MAX]
    assert len(found.skipped) == 5


def test_sections_and_ports_of_one_host_are_feeds_of_their_own() -> None:
    addresses = [f"http://nas.local:{port}/rss?feed={kind}" for port in (8001, 8002) for kind in ("atom", "rss2")]
    found = taken("".join(f'<outline text="El Puente" xmlUrl="{url}"/>' for url in addresses))
    assert [feed.url for source in found.sources for feed in source.feeds] == addresses
    assert found.skipped == ()


# --- there and back ---------------------------------------------------------------------------------------------------


def back(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    outlines, trouble = read_opml(write_opml(sources, "Ours"), "list.opml")
    assert trouble == ""
    found = adopt(outlines, (), Terms(enable=True), KEYS, HINTS)
    assert found.skipped == ()
    return found.sources


def kept(source: Source) -> Source:
    """What a list can hold of a source."""
    return replace(source, keep="on_topic", paywall="none", skip=(), notes="", archive="")


def test_the_shipped_catalogue_comes_back_whole() -> None:
    sources = tuple(source for source in load_catalogue(CONFIG) if source.feeds)
    assert sorted(back(sources), key=lambda source: source.slug) == sorted(
        map(kept, sources), key=lambda source: source.slug
    )


def test_other_readers_find_what_they_know() -> None:
    source = Source(
        "puente", "El Puente", "PE", ("es",), "http://puente.example/", (FeedAddress("http://puente.example/rss"),)
    )
    root = ET.fromstring(write_opml([source], "Ours"))
    folder = root.find("body/outline")
    assert folder is not None
    assert folder.get("text") == "PE"
    (outline,) = folder
    assert {name: outline.get(name) for name in ("type", "text", "xmlUrl", "htmlUrl", "language")} == {
        "type": "rss", "text": "El Puente", "xmlUrl": "http://puente.example/rss", "htmlUrl": "http://puente.example/",
        "language": "es",
    }  # fmt: skip


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=40)


@given(
    st.lists(
        st.builds(
            Source,
            slug=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
            name=WORDS,
            country=st.sampled_from(["PE", "MX", "BR"]),
            languages=st.lists(st.sampled_from(["es", "pt", "en"]), min_size=1, unique=True).map(tuple),
            homepage=st.sampled_from(["http://puente.example/", "https://otro.example/a?b=1&c=2"]),
            enabled=st.just(False),
            reason=WORDS,
        ),
        unique_by=lambda source: source.slug,
        max_size=4,
    ),
    st.lists(st.sampled_from(list(FeedKind)), min_size=1, max_size=3),
)
def test_whatever_is_written_comes_back(sources: list[Source], kinds: list[FeedKind]) -> None:
    fed = tuple(
        replace(
            source,
            feeds=tuple(FeedAddress(f"http://{source.slug}.example/{n}?a=<&'\"", kind) for n, kind in enumerate(kinds)),
        )
        for source in sources
    )
    assert {source.slug: source for source in back(fed)} == {source.slug: source for source in fed}
