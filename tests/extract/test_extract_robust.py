"""Whatever bytes a host sends: an article, or one of the named refusals."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import Never
from pipeline.extract import extract, triage
from pipeline.types import Page
from tests.extract.made import PARAGRAPHS, article, linked, page_of

TAGS = """<p>|</p>|<div class='article-body'>|</div>|<table><tr><td>|<a href='x'>|</a>|<h1>|<ul><li>|<time datetime='|'>
<script type='application/ld+json'>{|}</script>|<meta property='og:title' content='|<!--|&#1;|\x0b|<html lang=|<title>
<link rel=canonical href='http://[|<svg><title>|<noscript>|<form>|<article>"""
MARKS = st.sampled_from([*re.split(r"[|\n]", TAGS), PARAGRAPHS[0]])
CHARSETS = ("", "; charset=utf-16", "; charset=iso-2022-jp", "; charset=big5", "; charset=koi8-r")
TYPES = st.sampled_from(["", *(f"text/html{charset}" for charset in CHARSETS)])
KEYS = (
    *("@type", "@graph", "@id", "headline", "author", "name", "datePublished", "url", "mainEntityOfPage", "publisher"),
    *("isAccessibleForFree", "hasPart", "wordCount"),
)
VALUES = st.none() | st.integers() | st.sampled_from(["NewsArticle", "Person", "2026-05-14", "http://[", ""])
NODES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
LOOKS: list[Callable[[Page], object]] = [triage, lambda page: extract(page, max_chars=500, min_words=3)]

quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def look(page: Page) -> None:
    refusals = []
    for read in LOOKS:
        try:
            read(page)
        except Never as refusal:
            refusals.append(str(refusal))
    assert all(page.final_url in refusal for refusal in refusals)


@quickly
@given(st.binary(max_size=400), TYPES)
def test_arbitrary_bytes(body: bytes, content_type: str) -> None:
    look(page_of(body, content_type=content_type))


@quickly
@given(st.lists(MARKS | st.text(max_size=12), max_size=25).map("".join), TYPES)
def test_arbitrary_markup(markup: str, content_type: str) -> None:
    look(page_of(markup.encode("utf-8", "surrogatepass"), content_type=content_type))


@quickly
@given(NODES)
def test_arbitrary_linked_data(data: object) -> None:
    look(page_of(article(linked(data))))


@pytest.mark.parametrize("depth", [300, 3000])
def test_deeply_nested_linked_data(depth: int) -> None:
    script = f"<script type='application/ld+json'>{'[' * depth}{']' * depth}</script>"
    look(page_of(article(script)))
