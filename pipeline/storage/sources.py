"""Outlets in the store: a copy of the catalogue, plus those that imports name."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from pipeline.storage.portable import insert
from pipeline.storage.schema import sources
from pipeline.types import Source


def sync(db: Connection, catalogue: Iterable[Source]) -> None:
    """Write the catalogue's outlets. Outlets that left it stay, disabled: items still name them."""
    declared = {source.slug: source for source in catalogue}
    for slug in db.execute(select(sources.c.slug)).scalars().all():
        if slug not in declared:
            db.execute(
                sources.update().where(sources.c.slug == slug).values(enabled=False, reason="not in the catalogue")
            )
    for source in declared.values():
        row = {
            "slug": source.slug,
            "name": source.name,
            "country": source.country,
            "homepage": source.homepage,
            "enabled": source.enabled,
            "reason": source.reason,
        }
        db.execute(insert(sources).values(row).on_conflict_do_update(index_elements=["slug"], set_=row))


def ensure(db: Connection, slug: str) -> None:
    """Make room for an outlet that only an import names."""
    row = {"slug": slug, "name": slug, "country": "", "homepage": "", "enabled": False, "reason": "imported"}
    db.execute(insert(sources).values(row).on_conflict_do_nothing(index_elements=["slug"]))


def exists(db: Connection, slug: str) -> bool:
    """Whether an outlet is known, in the catalogue or not."""
    return db.execute(select(sources.c.slug).where(sources.c.slug == slug)).first() is not None


def names(db: Connection) -> dict[str, str]:
    """Every outlet's name by slug."""
    return {row.slug: row.name for row in db.execute(select(sources.c.slug, sources.c.name))}
