"""Walks through what outlets published before we came."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of backfills."""
    op.create_table(
        "backfills",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("source", sa.String(length=80), nullable=False, comment="the outlet whose past it fetches"),
        sa.Column("feed_id", ID, nullable=False, comment="the feed whose entries its findings become"),
        sa.Column("method", sa.String(length=12), nullable=False, comment="wp-json, wordpress, archive or sitemap"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="first moment that is asked for"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, comment="last moment that is asked for"),
        sa.Column(
            "cursor", sa.Text(), nullable=True, comment="where the next request goes, as JSON; empty once it is done"
        ),
        sa.Column("state", sa.String(length=8), nullable=False, comment="running, done or failed"),
        sa.Column("requests", sa.Integer(), nullable=False, comment="pages asked for so far"),
        sa.Column("seen", sa.Integer(), nullable=False, comment="entries on those pages"),
        sa.Column("found", sa.Integer(), nullable=False, comment="those of the time that is asked for"),
        sa.Column("new", sa.Integer(), nullable=False, comment="those of them that nobody had announced"),
        sa.Column(
            "undated",
            sa.Integer(),
            nullable=False,
            comment="entries left out because nothing says when they are of",
        ),
        sa.Column("failures", sa.Integer(), nullable=False, comment="pages in a row that could not be had"),
        sa.Column("error", sa.Text(), nullable=True, comment="what the last of them failed of"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="when it began"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="when it last went on"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_backfills_feed_id_feeds")),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_backfills_source_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
        comment="Walks through what outlets published before we came; stopped ones go on where they were.",
    )
    op.create_index(op.f("ix_backfills_source"), "backfills", ["source"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_backfills_source"), table_name="backfills")
    op.drop_table("backfills")
