"""One frozen type per stage, in the order of the flow.

Source, FeedState, HostState -> Request, Response -> FeedDocument, Entry -> Page -> Article -> TopicMatch, Report
-> Analysis -> Work, Ending, Item, Statement, Heard (store) -> AlertRule -> Message.

Holds no behaviour beyond what a field's own value says. Times are UTC-aware datetimes; spans are (start, end) offsets
in code points; countries are ISO 3166-1 alpha-2; languages are ISO 639-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pipeline.alertrule import AlertRule as AlertRule

Span = tuple[int, int]
Kind = Literal["direct", "mixed", "indirect"]
Stance = Literal["for", "against", "mixed", "unclear"]
Where = Literal["title", "text"]
Access = Literal["open", "teaser"]
#: implied by every other topic, so never listed
PARENT_TOPIC = "drug-policy"


class Outcome(StrEnum):
    """How an entry ended. Every entry ends in exactly one."""

    STORED = "stored"
    REPRINT = "reprint"
    UPDATED = "updated"
    OFF_TOPIC = "off_topic"
    TOO_SHORT = "too_short"
    GONE = "gone"
    BLOCKED = "blocked"
    DISALLOWED = "disallowed"
    NOT_ARTICLE = "not_article"
    QUARANTINED = "quarantined"


class FeedKind(StrEnum):
    """What a feed's body is expected to be; `rss` covers RSS, Atom, RDF and JSON Feed."""

    RSS = "rss"
    NEWS_SITEMAP = "news-sitemap"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """One URL of a source that we poll."""

    url: str
    kind: FeedKind = FeedKind.RSS


@dataclass(frozen=True, slots=True)
class Source:
    """An outlet, as config/sources.toml declares it."""

    slug: str
    name: str
    country: str
    languages: tuple[str, ...]
    homepage: str
    feeds: tuple[FeedAddress, ...] = ()
    enabled: bool = True
    #: why it is disabled; empty when enabled
    reason: str = ""
    #: "all" stores every article of this source, on topic or not
    keep: Literal["on_topic", "all"] = "on_topic"
    paywall: Literal["none", "metered", "hard"] = "none"
    #: URL fragments of pages that are never articles ("/video/", "/hub/")
    skip: tuple[str, ...] = ()
    #: address of its archive by date, with {year}, {month:02} and so on; empty where it has none that we know
    archive: str = ""
    #: what a maintainer should know of its oddities
    notes: str = ""
    #: seconds; bounds of this source's own in place of the settings
    poll_min: float | None = None
    poll_max: float | None = None
    #: hours without anything new that are nothing unusual; infinite: any; None: as its own weeks show
    silence: float | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What we remember of a feed between two polls."""

    id: int
    source: str
    url: str
    kind: FeedKind
    next_due_at: datetime
    #: seconds between polls, as last decided
    interval: float
    etag: str | None = None
    last_modified: str | None = None
    #: hash of the last body read to the end
    body_hash: str | None = None
    #: rung of the entry-key ladder this feed has degraded to: 0 id, 1 id+url, 2 sha1(url, date, title)
    key_rung: int = 0
    polls: int = 0
    #: weighted failures in a row; 0 after a success
    failures: float = 0.0
    #: polls that brought a body, from the first one with entries on; 0: the next one primes the feed, and stays quiet
    reads: int = 0
    state: Literal["active", "retired", "disabled"] = "active"
    last_polled_at: datetime | None = None
    last_read_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    #: permanent redirect target, and how many polls in a row pointed there
    moved_to: str | None = None
    moved_seen: int = 0
    #: the host, or what it shares a limit with
    host: str = ""
    #: hash of what the last body announced; and how many entries that were (None: nothing was read yet)
    entries_hash: str | None = None
    body_entries: int | None = None
    #: 304s in a row
    not_modified: int = 0
    #: new entries in the last hour, smoothed; and in the busiest hour of late
    arrivals: float = 0.0
    pace: float = 0.0
    #: what its last body asked for: seconds; hours (0..23, UTC); days (0 is Monday)
    ttl: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    #: when the present run of failures, or of bodies without entries, began; and since when no feed stands there
    failing_since: datetime | None = None
    missing_since: datetime | None = None
    #: degraded: the host refuses us; lost: what stands there has been no feed for days. The first good read clears it
    standing: Literal["well", "degraded", "lost"] = "well"
    standing_since: datetime | None = None
    standing_reason: str | None = None
    #: what may replace a lost feed, for a person to decide; and when we last looked for it
    proposed_url: str | None = None
    proposed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostState:
    """What we remember of a host, or of hosts that share one limit."""

    host: str
    #: asked for patience (429, 503): nothing is asked of it in between
    stopped_at: datetime | None = None
    stop_until: datetime | None = None
    reason: str = ""
    #: stops that followed closely upon each other
    stops: int = 0
    #: it said 304 though there was news: its 304s are not asked for until then
    distrust_until: datetime | None = None


# --- network ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """One GET we want to make."""

    url: str
    purpose: Literal["feed", "page"] = "page"
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What a host answered, whatever the status. The body is decoded from its content encoding and within the cap."""

    url: str
    final_url: str
    status: int
    #: header names in lower case
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    #: seconds from the first byte sent to the last byte read
    elapsed: float
    #: every hop before the last: (status, the URL it was given for)
    hops: tuple[tuple[int, str], ...] = ()


