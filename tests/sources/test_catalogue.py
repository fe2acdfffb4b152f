"""The catalogue is read whole and checked: each mistake is refused with file, key, what was expected and what stood."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.sources import load_catalogue
from pipeline.types import FeedAddress, FeedKind, Source

ROOT = Path(__file__).resolve().parents[2]
DIARIO = """
[[source]]
slug = "diario-pe"
name = "Diario"
country = "PE"
languages = ["es"]
homepage = "https://diario.example/"
feeds = [{url = "https://diario.example/rss"}, {url = "https://diario.example/news.xml", kind = "news-sitemap"}]
keep = "all"
paywall = "metered"
skip = ["/video/"]
notes = "CDATA titles"
"""
GACETA = """
[[source]]
slug = "gaceta"
name = "Gaceta"
country = "MX"
languages = ["es", "en"]
homepage = "http://gaceta.example"
enabled = false
reason = "answers 403"
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], tuple[Source, ...]]:
    def write_and_load(text: str) -> tuple[Source, ...]:
        (tmp_path / "sources.toml").write_text(text, "utf-8")
        return load_catalogue(tmp_path)

    return write_and_load


Load = Callable[[str], tuple[Source, ...]]


def test_sources_come_as_declared_in_their_order(load: Load) -> None:
    diario, gaceta = load(DIARIO + GACETA)
    assert diario == Source(
        slug="diario-pe",
        name="Diario",
        country="PE",
        languages=("es",),
        homepage="https://diario.example/",
        feeds=(
            FeedAddress("https://diario.example/rss", FeedKind.RSS),
            FeedAddress("https://diario.example/news.xml", FeedKind.NEWS_SITEMAP),
        ),
        keep="all",
        paywall="metered",
        skip=("/video/",),
        notes="CDATA titles",
    )
    assert (gaceta.enabled, gaceta.reason, gaceta.keep, gaceta.paywall) == (False, "answers 403", "on_topic", "none")


def test_a_source_may_have_bounds_of_its_own(load: Load) -> None:
    (diario,) = load(DIARIO + "poll_min = 60\npoll_max = 900")
    assert (diario.poll_min, diario.poll_max) == (60.0, 900.0)


@pytest.mark.parametrize(("written", "hours"), [("36h", 36.0), ("3d", 72.0), ("any", math.inf), ("", None)])
def test_silence_is_told_in_hours_or_days(load: Load, written: str, hours: float | None) -> None:
    (source,) = load(f'{DIARIO}silence = "{written}"\n')
    assert source.silence == hours


@pytest.mark.parametrize("written", ["0h", "3", "3w", "-1d", "1.5d", "never", " 3d", "3 d", "61d", "99999d"])
def test_any_other_silence_is_refused(load: Load, written: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"silence: expected hours or days such as 36h or 3d, up to 60d, or any, got '{written}'"
    ):
        load(f'{DIARIO}silence = "{written}"\n')


def test_no_source_at_all_is_a_catalogue_too(load: Load) -> None:
    assert load("") == ()


