"""The first schema: sources to deliveries, with full-text search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

FULL_TEXT = (("items", ("title", "text")), ("statements", ("text",)))


def _full_text(table: str, columns: tuple[str, ...]) -> list[str]:
    """SQLite keeps the words in an external-content FTS5 table; triggers hold it to its table."""
    names = ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    index = f"{table}_fts"
    insert = f"INSERT INTO {index}(rowid, {names}) VALUES (new.id, {new});"  # noqa: S608 - names are constants above
    delete = f"INSERT INTO {index}({index}, rowid, {names}) VALUES ('delete', old.id, {old});"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5({names}, content='{table}', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2')",
        f"CREATE TRIGGER {table}_fts_insert AFTER INSERT ON {table} BEGIN {insert} END",
        f"CREATE TRIGGER {table}_fts_delete AFTER DELETE ON {table} BEGIN {delete} END",
        f"CREATE TRIGGER {table}_fts_update AFTER UPDATE OF {names} ON {table} BEGIN {delete} {insert} END",
    ]


def _has_fts5() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "sources",
        sa.Column(
            "slug", sa.String(length=80), nullable=False, comment="short name, as in config/sources.toml or an import"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="the outlet's name"),
        sa.Column("country", sa.String(length=2), nullable=False, comment="ISO 3166-1 alpha-2; empty when unknown"),
        sa.Column("homepage", sa.Text(), nullable=False, comment="where a reader would start"),
        sa.Column("enabled", sa.Boolean(), nullable=False, comment="whether its feeds are polled"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it is disabled"),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_sources")),
        comment="Outlets. The catalogue in config/ is the authority; this copy lets every item name its source.",
    )
    op.create_table(
        "speakers",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column(
            "key", sa.String(length=160), nullable=False, comment="slug in config/people.toml, else made of the name"
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="full name; empty where the press names nobody"),
        sa.Column("role", sa.Text(), nullable=True, comment="role, last reported"),
        sa.Column("country", sa.String(length=2), nullable=True, comment="country, last reported"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speakers")),
        sa.UniqueConstraint("key", name=op.f("uq_speakers_key")),
        comment="People and institutions that were reported to say something.",
    )
    op.create_table(
        "feeds",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("source", sa.String(length=80), nullable=False, comment="the outlet it belongs to"),
        sa.Column("url", sa.Text(), nullable=False, comment="the address we poll now"),
        sa.Column("declared_url", sa.Text(), nullable=False, comment="the address in the catalogue"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="rss, news-sitemap or sitemap"),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="active, retired (the host said 410) or disabled"
        ),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False, comment="when to poll it next"),
        sa.Column("interval", sa.Float(), nullable=False, comment="seconds between polls, as last decided"),
        sa.Column("etag", sa.Text(), nullable=True, comment="validator of the last body read"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="validator of the last body read"),
        sa.Column("body_hash", sa.String(length=64), nullable=True, comment="hash of the last body read"),
        sa.Column(
            "key_rung", sa.Integer(), nullable=False, comment="rung of the entry-key ladder: 0 id, 1 id+url, 2 sha1"
        ),
        sa.Column("polls", sa.Integer(), nullable=False, comment="polls so far"),
        sa.Column(
            "reads",
            sa.Integer(),
            nullable=False,
            comment="polls that brought a readable body; 0: the next one primes it",
        ),
        sa.Column("failures", sa.Float(), nullable=False, comment="weighted failures in a row"),
        sa.Column(
            "last_polled_at", sa.DateTime(timezone=True), nullable=True, comment="last poll, whatever came of it"
        ),
        sa.Column(
            "last_read_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="last poll that brought a readable body or a 304",
        ),
        sa.Column("last_status", sa.Integer(), nullable=True, comment="HTTP status of the last poll"),
        sa.Column(
            "last_error", sa.Text(), nullable=True, comment="what the last poll failed of; empty after a success"
        ),
        sa.Column("moved_to", sa.Text(), nullable=True, comment="where a permanent redirect points"),
        sa.Column("moved_seen", sa.Integer(), nullable=False, comment="polls in a row that were redirected there"),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_feeds_source_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("declared_url", name=op.f("uq_feeds_declared_url")),
        sa.UniqueConstraint("url", name=op.f("uq_feeds_url")),
        comment="What we remember of each feed between two polls.",
    )
    op.create_index("ix_feeds_due", "feeds", ["state", "next_due_at"], unique=False)
    op.create_index(op.f("ix_feeds_source"), "feeds", ["source"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("source", sa.String(length=80), nullable=False, comment="outlet of the text kept here"),
        sa.Column("url", sa.Text(), nullable=False, comment="address of the text kept here"),
        sa.Column("title", sa.Text(), nullable=False, comment="headline"),
        sa.Column("text", sa.Text(), nullable=False, comment="body; paragraphs separated by one newline"),
        sa.Column("lang", sa.String(length=8), nullable=True, comment="language of the text"),
        sa.Column("authors", JSON, nullable=False, comment="list of names"),
        sa.Column("countries", JSON, nullable=False, comment="countries the text is about, weightiest first"),
        sa.Column("description", sa.Text(), nullable=True, comment="the page's own summary"),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="publication time: the page's, else the feed's",
        ),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True, comment="last change, as the page says"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when it entered the store"),
        sa.Column("text_hash", sa.BigInteger(), nullable=False, comment="hash of the folded words"),
        sa.Column("words", sa.Integer(), nullable=False, comment="number of words in the text"),
        sa.Column(
            "signature", sa.LargeBinary(), nullable=False, comment="MinHash bins, 64 little-endian 64-bit numbers"
        ),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_items_source_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        comment="Articles, each once however often reprinted.",
    )
    op.create_index(op.f("ix_items_first_seen_at"), "items", ["first_seen_at"], unique=False)
    op.create_index(op.f("ix_items_lang"), "items", ["lang"], unique=False)
    op.create_index(op.f("ix_items_published_at"), "items", ["published_at"], unique=False)
    op.create_index(op.f("ix_items_source"), "items", ["source"], unique=False)
    op.create_index(op.f("ix_items_text_hash"), "items", ["text_hash"], unique=False)
    op.create_table(
        "statements",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("speaker_id", ID, nullable=False, comment="who said it"),
        sa.Column("key", sa.BigInteger(), nullable=False, comment="identity of the words"),
        sa.Column("text", sa.Text(), nullable=False, comment="the words, as first reported"),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="direct, mixed or indirect, as first reported"),
        sa.Column("lang", sa.String(length=8), nullable=True, comment="language of the words"),
        sa.Column("role", sa.Text(), nullable=True, comment="the speaker's role then"),
        sa.Column("country", sa.String(length=2), nullable=True, comment="the speaker's country then"),
        sa.Column("confidence", sa.Float(), nullable=False, comment="best confidence of its reports, 0..1"),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), nullable=True, comment="earliest publication among its reports"
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when we first saw it"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when we last saw it reported"),
        sa.ForeignKeyConstraint(["speaker_id"], ["speakers.id"], name=op.f("fk_statements_speaker_id_speakers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("speaker_id", "key", name="uq_statements_speaker_id_key"),
        comment="What one speaker is reported to have said, once however many items report it.",
    )
    op.create_index(op.f("ix_statements_first_seen_at"), "statements", ["first_seen_at"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("key", sa.String(length=40), nullable=False, comment="the alert's name to the outside; never reused"),
        sa.Column("rule", sa.String(length=80), nullable=False, comment="name of the rule that fired"),
        sa.Column("subject", sa.String(length=80), nullable=False, comment="what it fired on, so that it fires once"),
        sa.Column("item_id", ID, nullable=False, comment="the item"),
        sa.Column("statement_id", ID, nullable=True, comment="the statement, for rules about statements"),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column("title", sa.Text(), nullable=False, comment="one line"),
        sa.Column("body", sa.Text(), nullable=False, comment="what was said, by whom, where, and why the rule fired"),
        sa.Column("url", sa.Text(), nullable=False, comment="where to read on"),
        sa.Column("fields", JSON, nullable=False, comment="the same as data, for webhooks"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_alerts_item_id_items")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_alerts_statement_id_statements")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_alerts_key")),
        sa.UniqueConstraint("rule", "subject", name="uq_alerts_rule_subject"),
        comment="One rule met one new item or statement.",
    )
    op.create_index(op.f("ix_alerts_fired_at"), "alerts", ["fired_at"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("source", sa.String(length=80), nullable=False, comment="the outlet it came from"),
        sa.Column("feed_id", ID, nullable=True, comment="the feed that announced it; empty for imports"),
        sa.Column("key", sa.String(length=80), nullable=False, comment="identity within the feed, by the ladder"),
        sa.Column("url", sa.Text(), nullable=False, comment="the address as announced"),
        sa.Column("url_key", sa.Text(), nullable=False, comment="canonical URL key; identity across feeds"),
        sa.Column(
            "version",
            sa.String(length=40),
            nullable=False,
            comment="empty for the first announcement of a URL, else which change",
        ),
        sa.Column("host", sa.Text(), nullable=False, comment="host name of url, for the per-host gate"),
        sa.Column("title", sa.Text(), nullable=False, comment="title as announced"),
        sa.Column("summary", sa.Text(), nullable=False, comment="summary as announced, plain text"),
        sa.Column(
            "content", sa.Text(), nullable=True, comment="full text as announced (HTML); dropped once the entry ended"
        ),
        sa.Column("lang", sa.String(length=8), nullable=True, comment="language as announced"),
        sa.Column(
            "claimed_at", sa.DateTime(timezone=True), nullable=True, comment="publication time as the feed claims it"
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="time of the last change as the feed claims it",
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when we first saw it"),
        sa.Column(
            "quiet",
            sa.Boolean(),
            nullable=False,
            comment="from a first poll, back-fill or import: stored without alerting",
        ),
        sa.Column("state", sa.String(length=16), nullable=False, comment="to_fetch, to_process or ended"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="failures so far of the kind that may pass"),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False, comment="not to be worked on before"),
        sa.Column("error", sa.Text(), nullable=True, comment="what the last attempt failed of"),
        sa.Column(
            "outcome", sa.String(length=16), nullable=True, comment="how it ended; empty while it is work still to do"
        ),
        sa.Column("detail", sa.Text(), nullable=True, comment="one line that explains the outcome"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="when it ended"),
        sa.Column("item_id", ID, nullable=True, comment="the item it became or was folded into"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_entries_feed_id_feeds")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_entries_item_id_items")),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_entries_source_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("feed_id", "key", name="uq_entries_feed_id_key"),
        sa.UniqueConstraint("url_key", "version", name="uq_entries_url_key_version"),
        comment="What feeds announced: one row an announcement, each ending in exactly one outcome.",
    )
    op.create_index(op.f("ix_entries_item_id"), "entries", ["item_id"], unique=False)
    op.create_index("ix_entries_outcome", "entries", ["outcome", "ended_at"], unique=False)
    op.create_index("ix_entries_work", "entries", ["state", "next_try_at"], unique=False)
    op.create_table(
        "item_bands",
        sa.Column(
            "band", sa.BigInteger(), autoincrement=False, nullable=False, comment="lookup key made of the fingerprint"
        ),
        sa.Column("item_id", ID, nullable=False, comment="an item that has it"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_bands_item_id_items")),
        sa.PrimaryKeyConstraint("band", "item_id", name=op.f("pk_item_bands")),
        comment="Lookup keys under which near copies are found.",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_item_bands_item_id"), "item_bands", ["item_id"], unique=False)
    op.create_table(
        "item_countries",
        sa.Column("item_id", ID, nullable=False, comment="the item"),
        sa.Column("country", sa.String(length=2), nullable=False, comment="ISO 3166-1 alpha-2"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_countries_item_id_items")),
        sa.PrimaryKeyConstraint("item_id", "country", name=op.f("pk_item_countries")),
        comment="Countries an item is about.",
    )
    op.create_index(op.f("ix_item_countries_country"), "item_countries", ["country"], unique=False)
    op.create_table(
        "item_topics",
        sa.Column("item_id", ID, nullable=False, comment="the item"),
        sa.Column("topic", sa.String(length=40), nullable=False, comment="topic slug"),
        sa.Column("score", sa.Float(), nullable=False, comment="0..1"),
        sa.Column("evidence", JSON, nullable=False, comment='list of {"in", "span"}'),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_topics_item_id_items")),
        sa.PrimaryKeyConstraint("item_id", "topic", name=op.f("pk_item_topics")),
        comment="Why an item is about a topic.",
    )
    op.create_index(op.f("ix_item_topics_topic"), "item_topics", ["topic"], unique=False)
    op.create_table(
        "statement_bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False, comment="lookup key made of the words"),
        sa.Column("statement_id", ID, nullable=False, comment="a statement that has it"),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_statement_bands_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("band", "statement_id", name=op.f("pk_statement_bands")),
        comment="Lookup keys under which nearly the same words are found.",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_statement_bands_statement_id"), "statement_bands", ["statement_id"], unique=False)
    op.create_table(
        "statement_topics",
        sa.Column("statement_id", ID, nullable=False, comment="the statement"),
        sa.Column("topic", sa.String(length=40), nullable=False, comment="topic slug"),
        sa.Column("stance", sa.String(length=8), nullable=False, comment="for, against, mixed or unclear"),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_statement_topics_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("statement_id", "topic", name=op.f("pk_statement_topics")),
        comment="What a statement is about and which side it takes.",
    )
    op.create_index(op.f("ix_statement_topics_topic"), "statement_topics", ["topic"], unique=False)
    op.create_table(
        "appearances",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("item_id", ID, nullable=False, comment="the item that appeared"),
        sa.Column("entry_id", ID, nullable=False, comment="the entry that showed it"),
        sa.Column("source", sa.String(length=80), nullable=False, comment="where"),
        sa.Column("url", sa.Text(), nullable=False, comment="address"),
        sa.Column("url_key", sa.Text(), nullable=False, comment="canonical URL key"),
        sa.Column("title", sa.Text(), nullable=False, comment="headline there"),
        sa.Column(
            "relation", sa.String(length=12), nullable=False, comment="original, same, copy, trimmed or extended"
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True, comment="publication time there"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when we saw it"),
        sa.Column("text", sa.Text(), nullable=True, comment="the text there where it differs from the item's"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_appearances_entry_id_entries")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_appearances_item_id_items")),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_appearances_source_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appearances")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_appearances_entry_id")),
        sa.UniqueConstraint("url_key", name=op.f("uq_appearances_url_key")),
        comment="Places where an item was published.",
    )
    op.create_index(op.f("ix_appearances_item_id"), "appearances", ["item_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("alert_id", ID, nullable=False, comment="the alert"),
        sa.Column("channel", sa.String(length=40), nullable=False, comment="terminal, file, webhook"),
        sa.Column("state", sa.String(length=8), nullable=False, comment="waiting, sent or dead"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="failures so far"),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False, comment="not to be sent before"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True, comment="when the channel took it"),
        sa.Column("error", sa.Text(), nullable=True, comment="what the last attempt failed of"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_deliveries_alert_id_alerts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("alert_id", "channel", name="uq_deliveries_alert_id_channel"),
        comment="One message of one alert to one channel.",
    )
    op.create_index("ix_deliveries_work", "deliveries", ["state", "next_try_at"], unique=False)
    op.create_table(
        "pages",
        sa.Column("entry_id", ID, nullable=False, comment="the entry it was fetched for"),
        sa.Column("final_url", sa.Text(), nullable=False, comment="address after redirects"),
        sa.Column("content_type", sa.Text(), nullable=False, comment="as the host declared it"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the bytes, zstd-compressed"),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_pages_entry_id_entries")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_pages")),
        comment="Bytes fetched.",
    )
    op.create_table(
        "revisions",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("item_id", ID, nullable=False, comment="the item that changed"),
        sa.Column("title", sa.Text(), nullable=False, comment="headline before the change"),
        sa.Column("text", sa.Text(), nullable=False, comment="text before the change"),
        sa.Column("text_hash", sa.BigInteger(), nullable=False, comment="hash of the folded words before the change"),
        sa.Column("entry_id", ID, nullable=False, comment="entry that brought the change"),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False, comment="when the change was noticed"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_revisions_entry_id_entries")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_revisions_item_id_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_revisions_entry_id")),
        comment="Earlier texts of items that their publishers changed.",
    )
    op.create_index(op.f("ix_revisions_item_id"), "revisions", ["item_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("statement_id", ID, nullable=False, comment="what was said"),
        sa.Column("item_id", ID, nullable=False, comment="the item that reports it"),
        sa.Column("appearance_id", ID, nullable=True, comment="set when it stands in that appearance's own text"),
        sa.Column("revision_id", ID, nullable=True, comment="set when it stands in that earlier text only"),
        sa.Column("where", sa.String(length=5), nullable=False, comment="title or text"),
        sa.Column("parts", JSON, nullable=False, comment="list of [start, end]"),
        sa.Column("text", sa.Text(), nullable=False, comment="the words as reported here"),
        sa.Column("cue", JSON, nullable=True, comment="[start, end] of the word of saying"),
        sa.Column("mention", JSON, nullable=True, comment="[start, end] of the speaker's mention"),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="direct, mixed or indirect"),
        sa.Column("via", sa.Text(), nullable=True, comment="outlet or agency credited"),
        sa.Column("role", sa.Text(), nullable=True, comment="role as reported here"),
        sa.Column("confidence", sa.Float(), nullable=False, comment="0..1, by construction"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="when we saw it"),
        sa.ForeignKeyConstraint(
            ["appearance_id"], ["appearances.id"], name=op.f("fk_reports_appearance_id_appearances")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_reports_item_id_items")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_reports_revision_id_revisions")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_reports_statement_id_statements")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        comment="One item reporting one statement.",
    )
    op.create_index(op.f("ix_reports_item_id"), "reports", ["item_id"], unique=False)
    op.create_index(op.f("ix_reports_statement_id"), "reports", ["statement_id"], unique=False)
    # ### end Alembic commands ###
    for table, columns in FULL_TEXT if _has_fts5() else ():
        for statement in _full_text(table, columns):
            op.execute(statement)


def downgrade() -> None:
    """Drop every table."""
    for table, _ in FULL_TEXT if _has_fts5() else ():
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {table}_fts_{event}")
        op.execute(f"DROP TABLE {table}_fts")
    op.drop_index(op.f("ix_reports_statement_id"), table_name="reports")
    op.drop_index(op.f("ix_reports_item_id"), table_name="reports")
    op.drop_table("reports")
    op.drop_index(op.f("ix_revisions_item_id"), table_name="revisions")
    op.drop_table("revisions")
    op.drop_table("pages")
    op.drop_index("ix_deliveries_work", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_appearances_item_id"), table_name="appearances")
    op.drop_table("appearances")
    op.drop_index(op.f("ix_statement_topics_topic"), table_name="statement_topics")
    op.drop_table("statement_topics")
    op.drop_index(op.f("ix_statement_bands_statement_id"), table_name="statement_bands")
    op.drop_table("statement_bands")
    op.drop_index(op.f("ix_item_topics_topic"), table_name="item_topics")
    op.drop_table("item_topics")
    op.drop_index(op.f("ix_item_countries_country"), table_name="item_countries")
    op.drop_table("item_countries")
    op.drop_index(op.f("ix_item_bands_item_id"), table_name="item_bands")
    op.drop_table("item_bands")
    op.drop_index("ix_entries_work", table_name="entries")
    op.drop_index("ix_entries_outcome", table_name="entries")
    op.drop_index(op.f("ix_entries_item_id"), table_name="entries")
    op.drop_table("entries")
    op.drop_index(op.f("ix_alerts_fired_at"), table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(op.f("ix_statements_first_seen_at"), table_name="statements")
    op.drop_table("statements")
    op.drop_index(op.f("ix_items_text_hash"), table_name="items")
    op.drop_index(op.f("ix_items_source"), table_name="items")
    op.drop_index(op.f("ix_items_published_at"), table_name="items")
    op.drop_index(op.f("ix_items_lang"), table_name="items")
    op.drop_index(op.f("ix_items_first_seen_at"), table_name="items")
    op.drop_table("items")
    op.drop_index(op.f("ix_feeds_source"), table_name="feeds")
    op.drop_index("ix_feeds_due", table_name="feeds")
    op.drop_table("feeds")
    op.drop_table("speakers")
    op.drop_table("sources")
    # ### end Alembic commands ###
