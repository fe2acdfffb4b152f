"""Alert rules that are kept in the store rather than in config/alerts.toml, and what rules of either kind fired.

Not here: what a rule means, and whether it can be one (pipeline/alerts/rules.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, select, update

from pipeline.storage.portable import insert
from pipeline.storage.schema import alert_memory, alert_rules, alerts, mutes, rules_version

#: another one whenever a rule was made, changed or removed; None before the first
Version = tuple[int, datetime] | None

_NEW = insert(alert_rules)
_SAVE = _NEW.on_conflict_do_update(
    index_elements=["name"],
    set_={name: _NEW.excluded[name] for name in ("written", "changed_by", "changed_at")},
)
_FIRST = insert(rules_version)
_BUMP = _FIRST.on_conflict_do_update(
    index_elements=["id"],
    set_={"number": rules_version.c.number + 1, "changed_at": _FIRST.excluded.changed_at},
)


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule as somebody wrote it."""

    name: str
    #: the fields of a `[[rule]]`
    written: Mapping[str, Any]
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Fired:
    """When a rule fired last, and how often of late."""

    last_at: datetime
    lately: int


def version(db: Connection) -> Version:
    """Which state the kept rules are in: cheap to ask."""
    row = db.execute(select(rules_version.c.number, rules_version.c.changed_at)).first()
    return (row.number, row.changed_at) if row else None


def listing(db: Connection) -> list[KeptRule]:
    """All that are kept, by name."""
    rows = db.execute(select(alert_rules).order_by(alert_rules.c.name))
    return [
        # what is no table has no fields, and is refused by whoever reads it
        KeptRule(
            row.name,
            row.written if isinstance(row.written, dict) else {},
            row.made_by,
            row.made_at,
            row.changed_by,
            row.changed_at,
        )
        for row in rows
    ]


def last_change(db: Connection, name: str) -> tuple[str, datetime] | None:
    """Who changed a rule last, and when; None where none of this name is kept."""
    row = db.execute(
        select(alert_rules.c.changed_by, alert_rules.c.changed_at).where(alert_rules.c.name == name)
    ).first()
    return (row.changed_by, row.changed_at) if row else None


def save(db: Connection, name: str, written: Mapping[str, Any], by: str, now: datetime) -> None:
    """Keep a rule, in place of what had its name before: who made that, and when, stays."""
    row = {"name": name, "written": dict(written), "made_by": by, "made_at": now, "changed_by": by, "changed_at": now}
    db.execute(_SAVE, row)
    _bump(db, now)


def switch(db: Connection, name: str, by: str, now: datetime, *, on: bool) -> bool:
    """Say whether a rule is asked; False where none of this name is kept."""
    # locked, as two may change it at once
    asked = select(alert_rules.c.written).where(alert_rules.c.name == name).with_for_update()
    written = db.execute(asked).scalar()
    if written is None:
        return False
    changed = update(alert_rules).where(alert_rules.c.name == name)
    db.execute(changed.values(written={**written, "enabled": on}, changed_by=by, changed_at=now))
    _bump(db, now)
    return True


def drop(db: Connection, name: str, now: datetime) -> bool:
    """Keep a rule no longer; False where there was none. What it fired stays, what it remembers and mutes of it do not.

    So a rule that gets the name later is not kept quiet by them.
    """
    if not db.execute(delete(alert_rules).where(alert_rules.c.name == name)).rowcount:
        return False
    for table in (alert_memory, mutes):
        db.execute(delete(table).where(table.c.rule == name))
    _bump(db, now)
    return True


def fired(db: Connection, since: datetime) -> dict[str, Fired]:
    """By rule, when it fired last and how often since then."""
    lately = func.sum(case((alerts.c.fired_at >= since, 1), else_=0)).label("lately")
    query = select(alerts.c.rule, func.max(alerts.c.fired_at).label("last_at"), lately).group_by(alerts.c.rule)
    return {row.rule: Fired(row.last_at, int(row.lately)) for row in db.execute(query)}


def _bump(db: Connection, now: datetime) -> None:
    db.execute(_BUMP, {"id": 1, "number": 1, "changed_at": now})
