"""Bodies made to hang a parser: what took quadratic time takes none, and the library beneath stops the rest."""

from __future__ import annotations

import pyexpat
from contextlib import suppress
from time import process_time

import pytest

from pipeline.errors import NotAFeed
from pipeline.sources import read_feed
from tests.fakes import NOW

LINK = "<link>http://diario.example/1</link>"
RSS, ATOM = f"<rss version='2.0'><channel><item>{LINK}", "<feed xmlns='http://www.w3.org/2005/Atom'><entry>"

BASE = f"<div xml:base='{'a/' * 100}'>"


def test_expat_has_its_guard_against_billion_laughs() -> None:
    version = tuple(map(int, pyexpat.EXPAT_VERSION.removeprefix("expat_").split(".")))
    assert version >= (2, 4, 1), "CVE-2013-0340"


@pytest.mark.parametrize(
    "body",
    [
        RSS + "<a " + "".join(f"a{n}='1' " for n in range(40_000)) + "/></item></channel></rss>",
        RSS + "".join(f"<category>c{n}</category>" for n in range(20_000)) + "</item></channel></rss>",
        ATOM + "".join(f"<category term='c{n}'/>" for n in range(20_000)) + "</entry></feed>",
        ATOM + BASE * 2_000,
        RSS + "&x;" + BASE * 4_000,
        RSS + "<a>" * 100_000,
        RSS + "&x;" + "<b>" * 20_000,
        "<urlset><url>" + "<loc>" * 100_000,
        RSS + "".join(f"<a{n}:x xmlns:a{n}='http://{n}.example/'/>" for n in range(20_000)) + "</item></channel></rss>",
        RSS + "&x;" + "".join(f"<a{n}:x xmlns:a{n}='http://{n}.example/'/>" for n in range(20_000)),
    ],
    ids=[
        "attributes",
        "categories",
        "atom categories",
        "bases",
        "loose bases",
        "100k nested",
        "loose nested",
        "sitemap",
        "namespaces",
        "loose namespaces",
    ],
)
def test_what_is_made_to_hang_does_not(body: str) -> None:
    started = process_time()
    with suppress(NotAFeed):
        read_feed(body.encode(), "", "http://diario.example/rss", now=NOW, max_entries=100)
    assert process_time() - started < 5


def test_a_page_within_a_feed_may_be_as_deep_as_pages_are() -> None:
    page = "<div>" * 900 + "x" + "</div>" * 900
    body = f"{ATOM}<link href='http://diario.example/1'/><content>{page}</content></entry></feed>"
    assert len(read_feed(body.encode(), "", "http://diario.example/rss", now=NOW, max_entries=100).entries) == 1


def test_categories_and_attributes_do_not_hide_the_entry() -> None:
    body = f"{RSS}<category domain='x' y='1'>a</category><category>a</category></item></channel></rss>"
    read = read_feed(body.encode(), "", "http://diario.example/rss", now=NOW, max_entries=100)
    assert [entry.url for entry in read.entries] == ["http://diario.example/1"]
    assert read.trouble is None
