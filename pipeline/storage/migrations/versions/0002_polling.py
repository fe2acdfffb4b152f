"""What polling remembers: leases, standing, pace and hints of feeds; hosts that asked for patience."""

from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "host",
            sa.Text(),
            nullable=False,
            server_default="",
            comment="host name of url, or what it shares a limit with",
        ),
        sa.Column("entries_hash", sa.String(length=64), comment="hash of what the last body announced"),
        sa.Column("body_entries", sa.Integer(), comment="entries in the last body read"),
        sa.Column("not_modified", sa.Integer(), nullable=False, server_default="0", comment="answers 304 in a row"),
        sa.Column(
            "arrivals", sa.Float(), nullable=False, server_default="0", comment="new entries in the last hour, smoothed"
        ),
        sa.Column(
            "pace",
            sa.Float(),
            nullable=False,
            server_default="0",
            comment="new entries in its busiest hour of late; slowly forgotten",
        ),
        sa.Column("ttl", sa.Float(), comment="seconds between polls that the feed itself asks for"),
        sa.Column(
            "skip_hours",
            JSON,
            nullable=False,
            server_default="[]",
            comment="hours (0 to 23, UTC) in which the feed asks us not to come",
        ),
        sa.Column(
            "skip_days",
            JSON,
            nullable=False,
            server_default="[]",
            comment="days (0 is Monday) on which the feed asks us not to come",
        ),
        sa.Column(
            "failing_since",
            sa.DateTime(timezone=True),
            comment="when its failures in a row, or bodies without entries, began",
        ),
        sa.Column(
            "standing",
            sa.String(length=16),
            nullable=False,
            server_default="well",
            comment="well, degraded (the host refuses us) or lost (no feed there)",
        ),
        sa.Column("standing_since", sa.DateTime(timezone=True), comment="since when it is degraded or lost"),
        sa.Column("standing_reason", sa.Text(), comment="why it is degraded or lost"),
        sa.Column("proposed_url", sa.Text(), comment="what may replace a lost feed: for a person to decide"),
        sa.Column("proposed_at", sa.DateTime(timezone=True), comment="when a replacement was last looked for"),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            comment="until then some process is polling it; empty when none is",
        ),
    ]


def upgrade() -> None:
    """Add the columns, name each feed's host, make the table of hosts."""
    for column in _columns():
        op.add_column("feeds", column)
    feeds = sa.table("feeds", sa.column("id", sa.Integer), sa.column("url", sa.Text), sa.column("host", sa.Text))
    connection = op.get_bind()
    for row in connection.execute(sa.select(feeds.c.id, feeds.c.url)).all():
        host = urlsplit(row.url).hostname or ""
        connection.execute(sa.update(feeds).where(feeds.c.id == row.id).values(host=host))
    op.create_table(
        "hosts",
        sa.Column(
            "host", sa.String(length=255), nullable=False, comment="host name, or what several share a limit under"
        ),
        sa.Column("stopped_at", sa.DateTime(timezone=True), comment="when it last asked for patience (429, 503)"),
        sa.Column("stop_until", sa.DateTime(timezone=True), comment="nothing is asked of it before"),
        sa.Column("reason", sa.Text(), nullable=False, comment="what it answered"),
        sa.Column("stops", sa.Integer(), nullable=False, comment="stops that followed closely upon each other"),
        sa.Column(
            "distrust_until",
            sa.DateTime(timezone=True),
            comment="it said 304 though there was news: no validators are sent before",
        ),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
        comment="What hosts asked of us as a whole; a host that never did has no row.",
    )


def downgrade() -> None:
    """Forget it again."""
    op.drop_table("hosts")
    for column in reversed(_columns()):
        # not by making the table anew: entries refer to it
        op.drop_column("feeds", column.name)
