"""Statements in the store: who said it, once however many items report it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Row, and_, bindparam, delete, func, or_, select, update

from pipeline.storage import words
from pipeline.storage.portable import greatest, insert, least
from pipeline.storage.schema import Instant, reports, speakers, statement_bands, statement_topics, statements
from pipeline.types import Heard, Report, Speaker, Stance, Statement

#: key of the speaker row for statements whose speaker nobody names
UNKNOWN = "unknown"


#: asked for every article, so made once
_NEW_SPEAKER = insert(speakers)
_ENTER = _NEW_SPEAKER.on_conflict_do_update(
    index_elements=["key"],
    set_={
        name: func.coalesce(_NEW_SPEAKER.excluded[name], speakers.c[name])
        for name in ("name", "role", "country", "folded")
    },
)
_ENTER_NEW = _NEW_SPEAKER.on_conflict_do_nothing(index_elements=["key"])
_ENTERED = select(speakers).where(speakers.c.key.in_(bindparam("keys", expanding=True)))
_FIND = select(statements.c.id, statements.c.speaker_id, statements.c.key).where(
    statements.c.speaker_id.in_(bindparam("speakers", expanding=True)),
    statements.c.key.in_(bindparam("keys", expanding=True)),
)
# not narrowed by speaker: the keys are salted with the speaker already, and SQLite would rather walk through all
# that a much-quoted speaker ever said; not ordered either, for the same reason
_NEAR = (
    select(statements.c.id, statements.c.text, statements.c.speaker_id, statement_bands.c.band)
    .join(statement_bands, statement_bands.c.statement_id == statements.c.id)
    .where(statement_bands.c.band.in_(bindparam("bands", expanding=True)))
)
_ADD = insert(statements)
_ADD_BANDS = insert(statement_bands)
_AT = bindparam("at", type_=Instant)
_HEAR_AGAIN = (
    update(statements)
    .where(statements.c.id == bindparam("statement"))
    .values(
        last_seen_at=bindparam("now"),
        confidence=greatest(statements.c.confidence, bindparam("sure")),
        published_at=func.coalesce(least(statements.c.published_at, _AT), statements.c.published_at, _AT),
        role=func.coalesce(statements.c.role, bindparam("their_role")),
        country=func.coalesce(statements.c.country, bindparam("their_country")),
    )
)
_BEFORE = select(statements.c.id, statements.c.last_seen_at, statements.c.confidence).where(
    statements.c.id.in_(bindparam("ids", expanding=True))
)
_LOAD = (
    select(statements, speakers.c.name, speakers.c.key.label("speaker_key"))
    .join(speakers, speakers.c.id == statements.c.speaker_id)
    .where(statements.c.id.in_(bindparam("ids", expanding=True)))
)
_SIDES = (
    select(statement_topics)
    .where(statement_topics.c.statement_id.in_(bindparam("ids", expanding=True)))
    .order_by(statement_topics.c.topic)
)
_REPORT = insert(reports)
_NEW_SIDE = insert(statement_topics)
_TAKE_SIDES = _NEW_SIDE.on_conflict_do_update(
    index_elements=["statement_id", "topic"],
    set_={"stance": _NEW_SIDE.excluded.stance},
    where=statement_topics.c.stance == "unclear",
)


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """One report with what identifies its statement. Two reports are never equal, whatever they say."""

    report: Report
    speaker_id: int
    key: int
    bands: tuple[int, ...]


def enter_speakers(db: Connection, told: Sequence[Speaker]) -> dict[str | None, int]:
    """Make or bring up to date the rows of speakers; returns their ids by key, nobody's under None."""
    return _enter(db, _ENTER, told)


def know_speakers(db: Connection, told: Sequence[Speaker]) -> dict[str | None, int]:
    """The same, but the rows of known speakers stay as they are: what an old article says of them is no news."""
    return _enter(db, _ENTER_NEW, told)


def _enter(db: Connection, entering: Insert, told: Sequence[Speaker]) -> dict[str | None, int]:
    latest = {who.key or UNKNOWN: who for who in told}
    known = _entered(db, latest)
    # most are known as they are: writing them again would make everybody who reports them wait
    news = [
        row
        for key, who in sorted(latest.items())
        if _tells_more(row := _row_of(key, who, known.get(key)), known.get(key))
    ]
    if news:
        db.execute(entering, news)
        known = _entered(db, latest)
    return {None if key == UNKNOWN else key: row.id for key, row in known.items()}


def _entered(db: Connection, keys: Iterable[str]) -> dict[str, Row[Any]]:
    return {row.key: row for row in db.execute(_ENTERED, {"keys": list(keys)})}


def _tells_more(told: dict[str, str | None], known: Row[Any] | None) -> bool:
    return known is None or any(value not in (None, getattr(known, name)) for name, value in told.items())


