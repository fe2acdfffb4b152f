"""Who works on what: leases on entries and deliveries, and whose a feed's lease is."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_UNTIL = "until then a message about it is under way or a worker works on it; empty in the embedded engine"
_BY = "the task that works on it, or died of it; empty while it only waits in a queue"


def upgrade() -> None:
    """Add the columns, empty: nothing is under way while a store is migrated."""
    for table in ("entries", "deliveries"):
        op.add_column(table, sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True, comment=_UNTIL))
        op.add_column(table, sa.Column("leased_by", sa.String(40), nullable=True, comment=_BY))
    op.add_column("feeds", sa.Column("leased_by", sa.String(40), nullable=True, comment="the task that polls it"))
    waiting = sa.text("state = 'to_fetch'")
    op.create_index("ix_entries_to_fetch", "entries", ["host", "id"], sqlite_where=waiting, postgresql_where=waiting)
    leased = sa.text("leased_until IS NOT NULL")
    op.create_index("ix_entries_leased", "entries", ["leased_until"], sqlite_where=leased, postgresql_where=leased)


def downgrade() -> None:
    """Drop them; what was under way is sent again by nobody, as nobody sends."""
    op.drop_index("ix_entries_leased", "entries")
    op.drop_index("ix_entries_to_fetch", "entries")
    op.drop_column("feeds", "leased_by")
    for table in ("deliveries", "entries"):
        op.drop_column(table, "leased_by")
        op.drop_column(table, "leased_until")
