"""Items, statements, reports and alerts as flat rows, so many at a time: what exports write.

Rows are plain tuples in the order of the columns of pipeline/exporting/columns.py: a hundred thousand dataclasses take
longer to make than to write. What is gone by now is left out.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, func, select

from pipeline.query.ast import Everything, Node
from pipeline.storage import search, spoken
from pipeline.storage.portable import these
from pipeline.storage.schema import (
    alerts,
    appearances,
    item_topics,
    items,
    reports,
    sources,
    speakers,
    statement_topics,
    statements,
)
from pipeline.storage.statements import UNKNOWN

About = Literal["item", "statement", "alert"]
Row = tuple[Any, ...]

#: characters of a text that a feed shows where its page has no summary
_EXCERPT = 400


def found(db: Connection, about: About, query: Node, now: datetime, limit: int | None = None) -> Sequence[int]:
    """Ids of what meets a query, newest first, in 8 bytes each; of alerts, those whose item does."""
    if about == "item":
        return array("q", search.find_items(db, query, now, limit))
    if about == "statement":
        return array("q", spoken.find_statements(db, query, now, limit))
    fired = select(alerts.c.id, alerts.c.item_id).order_by(alerts.c.id.desc())
    if isinstance(query, Everything):
        return array("q", db.execute(fired.limit(limit)).scalars())
    on = set(search.find_items(db, query, now, None))
    return array("q", islice((row.id for row in db.execute(fired) if row.item_id in on), limit))


# --- items ------------------------------------------------------------------------------------------------------------


def item_rows(db: Connection, ids: Sequence[int]) -> Iterator[Row]:
    """Items in the order given."""
    names, wanted = _source_names(db), these(db, ids)
    own = select(
        items.c.id, items.c.published_at, items.c.first_seen_at, items.c.source, items.c.title, items.c.url,
        items.c.lang, items.c.countries, items.c.access, items.c.authors,
    )  # fmt: skip
    rows = _by_first(db, own.where(items.c.id.in_(wanted)))
    topics = _listed(db, _topics_of(wanted))
    told = _counted(db, reports.c.item_id, wanted, reports.c.statement_id.distinct(), reports.c.revision_id.is_(None))
    places = _counted(db, appearances.c.item_id, wanted, appearances.c.id)
    for row in _those(rows, ids):
        one, published, seen, source, title, url, lang, countries, access, authors = row
        yield (
            one, published, seen, source, names.get(source, source), title, url, lang, tuple(countries),
            topics.get(one, ()), told.get(one, 0), places.get(one, 0), access, tuple(authors),
        )  # fmt: skip


def _topics_of(wanted: Select[Any]) -> Select[Any]:
    """By item, its topics, the weightiest first."""
    of_these = select(item_topics.c.item_id, item_topics.c.topic).where(item_topics.c.item_id.in_(wanted))
    return of_these.order_by(item_topics.c.score.desc(), item_topics.c.topic)


def excerpts(db: Connection, ids: Sequence[int]) -> dict[int, str]:
    """By item, its page's own summary, or how its text begins."""
    begins = func.substr(items.c.text, 1, _EXCERPT + 1)
    rows = db.execute(select(items.c.id, items.c.description, begins).where(items.c.id.in_(these(db, ids))))
    return {one: described or _cut(text) for one, described, text in rows}


def _cut(text: str) -> str:
    if len(text) <= _EXCERPT:
        return text
    return text[:_EXCERPT].rpartition(" ")[0] + " …"


# --- statements and their reports -------------------------------------------------------------------------------------


def statement_rows(db: Connection, ids: Sequence[int]) -> Iterator[Row]:
    """Statements in the order given, each with who reports it and where the first report stands."""
    wanted = these(db, ids)
    own = select(
        statements.c.id, statements.c.published_at, statements.c.first_seen_at, speakers.c.name, speakers.c.key,
        statements.c.role, statements.c.country, statements.c.text, statements.c.kind, statements.c.lang,
        statements.c.confidence, statements.c.last_seen_at,
    ).join(speakers, speakers.c.id == statements.c.speaker_id)  # fmt: skip
    rows = _by_first(db, own.where(statements.c.id.in_(wanted)))
    sides, told = _sides(db, wanted), _told(db, wanted)
    for row in _those(rows, ids):
        one, published, seen, name, key, role, country, text, kind, lang, sure, last = row
        taken, by = sides.get(one, ()), told.get(one, ())
        yield (
            one, published, seen, name, role, country, text, kind, tuple(topic for topic, _ in taken), taken,
            _each(via for _, _, via, _ in by if via), lang, sure, _each(source for _, source, _, _ in by),
            by[0][3] if by else None, None if key == UNKNOWN else key, last, len(by), len({item for item, *_ in by}),
        )  # fmt: skip


