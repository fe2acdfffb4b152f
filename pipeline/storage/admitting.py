"""Tables of who may see and change what: users, their sessions and tokens, failures to sign in.

They stay where they are: an archive of a store has none of them.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from pipeline.storage.columns import Instant, metadata
from pipeline.storage.columns import row_id as _id
from pipeline.storage.portable import JSON

users = Table(
    "users",
    metadata,
    _id(),
    Column("name", String(80), nullable=False, unique=True, comment="what somebody signs in as, lower case"),
    Column("role", String(8), nullable=False, comment="reader or editor"),
    Column("password", Text, nullable=False, comment="argon2id hash of the password, with its parameters"),
    Column("disabled", Boolean, nullable=False, comment="may not sign in"),
    Column("made_at", Instant, nullable=False, comment="when it was added"),
    Column("changed_at", Instant, nullable=False, comment="when password, role or state last changed"),
    Column("seen_at", Instant, comment="when somebody last signed in with it"),
    comment="Accounts of people.",
    info={"stays": True},
)

sessions = Table(
    "sessions",
    metadata,
    Column("key", String(64), primary_key=True, comment="SHA-256 of what the browser's cookie holds"),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True, comment="whose it is"),
    Column("made_at", Instant, nullable=False, comment="when they signed in"),
    Column("seen_at", Instant, nullable=False, comment="when they last asked for something, to about a minute"),
    Column("address", String(80), nullable=False, comment="where they signed in from"),
    comment="Logins that are not ended; those that ran out are removed when somebody signs in.",
    info={"stays": True},
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("user_id", ForeignKey("users.id"), nullable=False, comment="whose it is"),
    Column("name", String(80), nullable=False, comment="what its owner calls it"),
    Column("key", String(64), nullable=False, unique=True, comment="SHA-256 of the token"),
    Column("scopes", JSON, nullable=False, comment="list of read, export, rules"),
    Column("made_at", Instant, nullable=False, comment="when it was made"),
    Column("expires_at", Instant, comment="when it runs out; empty: never"),
    Column("used_at", Instant, comment="when it was last used, to about a minute"),
    UniqueConstraint("user_id", "name"),
    comment="Keys that programs carry in place of a login.",
    info={"stays": True},
)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("subject", String(96), primary_key=True, comment="user:NAME as it was typed, or address:NETWORK"),
    Column("failures", Integer, nullable=False, comment="failures in a row, those under way among them"),
    Column("last_at", Instant, nullable=False, index=True, comment="when the last one was"),
    comment="Failures to sign in, of accounts and of addresses; a day without another one forgets them.",
    info={"stays": True},
)
