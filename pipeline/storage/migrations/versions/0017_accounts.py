"""Accounts: users, sessions, tokens of programs, failures to sign in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables, all of them empty."""
    op.create_table(
        "users",
        sa.Column("id", ID, primary_key=True, comment="row number"),
        sa.Column("name", sa.String(80), nullable=False, unique=True, comment="what somebody signs in as, lower case"),
        sa.Column("role", sa.String(8), nullable=False, comment="reader or editor"),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2id hash of the password, with its parameters"),
        sa.Column("disabled", sa.Boolean(), nullable=False, comment="may not sign in"),
        sa.Column("made_at", TIME, nullable=False, comment="when it was added"),
        sa.Column("changed_at", TIME, nullable=False, comment="when password, role or state last changed"),
        sa.Column("seen_at", TIME, nullable=True, comment="when somebody last signed in with it"),
        comment="Accounts of people.",
    )
    op.create_table(
        "sessions",
        sa.Column("key", sa.String(64), primary_key=True, comment="SHA-256 of what the browser's cookie holds"),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False, comment="whose it is"),
        sa.Column("made_at", TIME, nullable=False, comment="when they signed in"),
        sa.Column("seen_at", TIME, nullable=False, comment="when they last asked for something, to about a minute"),
        sa.Column("address", sa.String(80), nullable=False, comment="where they signed in from"),
        comment="Logins that are not ended; those that ran out are removed when somebody signs in.",
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", ID, primary_key=True, comment="row number"),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False, comment="whose it is"),
        sa.Column("name", sa.String(80), nullable=False, comment="what its owner calls it"),
        sa.Column("key", sa.String(64), nullable=False, unique=True, comment="SHA-256 of the token"),
        sa.Column("scopes", JSON, nullable=False, comment="list of read, export, rules"),
        sa.Column("made_at", TIME, nullable=False, comment="when it was made"),
        sa.Column("expires_at", TIME, nullable=True, comment="when it runs out; empty: never"),
        sa.Column("used_at", TIME, nullable=True, comment="when it was last used, to about a minute"),
        sa.UniqueConstraint("user_id", "name"),
        comment="Keys that programs carry in place of a login.",
    )
    op.create_table(
        "login_attempts",
        sa.Column("subject", sa.String(96), primary_key=True, comment="user:NAME as it was typed, or address:NETWORK"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="failures in a row, those under way among them"),
        sa.Column("last_at", TIME, nullable=False, comment="when the last one was"),
        comment="Failures to sign in, of accounts and of addresses; a day without another one forgets them.",
    )
    op.create_index("ix_login_attempts_last_at", "login_attempts", ["last_at"])


def downgrade() -> None:
    """Drop them, and so everybody's account."""
    for name in ("login_attempts", "api_tokens", "sessions", "users"):
        op.drop_table(name)
