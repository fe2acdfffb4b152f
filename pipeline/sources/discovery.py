"""Finds the feeds of a site: a home page, any page, or a feed's own address will do.

    address given -> is it a feed?  then that is it
                  -> else what the page, the root of its site and robots.txt name, one request each
                  -> else, and only if none of that can be read, the usual paths

Each feed found is judged in words; the best come first. At most REQUESTS requests are made, through the fetcher that
everything goes through: guarded, robots obeyed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from pipeline.errors import ConnectFailed, Never, NotAFeed, RateLimited, Retry, TimedOut
from pipeline.sources.leads import FrontPage, Hints, Lead, Way, read_page, read_robots, usual_paths, words_of
from pipeline.sources.plain import address
from pipeline.sources.whole import Get, read_whole
from pipeline.types import Entry, FeedDocument, FeedKind, Request, Response, Source

#: requests made for one site, child sitemaps included
REQUESTS = 16
#: entries of one feed that are looked at
_ENTRIES = 1_000
_TITLES = 100
#: feeds that share so much of their links are one feed in two dresses
_SAME = 0.8
#: days after which the newest entry says that a feed is asleep, or forgotten
_LIVELY, _ASLEEP = 3, 60
#: leads that promise no more than this are followed only while nothing was found
_REMOTE = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed that was found and read."""

    url: str
    kind: FeedKind
    way: Way
    title: str
    #: entries in its body now
    entries: int
    newest: datetime | None
    #: ISO 639-1, as its entries say, most first
    languages: tuple[str, ...]
    #: shares of its entries, 0..1, that have a date, and that carry their whole text
    dated: float
    full_text: float
    #: of its newest entries
    titles: tuple[str, ...]
    #: the better, the higher; what is not worth polling is 0 or less
    score: float
    #: what speaks for it and against it, in words
    verdict: str
    #: what had to be recovered from in reading it
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a site after looking for its feeds."""

    url: str
    candidates: tuple[Candidate, ...]
    #: what its page says of the outlet
    page: FrontPage
    #: addresses that were no feed, and why, in words
    refused: tuple[tuple[str, str], ...]
    requests: int


@dataclass(slots=True)
class _Search:
    """One search under way: what was asked and what came of it."""

    get: Get
    now: datetime
    hints: Hints
    requests: int = 0
    asked: set[str] = field(default_factory=set)
    found: list[tuple[Candidate, frozenset[str]]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    #: a host that does not answer, or asks for patience, is not asked for more
    silent: bool = False

    def ask(self, request: Request) -> Response:
        """One request of the budget. Raises Retry, Never."""
        if self.requests >= REQUESTS:
            raise NotAFeed(f"{request.url}: not asked: {REQUESTS} requests were made")
        if self.silent:
            raise NotAFeed(f"{request.url}: not asked: the host does not answer, or asked for patience")
        self.requests += 1
        try:
            answer = self.get(request)
            if answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers):
                raise RateLimited(f"{request.url}: expected 200, got {answer.status}")
        except RateLimited:
            self.silent = True
            raise
        return answer

    def page(self, url: str) -> FrontPage:
        """What a page says; an empty answer where it cannot be had, which `refused` then tells."""
        self.asked.add(url)
        try:
            answer = self.ask(Request(url))
        except (Retry, Never) as error:
            self.refused.append((url, str(error)))
            return FrontPage()
        return self.page_of(answer)

    def page_of(self, answer: Response) -> FrontPage:
        """What a page says; nothing where the answer is none."""
        if answer.status != 200:
            return FrontPage()
        return read_page(answer.body, answer.headers.get("content-type", ""), answer.final_url, self.hints)

    def robots(self, url: str) -> tuple[Lead, ...]:
        """The sitemaps that the site's robots.txt names."""
        place = urljoin(url, "/robots.txt")
        try:
            answer = self.ask(Request(place))
        except (Retry, Never) as error:
            self.refused.append((place, str(error)))
            return ()
        return read_robots(answer.body, answer.final_url) if answer.status == 200 else ()

    @property
    def succeeded(self) -> bool:
        """Whether something worth polling was found."""
        return any(candidate.score > 0 for candidate, _ in self.found)

    def follow(self, leads: Iterable[Lead]) -> None:
        """Ask every lead that was not asked yet, as far as the budget goes."""
        for lead in leads:
            if lead.url not in self.asked and self.requests < REQUESTS and not self.silent:
                self.try_feed(lead)

    def try_feed(self, lead: Lead) -> Response | None:
        """Ask for a feed; the answer comes back where it is none, as it may be a page that names some."""
        self.asked.add(lead.url)
        answer = None
        try:
            answer = self.ask(Request(lead.url, "feed"))
            document = read_whole(self.ask, answer, now=self.now, max_entries=_ENTRIES, children=1)
        except (Retry, Never) as error:
            self.refused.append((lead.url, str(error)))
            self.silent = self.silent or isinstance(error, ConnectFailed | TimedOut)
            return answer
        url = _lasting(answer)
        links = frozenset(entry.url for entry in document.entries)
        self.found.append((judge(Lead(url, lead.way, lead.title), document, self.now, self.hints), links))
        return None


