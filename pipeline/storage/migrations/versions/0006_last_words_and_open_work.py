"""What a notice is about, so that the last word on it is known; an index of the entries that are still work."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; notices of symptoms are about those, older ones of feeds about nothing that comes again."""
    op.add_column(
        "notices",
        sa.Column(
            "subject",
            sa.String(length=40),
            nullable=False,
            server_default="",
            comment="what it is about: a symptom's kind, or a feed and what of it; its latest notice counts",
        ),
    )
    op.execute("UPDATE notices SET subject = kind")
    still_work = sa.text("state != 'ended'")
    op.create_index("ix_entries_open", "entries", ["next_try_at"], sqlite_where=still_work, postgresql_where=still_work)


def downgrade() -> None:
    """Drop what was added."""
    op.drop_index("ix_entries_open", table_name="entries")
    op.drop_column("notices", "subject")
