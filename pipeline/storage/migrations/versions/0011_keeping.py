"""How far reprocessings and imports have come, which entries were forgotten, and which side each report takes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables. What earlier reports said of their sides is not known: the column stays empty there."""
    op.create_table(
        "reprocessings",
        sa.Column("id", _ID, nullable=False, comment="row number"),
        sa.Column("asked", sa.Text(), nullable=False, comment="what was asked for, as JSON"),
        sa.Column(
            "made_of", sa.String(64), nullable=False, comment="hash of the program and configuration that it applies"
        ),
        sa.Column("since", _INSTANT, comment="items published before are left out; empty: none"),
        sa.Column("until", _INSTANT, comment="items published at this moment or later are left out; empty: none"),
        sa.Column("last_item", sa.BigInteger(), nullable=False, comment="the newest item when it began"),
        sa.Column("last_entry", sa.BigInteger(), nullable=False, comment="the newest entry when it began"),
        sa.Column("item", sa.BigInteger(), nullable=False, comment="items up to this one are done"),
        sa.Column("entry", sa.BigInteger(), nullable=False, comment="off-topic entries up to this one are done"),
        sa.Column("state", sa.String(8), nullable=False, comment="running or done"),
        sa.Column("counts", JSON, nullable=False, comment="what it changed so far, as numbers by name"),
        sa.Column("started_at", _INSTANT, nullable=False, comment="when it began"),
        sa.Column("updated_at", _INSTANT, nullable=False, comment="when it last went on"),
        sa.PrimaryKeyConstraint("id", name="pk_reprocessings"),
        comment="Runs that read stored texts again; one that was stopped goes on where it was.",
    )
    op.create_table(
        "imports",
        sa.Column("id", _ID, nullable=False, comment="row number"),
        sa.Column("path", sa.Text(), nullable=False, comment="the file, as an absolute path"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes in it"),
        sa.Column("head", sa.String(64), nullable=False, comment="hash of its first bytes"),
        sa.Column("place", sa.BigInteger(), nullable=False, comment="byte at which what is not imported yet begins"),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="lines or records before that place"),
        sa.Column("state", sa.String(8), nullable=False, comment="running or done"),
        sa.Column("counts", JSON, nullable=False, comment="how what was imported ended, as numbers by outcome"),
        sa.Column("started_at", _INSTANT, nullable=False, comment="when it began"),
        sa.Column("updated_at", _INSTANT, nullable=False, comment="when it last went on"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        comment="Files that were imported, and how far; one that was stopped goes on where it was.",
    )
    op.create_index("ix_imports_head_size", "imports", ["head", "size"])
    op.create_table(
        "forgotten",
        sa.Column(
            "key",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="hash of a canonical URL key, or of feed and key",
        ),
        sa.PrimaryKeyConstraint("key", name="pk_forgotten"),
        sqlite_with_rowid=False,
        comment="Off-topic entries that were removed: a feed that still announces one says nothing new.",
    )
    op.add_column(
        "reports",
        sa.Column(
            "sides", JSON, nullable=True, comment="its topics and the stance on each; empty where nobody kept them"
        ),
    )


def downgrade() -> None:
    """Drop them. Forgotten entries come back as new where a feed still announces them."""
    op.drop_column("reports", "sides")
    for name in ("forgotten", "imports", "reprocessings"):
        op.drop_table(name)
