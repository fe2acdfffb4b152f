"""Items in the store: articles once each, where they appeared, what their publishers changed."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select, update

from pipeline.storage import words
from pipeline.storage.portable import insert
from pipeline.storage.schema import (
    appearances,
    item_bands,
    item_countries,
    item_topics,
    items,
    merged_items,
    revisions,
)
from pipeline.types import Analysis, Article, Evidence, Fingerprint, Item, TopicMatch, Work

#: near copies share many bands with the original; those sharing fewest are not worth reading
CANDIDATES = 8
#: by chance texts share one band; copies, the trimmed ones too, share several
SHARED = 2


#: asked for every article, so made once
_ADD = items.insert().returning(items.c.id)
_NEXT_ID = select(
    func.max(
        select(func.coalesce(func.max(items.c.id), 0)).scalar_subquery(),
        select(func.coalesce(func.max(merged_items.c.id), 0)).scalar_subquery(),
    )
    + 1
)
_APPEAR = appearances.insert().returning(appearances.c.id)
_SHOWN = select(
    appearances.c.id, appearances.c.item_id, appearances.c.relation, appearances.c.title, appearances.c.text
).where(appearances.c.url_key == bindparam("key"))
_SHARING = (
    select(item_bands.c.item_id)
    .where(item_bands.c.band.in_(bindparam("bands", expanding=True)))
    .group_by(item_bands.c.item_id)
    .having(func.count() >= SHARED)
    .order_by(func.count().desc(), item_bands.c.item_id)
    .limit(CANDIDATES)
)
#: the outlet of the text kept, which need not be that of the original
_SOURCE = (
    select(appearances.c.source)
    .where(appearances.c.item_id == items.c.id, appearances.c.text.is_(None))
    .order_by(appearances.c.id)
    .limit(1)
    .scalar_subquery()
)
_TEXTS = (items.c.id, items.c.title, items.c.text, items.c.text_hash, items.c.signature, items.c.words)
_STANDING = select(*_TEXTS, func.coalesce(_SOURCE, items.c.source).label("source"))
#: locked in the order of their ids (PostgreSQL): what a copy is compared with is not replaced meanwhile
_CANDIDATES = (
    _STANDING.where(or_(items.c.id.in_(bindparam("ids", expanding=True)), items.c.text_hash == bindparam("hash")))
    .order_by(items.c.id)
    .with_for_update(key_share=True, of=items)
)
_OWN_TEXTS = (
    select(appearances.c.item_id, appearances.c.source, appearances.c.text)
    .where(appearances.c.item_id.in_(bindparam("ids", expanding=True)), appearances.c.text.is_not(None))
    .order_by(appearances.c.id)
)
_PLACES = (
    select(
        appearances.c.id,
        appearances.c.source,
        appearances.c.url,
        appearances.c.title,
        appearances.c.relation,
        appearances.c.published_at,
        appearances.c.first_seen_at,
        appearances.c.authors,
        appearances.c.credits,
    )
    .where(appearances.c.item_id == bindparam("item"))
    .order_by(appearances.c.id)
)
_NEW_KEY = insert(item_bands)
_ADD_KEY = _NEW_KEY.on_conflict_do_nothing()
#: what one appearance is to another, seen from the other side
_MIRRORED = {"trimmed": "extended", "extended": "trimmed"}
#: revisions kept of an item, as in reader: pages that print the time would have one for each look at them
REVISIONS = 24


@dataclass(frozen=True, slots=True)
class Shown:
    """An appearance that the store has at some URL. `text` is its own text where it differs from the item's."""

    id: int
    item_id: int
    relation: str
    title: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that shares lookup keys with a new text."""

    id: int
    title: str
    text: str
    fingerprint: Fingerprint
    #: the outlet of the text
    source: str
    #: own texts of its other appearances, each with its outlet
    others: tuple[tuple[str, str], ...] = ()


def shown_at(db: Connection, url_key: str) -> Shown | None:
    """The appearance at a canonical URL key."""
    row = db.execute(_SHOWN, {"key": url_key}).first()
    return Shown(row.id, row.item_id, row.relation, row.title, row.text) if row is not None else None


def candidates(db: Connection, fingerprint: Fingerprint) -> list[Candidate]:
    """Items with the same text or common bands, those with most in common first; at most CANDIDATES."""
    ids = list(db.execute(_SHARING, {"bands": fingerprint.bands}).scalars())
    rows = db.execute(_CANDIDATES, {"ids": ids, "hash": fingerprint.text_hash}).all()
    if not rows:
        return []
    others: dict[int, list[tuple[str, str]]] = {}
    for item_id, source, text in db.execute(_OWN_TEXTS, {"ids": [row.id for row in rows]}):
        others.setdefault(item_id, []).append((source, text))
    found = {row.id: _candidate(row, others.get(row.id, ())) for row in rows}
    same = [candidate for candidate in found.values() if candidate.id not in ids]
    return same + [found[item_id] for item_id in ids]


def candidate(db: Connection, item_id: int) -> Candidate:
    """One item as something to compare with, its own text alone. Raises KeyError for an unknown id."""
    row = db.execute(_STANDING.where(items.c.id == item_id).with_for_update(key_share=True, of=items)).first()
    if row is None:
        raise KeyError(f"item: expected an id in the store, got {item_id}")
    return _candidate(row)


def _candidate(row: Any, others: Iterable[tuple[str, str]] = ()) -> Candidate:
    signature = struct.unpack(f"<{len(row.signature) // 8}Q", row.signature)
    print_ = Fingerprint(row.text_hash, signature, (), row.words)
    return Candidate(row.id, row.title, row.text, print_, row.source, tuple(others))


def add(db: Connection, work: Work, analysis: Analysis, now: datetime) -> int:
    """Store a new item with its topics, countries and lookup keys; returns its id."""
    values = {"source": work.source, "first_seen_at": now, **_cited(analysis.article), **_columns(analysis)}
    if db.dialect.name == "sqlite":
        # it would give the number of the newest item again when that was merged into another; it has one writer
        values["id"] = db.execute(_NEXT_ID).scalar_one()
    item_id = int(db.execute(_ADD, values).scalar_one())
    _describe(db, item_id, analysis)
    words.of_items(db, [item_id])
    return item_id


def appear(
    db: Connection,
    item_id: int,
    work: Work,
    article: Article,
    relation: str,
    now: datetime,
    *,
    url_key: str,
    text: str | None,
    agencies: Sequence[str] = (),
) -> int:
    """Record where an item was published; returns the row's id.

    `text` is given where it differs from the item's, `agencies` are those that it credits.
    """
    values = {
        "item_id": item_id,
        "entry_id": work.id,
        "source": work.source,
        "url": article.url,
        "url_key": url_key,
        "title": article.title,
        "relation": relation,
        "published_at": article.published_at,
        "first_seen_at": now,
        "text": text,
        "authors": list(article.authors),
        "credits": list(agencies),
    }
    return int(db.execute(_APPEAR, values).scalar_one())


def places_of(db: Connection, item_id: int) -> list[Row[Any]]:
    """The appearances of an item, all but their texts and keys."""
    return list(db.execute(_PLACES, {"item": item_id}))


def cite(db: Connection, item_id: int, before: Row[Any], place: Row[Any], article: Article | None = None) -> None:
    """Make `place` the original of an item in place of `before`: outlet, address, headline, authors, date are its.

    Description and date of change too, where its article is at hand; else what another outlet wrote goes.
    """
    mirrored = _MIRRORED.get(place.relation, place.relation)
    for row, relation in ((before, mirrored), (place, "original")):
        db.execute(update(appearances).where(appearances.c.id == row.id).values(relation=relation))
    values = {"source": place.source, "url": place.url, "title": place.title, "authors": place.authors}
    values["description"] = article.description if article else None
    values["modified_at"] = article.modified_at if article else None
    if place.published_at is not None:
        values["published_at"] = place.published_at
    db.execute(update(items).where(items.c.id == item_id).values(values))
    words.of_items(db, [item_id])


def sources_of(db: Connection, item_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The outlets that each of these items appeared in, in the order we saw them."""
    found: dict[int, dict[str, None]] = {}
    query = select(appearances.c.item_id, appearances.c.source).where(appearances.c.item_id.in_(item_ids))
    for row in db.execute(query.order_by(appearances.c.id)):
        found.setdefault(row.item_id, {})[row.source] = None
    return {item_id: tuple(sources) for item_id, sources in found.items()}


