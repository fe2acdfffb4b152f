"""Tables of what holds alerts back: what rules remember, what is gathered for later, what was suppressed, mutes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from pipeline.storage.columns import Instant, metadata, row_id
from pipeline.storage.portable import JSON

alert_memory = Table(
    "alert_memory",
    metadata,
    Column("rule", String(80), primary_key=True, comment="name of the rule"),
    Column("kind", String(8), primary_key=True, comment="silence: a key was told; hour: alerts told one by one"),
    Column("key", Text, primary_key=True, comment="what is kept silent, as realert_key says; empty for an hour"),
    Column("at", Instant, nullable=False, comment="a silence: until when; an hour: since when"),
    Column("number", Integer, nullable=False, comment="a silence: doublings of its wait; an hour: alerts told"),
    comment="What rules remember of what they told.",
)

held_alerts = Table(
    "held_alerts",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, comment="the alert"),
    Column("rule", String(80), nullable=False, comment="its rule"),
    Column("kind", String(8), nullable=False, comment="digest, quiet (hours) or summary (of what was too much)"),
    Column("key", Text, nullable=False, comment="which of the rule's digests"),
    Column("channels", JSON, nullable=False, comment="list of the channels that will be told"),
    Column("due_at", Instant, nullable=False, comment="when"),
    Column("notice_id", ForeignKey("notices.id"), comment="what told of it; empty while it is gathered"),
    Index("ix_held_alerts_due", "notice_id", "due_at"),
    comment="Alerts that are told together, later. One that came alone is told by itself and leaves the table.",
)

suppressions = Table(
    "suppressions",
    metadata,
    row_id(),
    Column("rule", String(80), nullable=False, comment="name of the rule that was met"),
    Column("subject", String(80), nullable=False, comment="what it would have fired on"),
    Column("item_id", ForeignKey("items.id"), nullable=False, comment="the item"),
    Column("statement_id", ForeignKey("statements.id"), comment="the statement, for rules about statements"),
    Column("suppressed_at", Instant, nullable=False, comment="when"),
    Column("reason", Text, nullable=False, comment="why, in words"),
    Column("keys", JSON, nullable=False, comment="list of its keys, as realert_key says"),
    Index("ix_suppressions_rule", "rule", "suppressed_at"),
    comment="What met a rule and was news, but was kept quiet: muted, told lately, no new position.",
)

mutes = Table(
    "mutes",
    metadata,
    Column("rule", String(80), primary_key=True, comment="name of the rule"),
    Column("until", Instant, nullable=False, comment="it stays silent until then"),
    Column("muted_at", Instant, nullable=False, comment="when somebody said so"),
    comment="Rules silenced by `vigia alerts mute`.",
)
