"""Whether an item's text is whole, or a teaser whose rest is for subscribers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was stored before counts as whole."""
    op.add_column(
        "items",
        sa.Column(
            "access",
            sa.String(length=8),
            nullable=False,
            server_default="open",
            comment="open, or teaser: the rest of the text is for subscribers",
        ),
    )


def downgrade() -> None:
    """Drop the column in place: a table made anew would lose its triggers."""
    op.drop_column("items", "access")
