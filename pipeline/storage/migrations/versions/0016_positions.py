"""Places of statements in order of publication; clear stances in a table of their own; indexes that answer alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLACE = "where it stands by publication: its second * 2^31 + its number"
#: (table, new index with its columns, old index that it replaces with its column)
_INDEXES = (
    ("item_topics", "ix_item_topics_topic_item_id", ["topic", "item_id"], "topic"),
    ("item_countries", "ix_item_countries_country_item_id", ["country", "item_id"], "country"),
    ("statement_topics", "ix_statement_topics_topic_stance_statement_id", ["topic", "stance", "statement_id"], "topic"),
    ("appearances", "ix_appearances_source_item_id", ["source", "item_id"], None),
    ("entries", "ix_entries_source_first_seen_at", ["source", "first_seen_at"], None),
)
#: the second of a moment; SQLite's would round fractions
_SECOND = {
    "sqlite": "CAST(strftime('%s', substr(coalesce(published_at, first_seen_at), 1, 19)) AS INTEGER)",
    "postgresql": "CAST(floor(extract(epoch FROM coalesce(published_at, first_seen_at))) AS bigint)",
}


def upgrade() -> None:
    """Add a column and a table, fill both, and lay the indexes."""
    op.add_column("statements", sa.Column("place", sa.BigInteger(), nullable=True, comment=PLACE))
    op.execute(f"UPDATE statements SET place = ({_SECOND[op.get_bind().dialect.name]} << 31) | id")  # noqa: S608
    op.create_index(op.f("ix_statements_place"), "statements", ["place"])
    op.create_index(
        "ix_statements_speaker_id_place_last_seen_at", "statements", ["speaker_id", "place", "last_seen_at"]
    )
    for table, name, columns, before in _INDEXES:
        op.create_index(name, table, columns)
        if before:
            op.drop_index(op.f(f"ix_{table}_{before}"), table_name=table)
    _make_positions()


def downgrade() -> None:
    """Drop them, and lay the indexes of before."""
    op.drop_table("positions")
    for table, name, _, before in _INDEXES:
        if before:
            op.create_index(op.f(f"ix_{table}_{before}"), table, [before])
        op.drop_index(name, table_name=table)
    op.drop_index("ix_statements_speaker_id_place_last_seen_at", table_name="statements")
    op.drop_index(op.f("ix_statements_place"), table_name="statements")
    op.drop_column("statements", "place")


def _make_positions() -> None:
    op.create_table(
        "positions",
        sa.Column("statement_id", ID, nullable=False, comment="the statement"),
        sa.Column("topic", sa.String(length=40), nullable=False, comment="topic slug"),
        sa.Column("stance", sa.String(length=8), nullable=False, comment="for, against or mixed"),
        sa.Column("speaker_id", ID, nullable=False, comment="who said it"),
        sa.Column("role", sa.Text(), nullable=True, comment="the speaker's role then"),
        sa.Column("country", sa.String(length=2), nullable=True, comment="the speaker's country then"),
        sa.Column("place", sa.BigInteger(), nullable=False, comment="as in statements"),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_positions_statement_id_statements")),
        sa.ForeignKeyConstraint(["speaker_id"], ["speakers.id"], name=op.f("fk_positions_speaker_id_speakers")),
        sa.PrimaryKeyConstraint("statement_id", "topic", name=op.f("pk_positions")),
        comment="Clear stances of statements, with what their pages ask for: made of statements and their topics.",
    )
    op.execute(
        "INSERT INTO positions (statement_id, topic, stance, speaker_id, role, country, place) "
        "SELECT s.id, t.topic, t.stance, s.speaker_id, s.role, s.country, s.place "
        "FROM statements s JOIN statement_topics t ON t.statement_id = s.id WHERE t.stance <> 'unclear'"
    )
    op.create_index("ix_positions_country_topic", "positions", ["country", "topic", "role", "stance", "place"])
    op.create_index("ix_positions_speaker", "positions", ["speaker_id", "topic", "place", "stance"])