def _row_of(key: str, who: Speaker, known: Row[Any] | None) -> dict[str, str | None]:
    if key == UNKNOWN:
        return {"key": key, "name": None, "role": None, "country": None, "folded": None}
    folded = words.spaced(who.name) if who.name else None
    # a body that somebody speaks for stays what it is: "agency", whoever said it
    spoken_for = who.role == "spokesperson" and known is not None and known.role is not None
    role = None if spoken_for else who.role
    return {"key": key, "name": who.name, "role": role, "country": who.country, "folded": folded}


def find(db: Connection, told: Sequence[Told]) -> dict[tuple[int, int], int]:
    """Statements with exactly these words by these speakers, by (speaker, key)."""
    asked = {"speakers": list({one.speaker_id for one in told}), "keys": list({one.key for one in told})}
    return {(row.speaker_id, row.key): row.id for row in db.execute(_FIND, asked)}


def candidates(db: Connection, told: Sequence[Told]) -> dict[tuple[int, int], dict[int, str]]:
    """Statements that share lookup keys, by (speaker, band): their words by id."""
    asked = {"bands": list({band for one in told for band in one.bands})}
    found = defaultdict[tuple[int, int], dict[int, str]](dict)
    for row in db.execute(_NEAR, asked):
        found[row.speaker_id, row.band][row.id] = row.text
    return found


def add(
    db: Connection, told: Sequence[Told], *, lang: str | None, published_at: datetime | None, now: datetime
) -> list[int]:
    """Store statements heard for the first time; returns their ids, in order."""
    if not told:
        return []
    rows = [
        {
            "speaker_id": one.speaker_id,
            "key": one.key,
            "text": one.report.text,
            "kind": one.report.kind,
            "lang": lang,
            "role": one.report.speaker.role,
            "country": one.report.speaker.country,
            "confidence": one.report.confidence,
            "published_at": published_at,
            "first_seen_at": now,
            "last_seen_at": now,
        }
        for one in told
    ]
    # asking for the ids with the insertion would make it one insertion for each row
    db.execute(_ADD, rows)
    made = find(db, told)
    ids = [made[one.speaker_id, one.key] for one in told]
    bands = [{"band": band, "statement_id": i} for i, one in zip(ids, told, strict=True) for band in set(one.bands)]
    if bands:
        db.execute(_ADD_BANDS, bands)
    words.of_statements(db, ids)
    return ids


def heard_before(db: Connection, statement_ids: Sequence[int]) -> dict[int, tuple[datetime, float]]:
    """When statements were last seen reported, and the best confidence of their reports."""
    found = db.execute(_BEFORE, {"ids": statement_ids})
    return {row.id: (row.last_seen_at, row.confidence) for row in found}


def heard_elsewhere(db: Connection, statement_id: int, item_id: int) -> tuple[datetime, float] | None:
    """When other items last reported a statement, and with which confidence at best; None where none does."""
    at, sure = func.max(reports.c.seen_at, type_=reports.c.seen_at.type), func.max(reports.c.confidence)
    others = and_(reports.c.statement_id == statement_id, reports.c.item_id != item_id)
    row = db.execute(select(at.label("at"), sure.label("sure")).where(others)).one()
    return (row.at, row.sure) if row.at is not None else None


def newest(db: Connection) -> int:
    """The id of the newest statement; 0 without any."""
    return int(db.execute(select(func.max(statements.c.id))).scalar() or 0)


def hear_again(db: Connection, heard: Sequence[Heard], published_at: datetime | None, now: datetime) -> None:
    """Known statements were reported once more; the earliest date and the best confidence stand."""
    rows = [
        {
            "statement": one.statement_id,
            "now": now,
            "at": published_at,
            "sure": one.report.confidence,
            "their_role": one.report.speaker.role,
            "their_country": one.report.speaker.country,
        }
        for one in heard
    ]
    if rows:
        db.execute(_HEAR_AGAIN, rows)


def take_sides(db: Connection, heard: Sequence[Heard]) -> None:
    """Add topics and stances of reports; an unclear stance never replaces a clear one."""
    rows = [
        {"statement_id": one.statement_id, "topic": topic, "stance": one.report.stance.get(topic, "unclear")}
        for one in heard
        for topic in one.report.topics
    ]
    if rows:
        db.execute(_TAKE_SIDES, rows)


def report(db: Connection, item_id: int, heard: Sequence[Heard], now: datetime, appearance_id: int | None) -> None:
    """Record that an item (or an appearance's own text) reports statements."""
    rows = [report_row(one, item_id, appearance_id, now) for one in heard]
    if rows:
        db.execute(_REPORT, rows)