# --- poll -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says exists. Titles and summaries are plain text; the URL is absolute."""

    url: str
    title: str = ""
    guid: str | None = None
    summary: str = ""
    #: the feed's own idea of the publication time; impossible dates are dropped, not clamped
    claimed_at: datetime | None = None
    updated_at: datetime | None = None
    lang: str | None = None
    #: full text as HTML where the feed carries it
    content: str = ""


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed's or sitemap's body, read."""

    kind: FeedKind
    entries: tuple[Entry, ...]
    title: str = ""
    #: child sitemaps of a sitemap index, newest first
    children: tuple[str, ...] = ()
    #: when each of them was last changed, as the index says
    children_changed: tuple[datetime | None, ...] = ()
    #: seconds the publisher asks us to wait (ttl, sy:*), if it does
    ttl: float | None = None
    #: set when the parser had to recover from something; says what
    trouble: str | None = None
    #: when the publisher asks us not to come: hours (0..23, UTC), days (0 is Monday)
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    #: whether its own bytes had to be mended: they are not in the encoding that they say, or hold control characters
    mended: bool = False


# --- fetch, extract ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes fetched for an entry, and what the feed had said of it."""

    url: str
    final_url: str
    body: bytes
    content_type: str
    fetched_at: datetime
    #: what the feed claimed, used where the page is silent
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """Text and metadata extracted from a page. Paragraphs of `text` are separated by one newline."""

    url: str
    canonical_url: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    lang: str | None = None
    site_name: str | None = None
    description: str | None = None
    #: "teaser": the rest of the text is for subscribers
    access: Access = "open"
    #: of the outlet, as the page names it
    section: str | None = None
    #: the page says that it is for subscribers, whether or not its text is here
    paid: bool = False


# --- analysis ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a topic's pattern stands in the article."""

    where: Where
    span: Span


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """Why a text matched a topic. `score` is in 0..1; at or above the topic's threshold it applies."""

    topic: str
    score: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """A resolved person or institution.

    `key` identifies it across articles: the slug in config/people.toml where known, else made from name and country.
    """

    name: str | None
    role: str | None = None
    country: str | None = None
    #: where the article mentions the speaker for this statement, in the same field as the statement
    mention: Span | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One article's reporting of one statement."""

    where: Where
    #: the pieces of the words said, in order, in the field `where`
    parts: tuple[Span, ...]
    #: the words said: the pieces joined by one space
    text: str
    kind: Kind
    cue: Span | None = None
    speaker: Speaker = Speaker(None)
    #: outlet or agency that the article credits for it
    via: str | None = None
    topics: tuple[str, ...] = ()
    stance: Mapping[str, Stance] = field(default_factory=dict)
    #: 0..1, by construction; low ones are stored but not alerted
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What near-copies share: 64 one-permutation MinHash bins, and `bands`, the lookup keys made of them."""

    #: of the folded words, in order: equal for the same text
    text_hash: int
    signature: tuple[int, ...]
    bands: tuple[int, ...]
    #: words in the text
    words: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of an article before the store is asked."""

    article: Article
    lang: str | None
    topics: tuple[TopicMatch, ...]
    countries: tuple[str, ...]
    reports: tuple[Report, ...]
    fingerprint: Fingerprint | None
    #: for each report, the identity of its statement and the lookup keys of its words
    identities: tuple[tuple[int, tuple[int, ...]], ...] = ()


# --- store ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work:
    """An entry in the store, as the steps see it: what it announced and how far it has come."""

    id: int
    source: str
    url: str
    url_key: str
    host: str
    #: what the feed had said
    entry: Entry
    first_seen_at: datetime
    #: stored without alerting: a first poll, a back-fill, an import
    quiet: bool
    state: Literal["to_fetch", "to_process", "ended"]
    #: failures so far of the kind that may pass
    attempts: int
    outcome: Outcome | None = None
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an entry ended: its one outcome, why, and the item it became or was folded into."""

    outcome: Outcome
    detail: str = ""
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An article in the store, once, however often reprinted."""

    id: int
    source: str
    url: str
    title: str
    text: str
    lang: str | None
    authors: tuple[str, ...]
    countries: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None
    first_seen_at: datetime
    topics: tuple[TopicMatch, ...] = ()
    access: Access = "open"


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the way from an earlier text to a later one; what was deleted or stayed makes up the earlier one."""

    op: Literal["same", "deleted", "inserted"]
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one speaker is reported to have said, once however many items report it."""

    id: int
    speaker: Speaker
    text: str
    kind: Kind
    lang: str | None
    topics: tuple[str, ...]
    stance: Mapping[str, Stance]
    confidence: float
    #: earliest publication among its reports
    published_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    #: outlets and agencies credited by its reports
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of settling one report: the statement it belongs to, and how that had been heard before."""

    statement_id: int
    report: Report
    #: when it was last heard before; None: never, by this speaker, in these or nearly these words
    before: datetime | None = None
    #: the best confidence with which it was heard before
    confidence_before: float = 1.0


# --- alerts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule met one new item or statement."""

    rule: AlertRule
    #: the rule's query as a sentence
    why: str
    #: what it fired on; a rule fires once on a subject
    subject: str
    fired_at: datetime
    item_id: int
    headline: str
    #: where to read on
    url: str
    #: names of the outlets that carry it, the linked one first
    outlets: tuple[str, ...]
    published_at: datetime | None = None
    lang: str | None = None
    #: topics and countries of the item
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    #: what was said; empty for rules about items
    statement_id: int | None = None
    report: Report | None = None
    #: `why` in Spanish
    why_es: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is asked to deliver: one alert, digest or notice, in words and as fields.

    `id` is the idempotency key.
    """

    id: str
    rule: str
    title: str
    body: str
    url: str
    fired_at: datetime
    fields: Mapping[str, object] = field(default_factory=dict)
    #: "alert", "digest", or "source-health" for a notice about a source; of that, `rule` says the same
    event: str = "alert"
