"""Archives by date: one page a day, month or year, whose links to articles are what was published then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from string import Formatter
from urllib.parse import urlsplit

import msgspec

from pipeline.sources.leads import links_of
from pipeline.sources.past.span import Span, Turn, belongs, start_of
from pipeline.types import Entry, Response

_FIELDS = ("year", "month", "day", "page")
#: pages of one day that are turned
_PAGES_MAX = 50
_DIGITS = re.compile(r"\d{5,}")
_WORDS_MIN = 3


def fault_of(template: str) -> str:
    """What is wrong with an archive's template; empty where nothing is."""
    try:
        fields = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        template.format(year=2012, month=6, day=27, page=1)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        return f"fields out of {', '.join(f'{{{field}}}' for field in _FIELDS)} ({error})"
    if not fields <= set(_FIELDS) or "year" not in fields or ("day" in fields and "month" not in fields):
        return "{year}, {year} and {month}, or all of {year}, {month} and {day}; {page} where a day has several pages"
    return ""


class Archive(msgspec.Struct, frozen=True, tag="archive"):
    """Where the walk through an archive stands: the day (or the last of the month or year) and the page to ask for."""

    template: str
    #: names of the outlet's hosts; links elsewhere are not its articles
    hosts: tuple[str, ...]
    day: date
    page: int = 1
    #: links of the page before, to notice that a page shows the same again
    before: tuple[str, ...] = ()

    def url(self, span: Span) -> str:
        """The page to ask for."""
        return self.template.format(year=self.day.year, month=self.day.month, day=self.day.day, page=self.page)

    def read(self, answer: Response, span: Span, now: datetime) -> tuple[Turn, Archive | None]:
        """The articles that a page links to, and the next page: of this day while it has more, else of the day before.

        What an archive of days lists is claimed to be of that day.
        """
        if not _pattern(self.template).fullmatch(_tail(answer.final_url)):
            # days without news lead to the home page on many sites, whose links are of today
            return Turn((), 0, note=f"led to {answer.final_url}"), self.after_nothing(span)
        links = tuple(dict.fromkeys(self._articles(answer)))
        claimed = start_of(self.day) if "{day" in self.template else None
        found = [Entry(url) for url in links if url not in self.before]
        entries = tuple(Entry(entry.url, claimed_at=claimed) for entry in found if belongs(entry, span) is not False)
        has_more = "{page" in self.template and found and self.page < _PAGES_MAX
        onward = self._turned(links) if has_more else self.after_nothing(span)
        return Turn(entries, len(found)), onward

    def after_nothing(self, span: Span) -> Archive | None:
        """The day, month or year before; none before the span."""
        if "{day" in self.template:
            earlier = self.day - timedelta(days=1)
        elif "{month" in self.template:
            earlier = self.day.replace(day=1) - timedelta(days=1)
        else:
            earlier = date(self.day.year - 1, 12, 31)
        return Archive(self.template, self.hosts, earlier) if earlier >= span.since.date() else None

    def _turned(self, links: tuple[str, ...]) -> Archive:
        return Archive(self.template, self.hosts, self.day, self.page + 1, links)

    def _articles(self, answer: Response) -> Iterator[str]:
        own = _pattern(self.template)
        for url in links_of(answer.body, answer.headers.get("content-type", ""), answer.final_url):
            if self._is_ours(url) and looks_like_article(url) and not own.fullmatch(_tail(url)):
                yield url

    def _is_ours(self, url: str) -> bool:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        return any(host == home or host.endswith(f".{home}") for home in self.hosts)


def _pattern(template: str) -> re.Pattern[str]:
    """What path and query of every page of the archive look like, so that none of them is taken for an article."""
    pieces = Formatter().parse(_tail(template))
    return re.compile("".join(re.escape(text) + (r"\d+" if field is not None else "") for text, field, _, _ in pieces))


def _tail(url: str) -> str:
    return url.partition("://")[2].partition("/")[2]


def looks_like_article(url: str) -> bool:
    """Whether an address names one thing rather than a section: by a long number, or by words joined by hyphens."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    last = path.rpartition("/")[2]
    has_number = bool(_DIGITS.search(path) or _DIGITS.search(parts.query))
    return has_number or len([word for word in re.split(r"[-_]", last) if len(word) > 1]) > _WORDS_MIN
