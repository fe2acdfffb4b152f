"""Lines that a source repeats in the store: counted with every new item, known once four items have them.

Only new items count, never copies: a text that one outlet prints ten times is not its boilerplate.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from sqlalchemy import Connection, bindparam, delete, select

from pipeline.storage.portable import insert
from pipeline.storage.schema import boilerplate

#: items that must have a line: fewer may be a story and what followed it
REPEATED = 4
#: lines remembered of a source; an item brings eight at most, so that what is repeated is told within fifty items
REMEMBERED = 400
#: one new item in so many has its source's lines counted over
_FORGETTING = 8

_NEW = insert(boilerplate)
_COUNT = _NEW.on_conflict_do_update(
    index_elements=["source", "line"],
    set_={"items": boilerplate.c["items"] + 1, "item_id": _NEW.excluded.item_id},
    where=boilerplate.c.item_id != _NEW.excluded.item_id,
)
_KNOWN = select(boilerplate.c.source, boilerplate.c.line).where(
    boilerplate.c.source.in_(bindparam("sources", expanding=True)),
    boilerplate.c.line.in_(bindparam("lines", expanding=True)),
    boilerplate.c["items"] >= REPEATED,
)
#: the newest item of which nothing need be remembered any more
_BEYOND = (
    select(boilerplate.c.item_id)
    .where(boilerplate.c.source == bindparam("of"))
    .order_by(boilerplate.c.item_id.desc())
    .offset(REMEMBERED)
    .limit(1)
)


def known(db: Connection, lines: Mapping[str, Set[int]]) -> dict[str, frozenset[int]]:
    """Those of the lines of each source, given as hashes, that are its boilerplate."""
    asked = set().union(*lines.values()) if lines else set()
    if not asked:
        return {}
    found: dict[str, set[int]] = {}
    for source, line in db.execute(_KNOWN, {"sources": list(lines), "lines": list(asked)}):
        found.setdefault(source, set()).add(line)
    return {source: frozenset(repeated) for source, repeated in found.items()}


def learn(db: Connection, source: str, item_id: int, lines: Set[int]) -> None:
    """Count the lines of a new item; what the source has long not repeated is forgotten."""
    if not lines:
        return
    db.execute(_COUNT, [{"source": source, "line": line, "items": 1, "item_id": item_id} for line in sorted(lines)])
    if item_id % _FORGETTING:
        return
    beyond = db.execute(_BEYOND, {"of": source}).scalar()
    if beyond is not None:
        db.execute(delete(boilerplate).where(boilerplate.c.source == source, boilerplate.c.item_id <= beyond))
