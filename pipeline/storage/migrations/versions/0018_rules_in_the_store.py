"""Alert rules that are kept in the store, and how often they changed; an index for when a rule fired last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables, both of them empty, and the index."""
    op.create_table(
        "alert_rules",
        sa.Column(
            "name",
            sa.String(80),
            primary_key=True,
            comment="name of the rule; one of config/alerts.toml wins over it",
        ),
        sa.Column("written", JSON, nullable=False, comment="the fields of a [[rule]] of alerts.toml, as written"),
        sa.Column("made_by", sa.Text(), nullable=False, comment="who made it"),
        sa.Column("made_at", TIME, nullable=False, comment="when"),
        sa.Column("changed_by", sa.Text(), nullable=False, comment="who changed it last, or made it"),
        sa.Column("changed_at", TIME, nullable=False, comment="when"),
        comment="Alert rules made on a page or by `vigia alerts add`, beside those of config/alerts.toml.",
    )
    op.create_table(
        "rules_version",
        sa.Column(
            "id",
            sa.Integer(),
            primary_key=True,
            autoincrement=False,
            comment="1: there is one row, once a rule was kept",
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts every change of alert_rules"),
        sa.Column("changed_at", TIME, nullable=False, comment="the last one"),
        comment="Whether alert_rules changed, for those who follow it.",
    )
    op.create_index("ix_alerts_rule_fired_at", "alerts", ["rule", "fired_at"])


def downgrade() -> None:
    """Drop them: rules kept in the store are lost, what they fired stays."""
    op.drop_index("ix_alerts_rule_fired_at", "alerts")
    op.drop_table("rules_version")
    op.drop_table("alert_rules")
