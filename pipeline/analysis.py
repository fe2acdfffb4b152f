"""Reads one page: extract -> topics -> statements -> fingerprint. Pure CPU; it runs where it can be killed.

Decides nothing that depends on other articles: that is pipeline/settling.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pipeline import dedupe, extract
from pipeline.errors import Never, Retry, Unreadable
from pipeline.extract.access import TEASER_WORDS
from pipeline.loading import made_to_stay
from pipeline.settings import Settings
from pipeline.statements import Lexicons, People, find_reports, identity
from pipeline.topics import Account, Scan, Topics
from pipeline.types import Analysis, Article, Page, Report, Source, Where

_T = TypeVar("_T")

#: languages we have topics and lexicons for
LANGUAGES = ("en", "es", "pt")


@dataclass(frozen=True, slots=True)
class Analyst:
    """Everything needed to read pages, loaded once per process."""

    topics: Topics
    lexicons: Lexicons
    people: People
    settings: Settings

    @classmethod
    @made_to_stay()
    def load(cls, config: Path, settings: Settings) -> Analyst:
        """Read the lexicons of a configuration folder. Raises ConfigError."""
        return cls(Topics.load(config), Lexicons.load(config), People.load(config), settings)

    def read(self, page: Page, *, keep_all: bool) -> Analysis:
        """Analyze a page; one that touches no topic is not read carefully unless `keep_all`.

        Raises NotArticle or TooShort.
        """
        if not keep_all and not self.topics.on_topic(extract.triage(page)):
            return off_topic(page)
        return self.analyze(self.extract(page))

    def extract(self, page: Page) -> Article:
        """The article of a page. Raises NotArticle or TooShort."""
        settings = self.settings
        return extract.extract(page, max_chars=settings.article_max_chars, min_words=settings.article_min_words)

    def analyze(self, article: Article, *, statements: bool = True) -> Analysis:
        """Topics, countries, statements and fingerprint of an article. A language we lack gives empty lists.

        Without `statements` no reports are looked for, which is most of the work.
        """
        article = _storable(article)
        lang = _language(article)
        fingerprint = dedupe.fingerprint(article.title, article.text)
        if lang not in LANGUAGES:
            return Analysis(article, lang, (), (), (), fingerprint)
        scan = self.topics.scan(article.title, article.text, lang)
        countries = self.topics.countries(article.title, article.text)
        reports = self.statements(article, lang, scan, article.published_at) if statements else ()
        identities = tuple(identity.of(report) for report in reports)
        return Analysis(article, lang, scan.matches(), countries, reports, fingerprint, identities)

    def statements(self, article: Article, lang: str, scan: Scan, said_at: datetime | None) -> tuple[Report, ...]:
        """Who said what in an article."""
        return find_reports(
            article.title,
            article.text,
            lang,
            lexicons=self.lexicons,
            people=self.people,
            span_topics=partial(_span_topics, scan),
            said_at=said_at,
        )


@dataclass(frozen=True, slots=True)
class Explained:
    """Why each topic applies to an article, or why not; topics of which it has not one word are left out."""

    article: Article
    lang: str | None
    countries: tuple[str, ...]
    #: best first, the parent among them; none for a language we lack
    topics: tuple[Account, ...]


def explain(topics: Topics, article: Article) -> Explained:
    """What `Analyst.analyze` would say of an article's topics, with the reasons."""
    article = _storable(article)
    lang = _language(article)
    accounts = topics.scan(article.title, article.text, lang).explain() if lang in LANGUAGES else ()
    return Explained(article, lang, topics.countries(article.title, article.text), accounts)


def _language(article: Article) -> str | None:
    written = (article.lang or "").lower().replace("_", "-").partition("-")[0]
    return written or extract.detect_language(f"{article.title}\n{article.text}")


def _storable(article: Article) -> Article:
    """Half of a pair of code units, left by a headline cut inside an emoji, can be stored nowhere; offsets stay."""
    changed: dict[str, Any] = {
        name: value.encode("utf-8", "replace").decode()
        for name in ("title", "text", "description", "site_name", "url", "canonical_url")
        if isinstance(value := getattr(article, name), str) and not _is_whole(value)
    }
    authors = tuple(author.encode("utf-8", "replace").decode() for author in article.authors)
    return dataclasses.replace(article, authors=authors, **changed)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _span_topics(scan: Scan, where: Where, start: int, end: int) -> tuple[str, ...]:
    return scan.topics_in(where, start, end)


def off_topic(page: Page) -> Analysis:
    """What is kept of a page that touches no topic: address, title and date, as the feed had them."""
    entry = page.entry
    title, claimed = (entry.title, entry.claimed_at) if entry else ("", None)
    return Analysis(Article(page.url, page.final_url, title, "", published_at=claimed), None, (), (), (), None)


def as_sold(found: Analysis, source: Source | None) -> Analysis:
    """A short text of an outlet that sells all of its texts is a teaser, whether its page says so or not."""
    if source is None or source.paywall != "hard" or found.fingerprint is None:
        return found
    if found.fingerprint.words >= TEASER_WORDS:
        return found
    return dataclasses.replace(found, article=dataclasses.replace(found.article, access="teaser"))


def outcome_of(url: str, work: Callable[[], _T]) -> _T | Retry | Never:
    """Do work on one page or text; failures come back as values, which cross process borders and end in an outcome."""
    try:
        return work()
    except (Retry, Never) as error:
        return error
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug in reading one page must not stop the others; it is kept and listed
        return Unreadable(f"{url}: {type(error).__name__}: {error}")
