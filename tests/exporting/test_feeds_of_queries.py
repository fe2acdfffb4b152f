"""A query as a feed: what a feed reader makes of it, and what RFC 4287 asks of it."""

from __future__ import annotations

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from leavingpress import publish
from lxml import etree

from pipeline.desk import Desk
from pipeline.exporting import feeds, told
from pipeline.exporting.feeds import Entry, Form
from tests.fakes import NOW
from tests.flows import Bench

BASE = "https://vigia.example/"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def made(desk: Desk, form: Form, about: str = "items", query: str = "", base: str = BASE) -> bytes:
    found = told.entries(desk, about, query, 10)
    return feeds.written(feeds.feed(about, query, desk.explain(query), base, form, found), form)


@pytest.mark.parametrize("form", feeds.FORMS)
def test_a_reader_finds_the_newest_first_with_what_was_said(press: Bench, desk: Desk, form: Form) -> None:
    for number in (2, 1):
        publish(
            press, number, title=f"Coca & <b>café</b> {number}", words=f"legalizar sería la derrota número {number}"
        )
    read = feedparser.parse(made(desk, form))
    assert not read.bozo
    assert read.version == {"atom": "atom10", "rss": "rss20"}[form]
    first = read.entries[0]
    assert [entry.link[-1] for entry in read.entries] == ["1", "2"]
    assert first.title == "Coca & <b>café</b> 1"
    assert "Speaker 1 (minister): “legalizar sería la derrota número 1”" in first.summary
    # this program's own reading of feeds has taught feedparser to pass over categories
    categories = [node for node in etree.fromstring(made(desk, form)).iter() if "category" in str(node.tag)]
    assert [node.get("term") or node.text for node in categories] == ["legalization"] * 2
    assert first.published_parsed[:4] == (2012, 6, 27, 11)


@pytest.mark.parametrize("form", feeds.FORMS)
def test_a_feed_of_statements_says_who_said_it(press: Bench, desk: Desk, form: Form) -> None:
    publish(press, 1, words="legalizar sería una derrota para todos nosotros")
    (entry,) = feedparser.parse(made(desk, form, "statements")).entries
    assert entry.title == "Speaker 1 (minister): legalizar sería una derrota para todos nosotros"
    assert "legalization: against" in entry.summary
    assert entry.link == "http://diario.example/1"


def test_atom_has_what_the_rfc_asks_for(press: Bench, desk: Desk) -> None:
    publish(press, 1)
    query = 'topic:legalization "a b"'
    root = etree.fromstring(made(desk, "atom", query=query.split(' "')[0]))
    for node in (root, *root.findall("a:entry", ATOM)):
        assert len(node.findall("a:id", ATOM)) == len(node.findall("a:title", ATOM)) == 1
        assert len(node.findall("a:updated", ATOM)) == 1
        assert node.find("a:author/a:name", ATOM).text
    assert root.find("a:link[@rel='self']", ATOM).get("href") == f"{BASE}feeds/items.atom?q=topic%3Alegalization"
    assert root.find("a:updated", ATOM).text == "2012-06-27T12:00:00Z"
    assert root.find("a:entry/a:id", ATOM).text == "tag:vigia.example,2012-06-27:items/1"


def test_an_id_stays_when_all_else_changes(press: Bench, desk: Desk) -> None:
    publish(press, 1)
    before = feedparser.parse(made(desk, "atom")).entries[0].id
    press.clock.forward(days=3)
    publish(press, 2)
    after = [entry.id for entry in feedparser.parse(made(desk, "atom", query="title:title")).entries]
    assert before in after
    assert len(set(after)) == 2
    assert {entry.id for entry in feedparser.parse(made(desk, "rss")).entries} == set(after)


def _entry(title: str, link: str, summary: str) -> Entry:
    return Entry("items", 7, title, link, summary, NOW, None, title, (title,))


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(feeds.FORMS))
def test_whatever_strangers_wrote_the_file_is_xml(title: str, summary: str, form: Form) -> None:
    entry = _entry(title, "http://diario.example/1", summary)
    feed = feeds.feed("items", title, summary, BASE, form, [entry])
    root = etree.fromstring(feeds.written(feed, form))
    names = [etree.QName(node).localname for node in root.iter()]
    assert names.count("entry") + names.count("item") == 1
    assert not {"script", "b", "img"} & set(names)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "", "ftp://x.example/a"])
@pytest.mark.parametrize("form", feeds.FORMS)
def test_only_addresses_of_pages_are_links(link: str, form: Form) -> None:
    feed = feeds.feed("items", "", "", BASE, form, [_entry("t", link, "s")])
    root = etree.fromstring(feeds.written(feed, form))
    (entry,) = [node for node in root.iter() if etree.QName(node).localname in ("entry", "item")]
    assert "link" not in [etree.QName(node).localname for node in entry]


def test_a_script_in_a_summary_is_shown_as_it_was_written() -> None:
    feed = feeds.feed("items", "", "", BASE, "rss", [_entry("t", "", "<script>alert(1)</script> & más")])
    item = etree.fromstring(feeds.written(feed, "rss")).find("channel/item")
    assert item.findtext("description") == "&lt;script&gt;alert(1)&lt;/script&gt; &amp; más"


def test_a_feed_without_entries_is_a_feed(desk: Desk) -> None:
    for form in feeds.FORMS:
        read = feedparser.parse(made(desk, form))
        assert (read.bozo, read.entries) == (False, [])
