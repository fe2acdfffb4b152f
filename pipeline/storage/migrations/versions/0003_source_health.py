"""Source health: days, symptoms and notices; deliveries of notices; days of old entries counted."""

from collections import defaultdict
from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

NUMBERS = {
    "hours_asked": "hours in which we polled a feed of it: bit n is the hour from n:00 UTC",
    "hours_answered": "hours in which a poll of it succeeded, as bits",
    "hours_news": "hours in which it brought something new, as bits",
    "polls": "polls of its feeds; 0 where only later steps or a migration counted",
    "polls_failed": "of these, without an answer that we can read",
    "reads": "bodies of feeds that were read to the end; an unchanged feed is not",
    "reads_mended": "of these, with bytes that had to be mended: charset, control characters",
    "entries": "entries unknown before; those of first polls, back-fills and imports are left out",
    "undated": "of these, without a date or with an impossible one",
    "ahead": "of these, dated more than two hours ahead",
    "stale": "of these, dated more than 30 days back",
    "one_moment": "of these, in a poll whose new entries all claim one moment",
    "garbled": "of these, with a title whose characters were lost or misread",
    "pages": "pages fetched",
    "pages_refused": "entries that ended blocked or disallowed",
    "pages_failed": "entries that ended gone or quarantined",
    "pages_empty": "entries that ended too_short or not_article",
    "items": "entries that ended stored: new items",
}
ENDINGS = {
    "blocked": "pages_refused",
    "disallowed": "pages_refused",
    "gone": "pages_failed",
    "quarantined": "pages_failed",
    "too_short": "pages_empty",
    "not_article": "pages_empty",
    "stored": "items",
}


def upgrade() -> None:
    """Make the tables, let deliveries carry notices, count the days of the entries that are there."""
    _make_tables()
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("alert_id", existing_type=ID, nullable=True)
        batch.add_column(sa.Column("notice_id", ID, nullable=True, comment="the notice; empty for an alert"))
        batch.create_foreign_key("fk_deliveries_notice_id_notices", "notices", ["notice_id"], ["id"])
        batch.create_unique_constraint("uq_deliveries_notice_id_channel", ["notice_id", "channel"])
        batch.create_check_constraint("ck_deliveries_one_message", "(alert_id IS NULL) <> (notice_id IS NULL)")
    _count_old_days()


