"""Keys that programs carry in place of a login, stored hashed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from pipeline.access.people import Scope, Token, User
from pipeline.storage.portable import insert
from pipeline.storage.schema import api_tokens, users
from pipeline.storage.users import SHOWN, user_of

_TOKEN = (
    api_tokens.c.id.label("token_id"),
    api_tokens.c.name.label("called"),
    api_tokens.c.scopes,
    api_tokens.c.made_at.label("token_made_at"),
    api_tokens.c.expires_at,
    api_tokens.c.used_at,
)


def add(
    db: Connection,
    user_id: int,
    name: str,
    key: str,
    scopes: Sequence[Scope],
    now: datetime,
    expires_at: datetime | None,
) -> bool:
    """A token under its hash; False where its owner has one of this name."""
    values = {"user_id": user_id, "name": name, "key": key, "scopes": list(scopes), "made_at": now}
    new = insert(api_tokens).values(values | {"expires_at": expires_at})
    once = new.on_conflict_do_nothing(index_elements=["user_id", "name"])
    return db.execute(once.returning(api_tokens.c.id)).first() is not None


def find(db: Connection, key: str, now: datetime) -> tuple[User, Token] | None:
    """Whose token that is; None where it is none (any more), ran out or is a disabled user's."""
    alive = or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now)
    asked = select(*SHOWN, *_TOKEN).join_from(api_tokens, users)
    row = db.execute(asked.where(api_tokens.c.key == key, alive, ~users.c.disabled)).first()
    if row is None:
        return None
    return user_of(row), _token(row)


def listing(db: Connection, user_id: int | None = None) -> list[Token]:
    """All tokens, or those of one account, by owner and name."""
    asked = select(users.c.name, *_TOKEN).join_from(api_tokens, users)
    if user_id is not None:
        asked = asked.where(api_tokens.c.user_id == user_id)
    return [_token(row) for row in db.execute(asked.order_by(users.c.name, api_tokens.c.name))]


def used(db: Connection, token_id: int, now: datetime) -> None:
    """It was used."""
    db.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=now))


def remove(db: Connection, user_id: int, name: str) -> bool:
    """It is no more; False where there was none of this name."""
    mine = (api_tokens.c.user_id == user_id, api_tokens.c.name == name)
    return bool(db.execute(delete(api_tokens).where(*mine)).rowcount)


def _token(row: Any) -> Token:
    return Token(row.token_id, row.name, row.called, tuple(row.scopes), row.token_made_at, row.expires_at, row.used_at)
