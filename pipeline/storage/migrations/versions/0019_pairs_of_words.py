"""Pairs of neighbouring words, which PostgreSQL finds phrases by.

SQLite's FTS5 knows where words stand. PostgreSQL's index knows which texts have them: "mano dura" was looked for in
every text that has both words somewhere. Now a second index has the pairs, each as one of 2^20 numbers, and the texts
left to look at are the hits and a handful of others.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"

#: how the server hashes texts is kept from version to version, since partitions of tables hang on it
_PAIRS = """
CREATE FUNCTION vigia_pairs(title text, said text) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
COST 10000 AS $$
DECLARE words text[] := string_to_array(btrim(title || ltrim(said)), ' ');
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT (hashtextextended(one.word || ' ' || words[one.place + 1], 0) & 1048575)::integer
        FROM unnest(words) WITH ORDINALITY AS one (word, place) WHERE one.place < cardinality(words)
    );
END$$
"""


def upgrade() -> None:
    """Lay the indexes; on PostgreSQL, item_words is written anew: a minute for 100,000 items."""
    if op.get_context().dialect.name != "postgresql":
        return
    for statement in (
        _PAIRS,
        # texts stand aside, headlines no longer: they were read from there for every `title:`
        "ALTER TABLE item_words SET (toast_tuple_target = 512)",
        "ALTER TABLE item_words ALTER COLUMN title TYPE text USING title || ''",
        "CREATE INDEX item_words_fts_pairs ON item_words USING gin (vigia_pairs(title, text)) WITH (fastupdate = off)",
        # statistics of 30,000 texts' words took most of an ANALYZE, and told the planner nothing it went by
        "ALTER INDEX item_words_fts ALTER COLUMN 1 SET STATISTICS 0",
        "ALTER INDEX item_words_fts_pairs ALTER COLUMN 1 SET STATISTICS 0",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take them away; headlines stay where they are."""
    if op.get_context().dialect.name != "postgresql":
        return
    for statement in (
        "DROP INDEX item_words_fts_pairs",
        "DROP FUNCTION vigia_pairs(text, text)",
        "ALTER INDEX item_words_fts ALTER COLUMN 1 SET STATISTICS -1",
        "ALTER TABLE item_words SET (toast_tuple_target = 128)",
    ):
        op.execute(statement)