def discover(get: Get, url: str, *, now: datetime, hints: Hints) -> tuple[Candidate, ...]:
    """The feeds of a site, best first; empty where none could be found or read. Never raises Retry or Never."""
    search = _Search(get, now, hints)
    _look(search, url)
    return _best_first(search.found)


def survey(get: Get, url: str, *, now: datetime, hints: Hints) -> Survey:
    """The feeds of a site, best first, with what its front page says of it. Never raises Retry or Never."""
    search = _Search(get, now, hints)
    page = _look(search, url)
    if page == FrontPage() and search.found:
        page = search.page(urljoin(url, "/"))
    return Survey(url, _best_first(search.found), page, tuple(search.refused), search.requests)


def replacement(
    get: Get, source: Source, lost: str, *, now: datetime, hints: Hints, key: Callable[[str], str]
) -> str | None:
    """The best feed of a source's site that may stand in for a lost one; None where none is worth polling.

    Not one that the source polls already: `key` tells whether two addresses are one.
    """
    polled = {key(feed.url) for feed in source.feeds if feed.url != lost}
    found = discover(get, source.homepage, now=now, hints=hints)
    fit = (one.url for one in found if one.score > 0 and one.url != lost and key(one.url) not in polled)
    return next(fit, None)


def _look(search: _Search, url: str) -> FrontPage:
    """Search a site; returns what its pages say of it, as far as any had to be read."""
    if address(url, url) is None:
        search.refused.append((url, f"expected a web address, got {url!r}"))
        return FrontPage()
    answer = search.try_feed(Lead(_from_root(url), "address given"))
    if search.found or search.silent:
        return FrontPage()
    if answer is None:
        return _search_site(search, url, FrontPage())
    page = search.page_of(answer)
    if page != FrontPage():
        # a page is no feed that failed
        search.refused.clear()
    return _search_site(search, answer.final_url, page)


def _from_root(url: str) -> str:
    """The address with a path: http://puente.example is http://puente.example/."""
    parts = urlsplit(url)
    return parts._replace(path=parts.path or "/").geturl()


def _search_site(search: _Search, url: str, page: FrontPage) -> FrontPage:
    """Follow what the page, the root of its site and robots.txt name; guess only where that leads to nothing."""
    root = urljoin(url, "/")
    if root not in search.asked:
        page = _joined(search.page(root), page)
    leads = sorted((*page.leads, *search.robots(url)), key=lambda lead: _promise(lead, search.hints))
    search.follow(lead for lead in leads if _promise(lead, search.hints) < _REMOTE or not search.succeeded)
    search.follow(lead for lead in usual_paths(url, search.hints) if not search.succeeded)
    return page


def _joined(front: FrontPage, page: FrontPage) -> FrontPage:
    """What the root says counts first."""
    return FrontPage(
        leads=(*front.leads, *page.leads),
        name=front.name or page.name,
        title=front.title or page.title,
        languages=front.languages or page.languages,
        country=front.country or page.country,
    )


def _promise(lead: Lead, hints: Hints) -> int:
    """The order of asking: what is declared before what is linked, the main stream before reactions and sections."""
    words = words_of(f"{_path(lead.url)} {lead.title}")
    if words & set(hints.aside):
        return 6
    order = {"link of the page": 0, "robots.txt": 2, "link to follow": 4}.get(lead.way, 5)
    is_part = bool(words & set(hints.section))
    is_news = lead.way == "robots.txt" and bool(words & set(hints.news))
    return order + is_part - is_news


