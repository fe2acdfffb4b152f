"""Full text over words that we fold, in order of publication, on SQLite and PostgreSQL; saved searches."""

import sqlalchemy as sa
from alembic import op

# not the schema, which goes on changing, but the folding: an index is only of use in the folding that queries have
from pipeline.storage import words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BEFORE = (("items", ("title", "text")), ("statements", ("text",)))
_INDEXED = (("reports", "via"), ("statements", "country"), ("statements", "lang"), ("statements", "role"))


def upgrade() -> None:
    """Make the tables of folded words, fill them, and lay full text over them in place of the old."""
    _add_columns()
    _make_tables()
    for table, column in _INDEXED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for statement in _new_full_text(op.get_bind().dialect.name):
        op.execute(statement)
    _fill()


def downgrade() -> None:
    """Drop them in place, and lay the old full text over items and statements."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("item_words", "statement_words"):
        if on_sqlite:
            _drop_full_text(table)
        else:
            op.execute(f"DROP INDEX {table}_fts")
        op.drop_table(table)
    if not on_sqlite:
        op.execute("DROP FUNCTION vigia_words(text, text)")
    op.drop_table("saved_searches")
    for table, column in _INDEXED:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    op.drop_index(op.f("ix_items_place"), table_name="items")
    op.drop_column("items", "place")
    op.drop_column("speakers", "folded")
    if on_sqlite:
        for table, columns in _BEFORE:
            _lay_over(table, "id", columns, "unicode61 remove_diacritics 2")


def _add_columns() -> None:
    place = "where it stands by publication: its second * 2^31 + its number"
    op.add_column("items", sa.Column("place", sa.BigInteger(), nullable=True, comment=place))
    op.create_index(op.f("ix_items_place"), "items", ["place"])
    folded = "folded words of the name, each between two spaces"
    op.add_column("speakers", sa.Column("folded", sa.Text(), nullable=True, comment=folded))


def _make_tables() -> None:
    op.create_table(
        "item_words",
        sa.Column(
            "place", ID, autoincrement=False, nullable=False, comment="as in items, so that full text comes sorted"
        ),
        sa.Column("item_id", ID, nullable=False, comment="the item"),
        sa.Column("title", sa.Text(), nullable=False, comment="folded words of the headline, each between two spaces"),
        sa.Column("text", sa.Text(), nullable=False, comment="folded words of the body, each between two spaces"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_words_item_id_items")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_item_words")),
        sa.UniqueConstraint("item_id", name=op.f("uq_item_words_item_id")),
        comment="What full text searches of items.",
    )
    op.create_table(
        "statement_words",
        sa.Column("statement_id", ID, autoincrement=False, nullable=False, comment="the statement"),
        sa.Column("said", sa.Text(), nullable=False, comment="its folded words, each between two spaces"),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_statement_words_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_statement_words")),
        comment="What full text searches of statements.",
    )
    op.create_table(
        "saved_searches",
        sa.Column("name", sa.String(length=80), nullable=False, comment="what it is called"),
        sa.Column("query", sa.Text(), nullable=False, comment="in the query language, as written"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, comment="when it was last saved"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_saved_searches")),
        comment="Queries that people keep under a name.",
    )


def _new_full_text(dialect: str) -> list[str]:
    if dialect == "sqlite":
        for table, _ in _BEFORE:
            _drop_full_text(table)
        # folded words are letters and digits between spaces: the tokenizer that knows least cuts them right
        _lay_over("item_words", "place", ("title", "text"), "ascii")
        _lay_over("statement_words", "statement_id", ("said",), "ascii")
        return []
    # rows without their texts, which stand aside: what the index finds is gathered from few pages. No list of pending
    # words either, which every search would have to read to its end
    return [
        "ALTER TABLE item_words SET (toast_tuple_target = 128)",
        "ALTER TABLE item_words ALTER COLUMN text SET STORAGE EXTERNAL",
        # its cost, else the planner would take it for an addition and work it out for every row
        "CREATE FUNCTION vigia_words(title text, said text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE "
        "COST 10000 AS $$BEGIN RETURN array_to_tsvector(string_to_array(btrim(title || ltrim(said)), ' ')); END$$",
        "CREATE INDEX item_words_fts ON item_words USING gin (vigia_words(title, text)) WITH (fastupdate = off)",
        "CREATE INDEX statement_words_fts ON statement_words USING gin (vigia_words('', said)) WITH (fastupdate = off)",
    ]


def _drop_full_text(table: str) -> None:
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER {table}_fts_{event}")
    op.execute(f"DROP TABLE {table}_fts")


def _lay_over(table: str, key: str, columns: tuple[str, ...], tokenizer: str) -> None:
    """SQLite keeps the words in an external-content FTS5 table; triggers hold it to its table."""
    names = ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    index = f"{table}_fts"
    insert = f"INSERT INTO {index}(rowid, {names}) VALUES (new.{key}, {new});"  # noqa: S608 - names are constants above
    delete = f"INSERT INTO {index}({index}, rowid, {names}) VALUES ('delete', old.{key}, {old});"  # noqa: S608
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5({names}, content='{table}', content_rowid='{key}', "
        f"tokenize='{tokenizer}')"
    )
    op.execute(f"CREATE TRIGGER {table}_fts_insert AFTER INSERT ON {table} BEGIN {insert} END")
    op.execute(f"CREATE TRIGGER {table}_fts_delete AFTER DELETE ON {table} BEGIN {delete} END")
    op.execute(f"CREATE TRIGGER {table}_fts_update AFTER UPDATE OF {names} ON {table} BEGIN {delete} {insert} END")
    op.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")  # noqa: S608


def _fill() -> None:
    bind = op.get_bind()
    speakers = sa.table("speakers", sa.column("id"), sa.column("name"), sa.column("folded"))
    named = bind.execute(sa.select(speakers.c.id, speakers.c.name).where(speakers.c.name.is_not(None))).all()
    rows = [{"who": row.id, "words": words.spaced(row.name)} for row in named]
    change = sa.update(speakers).where(speakers.c.id == sa.bindparam("who")).values(folded=sa.bindparam("words"))
    if rows:
        bind.execute(change, rows)
    words.fill(bind)
