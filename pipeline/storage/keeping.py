"""Tables of what is kept for how long and read again: reprocessings, imports, forgotten entries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from pipeline.storage.columns import Instant, metadata
from pipeline.storage.columns import row_id as _id
from pipeline.storage.portable import JSON

reprocessings = Table(
    "reprocessings",
    metadata,
    _id(),
    Column("asked", Text, nullable=False, comment="what was asked for, as JSON"),
    Column("made_of", String(64), nullable=False, comment="hash of the program and configuration that it applies"),
    Column("since", Instant, comment="items published before are left out; empty: none"),
    Column("until", Instant, comment="items published at this moment or later are left out; empty: none"),
    Column("last_item", BigInteger, nullable=False, comment="the newest item when it began"),
    Column("last_entry", BigInteger, nullable=False, comment="the newest entry when it began"),
    Column("item", BigInteger, nullable=False, comment="items up to this one are done"),
    Column("entry", BigInteger, nullable=False, comment="off-topic entries up to this one are done"),
    Column("state", String(8), nullable=False, comment="running or done"),
    Column("counts", JSON, nullable=False, comment="what it changed so far, as numbers by name"),
    Column("started_at", Instant, nullable=False, comment="when it began"),
    Column("updated_at", Instant, nullable=False, comment="when it last went on"),
    comment="Runs that read stored texts again; one that was stopped goes on where it was.",
)

imports = Table(
    "imports",
    metadata,
    _id(),
    Column("path", Text, nullable=False, comment="the file, as an absolute path"),
    Column("size", BigInteger, nullable=False, comment="bytes in it"),
    Column("head", String(64), nullable=False, comment="hash of its first bytes"),
    Column("place", BigInteger, nullable=False, comment="byte at which what is not imported yet begins"),
    Column("number", BigInteger, nullable=False, comment="lines or records before that place"),
    Column("state", String(8), nullable=False, comment="running or done"),
    Column("counts", JSON, nullable=False, comment="how what was imported ended, as numbers by outcome"),
    Column("started_at", Instant, nullable=False, comment="when it began"),
    Column("updated_at", Instant, nullable=False, comment="when it last went on"),
    Index("ix_imports_head_size", "head", "size"),
    comment="Files that were imported, and how far; one that was stopped goes on where it was.",
)

forgotten = Table(
    "forgotten",
    metadata,
    Column(
        "key",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="hash of a canonical URL key, or of feed and key",
    ),
    sqlite_with_rowid=False,
    comment="Off-topic entries that were removed: a feed that still announces one says nothing new.",
)
