"""A teaser is told from an article that is paid for and shown whole, and from one that is merely short."""

from __future__ import annotations

import pytest

from tests.extract.made import PARAGRAPHS, TITLE, URL, article, linked, read

SHORT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[:2])
LONG = "".join(f"<p>{paragraph} ({number})</p>" for number in range(3) for paragraph in PARAGRAPHS)


def node(**more: object) -> str:
    return linked({"@type": "NewsArticle", "headline": TITLE, "url": URL, **more})


PAID = [
    node(isAccessibleForFree=False),
    node(isAccessibleForFree="False"),
    node(isAccessibleForFree="http://schema.org/False"),
    node(hasPart={"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".resto"}),
    node(isAccessibleForFree=True, hasPart=[{"@type": "WebPageElement", "isAccessibleForFree": "false"}]),
    '<meta property="article:content_tier" content="locked">',
    '<meta name="article:content_tier" content="Metered">',
]


@pytest.mark.parametrize("head", PAID)
def test_a_short_text_of_an_article_that_is_paid_for_is_a_teaser(head: str) -> None:
    assert read(article(head, body=SHORT)).access == "teaser"


@pytest.mark.parametrize("head", PAID)
def test_an_article_that_is_paid_for_and_shown_whole_is_open(head: str) -> None:
    found = read(article(head, body=LONG))
    assert (found.access, found.paid) == ("open", True)


@pytest.mark.parametrize(
    "wall", ['<div class="box paywall open">', '<section id="article-paywall">', '<div class="PAYWALL">']
)
def test_a_short_text_over_a_wall_is_a_teaser(wall: str) -> None:
    body = f"{SHORT}{wall}<p>Suscríbase para leer el resto de esta nota.</p>"
    assert read(article(body=body)).access == "teaser"
    assert read(article(body=LONG + wall)).access == "open"


@pytest.mark.parametrize(
    "head",
    [
        "",
        node(),
        node(isAccessibleForFree=True),
        node(isAccessibleForFree="si"),
        '<meta property="article:content_tier" content="free">',
        linked({"@type": "WebSite", "isAccessibleForFree": False}),
    ],
)
def test_a_short_article_that_nobody_charges_for_is_open(head: str) -> None:
    found = read(article(head, body=SHORT))
    assert (found.access, found.paid) == ("open", False)


def test_linked_data_that_says_free_outweighs_a_class() -> None:
    body = f'{SHORT}<div class="paywall">Suscríbase.</div>'
    assert read(article(body=body)).access == "teaser"
    assert read(article(node(isAccessibleForFree=True), body=body)).access == "open"


@pytest.mark.parametrize("mark", ["paywalled-free", "no-paywall-here", "subpaywall"])
def test_a_class_counts_as_a_whole_word(mark: str) -> None:
    assert read(article(body=f'{SHORT}<div class="{mark}">Suscríbase.</div>')).access == "open"


@pytest.mark.parametrize(
    "wall",
    [
        '<div id="paywall"></div>',
        '<div id="paywall"> <div class="inner"><script>show("Suscríbase")</script></div> </div>',
        '<div class="paywall" hidden>Suscríbase.</div>',
        '<div style="DISPLAY:none"><section id="article-paywall">Suscríbase.</section></div>',
    ],
)
def test_a_wall_that_is_empty_or_hidden_stands_before_nothing(wall: str) -> None:
    assert read(article(body=f"{SHORT}{wall}")).access == "open"


@pytest.mark.parametrize(("count", "access"), [(2000, "teaser"), ("2000", "teaser"), (60, "open"), (-1, "teaser")])
def test_the_words_that_the_page_counts_decide_where_it_counts_them(count: object, access: str) -> None:
    assert read(article(node(isAccessibleForFree=False, wordCount=count), body=SHORT)).access == access


def test_a_long_beginning_of_a_longer_article_is_a_teaser() -> None:
    assert read(article(node(isAccessibleForFree=False, wordCount=5000), body=LONG)).access == "teaser"
    assert read(article(node(wordCount=5000), body=LONG)).access == "open", "nobody says that it is paid for"
