"""config/sources.toml is complete, permitted and says why what is off is off."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from pipeline.types import FeedKind, Source

ROOT = Path(__file__).resolve().parents[2]
TABLES: list[dict[str, Any]] = tomllib.loads((ROOT / "config" / "sources.toml").read_text("utf-8"))["source"]
SOURCES = {table["slug"]: msgspec.convert(table, Source) for table in TABLES}
CATALOGUE = ROOT.parent / "shared" / "sources" / "catalogue.jsonl"

#: known not to work, or not to be wanted
OFF = (
    "primicias cnn-es efe afp laprensagrafica elfaro peru21 animalpolitico eltiempo eluniverso criterio-hn "
    "unodc incb stopthedrugwar dea"
)
FIELDS = set(Source.__dataclass_fields__)


def test_there_are_a_hundred_outlets_each_once() -> None:
    assert len(TABLES) == len(SOURCES) == 100


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table["slug"])
def test_outlet_is_well_formed(table: dict[str, Any]) -> None:
    source = SOURCES[table["slug"]]
    assert set(table) <= FIELDS
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", source.slug)
    assert re.fullmatch(r"[A-Z]{2}", source.country)
    assert source.languages
    assert all(re.fullmatch(r"[a-z]{2}", language) for language in source.languages)
    assert "\n" not in source.notes
    for url in (source.homepage, *(feed.url for feed in source.feeds)):
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}, url
        assert parts.hostname, url
        assert "." in parts.hostname, url


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.slug)
def test_enabled_outlets_can_be_polled_and_disabled_ones_say_why(source: Source) -> None:
    if source.enabled:
        assert source.feeds
        assert source.reason == ""
    else:
        assert len(source.reason.split()) >= 4, "a reason a maintainer can act on"


def test_no_address_is_polled_for_two_outlets() -> None:
    urls = [feed.url for source in SOURCES.values() for feed in source.feeds]
    assert len(urls) == len(set(urls))


@pytest.mark.parametrize("slug", OFF.split())
def test_outlets_known_not_to_work_are_off(slug: str) -> None:
    assert not SOURCES[slug].enabled


def test_la_republica_ap_and_insight_crime_work_out_of_the_box() -> None:
    republica, ap, insight = SOURCES["larepublica-pe"], SOURCES["apnews"], SOURCES["insightcrime"]
    assert republica.enabled
    assert {feed.url for feed in republica.feeds} >= {
        "https://larepublica.pe/rss/home.xml",
        "https://larepublica.pe/rss/politica.xml",
    }
    assert ap.enabled
    assert [feed.kind for feed in ap.feeds] == [FeedKind.NEWS_SITEMAP]
    assert set(ap.skip) == {"/hub/", "/video/"}
    assert insight.enabled
    assert [feed.url for feed in insight.feeds] == ["https://insightcrime.org/feed/"]


def test_the_three_languages_and_most_of_the_region_are_covered_as_shipped() -> None:
    enabled = [source for source in SOURCES.values() if source.enabled]
    assert {"es", "en", "pt"} <= {language for source in enabled for language in source.languages}
    assert {"PE", "CO", "BO", "EC", "MX", "AR", "BR", "CL", "UY", "PY", "GT", "US"} <= {s.country for s in enabled}


def test_the_docs_list_every_disabled_outlet_with_its_reason() -> None:
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    rows = {row[1]: row[3] for row in re.findall(r"^\| (.+?) \| `(.+?)` \| (..) \| (.+) \|$", page, re.MULTILINE)}
    assert rows == {source.slug: source.reason for source in SOURCES.values() if not source.enabled}


def test_the_docs_explain_every_field_and_kind() -> None:
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    explained = set(re.findall(r"^\| `([a-z_-]+)` \|", page, re.MULTILINE))
    assert explained >= FIELDS | {kind.value for kind in FeedKind}


@pytest.mark.shared
def test_everything_is_as_the_catalogue_has_it() -> None:
    if not CATALOGUE.exists():
        pytest.skip("the source catalogue does not lie beside this checkout")
    for line in CATALOGUE.read_text("utf-8").splitlines():
        known = json.loads(line)
        source = SOURCES[known["slug"]]
        assert (source.name, source.country, list(source.languages)) == (
            known["name"],
            known["country"],
            known["languages"],
        )
        pollable = known["type"] in {kind.value for kind in FeedKind}
        assert [feed.url for feed in source.feeds] == (known["endpoints"] if pollable else [])
        if source.enabled:
            assert known["confidence"] == "high"
            assert "2026" in known["live_check"]