def _lasting(answer: Response) -> str:
    """The address to poll: where permanent redirects lead, else the one that was asked."""
    permanent = bool(answer.hops) and all(status in (301, 308) for status, _ in answer.hops)
    return answer.final_url if permanent else answer.url


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path} {parts.query}"


# --- judging ----------------------------------------------------------------------------------------------------------


def judge(lead: Lead, document: FeedDocument, now: datetime, hints: Hints) -> Candidate:
    """Read a feed's worth from its body: is it the news, is it alive, does it say when, is it whole?"""
    entries = document.entries
    newest = max((moment for entry in entries if (moment := entry.claimed_at or entry.updated_at)), default=None)
    spoken = Counter(entry.lang for entry in entries if entry.lang)
    weighed = list(_weighed(lead, document, newest, now, hints))
    return Candidate(
        url=lead.url,
        kind=document.kind,
        way=lead.way,
        title=document.title or lead.title,
        entries=len(entries),
        newest=newest,
        languages=tuple(code for code, _ in spoken.most_common()),
        dated=_share(entry.claimed_at or entry.updated_at for entry in entries),
        full_text=_share(entry.content for entry in entries),
        titles=tuple(entry.title for entry in _newest_first(entries) if entry.title)[:_TITLES],
        score=round(sum(weight for weight, _ in weighed), 2),
        verdict=", ".join(words for _, words in weighed),
        trouble=document.trouble or "",
    )


def _weighed(
    lead: Lead, document: FeedDocument, newest: datetime | None, now: datetime, hints: Hints
) -> Iterator[tuple[float, str]]:
    """What speaks for a feed and against it: weight, words."""
    yield {FeedKind.NEWS_SITEMAP: (3.0, "news sitemap"), FeedKind.SITEMAP: (1.0, "plain sitemap")}.get(
        document.kind, (3.0, "feed")
    )
    words = words_of(f"{_path(lead.url)} {lead.title}")
    if aside := words & set(hints.aside):
        yield -4.0, f"not the news ({sorted(aside)[0]})"
    elif section := words & set(hints.section):
        yield -1.0, f"one section ({sorted(section)[0]})"
    if not document.entries:
        yield -5.0, "empty"
        return
    yield _age(newest, now)
    if not any(entry.title for entry in document.entries):
        yield -0.5, "no titles"
    if _share(entry.content for entry in document.entries) > 0.5:
        yield 0.5, "full text"


def _age(newest: datetime | None, now: datetime) -> tuple[float, str]:
    if newest is None:
        return -0.5, "no dates"
    if is_asleep(newest, now):
        return -4.0, f"asleep since {newest:%Y-%m-%d}"
    is_lively = now - newest <= timedelta(days=_LIVELY)
    return (1.0, "lively") if is_lively else (0.0, f"newest of {newest:%Y-%m-%d}")


def is_asleep(newest: datetime, now: datetime) -> bool:
    """Whether a feed has been without news for so long that there may be another in its place."""
    return now - newest > timedelta(days=_ASLEEP)


def _newest_first(entries: tuple[Entry, ...]) -> list[Entry]:
    # sorted() keeps the feed's own order among those without a date
    return sorted(entries, key=lambda entry: -(moment.timestamp() if (moment := entry.claimed_at) else 0.0))


def _share(values: Iterable[object]) -> float:
    counted = [bool(value) for value in values]
    return round(sum(counted) / len(counted), 3) if counted else 0.0


def _best_first(found: list[tuple[Candidate, frozenset[str]]]) -> tuple[Candidate, ...]:
    """Best first, each content once: RSS and Atom of one stream, or one feed under two addresses."""
    kept: list[tuple[Candidate, frozenset[str]]] = []
    for candidate, links in sorted(found, key=lambda one: -one[0].score):
        if not any(_same(links, others) or candidate.url == other.url for other, others in kept):
            kept.append((candidate, links))
    return tuple(candidate for candidate, _ in kept)


def _same(links: frozenset[str], others: frozenset[str]) -> bool:
    return bool(links) and len(links & others) >= _SAME * len(links | others)