def original_of(db: Connection, item_id: int) -> int:
    """The appearance whose text the item has."""
    query = select(appearances.c.id).where(appearances.c.item_id == item_id, appearances.c.text.is_(None))
    return int(db.execute(query.order_by(appearances.c.id).limit(1)).scalar_one())


def change_appearance(db: Connection, shown: Shown, article: Article, text: str | None) -> None:
    """What stands at an appearance changed; where that is the original, the item's headline and authors do."""
    told = {"title": article.title, "authors": list(article.authors)}
    db.execute(update(appearances).where(appearances.c.id == shown.id).values(text=text, **told))
    if shown.relation == "original":
        dates = {"modified_at": article.modified_at, "description": article.description, "access": article.access}
        db.execute(update(items).where(items.c.id == shown.item_id).values(**told, **dates))
        words.of_items(db, [shown.item_id])


def keep_own_text(db: Connection, item_id: int, text: str) -> None:
    """Give the appearances that had the item's text a copy of it, as the item is about to take a longer one."""
    own = update(appearances).where(appearances.c.item_id == item_id, appearances.c.text.is_(None))
    db.execute(own.values(text=text))


def keep_revision(db: Connection, item_id: int, title: str, entry_id: int, now: datetime) -> int:
    """Keep the item's present text as a revision, replaced by `entry_id`; returns the revision's id.

    Of an item with REVISIONS of them the last gives way: what came first and what came last is worth most.
    """
    old = candidate(db, item_id)
    values = {
        "item_id": item_id,
        "title": title,
        "text": old.text,
        "text_hash": old.fingerprint.text_hash,
        "entry_id": entry_id,
        "replaced_at": now,
    }
    kept = list(db.execute(select(revisions.c.id).where(revisions.c.item_id == item_id)).scalars())
    if len(kept) >= REVISIONS:
        last = int(max(kept))
        db.execute(update(revisions).where(revisions.c.id == last).values(values))
        return last
    return int(db.execute(revisions.insert().values(values).returning(revisions.c.id)).scalar_one())