def _make_tables() -> None:
    op.create_table(
        "source_days",
        sa.Column("source", sa.String(length=80), nullable=False, comment="the outlet"),
        sa.Column("day", sa.Date(), nullable=False, comment="the day, in UTC"),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False, comment=comment)
            for name, comment in NUMBERS.items()
        ),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_source_days_source_sources")),
        sa.PrimaryKeyConstraint("source", "day", name=op.f("pk_source_days")),
        comment="What each source brought, day by day, counted as it happens. Imports are not counted.",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "symptoms",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column("source", sa.String(length=80), nullable=True, comment="the outlet; empty where it is us"),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="what is wrong; docs/health.md lists the kinds"
        ),
        sa.Column("severity", sa.String(length=8), nullable=False, comment="warning (we miss news) or notice"),
        sa.Column("sentence", sa.Text(), nullable=False, comment="what was found and what was expected"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="when it was noticed"),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it was gone, or nobody watched any more; empty while open",
        ),
        sa.Column("ending", sa.Text(), nullable=True, comment="how it ended"),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_symptoms_source_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_symptoms")),
        comment="What was noticed about the health of sources, from its beginning to its end.",
    )
    op.create_index(op.f("ix_symptoms_source"), "symptoms", ["source"], unique=False)
    op.create_index(op.f("ix_symptoms_ended_at"), "symptoms", ["ended_at"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False, comment="row number"),
        sa.Column(
            "key", sa.String(length=40), nullable=False, comment="the notice's name to the outside; never reused"
        ),
        sa.Column("event", sa.String(length=24), nullable=False, comment="source-health"),
        sa.Column("source", sa.String(length=80), nullable=True, comment="the outlet; empty where it is us"),
        sa.Column(
            "kind",
            sa.String(length=24),
            nullable=False,
            comment="what happened: a symptom, or what a poll noticed of a feed",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column("title", sa.Text(), nullable=False, comment="one line"),
        sa.Column("body", sa.Text(), nullable=False, comment="what happened, what was expected, since when"),
        sa.Column("url", sa.Text(), nullable=False, comment="the outlet's homepage; empty where it is us"),
        sa.Column("fields", JSON, nullable=False, comment="the same as data, for webhooks"),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name=op.f("fk_notices_source_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
        comment="What channels are told about sources rather than about the news.",
    )
    op.create_index(op.f("ix_notices_source"), "notices", ["source"], unique=False)


def _count_old_days() -> None:
    """What the entries tell: when each was first seen, and when and how it ended. Polls left no trace.

    That a source answered is taken for granted, from its first entry to its last, in the hours in which the engine saw
    entries of anybody. Where it did not, its old days look quieter than they were, and alarms come later, not sooner.
    """
    db = op.get_bind()
    days: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(NUMBERS, 0))
    alive: dict[str, int] = defaultdict(int)
    for source, day, hour, quiet, number, undated in db.execute(sa.text(FIRST_SEEN)):
        alive[day] |= 1 << int(hour)
        if not quiet:
            row = days[source, day]
            row["entries"] += number
            row["undated"] += undated
            row["hours_news"] |= 1 << int(hour)
    for source, first, last in db.execute(sa.text(SPAN)):
        for day in (day for day in alive if first <= day <= last):
            days[source, day]["hours_answered"] |= alive[day]
            days[source, day]["hours_asked"] |= alive[day]
    for source, day, outcome, number in db.execute(sa.text(ENDED)):
        if outcome in ENDINGS:
            days[source, day][ENDINGS[outcome]] += number
    rows = [{"source": source, "day": date.fromisoformat(day), **numbers} for (source, day), numbers in days.items()]
    if rows:
        counts = (sa.column(name, sa.Integer) for name in NUMBERS)
        table = sa.table("source_days", sa.column("source", sa.Text), sa.column("day", sa.Date), *counts)
        db.execute(sa.insert(table), rows)


#: times begin with YYYY-MM-DD HH, kept as text on SQLite, written out as text on PostgreSQL (in the session's UTC)
FIRST_SEEN = """
SELECT source, substr(CAST(first_seen_at AS TEXT), 1, 10) AS day, substr(CAST(first_seen_at AS TEXT), 12, 2) AS hour,
  quiet, count(*), sum(CASE WHEN claimed_at IS NULL AND updated_at IS NULL THEN 1 ELSE 0 END)
FROM entries WHERE feed_id IS NOT NULL AND version = '' GROUP BY source, day, hour, quiet
"""
SPAN = """
SELECT source, min(substr(CAST(first_seen_at AS TEXT), 1, 10)), max(substr(CAST(first_seen_at AS TEXT), 1, 10))
FROM entries WHERE feed_id IS NOT NULL GROUP BY source
"""
ENDED = """
SELECT source, substr(CAST(ended_at AS TEXT), 1, 10) AS day, outcome, count(*)
FROM entries WHERE feed_id IS NOT NULL AND outcome IS NOT NULL AND ended_at IS NOT NULL AND NOT quiet
GROUP BY source, day, outcome
"""


def downgrade() -> None:
    """Forget days, symptoms and notices, with the deliveries of notices."""
    op.execute("DELETE FROM deliveries WHERE alert_id IS NULL")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint("ck_deliveries_one_message", type_="check")
        batch.drop_constraint("uq_deliveries_notice_id_channel", type_="unique")
        batch.drop_constraint("fk_deliveries_notice_id_notices", type_="foreignkey")
        batch.drop_column("notice_id")
        batch.alter_column("alert_id", existing_type=ID, nullable=False)
    op.drop_index(op.f("ix_notices_source"), table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("ix_symptoms_ended_at"), table_name="symptoms")
    op.drop_index(op.f("ix_symptoms_source"), table_name="symptoms")
    op.drop_table("symptoms")
    op.drop_table("source_days")
