"""Who wrote and whom credits the text of each appearance; lines that sources repeat; items that were merged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_COMMENTS = {
    "items": {
        "source": ("outlet of the original appearance", "outlet of the text kept here"),
        "url": ("address of the original appearance", "address of the text kept here"),
        "title": ("headline there", "headline"),
        "text_hash": ("hash of the folded words, boilerplate left out", "hash of the folded words"),
        "words": ("number of words in the text, boilerplate left out", "number of words in the text"),
    },
    "appearances": {
        "relation": (
            "original (the one to cite), same, copy, trimmed or extended",
            "original, same, copy, trimmed or extended",
        ),
    },
}


def upgrade() -> None:
    """Add them. Appearances of old take the item's authors where they are its original."""
    op.add_column(
        "appearances",
        sa.Column("authors", JSON, nullable=False, server_default="[]", comment="list of names there"),
    )
    op.add_column(
        "appearances",
        sa.Column(
            "credits",
            JSON,
            nullable=False,
            server_default="[]",
            comment="list of the agencies that the text credits",
        ),
    )
    op.execute(
        "UPDATE appearances SET authors = (SELECT items.authors FROM items WHERE items.id = appearances.item_id) "
        "WHERE relation = 'original'"
    )
    op.create_table(
        "boilerplate",
        sa.Column("source", sa.String(80), nullable=False, comment="the outlet"),
        sa.Column(
            "line", sa.BigInteger(), autoincrement=False, nullable=False, comment="hash of a line's folded words"
        ),
        sa.Column(
            "items",
            sa.Integer(),
            nullable=False,
            comment="how many of its items have it; from four on it is boilerplate",
        ),
        sa.Column("item_id", sa.BigInteger(), nullable=False, comment="the newest item that has it"),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name="fk_boilerplate_source_sources"),
        sa.PrimaryKeyConstraint("source", "line", name="pk_boilerplate"),
        comment="Lines at either end of texts that a source repeats: the newest few hundred of each source.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "merged_items",
        sa.Column(
            "id", sa.BigInteger(), autoincrement=False, nullable=False, comment="number of an item that is no more"
        ),
        sa.Column(
            "item_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the item it was merged into",
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_merged_items_item_id_items"),
        sa.PrimaryKeyConstraint("id", name="pk_merged_items"),
        comment="Items that a later text proved to be one: the older one's number stands.",
    )
    op.create_index("ix_merged_items_item_id", "merged_items", ["item_id"])
    _comment(0)


def downgrade() -> None:
    """Drop them; what was merged stays so."""
    _comment(1)
    op.drop_table("merged_items")
    op.drop_table("boilerplate")
    for name in ("credits", "authors"):
        op.drop_column("appearances", name)


def _comment(which: int) -> None:
    """Say what columns hold by now. SQLite keeps no comments, and would make the whole table anew."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, columns in _COMMENTS.items():
        for column, comments in columns.items():
            op.alter_column(table, column, comment=comments[which], existing_comment=comments[1 - which])
