"""The two looks at a page: `triage`, cheap, at all of them; `extract`, careful, at those that touch a topic."""

from __future__ import annotations

from pipeline.errors import NotArticle, TooShort
from pipeline.extract.access import access_of
from pipeline.extract.body import Body, quick_text, read_body, told_text
from pipeline.extract.furniture import without_furniture
from pipeline.extract.language import detect_language
from pipeline.extract.markup import bared, decode, parse
from pipeline.extract.metadata import Metadata, read
from pipeline.extract.prose import prose
from pipeline.extract.refusal import check_address, check_words
from pipeline.types import Article, Page

#: another telling of the text stands in for the page's own where that has less than this share of it: a teaser
_TEASER = 0.5
#: least share of words that stand in sentences; a list of headlines has next to none
_PROSE = 0.3
_INDEX_LINKS = 10


def triage(page: Page) -> str:
    """Headlines and main text of a page, cheaply and not clean, for asking whether it touches a topic.

    Raises NotArticle for what is no HTML, Gone and Blocked for what only looks like a page.
    """
    check_address(page)
    markup = decode(page)
    shown = bared(markup)
    text = quick_text(shown)
    check_words(markup, page, text, shown)
    return text


def extract(page: Page, *, max_chars: int, min_words: int) -> Article:
    """Read a page's article: its text, cut at `max_chars`, and what the page says of it.

    Raises NotArticle for what is no HTML or holds no article, Gone and Blocked for what only looks like a page,
    TooShort for an article of fewer than `min_words` words.
    """
    check_address(page)
    markup = decode(page)
    tree = parse(markup, page.final_url)
    metadata = read(tree, page)
    body = read_body(tree, page.final_url)
    text = _fullest(body.text, metadata, page)
    count = len(text.split())
    check_words(markup, page, text)
    _check_text(text, body, metadata, page, min_words)
    return Article(
        url=page.final_url,
        canonical_url=metadata.canonical_url,
        title=metadata.title,
        text=_cut(text, max_chars),
        authors=metadata.authors,
        published_at=metadata.published_at,
        modified_at=metadata.modified_at,
        lang=detect_language(f"{metadata.title}\n{text}") or metadata.lang,
        site_name=metadata.site_name,
        description=metadata.description,
        access=access_of(metadata.linked, count, paid=metadata.paid),
        section=metadata.section,
        paid=metadata.paid,
    )


def _fullest(text: str, metadata: Metadata, page: Page) -> str:
    """The page's text, or what the feed or the page's own linked data has of it where the page shows only a teaser."""
    fed = page.entry.content if page.entry else ""
    tellings = (text, *(told_text(telling) for telling in (fed, metadata.body) if telling))
    own, *others = (without_furniture(telling, metadata.titles, metadata.authors) for telling in tellings)
    fullest = max(others, key=len, default="")
    return fullest if len(own) < _TEASER * len(fullest) else own


def _check_text(text: str, body: Body, metadata: Metadata, page: Page, min_words: int) -> None:
    """Refuse what is no article: nothing, a page of links, a line or two."""
    if not text:
        raise NotArticle(f"{page.final_url}: body: expected an article's text, got none")
    count = len(text.split())
    share = prose(text) / count
    if not metadata.is_article and body.links >= _INDEX_LINKS and share < _PROSE:
        raise NotArticle(
            f"{page.final_url}: text: expected sentences, got {body.links} links and {share:.0%} of words in sentences"
        )
    if count < min_words:
        raise TooShort(f"{page.final_url}: text: expected at least {min_words} words, got {count}")


def _cut(text: str, most: int) -> str:
    """At most so many characters, ending with a paragraph where one ends in the last tenth."""
    if len(text) <= most:
        return text
    end = text.rfind("\n", most - most // 10, most)
    return text[: end if end > 0 else most]
