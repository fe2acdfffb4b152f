"""Logins of people, and failures to sign in. Keys are stored hashed: pipeline/access/keys.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, delete, or_, select, update

from pipeline.access.people import User
from pipeline.storage.portable import insert
from pipeline.storage.schema import login_attempts, sessions, users
from pipeline.storage.users import SHOWN, user_of

_NEW = insert(login_attempts)


def begin(db: Connection, key: str, user_id: int, address: str, now: datetime) -> None:
    """A login under a key's hash."""
    values = {"key": key, "user_id": user_id, "made_at": now, "seen_at": now, "address": address}
    db.execute(insert(sessions).values(values))


def find(db: Connection, key: str, made_after: datetime, seen_after: datetime) -> tuple[User, datetime] | None:
    """Whose session that is, and when it was last seen; None where it ended, ran out or is a disabled user's."""
    alive = (sessions.c.key == key, sessions.c.made_at > made_after, sessions.c.seen_at > seen_after)
    # both have a column of this name
    when = sessions.c.seen_at.label("asked_at")
    row = db.execute(select(*SHOWN, when).join(users).where(*alive, ~users.c.disabled)).first()
    return None if row is None else (user_of(row), row.asked_at)


def touch(db: Connection, key: str, now: datetime) -> None:
    """It was used."""
    db.execute(update(sessions).where(sessions.c.key == key).values(seen_at=now))


def end(db: Connection, key: str) -> None:
    """It is no more."""
    db.execute(delete(sessions).where(sessions.c.key == key))


def sweep(db: Connection, made_before: datetime, seen_before: datetime) -> None:
    """Remove those that ran out."""
    db.execute(delete(sessions).where(or_(sessions.c.made_at <= made_before, sessions.c.seen_at <= seen_before)))


def failures(db: Connection, subject: str, since: datetime) -> tuple[int, datetime] | None:
    """How many failures in a row a subject has, and when the last was; None for none since then."""
    asked = select(login_attempts.c.failures, login_attempts.c.last_at)
    row = db.execute(asked.where(login_attempts.c.subject == subject, login_attempts.c.last_at > since)).first()
    return None if row is None else (row.failures, row.last_at)


def failed(db: Connection, subject: str, now: datetime, since: datetime) -> None:
    """One failure more; what was before `since` is forgotten, of everybody."""
    more = case((login_attempts.c.last_at > since, login_attempts.c.failures + 1), else_=1)
    adding = _NEW.on_conflict_do_update(index_elements=["subject"], set_={"failures": more, "last_at": now})
    db.execute(adding, {"subject": subject, "failures": 1, "last_at": now})
    db.execute(delete(login_attempts).where(login_attempts.c.last_at <= since))


def forgive(db: Connection, subject: str, *, all_of_them: bool) -> None:
    """The last attempt was none, or none of them was: somebody signed in."""
    of_subject = login_attempts.c.subject == subject
    if all_of_them:
        db.execute(delete(login_attempts).where(of_subject))
    else:
        fewer = case((login_attempts.c.failures > 0, login_attempts.c.failures - 1), else_=0)
        db.execute(update(login_attempts).where(of_subject).values(failures=fewer))
