"""Since when no feed stands at an address: days without a connection are not days without a feed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; for feeds that are lost already it is as it was counted before."""
    op.add_column(
        "feeds",
        sa.Column(
            "missing_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when no feed stands there, or one without entries",
        ),
    )
    op.execute("UPDATE feeds SET missing_since = failing_since WHERE standing = 'lost'")


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("feeds", "missing_since")
