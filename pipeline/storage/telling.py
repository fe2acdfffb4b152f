"""Tables of who said what: speakers, statements, and the reports that items make of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.storage.columns import Instant, metadata
from pipeline.storage.columns import row_id as _id
from pipeline.storage.portable import JSON, JSON_OR_NULL

speakers = Table(
    "speakers",
    metadata,
    _id(),
    Column(
        "key", String(160), nullable=False, unique=True, comment="slug in config/people.toml, else made of the name"
    ),
    Column("name", Text, comment="full name; empty where the press names nobody"),
    Column("role", Text, comment="role, last reported"),
    Column("country", String(2), comment="country, last reported"),
    Column("folded", Text, comment="folded words of the name, each between two spaces"),
    comment="People and institutions that were reported to say something.",
)

statements = Table(
    "statements",
    metadata,
    _id(),
    Column("speaker_id", ForeignKey("speakers.id"), nullable=False, comment="who said it"),
    Column("key", BigInteger, nullable=False, comment="identity of the words"),
    Column("text", Text, nullable=False, comment="the words, as first reported"),
    Column("kind", String(8), nullable=False, comment="direct, mixed or indirect, as first reported"),
    Column("lang", String(8), index=True, comment="language of the words"),
    Column("role", Text, index=True, comment="the speaker's role then"),
    Column("country", String(2), index=True, comment="the speaker's country then"),
    Column("confidence", Float, nullable=False, comment="best confidence of its reports, 0..1"),
    Column("published_at", Instant, comment="earliest publication among its reports"),
    Column("first_seen_at", Instant, nullable=False, index=True, comment="when we first saw it"),
    Column("last_seen_at", Instant, nullable=False, comment="when we last saw it reported"),
    Column("place", BigInteger, index=True, comment="where it stands by publication: its second * 2^31 + its number"),
    UniqueConstraint("speaker_id", "key", name="uq_statements_speaker_id_key"),
    # what a speaker said, and how much, without a look at the rows
    Index("ix_statements_speaker_id_place_last_seen_at", "speaker_id", "place", "last_seen_at"),
    comment="What one speaker is reported to have said, once however many items report it.",
)

statement_words = Table(
    "statement_words",
    metadata,
    Column("statement_id", ForeignKey("statements.id"), primary_key=True, autoincrement=False, comment="the statement"),
    Column("said", Text, nullable=False, comment="its folded words, each between two spaces"),
    comment="What full text searches of statements.",
)

statement_topics = Table(
    "statement_topics",
    metadata,
    Column("statement_id", ForeignKey("statements.id"), primary_key=True, comment="the statement"),
    Column("topic", String(40), primary_key=True, comment="topic slug"),
    Column("stance", String(8), nullable=False, comment="for, against, mixed or unclear"),
    Index("ix_statement_topics_topic_stance_statement_id", "topic", "stance", "statement_id"),
    comment="What a statement is about and which side it takes.",
)

positions = Table(
    "positions",
    metadata,
    Column("statement_id", ForeignKey("statements.id"), primary_key=True, comment="the statement"),
    Column("topic", String(40), primary_key=True, comment="topic slug"),
    Column("stance", String(8), nullable=False, comment="for, against or mixed"),
    Column("speaker_id", ForeignKey("speakers.id"), nullable=False, comment="who said it"),
    Column("role", Text, comment="the speaker's role then"),
    Column("country", String(2), comment="the speaker's country then"),
    Column("place", BigInteger, nullable=False, comment="as in statements"),
    Index("ix_positions_country_topic", "country", "topic", "role", "stance", "place"),
    Index("ix_positions_speaker", "speaker_id", "topic", "place", "stance"),
    comment="Clear stances of statements, with what their pages ask for: made of statements and their topics.",
)

statement_bands = Table(
    "statement_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False, comment="lookup key made of the words"),
    Column(
        "statement_id", ForeignKey("statements.id"), primary_key=True, index=True, comment="a statement that has it"
    ),
    sqlite_with_rowid=False,
    comment="Lookup keys under which nearly the same words are found.",
)

reports = Table(
    "reports",
    metadata,
    _id(),
    Column("statement_id", ForeignKey("statements.id"), nullable=False, index=True, comment="what was said"),
    Column("item_id", ForeignKey("items.id"), nullable=False, index=True, comment="the item that reports it"),
    Column("appearance_id", ForeignKey("appearances.id"), comment="set when it stands in that appearance's own text"),
    Column("revision_id", ForeignKey("revisions.id"), comment="set when it stands in that earlier text only"),
    Column("where", String(5), nullable=False, comment="title or text"),
    Column("parts", JSON, nullable=False, comment="list of [start, end]"),
    Column("text", Text, nullable=False, comment="the words as reported here"),
    Column("cue", JSON, comment="[start, end] of the word of saying"),
    Column("mention", JSON, comment="[start, end] of the speaker's mention"),
    Column("kind", String(8), nullable=False, comment="direct, mixed or indirect"),
    Column("via", Text, index=True, comment="outlet or agency credited"),
    Column("role", Text, comment="role as reported here"),
    Column("confidence", Float, nullable=False, comment="0..1, by construction"),
    Column("seen_at", Instant, nullable=False, comment="when we saw it"),
    Column("sides", JSON_OR_NULL, comment="its topics and the stance on each; empty where nobody kept them"),
    comment="One item reporting one statement.",
)