def replace_text(db: Connection, item_id: int, analysis: Analysis) -> None:
    """Give an item another text, with its topics and countries; lookup keys are added, as earlier texts live on."""
    db.execute(update(items).where(items.c.id == item_id).values(_columns(analysis)))
    for table in (item_topics, item_countries):
        db.execute(delete(table).where(table.c.item_id == item_id))
    _describe(db, item_id, analysis)
    words.of_items(db, [item_id])


def add_keys(db: Connection, item_id: int, fingerprint: Fingerprint) -> None:
    """Let an item be found by the lookup keys of one more of its texts."""
    rows = [{"item_id": item_id, "band": band} for band in set(fingerprint.bands)]
    if rows:
        db.execute(_ADD_KEY, rows)


def _cited(article: Article) -> dict[str, Any]:
    return {
        "url": article.url,
        "title": article.title,
        "authors": list(article.authors),
        "description": article.description,
        "published_at": article.published_at,
        "modified_at": article.modified_at,
    }


def _columns(analysis: Analysis) -> dict[str, Any]:
    article, fingerprint = analysis.article, analysis.fingerprint
    if fingerprint is None:
        raise ValueError(f"{article.url}: expected a fingerprint, got none: only full analyses are stored")
    return {
        "text": article.text,
        "lang": analysis.lang,
        "countries": list(analysis.countries),
        "access": article.access,
        "text_hash": fingerprint.text_hash,
        "words": fingerprint.words,
        "signature": struct.pack(f"<{len(fingerprint.signature)}Q", *fingerprint.signature),
    }


def _describe(db: Connection, item_id: int, analysis: Analysis) -> None:
    topics = [topic_row(item_id, match) for match in analysis.topics]
    _insert_all(db, item_topics, topics)
    _insert_all(db, item_countries, [{"item_id": item_id, "country": code} for code in analysis.countries])
    if analysis.fingerprint is not None:
        add_keys(db, item_id, analysis.fingerprint)


def topic_row(item_id: int, match: TopicMatch) -> dict[str, Any]:
    """A topic of an item as the table has it."""
    return {"item_id": item_id, "topic": match.topic, "score": match.score, "evidence": _evidence(match.evidence)}


def _insert_all(db: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.execute(insert(table), rows)


def _evidence(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [{"in": piece.where, "span": list(piece.span)} for piece in evidence]


def load(db: Connection, item_id: int) -> Item:
    """One item with its topics. Raises KeyError for an unknown id."""
    found = load_many(db, [item_id])
    if not found:
        raise KeyError(f"item: expected an id in the store, got {item_id}")
    return found[item_id]


def load_many(db: Connection, item_ids: Sequence[int]) -> dict[int, Item]:
    """Items with their topics, by id; unknown ids are left out."""
    rows, topics = db.execute(select(items).where(items.c.id.in_(item_ids))), topics_of(db, item_ids)
    return {row.id: item_of(row, topics.get(row.id, ())) for row in rows}


def topics_of(db: Connection, item_ids: Sequence[int]) -> dict[int, tuple[TopicMatch, ...]]:
    """The topics of many items at once, best first."""
    found: dict[int, tuple[TopicMatch, ...]] = {}
    query = select(item_topics).where(item_topics.c.item_id.in_(item_ids))
    # databases sort equal scores, and letters, each in its own way
    for row in sorted(db.execute(query), key=lambda row: (-row.score, row.topic)):
        spans = tuple(Evidence(piece["in"], (piece["span"][0], piece["span"][1])) for piece in row.evidence)
        found[row.item_id] = (*found.get(row.item_id, ()), TopicMatch(row.topic, row.score, spans))
    return found


def item_of(row: Row[Any], topics: tuple[TopicMatch, ...]) -> Item:
    """A row of the table as a type."""
    return Item(
        id=row.id,
        source=row.source,
        url=row.url,
        title=row.title,
        text=row.text,
        lang=row.lang,
        authors=tuple(row.authors),
        countries=tuple(row.countries),
        published_at=row.published_at,
        modified_at=row.modified_at,
        first_seen_at=row.first_seen_at,
        topics=topics,
        access=row.access,
    )
