"""What holds alerts back: what rules remember, what is gathered for later, what was suppressed, mutes; grounds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)

#: of deliveries.channel; SQLite keeps no comments
CHANNEL = "terminal, file, webhook, or as config/alerts.toml names it"
CHANNEL_BEFORE = "terminal, file, webhook"


def upgrade() -> None:
    """Add the tables, all of them empty, and a column: of what fired before, the grounds are not known."""
    op.add_column(
        "alerts",
        sa.Column(
            "grounds",
            JSON,
            nullable=True,
            comment="conditions met, what was new, keys of realert; empty for alerts of old",
        ),
    )
    _comment_on_channel(CHANNEL, CHANNEL_BEFORE)
    op.create_table(
        "alert_memory",
        sa.Column("rule", sa.String(80), primary_key=True, comment="name of the rule"),
        sa.Column(
            "kind",
            sa.String(8),
            primary_key=True,
            comment="silence: a key was told; hour: alerts told one by one",
        ),
        sa.Column(
            "key",
            sa.Text(),
            primary_key=True,
            comment="what is kept silent, as realert_key says; empty for an hour",
        ),
        sa.Column("at", TIME, nullable=False, comment="a silence: until when; an hour: since when"),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="a silence: doublings of its wait; an hour: alerts told",
        ),
        comment="What rules remember of what they told.",
    )
    op.create_table(
        "held_alerts",
        sa.Column("alert_id", ID, sa.ForeignKey("alerts.id"), primary_key=True, comment="the alert"),
        sa.Column("rule", sa.String(80), nullable=False, comment="its rule"),
        sa.Column(
            "kind", sa.String(8), nullable=False, comment="digest, quiet (hours) or summary (of what was too much)"
        ),
        sa.Column("key", sa.Text(), nullable=False, comment="which of the rule's digests"),
        sa.Column("channels", JSON, nullable=False, comment="list of the channels that will be told"),
        sa.Column("due_at", TIME, nullable=False, comment="when"),
        sa.Column(
            "notice_id",
            ID,
            sa.ForeignKey("notices.id"),
            nullable=True,
            comment="what told of it; empty while it is gathered",
        ),
        comment="Alerts that are told together, later. One that came alone is told by itself and leaves the table.",
    )
    op.create_index("ix_held_alerts_due", "held_alerts", ["notice_id", "due_at"])
    op.create_table(
        "suppressions",
        sa.Column("id", ID, primary_key=True, comment="row number"),
        sa.Column("rule", sa.String(80), nullable=False, comment="name of the rule that was met"),
        sa.Column("subject", sa.String(80), nullable=False, comment="what it would have fired on"),
        sa.Column("item_id", ID, sa.ForeignKey("items.id"), nullable=False, comment="the item"),
        sa.Column(
            "statement_id",
            ID,
            sa.ForeignKey("statements.id"),
            nullable=True,
            comment="the statement, for rules about statements",
        ),
        sa.Column("suppressed_at", TIME, nullable=False, comment="when"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, in words"),
        sa.Column("keys", JSON, nullable=False, comment="list of its keys, as realert_key says"),
        comment="What met a rule and was news, but was kept quiet: muted, told lately, no new position.",
    )
    op.create_index("ix_suppressions_rule", "suppressions", ["rule", "suppressed_at"])
    op.create_table(
        "mutes",
        sa.Column("rule", sa.String(80), primary_key=True, comment="name of the rule"),
        sa.Column("until", TIME, nullable=False, comment="it stays silent until then"),
        sa.Column("muted_at", TIME, nullable=False, comment="when somebody said so"),
        comment="Rules silenced by `vigia alerts mute`.",
    )


def downgrade() -> None:
    """Drop them. What was gathered is told one by one, at once: it must not be lost."""
    waiting = "SELECT alert_id, channels, due_at FROM held_alerts WHERE notice_id IS NULL ORDER BY alert_id"
    held = op.get_bind().execute(sa.text(waiting).columns(channels=JSON)).all()
    table = sa.table("deliveries", *map(sa.column, ("alert_id", "channel", "state", "attempts", "next_try_at")))
    rows = [
        {"alert_id": row.alert_id, "channel": channel, "state": "waiting", "attempts": 0, "next_try_at": row.due_at}
        for row in held
        for channel in row.channels
    ]
    if rows:
        op.bulk_insert(table, rows)
    for name in ("mutes", "suppressions", "held_alerts", "alert_memory"):
        op.drop_table(name)
    op.drop_column("alerts", "grounds")
    _comment_on_channel(CHANNEL_BEFORE, CHANNEL)


def _comment_on_channel(comment: str, before: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("deliveries", "channel", comment=comment, existing_comment=before)
