"""Tables of alerts: what fired, its deliveries; what rules remember, gather and suppress, mutes; rules themselves."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from pipeline.storage.columns import Instant, lease, metadata, row_id
from pipeline.storage.portable import JSON, JSON_OR_NULL

alerts = Table(
    "alerts",
    metadata,
    row_id(),
    Column("key", String(40), nullable=False, unique=True, comment="the alert's name to the outside; never reused"),
    Column("rule", String(80), nullable=False, comment="name of the rule that fired"),
    Column("subject", String(80), nullable=False, comment="what it fired on, so that it fires once"),
    Column("item_id", ForeignKey("items.id"), nullable=False, comment="the item"),
    Column("statement_id", ForeignKey("statements.id"), comment="the statement, for rules about statements"),
    Column("fired_at", Instant, nullable=False, index=True, comment="when"),
    Column("title", Text, nullable=False, comment="one line"),
    Column("body", Text, nullable=False, comment="what was said, by whom, where, and why the rule fired"),
    Column("url", Text, nullable=False, comment="where to read on"),
    Column("fields", JSON, nullable=False, comment="the same as data, for webhooks"),
    Column("grounds", JSON_OR_NULL, comment="conditions met, what was new, keys of realert; empty for alerts of old"),
    UniqueConstraint("rule", "subject", name="uq_alerts_rule_subject"),
    Index("ix_alerts_rule_fired_at", "rule", "fired_at"),
    comment="One rule met one new item or statement.",
)

deliveries = Table(
    "deliveries",
    metadata,
    row_id(),
    Column("alert_id", ForeignKey("alerts.id"), comment="the alert; empty for a notice"),
    Column("notice_id", ForeignKey("notices.id"), comment="the notice; empty for an alert"),
    Column("channel", String(40), nullable=False, comment="terminal, file, webhook, or as config/alerts.toml names it"),
    Column("state", String(8), nullable=False, comment="waiting, sent or dead"),
    Column("attempts", Integer, nullable=False, comment="failures so far"),
    Column("next_try_at", Instant, nullable=False, comment="not to be sent before"),
    Column("sent_at", Instant, comment="when the channel took it"),
    Column("error", Text, comment="what the last attempt failed of"),
    *lease(),
    UniqueConstraint("alert_id", "channel", name="uq_deliveries_alert_id_channel"),
    UniqueConstraint("notice_id", "channel", name="uq_deliveries_notice_id_channel"),
    CheckConstraint("(alert_id IS NULL) <> (notice_id IS NULL)", name="ck_deliveries_one_message"),
    Index("ix_deliveries_work", "state", "next_try_at"),
    comment="One message, of one alert or notice, to one channel.",
)

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

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("name", String(80), primary_key=True, comment="name of the rule; one of config/alerts.toml wins over it"),
    Column("written", JSON, nullable=False, comment="the fields of a [[rule]] of alerts.toml, as written"),
    Column("made_by", Text, nullable=False, comment="who made it"),
    Column("made_at", Instant, nullable=False, comment="when"),
    Column("changed_by", Text, nullable=False, comment="who changed it last, or made it"),
    Column("changed_at", Instant, nullable=False, comment="when"),
    comment="Alert rules made on a page or by `vigia alerts add`, beside those of config/alerts.toml.",
)

rules_version = Table(
    "rules_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="1: there is one row, once a rule was kept"),
    Column("number", Integer, nullable=False, comment="counts every change of alert_rules"),
    Column("changed_at", Instant, nullable=False, comment="the last one"),
    comment="Whether alert_rules changed, for those who follow it.",
)
