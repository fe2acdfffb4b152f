"""Finding statements that meet a query, newest first.

The newest are looked at one by one, which soon finds what many have; what few have is read whole, and first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, true

from pipeline.query.ast import And, Everything, Last, Node, Not, Within
from pipeline.storage.conditions import Compiler, Membership, bounds
from pipeline.storage.fulltext import Condition
from pipeline.storage.schema import statements

#: so many of the newest statements are looked at one by one, and so many at most that meet one part of a query
_WALKED, _FEW_STATEMENTS = 2_000, 5_000
_WHEN = func.coalesce(statements.c.published_at, statements.c.first_seen_at)


def find_statements(db: Connection, query: Node, now: datetime, limit: int | None, offset: int = 0) -> list[int]:
    """Ids of the statements that meet a query, newest publication first; all of them for a limit of None."""
    parts = query.parts if isinstance(query, And) else (query,)
    span = [edge for part in parts for edge in _span(part, now)]
    newest = select(statements.c.id).where(*span).order_by(_WHEN.desc(), statements.c.id.desc())
    if limit is not None:
        newest = newest.limit(limit + offset)
        edge = db.execute(select(_WHEN).where(*span).order_by(_WHEN.desc()).offset(_WALKED).limit(1)).scalar()
        looked_at = newest if edge is None else newest.where(edge <= _WHEN)
        condition = Compiler(db, "statement", now, Membership.one_by_one, looking=True).condition(query)
        found = list(db.execute(looked_at.where(condition)).scalars())
        if edge is None or len(found) == limit + offset:
            return found[offset:]
    return list(db.execute(newest.where(_rarest_first(db, parts, now))).scalars())[offset:]


def _span(part: Node, now: datetime) -> list[Condition]:
    """Where in the order the part has statements stand, so that no others are looked at."""
    if not isinstance(part, Within | Last) or part.field != "published":
        return []
    start, end = bounds(part, now)
    return [*([start <= _WHEN] if start else []), *([end > _WHEN] if end else [])]


def _rarest_first(db: Connection, parts: Sequence[Node], now: datetime) -> Condition:
    """Parts as a condition on statements; where few meet one of them, the others are only asked of those."""
    whole, each = Compiler(db, "statement", now), Compiler(db, "statement", now, Membership.one_by_one, looking=True)
    for rare in parts:
        if isinstance(rare, Everything | Not | Within | Last):
            continue
        some = select(statements.c.id).where(whole.condition(rare)).limit(_FEW_STATEMENTS).subquery()
        if int(db.execute(select(func.count()).select_from(some)).scalar_one()) < _FEW_STATEMENTS:
            return and_(whole.condition(rare), *(each.condition(part) for part in parts if part is not rare))
    return and_(true(), *map(whole.condition, parts))