@pytest.mark.parametrize(
    ("old", "new", "key", "expected", "got"),
    [
        ('slug = "diario-pe"', 'slug = "Diario PE"', "source[0] (Diario PE): slug", "1 to 80 of a-z", "Diario PE"),
        ('slug = "diario-pe"', 'slug = "-x"', "source[0] (-x): slug", "1 to 80 of a-z", "-x"),
        ('slug = "diario-pe"', "", "source[0].slug", "a value", "nothing"),
        ('name = "Diario"', 'name = " "', "source[0] (diario-pe): name", "the name of the outlet", " "),
        ('country = "PE"', 'country = "Peru"', "source[0] (diario-pe): country", "an ISO 3166-1 alpha-2", "Peru"),
        ('country = "PE"', 'country = "pe"', "source[0] (diario-pe): country", "an ISO 3166-1 alpha-2", "pe"),
        ('languages = ["es"]', "languages = []", "source[0] (diario-pe): languages", "one or more", ()),
        ('languages = ["es"]', 'languages = ["spa"]', "source[0] (diario-pe): languages", "ISO 639-1", "spa"),
        ('languages = ["es"]', 'languages = "es"', "source[0].languages", "`array`", "es"),
        ('"https://diario.example/"', '"diario.example"', "source[0] (diario-pe): homepage", "an", "diario.example"),
        ('"https://diario.example/"', '"http://["', "source[0] (diario-pe): homepage", "an http", "http://["),
        ('"https://diario.example/rss"', '"ftp://x/y"', "source[0] (diario-pe): feeds", "http or https", "ftp://x/y"),
        ('"https://diario.example/rss"', '"http://u:p@x/"', "source[0] (diario-pe): feeds", "http", "http://u:p@x/"),
        ('"https://diario.example/rss"', '"http://a b/"', "source[0] (diario-pe): feeds", "http", "http://a b/"),
        ('"https://diario.example/rss"', '"http://h:x/"', "source[0] (diario-pe): feeds", "http", "http://h:x/"),
        (
            '"https://diario.example/rss"', '"https://diario.example/news.xml"', "source[0] (diario-pe): feeds",
            "an address that stands nowhere above", "https://diario.example/news.xml",
        ),
        ('"news-sitemap"', '"html"', "source[0].feeds[1].kind", "one of 'rss', 'news-sitemap', 'sitemap'", "html"),
        ('"all"', '"some"', "source[0].keep", "one of 'all', 'on_topic'", "some"),
        ('"metered"', '"soft"', "source[0].paywall", "one of 'hard', 'metered', 'none'", "soft"),
        ('skip = ["/video/"]', 'skip = ["/video/", ""]', "source[0] (diario-pe): skip", "a piece of an address", ""),
        ("notes =", "poll_min = 5\nnotes =", "source[0] (diario-pe): poll_min", "seconds, 30 to 604800", 5.0),
        ("notes =", "poll_max = 1e9\nnotes =", "source[0] (diario-pe): poll_max", "seconds, 30 to 604800", 1e9),
        (
            "notes =", "poll_min = 600\npoll_max = 300\nnotes =", "source[0] (diario-pe): poll_max",
            "at least poll_min", 300.0,
        ),
        ("notes =", "note =", "source[0].note", "one of the keys slug, name", "note"),
        ('slug = "gaceta"', 'slug = "diario-pe"', "source[1] (diario-pe): slug", "one that no", "diario-pe"),
        ('reason = "answers 403"', "", "source[1] (gaceta): reason", "why it is disabled", ""),
        ('reason = "answers 403"', 'reason = "  "', "source[1] (gaceta): reason", "why it is disabled", "  "),
        ("enabled = false", "enabled = true", "source[1] (gaceta): feeds", "at least one", ()),
        ("enabled = false", 'enabled = "no"', "source[1].enabled", "`bool`", "no"),
    ],
)  # fmt: skip
def test_each_mistake_is_refused_by_name(
    load: Load, tmp_path: Path, old: str, new: str, key: str, expected: str, got: object
) -> None:
    text = DIARIO + GACETA
    assert old in text
    with pytest.raises(ConfigError) as refused:
        load(text.replace(old, new, 1))
    fault = refused.value
    assert (fault.file, fault.key, fault.got) == (str(tmp_path / "sources.toml"), key, got)
    assert fault.expected.startswith(expected)


def test_two_sources_do_not_poll_one_address(load: Load) -> None:
    again = GACETA.replace("enabled = false", 'feeds = [{url = "https://diario.example/rss"}]')
    with pytest.raises(
        ConfigError, match=r"source\[1\] \(gaceta\): feeds: expected an address that stands nowhere above"
    ):
        load(DIARIO + again)


def test_a_folder_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.toml: the whole file: expected a readable file"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("folder", ["config", "samples/newsroom"])
def test_the_shipped_catalogues_load(folder: str) -> None:
    sources = load_catalogue(ROOT / folder)
    assert any(source.enabled for source in sources)