def _sides(db: Connection, wanted: Select[Any]) -> dict[int, tuple[tuple[str, str], ...]]:
    """By statement, its topics and the stance on each."""
    query = select(statement_topics.c.statement_id, statement_topics.c.topic, statement_topics.c.stance)
    query = query.where(statement_topics.c.statement_id.in_(wanted)).order_by(statement_topics.c.topic)
    taken: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for one, topic, stance in db.execute(query):
        taken[one].append((topic, stance))
    return {one: tuple(sides) for one, sides in taken.items()}


def _told(db: Connection, wanted: Select[Any]) -> dict[int, list[tuple[int, str, str | None, str]]]:
    """By statement, its reports: item, outlet, via and address."""
    query = select(reports.c.statement_id, reports.c.item_id, items.c.source, reports.c.via, items.c.url)
    query = query.join(items, items.c.id == reports.c.item_id).where(reports.c.statement_id.in_(wanted))
    by: defaultdict[int, list[tuple[int, str, str | None, str]]] = defaultdict(list)
    for one, item, source, via, url in db.execute(query.order_by(reports.c.id)):
        by[one].append((item, source, via, url))
    return by


def report_rows(db: Connection, statement_ids: Sequence[int]) -> Iterator[Row]:
    """The reports of statements, those of one statement together, in the order given."""
    names = _source_names(db)
    columns = (
        reports.c.statement_id, reports.c.id, reports.c.item_id, items.c.published_at, reports.c.seen_at,
        items.c.source, items.c.title, items.c.url, items.c.lang, reports.c.where, reports.c.text, reports.c.kind,
        reports.c.via, reports.c.role, reports.c.confidence, reports.c.revision_id,
    )  # fmt: skip
    query = select(*columns).join(items, items.c.id == reports.c.item_id)
    query = query.where(reports.c.statement_id.in_(these(db, statement_ids))).order_by(reports.c.id)
    by: defaultdict[int, list[Row]] = defaultdict(list)
    for row in db.execute(query):
        one, number, item, published, seen, source, *rest, revision = row
        by[one].append((number, one, item, published, seen, source, names.get(source, source), *rest, revision is None))
    for statement in statement_ids:
        yield from by.get(statement, ())


def said_in(db: Connection, item_ids: Sequence[int]) -> dict[int, list[tuple[str | None, str | None, str]]]:
    """By item, what its present text reports: name, role, words."""
    query = (
        select(reports.c.item_id, speakers.c.name, statements.c.role, reports.c.text)
        .join(statements, statements.c.id == reports.c.statement_id)
        .join(speakers, speakers.c.id == statements.c.speaker_id)
        .where(reports.c.item_id.in_(these(db, item_ids)), reports.c.revision_id.is_(None))
        .order_by(reports.c.id)
    )
    by: defaultdict[int, list[tuple[str | None, str | None, str]]] = defaultdict(list)
    for item, name, role, text in db.execute(query):
        by[item].append((name, role, text))
    return by


# --- alerts -----------------------------------------------------------------------------------------------------------


def alert_rows(db: Connection, ids: Sequence[int]) -> Iterator[Row]:
    """Alerts in the order given."""
    own = select(
        alerts.c.id, alerts.c.fired_at, alerts.c.rule, alerts.c.title, alerts.c.body, alerts.c.url, alerts.c.item_id,
        alerts.c.statement_id, alerts.c.key,
    )  # fmt: skip
    yield from _those(_by_first(db, own.where(alerts.c.id.in_(these(db, ids)))), ids)


# --- small ------------------------------------------------------------------------------------------------------------


def _source_names(db: Connection) -> dict[str, str]:
    return {row.slug: row.name for row in db.execute(select(sources.c.slug, sources.c.name))}


def _by_first(db: Connection, query: Select[Any]) -> dict[int, Row]:
    return {row[0]: tuple(row) for row in db.execute(query)}


def _those(rows: dict[int, Row], ids: Iterable[int]) -> Iterator[Row]:
    return (rows[one] for one in ids if one in rows)


def _listed(db: Connection, query: Select[Any]) -> dict[int, tuple[str, ...]]:
    by: defaultdict[int, list[str]] = defaultdict(list)
    for one, value in db.execute(query):
        by[one].append(value)
    return {one: tuple(values) for one, values in by.items()}


def _counted(db: Connection, owner: Any, wanted: Select[Any], what: Any, *conditions: Any) -> dict[int, int]:
    query = select(owner, func.count(what)).where(and_(owner.in_(wanted), *conditions)).group_by(owner)
    return {row[0]: row[1] for row in db.execute(query)}


def _each(values: Iterable[str]) -> tuple[str, ...]:
    """Each value once, in order."""
    return tuple(dict.fromkeys(values))
