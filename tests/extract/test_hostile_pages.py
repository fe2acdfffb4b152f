"""Pages made to hang a parser end in no time; one that hangs all the same is killed, and the others are read."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from pipeline.errors import Never, WorkerDied
from pipeline.extract import extract, triage
from pipeline.extract.markup import bared, decode, is_deep, without_choices
from pipeline.reading import PagePool, result_of
from pipeline.settings import Settings
from pipeline.types import Analysis, Page
from tests.extract.made import PARAGRAPHS, TITLE, article, linked, page_of
from tests.flows import CONFIG

STORY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
SWARM = " ".join(f'a{number}="x"' for number in range(200_000))
#: by what is wrong with them; each took a minute or more, or is what is sent to crash a reader
PAGES = {
    "attributes of a box": article(body=f"<div {SWARM}>{STORY}</div>"),
    "attributes of a meta": article(f"<meta {SWARM}>"),
    "attributes without values": article(body=f"<div {SWARM.replace(chr(34), '')}>{STORY}</div>"),
    "nested boxes": article(body=f"{'<div>' * 100_000}{STORY}{'</div>' * 100_000}"),
    "nested boxes that never end": article(body=f"{'<div>' * 100_000}{STORY}"),
    "nested letters": article(body=f"{'<b><i><font>' * 30_000}{STORY}"),
    "nested tables": article(body=f"{'<table><tr><td>' * 20_000}{STORY}"),
    "paragraphs": article(body="<p>La ministra dijo que la cocaína llegó.</p>" * 200_000),
    "headings": article(body="<h2>La ministra dijo que la cocaína llegó.</h2>" * 100_000),
    "choices": article(body=f"<select>{'<option>Caleta Honda' * 300_000}</select>{STORY}"),
    "script": article(body=f"<script>{'var a = {html: 1 < 2};' * 400_000}</script>{STORY}"),
    "one line": article(body=f"<p>{'palabra ' * 1_250_000}</p>"),
    "one word": article(body=f"<p>{'p' * 10_000_000}</p>"),
    "brackets": article(body="<" * 3_000_000),
    "comments": article(body=f"{'<!-- ' * 200_000}{STORY}"),
    "linked lists": article(f"<script type='application/ld+json'>{'[' * 500_000}</script>"),
    "linked spaces": article(f'<script type="application/ld+json">{{"author":{" " * 1_900_000}</script>'),
    "a title": article(f"<title>{TITLE} {'a | ' * 500_000}</title>"),
    "bylines": article(before=f"<h1>{TITLE}</h1>{'<p class=author>Inés y</p>' * 20_000}"),
    "metas": article('<meta name="author" content="Por Inés Quiroga">' * 30_000),
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_looked_at_and_read_in_no_time(name: str) -> None:
    page = page_of(PAGES[name].replace("<head>", f"<head><title>{TITLE}</title>"))
    assert TITLE in triage(page)
    with suppress(Never):
        assert extract(page, max_chars=10_000, min_words=5).text


@pytest.mark.timeout(120)
def test_a_page_that_hangs_is_killed_and_the_others_are_read() -> None:
    pool = PagePool(CONFIG, replace(Settings(), process_workers=2, process_timeout=2.5))
    # several times as much as a page may have
    slow = page_of(
        article(body="<p>La ministra dijo que la cocaína llegó.</p>" * 700_000), url="https://www.elfaro.example/hostil"
    )
    try:
        hanging = pool.read(slow, keep_all=True)
        read = [pool.read(page_of(article(f"<title>{number}</title>")), keep_all=True) for number in range(6)]
        assert all(isinstance(result, Analysis) for result in results(read))
        died = result_of(hanging, slow.url)
        assert isinstance(died, WorkerDied)
        assert slow.url in str(died)
        again = pool.read(page_of(article()), keep_all=True)
        assert isinstance(result_of(again, "again"), Analysis), "the killed process is replaced"
    finally:
        pool.close()


def results(read: Iterable[Future[Any]]) -> list[Any]:
    return [result_of(one, "a page") for one in read]


def test_an_element_keeps_its_attributes_unless_there_are_hundreds() -> None:
    style = "color: red; " * 1000
    few = f'<html><div class="nota" style="{style}" data-id="7"><img src="data:image/png;base64,{"A" * 9000}">'
    assert decode(page_of(few)) == few
    many = " ".join(f'a{number}="x"' for number in range(900))
    assert decode(page_of(f"<html><div {many} class=nota><p {many}>Hola</p>")) == "<html><div><p>Hola</p>"


def test_depth_is_that_of_elements_in_each_other() -> None:
    assert not is_deep("<div><p>uno</p></div>" * 5000)
    assert is_deep("<div>" * 5000)
    assert is_deep("<div><p>uno</p>" * 2500)


def test_choices_of_a_form_stay_unless_there_are_thousands() -> None:
    few, many = ("<select>" + "<option value=1>Lima" * count for count in (50, 3000))
    assert without_choices(few) == few
    assert "option" not in without_choices(many)
    assert without_choices(many).count("Lima") == 3000


@pytest.mark.parametrize(
    ("markup", "left"),
    [
        ("<p>uno</p><SCRIPT>var p = '<p>';</script ><p>dos</p>", "<p>uno</p> <p>dos</p>"),
        ("<style>p {}</style><p>uno</p><svg><title>x</title></svg>", " <p>uno</p> "),
        # what does not end may be the whole article
        ("<p>uno</p><script>var a;<p>dos</p>", "<p>uno</p><script>var a;<p>dos</p>"),
        (linked({"@type": "NewsArticle"}) + "<p>uno</p>", " <p>uno</p>"),
    ],
)
def test_only_complete_scripts_are_left_out_of_the_first_look(markup: str, left: str) -> None:
    assert bared(markup) == left


def test_the_first_look_still_sees_what_a_script_claims() -> None:
    # the page is called like a missing one, and its linked data says that it is an article
    page: Page = page_of(article("<title>404</title>" + linked({"@type": "NewsArticle", "headline": "404"})))
    assert "Berta Olmos" in triage(page)
