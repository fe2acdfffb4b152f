"""What a backfill had to pass over, whether it was asked for a last day, and its list apart from its cursor."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Days end a microsecond before midnight, so any other end was the moment of the call."""
    op.add_column(
        "backfills",
        sa.Column(
            "skipped",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="pages passed over that could not be read: what they list is missing",
        ),
    )
    op.add_column(
        "backfills",
        sa.Column(
            "open_ended",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="no last day was asked for: until is when it began",
        ),
    )
    op.add_column(
        "backfills",
        sa.Column(
            "listed", sa.Text(), nullable=True, comment="the list that the cursor stands in, as JSON, if it has one"
        ),
    )
    # a time is text on SQLite, and is written out in the session's zone, UTC, on PostgreSQL
    op.execute("UPDATE backfills SET open_ended = true WHERE CAST(until AS TEXT) NOT LIKE '%23:59:59.999999%'")


def downgrade() -> None:
    """Drop them; a walk through sitemaps that has not ended begins anew."""
    op.execute("DELETE FROM backfills WHERE listed IS NOT NULL")
    for name in ("listed", "open_ended", "skipped"):
        op.drop_column("backfills", name)
