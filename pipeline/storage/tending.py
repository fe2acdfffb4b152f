"""Tables of tending the sources: hosts, days, symptoms, notices, back-fills. The rest stands in schema.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, String, Table, Text, false

from pipeline.storage.columns import Instant, metadata, number
from pipeline.storage.columns import row_id as _id
from pipeline.storage.portable import JSON

hosts = Table(
    "hosts",
    metadata,
    Column("host", String(255), primary_key=True, comment="host name, or what several share a limit under"),
    Column("stopped_at", Instant, comment="when it last asked for patience (429, 503)"),
    Column("stop_until", Instant, comment="nothing is asked of it before"),
    Column("reason", Text, nullable=False, comment="what it answered"),
    Column("stops", Integer, nullable=False, comment="stops that followed closely upon each other"),
    Column("distrust_until", Instant, comment="it said 304 though there was news: no validators are sent before"),
    comment="What hosts asked of us as a whole; a host that never did has no row.",
)

source_days = Table(
    "source_days",
    metadata,
    Column("source", ForeignKey("sources.slug"), primary_key=True, comment="the outlet"),
    Column("day", Date, primary_key=True, comment="the day, in UTC"),
    number("hours_asked", "hours in which we polled a feed of it: bit n is the hour from n:00 UTC"),
    number("hours_answered", "hours in which a poll of it succeeded, as bits"),
    number("hours_news", "hours in which it brought something new, as bits"),
    number("polls", "polls of its feeds; 0 where only later steps or a migration counted"),
    number("polls_failed", "of these, without an answer that we can read"),
    number("reads", "bodies of feeds that were read to the end; an unchanged feed is not"),
    number("reads_mended", "of these, with bytes that had to be mended: charset, control characters"),
    number("entries", "entries unknown before; those of first polls, back-fills and imports are left out"),
    number("undated", "of these, without a date or with an impossible one"),
    number("ahead", "of these, dated more than two hours ahead"),
    number("stale", "of these, dated more than 30 days back"),
    number("one_moment", "of these, in a poll whose new entries all claim one moment"),
    number("garbled", "of these, with a title whose characters were lost or misread"),
    number("pages", "pages fetched"),
    number("pages_refused", "entries that ended blocked or disallowed"),
    number("pages_failed", "entries that ended gone or quarantined"),
    number("pages_empty", "entries that ended too_short or not_article"),
    number("items", "entries that ended stored: new items"),
    sqlite_with_rowid=False,
    comment="What each source brought, day by day, counted as it happens. Imports are not counted.",
)

symptoms = Table(
    "symptoms",
    metadata,
    _id(),
    Column("source", ForeignKey("sources.slug"), index=True, comment="the outlet; empty where it is us"),
    Column("kind", String(16), nullable=False, comment="what is wrong; docs/health.md lists the kinds"),
    Column("severity", String(8), nullable=False, comment="warning (we miss news) or notice"),
    Column("sentence", Text, nullable=False, comment="what was found and what was expected"),
    Column("opened_at", Instant, nullable=False, comment="when it was noticed"),
    Column("ended_at", Instant, index=True, comment="when it was gone, or nobody watched any more; empty while open"),
    Column("ending", Text, comment="how it ended"),
    comment="What was noticed about the health of sources, from its beginning to its end.",
)

notices = Table(
    "notices",
    metadata,
    _id(),
    Column("key", String(40), nullable=False, unique=True, comment="the notice's name to the outside; never reused"),
    Column("event", String(24), nullable=False, comment="source-health"),
    Column("source", ForeignKey("sources.slug"), index=True, comment="the outlet; empty where it is us"),
    Column("kind", String(24), nullable=False, comment="what happened: a symptom, or what a poll noticed of a feed"),
    Column(
        "subject",
        String(40),
        nullable=False,
        server_default="",
        comment="what it is about: a symptom's kind, or a feed and what of it; its latest notice counts",
    ),
    Column("made_at", Instant, nullable=False, comment="when"),
    Column("title", Text, nullable=False, comment="one line"),
    Column("body", Text, nullable=False, comment="what happened, what was expected, since when"),
    Column("url", Text, nullable=False, comment="the outlet's homepage; empty where it is us"),
    Column("fields", JSON, nullable=False, comment="the same as data, for webhooks"),
    comment="What channels are told about sources rather than about the news.",
)

backfills = Table(
    "backfills",
    metadata,
    _id(),
    Column(
        "source", ForeignKey("sources.slug"), nullable=False, index=True, comment="the outlet whose past it fetches"
    ),
    Column("feed_id", ForeignKey("feeds.id"), nullable=False, comment="the feed whose entries its findings become"),
    Column("method", String(12), nullable=False, comment="wp-json, wordpress, archive or sitemap"),
    Column("since", Instant, nullable=False, comment="first moment that is asked for"),
    Column("until", Instant, nullable=False, comment="last moment that is asked for"),
    Column("cursor", Text, comment="where the next request goes, as JSON; empty once it is done"),
    Column("state", String(8), nullable=False, comment="running, done or failed"),
    Column("requests", Integer, nullable=False, comment="pages asked for so far"),
    Column("seen", Integer, nullable=False, comment="entries on those pages"),
    Column("found", Integer, nullable=False, comment="those of the time that is asked for"),
    Column("new", Integer, nullable=False, comment="those of them that nobody had announced"),
    Column("undated", Integer, nullable=False, comment="entries left out because nothing says when they are of"),
    Column("failures", Integer, nullable=False, comment="pages in a row that could not be had"),
    Column("error", Text, comment="what the last of them failed of"),
    Column("started_at", Instant, nullable=False, comment="when it began"),
    Column("updated_at", Instant, nullable=False, comment="when it last went on"),
    Column(
        "skipped",
        Integer,
        nullable=False,
        server_default="0",
        comment="pages passed over that could not be read: what they list is missing",
    ),
    Column(
        "open_ended",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="no last day was asked for: until is when it began",
    ),
    Column("listed", Text, comment="the list that the cursor stands in, as JSON, if it has one"),
    comment="Walks through what outlets published before we came; stopped ones go on where they were.",
)
