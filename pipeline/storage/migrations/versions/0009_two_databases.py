"""Indexes for queues of a million feeds; PostgreSQL keeps comments, and those that have become untrue are put right."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: table, column (None: the table itself), comment from here on, comment before
COMMENTS = (
    (
        "deliveries",
        None,
        "One message, of one alert or notice, to one channel.",
        "One message of one alert to one channel.",
    ),
    ("deliveries", "alert_id", "the alert; empty for a notice", "the alert"),
    (
        "entries",
        "feed_id",
        "the feed that announced it, or that a back-fill attached it to; empty for imports",
        "the feed that announced it; empty for imports",
    ),
    (
        "feeds",
        "reads",
        "polls that brought a body, from the first with entries on; 0: the next primes it",
        "polls that brought a readable body; 0: the next one primes it",
    ),
)


def upgrade() -> None:
    """Add the indexes; SQLite has no comments."""
    leased = sa.text("leased_until IS NOT NULL")
    op.create_index("ix_feeds_host", "feeds", ["host"])
    op.create_index("ix_feeds_leased", "feeds", ["leased_until"], sqlite_where=leased, postgresql_where=leased)
    for table, column, comment, _ in COMMENTS:
        _comment(table, column, comment)


def downgrade() -> None:
    """As they were."""
    for table, column, _, comment in COMMENTS:
        _comment(table, column, comment)
    op.drop_index("ix_feeds_leased", table_name="feeds")
    op.drop_index("ix_feeds_host", table_name="feeds")


def _comment(table: str, column: str | None, comment: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    if column is None:
        op.create_table_comment(table, comment)
    else:
        # a literal of SQL's own: COMMENT takes no parameters
        words = sa.literal(comment).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        op.execute(f"COMMENT ON COLUMN {table}.{column} IS {words}")
