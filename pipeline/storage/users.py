"""Accounts of people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select, update

from pipeline.access.people import Role, User
from pipeline.storage.portable import insert
from pipeline.storage.schema import api_tokens, sessions, users

#: what is told of one: never its password
SHOWN = (users.c.id, users.c.name, users.c.role, users.c.disabled, users.c.made_at, users.c.seen_at)


def user_of(row: Any) -> User:
    """An account, of a row with `SHOWN` in it."""
    return User(row.id, row.name, row.role, row.disabled, row.made_at, row.seen_at)


def add(db: Connection, name: str, role: Role, password: str, now: datetime) -> bool:
    """Add an account, of a password's hash; False where the name is taken."""
    values = {"name": name, "role": role, "password": password, "disabled": False, "made_at": now, "changed_at": now}
    new = insert(users).values(values).on_conflict_do_nothing(index_elements=["name"])
    return db.execute(new.returning(users.c.id)).first() is not None


def find(db: Connection, name: str) -> User | None:
    """The account of this name."""
    row = db.execute(select(*SHOWN).where(users.c.name == name)).first()
    return None if row is None else user_of(row)


def password_of(db: Connection, name: str) -> str | None:
    """The hash of its password; None for an account that is not there or may not sign in."""
    return db.execute(select(users.c.password).where(users.c.name == name, ~users.c.disabled)).scalar()


def listing(db: Connection) -> list[User]:
    """All of them, by name."""
    return [user_of(row) for row in db.execute(select(*SHOWN).order_by(users.c.name))]


def any_at_all(db: Connection) -> bool:
    """Whether there is an account, disabled ones among them."""
    return bool(db.execute(select(exists().select_from(users))).scalar())


def count_able(db: Connection) -> int:
    """How many may sign in."""
    return int(db.execute(select(func.count()).select_from(users).where(~users.c.disabled)).scalar_one())


def set_password(db: Connection, user_id: int, password: str, now: datetime) -> None:
    """Another password, by its hash; whoever was signed in is so no more."""
    db.execute(update(users).where(users.c.id == user_id).values(password=password, changed_at=now))
    end_sessions(db, user_id)


def rehash(db: Connection, user_id: int, password: str) -> None:
    """The same password, hashed as passwords are by now."""
    db.execute(update(users).where(users.c.id == user_id).values(password=password))


def set_role(db: Connection, user_id: int, role: Role, now: datetime) -> None:
    """Another role, from the next request on."""
    db.execute(update(users).where(users.c.id == user_id).values(role=role, changed_at=now))


def set_disabled(db: Connection, user_id: int, disabled: bool, now: datetime) -> None:
    """Let it sign in no more, or again; its sessions end, its tokens do nothing meanwhile."""
    db.execute(update(users).where(users.c.id == user_id).values(disabled=disabled, changed_at=now))
    end_sessions(db, user_id)


def seen(db: Connection, user_id: int, now: datetime) -> None:
    """Somebody signed in with it."""
    db.execute(update(users).where(users.c.id == user_id).values(seen_at=now))


def end_sessions(db: Connection, user_id: int) -> int:
    """End every session of it; returns how many."""
    return db.execute(delete(sessions).where(sessions.c.user_id == user_id)).rowcount


def remove(db: Connection, user_id: int) -> None:
    """Remove it, with its sessions and tokens."""
    end_sessions(db, user_id)
    db.execute(delete(api_tokens).where(api_tokens.c.user_id == user_id))
    db.execute(delete(users).where(users.c.id == user_id))
