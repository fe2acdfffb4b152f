"""Corrects what a text was found to say: only what differs is written, so that a second reading changes nothing."""

from __future__ import annotations

import struct
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from pipeline.storage import items as item_rows
from pipeline.storage import statements as statement_rows
from pipeline.storage import words
from pipeline.storage.schema import appearances, item_bands, item_countries, item_topics, items, reports
from pipeline.storage.texts import Place
from pipeline.types import Analysis, Fingerprint, Heard, TopicMatch


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of an item that a reading added and took away; `changed` also for another score or other evidence."""

    changed: bool = False
    gained: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports that a reading added, changed and took away, and the statements that they are of."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    statements: frozenset[int] = field(default_factory=frozenset)


# --- an item ----------------------------------------------------------------------------------------------------------


def topics(db: Connection, item_id: int, matches: Sequence[TopicMatch]) -> Topics:
    """Give an item the topics that were found now, with score and evidence."""
    before = {match.topic: match for match in item_rows.topics_of(db, [item_id]).get(item_id, ())}
    after = {match.topic: match for match in matches}
    if before == after:
        return Topics()
    db.execute(delete(item_topics).where(item_topics.c.item_id == item_id))
    if after:
        db.execute(insert(item_topics), [item_rows.topic_row(item_id, match) for match in matches])
    return Topics(True, frozenset(after.keys() - before.keys()), frozenset(before.keys() - after.keys()))


def countries(db: Connection, item_id: int, found: Sequence[str]) -> bool:
    """Give an item the countries that were found now."""
    change = update(items).where(items.c.id == item_id)
    before = db.execute(select(items.c.countries).where(items.c.id == item_id)).scalar_one()
    if list(before) == list(found):
        return False
    db.execute(change.values(countries=list(found)))
    db.execute(delete(item_countries).where(item_countries.c.item_id == item_id))
    if found:
        db.execute(insert(item_countries), [{"item_id": item_id, "country": code} for code in found])
    return True


def fingerprint(db: Connection, item_id: int, prints: Sequence[Sequence[Fingerprint]]) -> bool:
    """Give an item the look-up keys that its texts have now, the present one first.

    Each text may have been kept under any of its prints, the first of which is today's: what was no boilerplate yet
    when a text came in is no reason to write it anew. Keys are only added: nothing is lost that might be asked for.
    """
    columns = (items.c.text_hash, items.c.words, items.c.signature)
    row = db.execute(select(*columns).where(items.c.id == item_id)).one()
    known = set(db.execute(select(item_bands.c.band).where(item_bands.c.item_id == item_id)).scalars())
    another = not any(tuple(row) == _print(each) for each in prints[0])
    if another:
        values = dict(zip(("text_hash", "words", "signature"), _print(prints[0][0]), strict=True))
        db.execute(update(items).where(items.c.id == item_id).values(**values))
    missing = [each[0] for each in prints if not any(known.issuperset(one.bands) for one in each)]
    for one in missing:
        item_rows.add_keys(db, item_id, one)
    return another or bool(missing)


def _print(found: Fingerprint) -> tuple[int, int, bytes]:
    return found.text_hash, found.words, struct.pack(f"<{len(found.signature)}Q", *found.signature)


def article(db: Connection, item_id: int, found: Analysis) -> bool:
    """Give an item, and the appearance whose text it has, what was extracted now; its address and source stay.

    Headline, authors and dates are the item's only where that appearance is its original. No revision is kept: the
    publisher changed nothing. A date that was known is not lost where none is found now.
    """
    row = db.execute(select(items).where(items.c.id == item_id)).one()
    shown = db.execute(select(appearances).where(appearances.c.id == item_rows.original_of(db, item_id))).one()
    now = found.article
    of_text = {"text": now.text, "lang": found.lang, "access": now.access}
    there = {"title": now.title, "authors": list(now.authors), "published_at": now.published_at or shown.published_at}
    cited = {
        **there,
        "published_at": now.published_at or row.published_at,
        "description": now.description,
        "modified_at": now.modified_at,
    }
    changed = _other(row, {**of_text, **cited} if shown.relation == "original" else of_text)
    changed_there = _other(shown, there)
    if changed:
        db.execute(update(items).where(items.c.id == item_id).values(**changed))
        words.of_items(db, [item_id])
    if changed_there:
        db.execute(update(appearances).where(appearances.c.id == shown.id).values(**changed_there))
    return bool(changed or changed_there)


def _other(row: Row[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(row, name) != value}


# --- its reports ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What one text of an item reports now, but for statements that an earlier text of it reports."""

    place: Place
    seen_at: datetime
    heard: Sequence[Heard]


def reports_of(db: Connection, item_id: int, found: Sequence[Found]) -> Reports:
    """Make an item's reports what its texts say now. A report of the same statement at the same place keeps its row."""
    known = _known(db, item_id)
    new, changed, touched = list[dict[str, Any]](), 0, set[int]()
    for text in found:
        for heard in text.heard:
            row = _values(text, item_id, heard)
            before = _take(known, text.place, heard)
            if before is None:
                new.append(row)
                touched.add(heard.statement_id)
            elif differing := _differing(before, row):
                db.execute(update(reports).where(reports.c.id == before.id).values(**differing))
                touched.add(heard.statement_id)
                changed += differing.keys() != {"sides"} or before.sides is not None
    gone = [row for rows in known.values() for row in rows]
    if new:
        db.execute(insert(reports), new)
    if gone:
        db.execute(delete(reports).where(reports.c.id.in_([row.id for row in gone])))
    touched |= {row.statement_id for row in gone}
    return Reports(len(new), changed, len(gone), frozenset(touched))


_Key = tuple[Place, int, str]


def _known(db: Connection, item_id: int) -> dict[_Key, deque[Row[Any]]]:
    found = defaultdict[_Key, deque[Row[Any]]](deque)
    for row in db.execute(select(reports).where(reports.c.item_id == item_id).order_by(reports.c.id)):
        found[Place(row.appearance_id, row.revision_id), row.statement_id, row.where].append(row)
    return found


def _take(known: Mapping[_Key, deque[Row[Any]]], place: Place, heard: Heard) -> Row[Any] | None:
    rows = known.get((place, heard.statement_id, heard.report.where))
    return rows.popleft() if rows else None


def _values(text: Found, item_id: int, heard: Heard) -> dict[str, Any]:
    row = statement_rows.report_row(heard, item_id, text.place.appearance_id, text.seen_at)
    return {**row, "revision_id": text.place.revision_id}


def _differing(before: Row[Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs, but for the moment, which stays that of the first reading."""
    return {name: value for name, value in after.items() if name != "seen_at" and getattr(before, name) != value}
