"""sources.toml changed by the program: nothing but what was asked for changes, and a wrong file is never written."""

from __future__ import annotations

import difflib
import math
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.sources import UrlKeys
from pipeline.sources.catalogue import load_catalogue, parse_catalogue
from pipeline.sources.editing import clash, load_text, save, table_of, with_feed, with_sources, with_state
from pipeline.types import FeedAddress, FeedKind, Source

CONFIG = Path(__file__).parents[2] / "config"
FILE = Path("sources.toml")
PUENTE = Source(
    "puente",
    'El «Puente» "nuevo"',
    "PE",
    ("es", "en"),
    "http://puente.example/",
    (FeedAddress("http://puente.example/feed/"), FeedAddress("http://puente.example/news.xml", FeedKind.NEWS_SITEMAP)),
    paywall="metered",
    skip=("/video/",),
    archive="http://puente.example/{year}/{month:02}/",
    notes="tabs\tand \\ too",
)
OTHER = """# The press.

# First, by hand.
[[source]]
slug = "uno" # for ever
name = "Uno"
country = "PE"
languages = ["es"]
homepage = "http://uno.example/"
feeds = [{ url = "http://uno.example/rss" }]

# Second: a comment that belongs to it.
[[source]]
slug = "dos"
name = "Dos"
country = "MX"
languages = ["es"]
homepage = "http://dos.example/"
enabled = false
reason = "because"
"""


def changed(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_a_source_is_added_at_the_end_and_reads_back_the_same() -> None:
    text = with_sources(OTHER, [PUENTE])
    assert text.startswith(OTHER)
    assert parse_catalogue(text, FILE)[-1] == PUENTE


def test_the_shipped_catalogue_keeps_every_byte() -> None:
    before = load_text(CONFIG)
    after = with_sources(before, [PUENTE])
    assert after.startswith(before)
    off = with_state(before, "elcomercio-pe", enabled=False, reason="moved", file=FILE)
    assert changed(before, off) == ["-enabled = true", "+enabled = false", '+reason = "moved"']
    assert with_state(off, "elcomercio-pe", enabled=True, reason="", file=FILE) == before


def test_a_reason_goes_where_people_look_for_it() -> None:
    off = with_state(OTHER, "uno", enabled=False, reason='says "no"', file=FILE)
    assert changed(OTHER, off) == ["+enabled = false", '+reason = "says \\"no\\""']
    assert off.index("reason") < off.index("# Second: a comment that belongs to it.")
    uno, dos = parse_catalogue(off, FILE)
    assert (uno.enabled, uno.reason, dos.reason) == (False, 'says "no"', "because")


def test_enabling_deletes_the_reason() -> None:
    text = OTHER + 'feeds = [{ url = "http://dos.example/rss" }]\n'
    on = with_state(text, "dos", enabled=True, reason="", file=FILE)
    assert changed(text, on) == ["-enabled = false", '-reason = "because"', "+enabled = true"]


def test_a_feed_moves_and_nothing_else_changes() -> None:
    there = FeedAddress("http://uno.example/nuevo?a=1", FeedKind.NEWS_SITEMAP)
    moved = with_feed(OTHER, "uno", "http://uno.example/rss", there, FILE)
    assert parse_catalogue(moved, FILE)[0].feeds == (there,)
    assert changed(OTHER, moved) == [
        '-feeds = [{ url = "http://uno.example/rss" }]',
        '+feeds = [{ url = "http://uno.example/nuevo?a=1", kind = "news-sitemap" }]',
    ]
    with pytest.raises(ConfigError, match="otro"):
        with_feed(OTHER, "uno", "http://uno.example/otro", there, FILE)
    shipped = load_text(CONFIG)
    one = FeedAddress("https://rpp.pe/feed")
    assert changed(shipped, with_feed(shipped, "rpp", "https://rpp.pe/rss", one, FILE)) == [
        '-  { url = "https://rpp.pe/rss", kind = "rss" },',
        '+  { url = "https://rpp.pe/feed", kind = "rss" },',
    ]


def test_a_source_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="tres"):
        with_state(OTHER, "tres", enabled=True, reason="", file=FILE)


@given(
    st.builds(
        Source,
        slug=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
        name=st.text(min_size=1).filter(str.strip),
        country=st.just("PE"),
        languages=st.just(("es",)),
        homepage=st.just("http://puente.example/"),
        feeds=st.just(PUENTE.feeds),
        reason=st.text(),
        notes=st.text(),
        skip=st.lists(st.text(min_size=1).filter(str.strip), max_size=3).map(tuple),
        poll_min=st.none() | st.floats(30, 3_600),
        poll_max=st.none() | st.floats(3_600, 604_800),
        silence=st.none() | st.integers(1, 1_440).map(float) | st.just(math.inf),
    )
)
def test_whatever_a_source_says_is_written_so_that_it_reads_back(source: Source) -> None:
    assert parse_catalogue(table_of(source), FILE) == (source,)


# --- saving -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.toml").write_text(OTHER, "utf-8")
    return tmp_path


def test_what_is_saved_is_there_and_its_mode_stays(folder: Path) -> None:
    (folder / "sources.toml").chmod(0o640)
    save(folder, with_sources(OTHER, [PUENTE]))
    assert load_catalogue(folder)[-1] == PUENTE
    assert stat.S_IMODE((folder / "sources.toml").stat().st_mode) == 0o640
    assert [path.name for path in folder.iterdir()] == ["sources.toml"]


def test_a_text_that_is_no_catalogue_is_never_written(folder: Path) -> None:
    with pytest.raises(ConfigError, match="country"):
        save(folder, OTHER.replace('"MX"', '"Mexico"'))
    assert load_text(folder) == OTHER
    assert [path.name for path in folder.iterdir()] == ["sources.toml"]


def test_a_link_is_followed_not_replaced(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "sources.toml").symlink_to(folder / "sources.toml")
    save(other, with_sources(OTHER, [PUENTE]))
    assert (other / "sources.toml").is_symlink()
    assert load_catalogue(folder)[-1] == PUENTE


def test_nothing_is_added_twice() -> None:
    keys, known = UrlKeys.load(CONFIG), parse_catalogue(OTHER, FILE)
    assert clash(PUENTE, known, keys) == ""
    assert "slug puente" in clash(PUENTE, [PUENTE], keys)
    twin = Source("tres", "Tres", "PE", ("es",), "http://x.example/", (FeedAddress("https://www.uno.example/rss/"),))
    assert "a feed of uno" in clash(twin, known, keys)
    other = replace(twin, feeds=(FeedAddress(f"{known[0].feeds[0].url}?source=salud"),))
    assert clash(other, known, keys) == "", "another section of one outlet is another feed"
