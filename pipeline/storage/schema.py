"""The tables, and nothing else; tending.py has those of tending the sources, keeping.py those of reading again,
alerting.py those of alerts, admitting.py those of accounts.

Every column says what it holds: docs/columns.md is made from here.

Times are UTC. JSON columns hold small lists that are shown, never searched; what is searched has a table of its own.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from pipeline.storage.admitting import api_tokens as api_tokens
from pipeline.storage.admitting import login_attempts as login_attempts
from pipeline.storage.admitting import sessions as sessions
from pipeline.storage.admitting import users as users
from pipeline.storage.alerting import alert_memory as alert_memory
from pipeline.storage.alerting import alert_rules as alert_rules
from pipeline.storage.alerting import alerts as alerts
from pipeline.storage.alerting import deliveries as deliveries
from pipeline.storage.alerting import held_alerts as held_alerts
from pipeline.storage.alerting import mutes as mutes
from pipeline.storage.alerting import rules_version as rules_version
from pipeline.storage.alerting import suppressions as suppressions
from pipeline.storage.columns import LEASED as _LEASED
from pipeline.storage.columns import Id
from pipeline.storage.columns import Instant as Instant
from pipeline.storage.columns import lease as _lease
from pipeline.storage.columns import metadata as metadata
from pipeline.storage.columns import row_id as _id
from pipeline.storage.keeping import forgotten as forgotten
from pipeline.storage.keeping import imports as imports
from pipeline.storage.keeping import reprocessings as reprocessings
from pipeline.storage.portable import JSON
from pipeline.storage.telling import positions as positions
from pipeline.storage.telling import reports as reports
from pipeline.storage.telling import speakers as speakers
from pipeline.storage.telling import statement_bands as statement_bands
from pipeline.storage.telling import statement_topics as statement_topics
from pipeline.storage.telling import statement_words as statement_words
from pipeline.storage.telling import statements as statements
from pipeline.storage.tending import backfills as backfills
from pipeline.storage.tending import hosts as hosts
from pipeline.storage.tending import notices as notices
from pipeline.storage.tending import source_days as source_days
from pipeline.storage.tending import symptoms as symptoms

_STILL_WORK = text("state != 'ended'")
_TO_FETCH = text("state = 'to_fetch'")


sources = Table(
    "sources",
    metadata,
    Column("slug", String(80), primary_key=True, comment="short name, as in config/sources.toml or an import"),
    Column("name", Text, nullable=False, comment="the outlet's name"),
    Column("country", String(2), nullable=False, comment="ISO 3166-1 alpha-2; empty when unknown"),
    Column("homepage", Text, nullable=False, comment="where a reader would start"),
    Column("enabled", Boolean, nullable=False, comment="whether its feeds are polled"),
    Column("reason", Text, nullable=False, comment="why it is disabled"),
    comment="Outlets. The catalogue in config/ is the authority; this copy lets every item name its source.",
)

feeds = Table(
    "feeds",
    metadata,
    _id(),
    Column("source", ForeignKey("sources.slug"), nullable=False, index=True, comment="the outlet it belongs to"),
    Column("url", Text, nullable=False, unique=True, comment="the address we poll now"),
    Column("declared_url", Text, nullable=False, unique=True, comment="the address in the catalogue"),
    Column("kind", String(16), nullable=False, comment="rss, news-sitemap or sitemap"),
    Column("state", String(16), nullable=False, comment="active, retired (the host said 410) or disabled"),
    Column("next_due_at", Instant, nullable=False, comment="when to poll it next"),
    Column("interval", Float, nullable=False, comment="seconds between polls, as last decided"),
    Column("etag", Text, comment="validator of the last body read"),
    Column("last_modified", Text, comment="validator of the last body read"),
    Column("body_hash", String(64), comment="hash of the last body read"),
    Column("key_rung", Integer, nullable=False, comment="rung of the entry-key ladder: 0 id, 1 id+url, 2 sha1"),
    Column("polls", Integer, nullable=False, comment="polls so far"),
    Column(
        "reads",
        Integer,
        nullable=False,
        comment="polls that brought a body, from the first with entries on; 0: the next primes it",
    ),
    Column("failures", Float, nullable=False, comment="weighted failures in a row"),
    Column("last_polled_at", Instant, comment="last poll, whatever came of it"),
    Column("last_read_at", Instant, comment="last poll that brought a readable body or a 304"),
    Column("last_status", Integer, comment="HTTP status of the last poll"),
    Column("last_error", Text, comment="what the last poll failed of; empty after a success"),
    Column("moved_to", Text, comment="where a permanent redirect points"),
    Column("moved_seen", Integer, nullable=False, comment="polls in a row that were redirected there"),
    Column("host", Text, nullable=False, comment="host name of url, or what it shares a limit with"),
    Column("entries_hash", String(64), comment="hash of what the last body announced"),
    Column("body_entries", Integer, comment="entries in the last body read"),
    Column("not_modified", Integer, nullable=False, comment="answers 304 in a row"),
    Column("arrivals", Float, nullable=False, comment="new entries in the last hour, smoothed"),
    Column("pace", Float, nullable=False, comment="new entries in its busiest hour of late; slowly forgotten"),
    Column("ttl", Float, comment="seconds between polls that the feed itself asks for"),
    Column("skip_hours", JSON, nullable=False, comment="hours (0 to 23, UTC) in which the feed asks us not to come"),
    Column("skip_days", JSON, nullable=False, comment="days (0 is Monday) on which the feed asks us not to come"),
    Column("failing_since", Instant, comment="when its failures in a row, or bodies without entries, began"),
    Column("missing_since", Instant, comment="since when no feed stands there, or one without entries"),
    Column(
        "standing", String(16), nullable=False, comment="well, degraded (the host refuses us) or lost (no feed there)"
    ),
    Column("standing_since", Instant, comment="since when it is degraded or lost"),
    Column("standing_reason", Text, comment="why it is degraded or lost"),
    Column("proposed_url", Text, comment="what may replace a lost feed: for a person to decide"),
    Column("proposed_at", Instant, comment="when a replacement was last looked for"),
    Column("leased_until", Instant, comment="until then some process is polling it; empty when none is"),
    Column("leased_by", String(40), comment="the task that polls it"),
    Index("ix_feeds_due", "state", "next_due_at"),
    Index("ix_feeds_host", "host"),
    # few are leased at any moment
    Index("ix_feeds_leased", "leased_until", sqlite_where=_LEASED, postgresql_where=_LEASED),
    comment="What we remember of each feed between two polls.",
)

entries = Table(
    "entries",
    metadata,
    _id(),
    Column("source", ForeignKey("sources.slug"), nullable=False, comment="the outlet it came from"),
    Column(
        "feed_id",
        ForeignKey("feeds.id"),
        comment="the feed that announced it, or that a back-fill attached it to; empty for imports",
    ),
    Column("key", String(80), nullable=False, comment="identity within the feed, by the ladder"),
    Column("url", Text, nullable=False, comment="the address as announced"),
    Column("url_key", Text, nullable=False, comment="canonical URL key; identity across feeds"),
    Column(
        "version", String(40), nullable=False, comment="empty for the first announcement of a URL, else which change"
    ),
    Column("host", Text, nullable=False, comment="host name of url, for the per-host gate"),
    Column("title", Text, nullable=False, comment="title as announced"),
    Column("summary", Text, nullable=False, comment="summary as announced, plain text"),
    Column("content", Text, comment="full text as announced (HTML); dropped once the entry ended"),
    Column("lang", String(8), comment="language as announced"),
    Column("claimed_at", Instant, comment="publication time as the feed claims it"),
    Column("updated_at", Instant, comment="time of the last change as the feed claims it"),
    Column("first_seen_at", Instant, nullable=False, comment="when we first saw it"),
    Column("quiet", Boolean, nullable=False, comment="from a first poll, back-fill or import: stored without alerting"),
    Column("state", String(16), nullable=False, comment="to_fetch, to_process or ended"),
    Column("attempts", Integer, nullable=False, comment="failures so far of the kind that may pass"),
    Column("next_try_at", Instant, nullable=False, comment="not to be worked on before"),
    Column("error", Text, comment="what the last attempt failed of"),
    Column("outcome", String(16), comment="how it ended; empty while it is work still to do"),
    Column("detail", Text, comment="one line that explains the outcome"),
    Column("ended_at", Instant, comment="when it ended"),
    Column("item_id", ForeignKey("items.id"), index=True, comment="the item it became or was folded into"),
    *_lease(),
    UniqueConstraint("feed_id", "key", name="uq_entries_feed_id_key"),
    UniqueConstraint("url_key", "version", name="uq_entries_url_key_version"),
    Index("ix_entries_work", "state", "next_try_at"),
    Index("ix_entries_outcome", "outcome", "ended_at"),
    Index("ix_entries_source_first_seen_at", "source", "first_seen_at"),
    # most have ended, and an idle engine asks for the others all the time
    Index("ix_entries_open", "next_try_at", sqlite_where=_STILL_WORK, postgresql_where=_STILL_WORK),
    Index("ix_entries_to_fetch", "host", "id", sqlite_where=_TO_FETCH, postgresql_where=_TO_FETCH),
    Index("ix_entries_leased", "leased_until", sqlite_where=_LEASED, postgresql_where=_LEASED),
    comment="What feeds announced: one row an announcement, each ending in exactly one outcome.",
)

pages = Table(
    "pages",
    metadata,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True, comment="the entry it was fetched for"),
    Column("final_url", Text, nullable=False, comment="address after redirects"),
    Column("content_type", Text, nullable=False, comment="as the host declared it"),
    Column("body", LargeBinary, nullable=False, comment="the bytes, zstd-compressed"),
    Column("fetched_at", Instant, nullable=False, comment="when"),
    comment="Bytes fetched.",
)

items = Table(
    "items",
    metadata,
    _id(),
    Column(
        "source", ForeignKey("sources.slug"), nullable=False, index=True, comment="outlet of the original appearance"
    ),
    Column("url", Text, nullable=False, comment="address of the original appearance"),
    Column("title", Text, nullable=False, comment="headline there"),
    Column("text", Text, nullable=False, comment="body; paragraphs separated by one newline"),
    Column("lang", String(8), index=True, comment="language of the text"),
    Column("authors", JSON, nullable=False, comment="list of names"),
    Column("countries", JSON, nullable=False, comment="countries the text is about, weightiest first"),
    Column("description", Text, comment="the page's own summary"),
    Column(
        "access",
        String(8),
        nullable=False,
        server_default="open",
        comment="open, or teaser: the rest of the text is for subscribers",
    ),
    Column("published_at", Instant, index=True, comment="publication time: the page's, else the feed's"),
    Column("modified_at", Instant, comment="last change, as the page says"),
    Column("first_seen_at", Instant, nullable=False, index=True, comment="when it entered the store"),
    Column(
        "text_hash", BigInteger, nullable=False, index=True, comment="hash of the folded words, boilerplate left out"
    ),
    Column("words", Integer, nullable=False, comment="number of words in the text, boilerplate left out"),
    Column("signature", LargeBinary, nullable=False, comment="MinHash bins, 64 little-endian 64-bit numbers"),
    Column("place", BigInteger, index=True, comment="where it stands by publication: its second * 2^31 + its number"),
    comment="Articles, each once however often reprinted.",
)

item_words = Table(
    "item_words",
    metadata,
    Column("place", Id, primary_key=True, autoincrement=False, comment="as in items, so that full text comes sorted"),
    Column("item_id", ForeignKey("items.id"), nullable=False, unique=True, comment="the item"),
    Column("title", Text, nullable=False, comment="folded words of the headline, each between two spaces"),
    Column("text", Text, nullable=False, comment="folded words of the body, each between two spaces"),
    comment="What full text searches of items.",
)

appearances = Table(
    "appearances",
    metadata,
    _id(),
    Column("item_id", ForeignKey("items.id"), nullable=False, index=True, comment="the item that appeared"),
    Column("entry_id", ForeignKey("entries.id"), nullable=False, unique=True, comment="the entry that showed it"),
    Column("source", ForeignKey("sources.slug"), nullable=False, comment="where"),
    Column("url", Text, nullable=False, comment="address"),
    Column("url_key", Text, nullable=False, unique=True, comment="canonical URL key"),
    Column("title", Text, nullable=False, comment="headline there"),
    Column(
        "relation", String(12), nullable=False, comment="original (the one to cite), same, copy, trimmed or extended"
    ),
    Column("published_at", Instant, comment="publication time there"),
    Column("first_seen_at", Instant, nullable=False, comment="when we saw it"),
    Column("text", Text, comment="the text there where it differs from the item's"),
    Column("authors", JSON, nullable=False, server_default="[]", comment="list of names there"),
    Column("credits", JSON, nullable=False, server_default="[]", comment="list of the agencies that the text credits"),
    Index("ix_appearances_source_item_id", "source", "item_id"),
    comment="Places where an item was published.",
)

revisions = Table(
    "revisions",
    metadata,
    _id(),
    Column("item_id", ForeignKey("items.id"), nullable=False, index=True, comment="the item that changed"),
    Column("title", Text, nullable=False, comment="headline before the change"),
    Column("text", Text, nullable=False, comment="text before the change"),
    Column("text_hash", BigInteger, nullable=False, comment="hash of the folded words before the change"),
    Column("entry_id", ForeignKey("entries.id"), nullable=False, unique=True, comment="entry that brought the change"),
    Column("replaced_at", Instant, nullable=False, comment="when the change was noticed"),
    comment="Earlier texts of items that their publishers changed.",
)

item_topics = Table(
    "item_topics",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True, comment="the item"),
    Column("topic", String(40), primary_key=True, comment="topic slug"),
    Column("score", Float, nullable=False, comment="0..1"),
    Column("evidence", JSON, nullable=False, comment='list of {"in", "span"}'),
    Index("ix_item_topics_topic_item_id", "topic", "item_id"),
    comment="Why an item is about a topic.",
)

item_countries = Table(
    "item_countries",
    metadata,
    Column("item_id", ForeignKey("items.id"), primary_key=True, comment="the item"),
    Column("country", String(2), primary_key=True, comment="ISO 3166-1 alpha-2"),
    Index("ix_item_countries_country_item_id", "country", "item_id"),
    comment="Countries an item is about.",
)

item_bands = Table(
    "item_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False, comment="lookup key made of the fingerprint"),
    Column("item_id", ForeignKey("items.id"), primary_key=True, index=True, comment="an item that has it"),
    sqlite_with_rowid=False,
    comment="Lookup keys under which near copies are found.",
)

boilerplate = Table(
    "boilerplate",
    metadata,
    Column("source", ForeignKey("sources.slug"), primary_key=True, comment="the outlet"),
    Column("line", BigInteger, primary_key=True, autoincrement=False, comment="hash of a line's folded words"),
    Column("items", Integer, nullable=False, comment="how many of its items have it; from four on it is boilerplate"),
    Column("item_id", BigInteger, nullable=False, comment="the newest item that has it"),
    sqlite_with_rowid=False,
    comment="Lines at either end of texts that a source repeats: the newest few hundred of each source.",
)

merged_items = Table(
    "merged_items",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="number of an item that is no more"),
    Column("item_id", ForeignKey("items.id"), nullable=False, index=True, comment="the item it was merged into"),
    comment="Items that a later text proved to be one: the older one's number stands.",
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("name", String(80), primary_key=True, comment="what it is called"),
    Column("query", Text, nullable=False, comment="in the query language, as written"),
    Column("saved_at", Instant, nullable=False, comment="when it was last saved"),
    comment="Queries that people keep under a name.",
)

# --- source health ----------------------------------------------------------------------------------------------------