def report_row(heard: Heard, item_id: int, appearance_id: int | None, now: datetime) -> dict[str, Any]:
    """A report as the table has it."""
    told = heard.report
    return {
        "statement_id": heard.statement_id,
        "item_id": item_id,
        "appearance_id": appearance_id,
        "where": told.where,
        "parts": [list(part) for part in told.parts],
        "text": told.text,
        "cue": list(told.cue) if told.cue else None,
        "mention": list(told.speaker.mention) if told.speaker.mention else None,
        "kind": told.kind,
        "via": told.via,
        "role": told.speaker.role,
        "confidence": told.confidence,
        "seen_at": now,
        "sides": {topic: told.stance.get(topic, "unclear") for topic in told.topics},
    }


def of_item(db: Connection, item_id: int) -> set[int]:
    """Ids of the statements that an item's present text or appearances report."""
    return of_items(db, [item_id])[item_id]


def of_items(db: Connection, item_ids: Sequence[int]) -> dict[int, set[int]]:
    """The same of many items at once, by item."""
    found: dict[int, set[int]] = {item_id: set() for item_id in item_ids}
    query = select(reports.c.item_id, reports.c.statement_id).where(reports.c.revision_id.is_(None))
    for row in db.execute(query.where(reports.c.item_id.in_(item_ids))):
        found[row.item_id].add(row.statement_id)
    return found


def move_reports(
    db: Connection, item_id: int, *, revision_id: int | None = None, appearance_id: int | None = None
) -> None:
    """The item's text is being replaced: its reports now stand in that revision or that appearance's own text."""
    of_text = and_(reports.c.item_id == item_id, reports.c.appearance_id.is_(None), reports.c.revision_id.is_(None))
    db.execute(update(reports).where(of_text).values(revision_id=revision_id, appearance_id=appearance_id))


def move_title_reports(db: Connection, item_id: int, appearance_id: int) -> None:
    """The item's headline is being replaced: reports in it now stand in that of this appearance."""
    in_title = and_(
        reports.c.item_id == item_id,
        reports.c.where == "title",
        reports.c.appearance_id.is_(None),
        reports.c.revision_id.is_(None),
    )
    db.execute(update(reports).where(in_title).values(appearance_id=appearance_id))


def take_title_reports(db: Connection, item_id: int, appearance_id: int) -> None:
    """The headline of this appearance is the item's from now on, and so are the reports in it."""
    in_title = and_(reports.c.item_id == item_id, reports.c.where == "title", reports.c.appearance_id == appearance_id)
    db.execute(update(reports).where(in_title).values(appearance_id=None))


def drop_superseded(db: Connection, item_id: int) -> None:
    """An item reports a statement once: what its present text reports needs no report in an earlier or shorter one."""
    present = select(reports.c.statement_id).where(
        reports.c.item_id == item_id, reports.c.appearance_id.is_(None), reports.c.revision_id.is_(None)
    )
    elsewhere = or_(reports.c.appearance_id.is_not(None), reports.c.revision_id.is_not(None))
    db.execute(delete(reports).where(reports.c.item_id == item_id, elsewhere, reports.c.statement_id.in_(present)))


def load(db: Connection, statement_id: int) -> Statement:
    """One statement. Raises KeyError for an unknown id."""
    found = load_many(db, [statement_id])
    if not found:
        raise KeyError(f"statement: expected an id in the store, got {statement_id}")
    return found[0]


def load_many(
    db: Connection, statement_ids: Sequence[int], via: Mapping[int, tuple[str, ...]] | None = None
) -> list[Statement]:
    """Statements by id, in the order given; unknown ids are left out. `via` by id, where it was read already."""
    rows = {row.id: row for row in db.execute(_LOAD, {"ids": statement_ids})}
    sides, credited = _sides(db, statement_ids), _via(db, statement_ids) if via is None else via
    return [_statement(rows[i], sides.get(i, {}), credited.get(i, ())) for i in statement_ids if i in rows]


def _sides(db: Connection, statement_ids: Sequence[int]) -> dict[int, dict[str, Stance]]:
    found: dict[int, dict[str, Stance]] = {}
    for row in db.execute(_SIDES, {"ids": statement_ids}):
        found.setdefault(row.statement_id, {})[row.topic] = row.stance
    return found


def _via(db: Connection, statement_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    query = select(reports.c.statement_id, reports.c.via).distinct()
    query = query.where(reports.c.statement_id.in_(statement_ids), reports.c.via.is_not(None))
    for row in db.execute(query.order_by(reports.c.via)):
        found[row.statement_id] = (*found.get(row.statement_id, ()), row.via)
    return found


def _statement(row: Row[Any], sides: dict[str, Stance], via: tuple[str, ...]) -> Statement:
    key = None if row.speaker_key == UNKNOWN else row.speaker_key
    return Statement(
        id=row.id,
        speaker=Speaker(row.name, row.role, row.country, key=key),
        text=row.text,
        kind=row.kind,
        lang=row.lang,
        topics=tuple(sides),
        stance=sides,
        confidence=row.confidence,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        via=via,
    )
