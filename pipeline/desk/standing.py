"""Who stands where: a speaker's topics and turns; countries by topics, each with the words behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby, pairwise

from pipeline.desk.answers import (
    Mover,
    Position,
    PositionHistory,
    Positions,
    SpeakerPage,
    SpeakerProfile,
    Stand,
    StatementPage,
    TopicStand,
    Turn,
)
from pipeline.desk.counting import points
from pipeline.storage import quoted, speakers, stances, views
from pipeline.storage.speakers import SpeakerWish
from pipeline.storage.spoken import StatementWish, place_after
from pipeline.storage.stances import Moved, Standing, Taken
from pipeline.storage.store import Transaction
from pipeline.storage.words import item_at

#: turns of a speaker on one topic that are told
_TURNS = 20


def speaker(db: Transaction, key: str) -> SpeakerProfile:
    """A speaker's page. Raises KeyError for an unknown key."""
    row = speakers.find(db, key)
    if row is None:
        raise KeyError(f"speaker: expected a key in the store, got {key}")
    counts, taken = stances.counts_of_speaker(db, row), stances.of_speaker(db, row)
    by_topic = {topic: tuple(same) for topic, same in groupby(taken, lambda one: one.topic)}
    topics = [topic_stand(topic, by_topic.get(topic, ()), number) for topic, number in counts.items()]
    days = speakers.days(db, row)
    return SpeakerProfile(
        speaker=speakers.line(db, row),
        topics=tuple(sorted(topics, key=lambda one: (-sum(one.counts.values()), one.topic))),
        months=points(days, "month", min(days), max(days)) if days else (),
    )


def said_by(db: Transaction, key: str, wish: StatementWish) -> StatementPage:
    """A page of what a speaker said. Raises KeyError for an unknown key; ValueError for a mark that no page gave."""
    row = speakers.find(db, key)
    if row is None:
        raise KeyError(f"speaker: expected a key in the store, got {key}")
    below = None if wish.after is None else place_after(wish.after)
    return page_of(db, stances.places_of_speaker(db, row, wish.limit + 1, below), wish.limit)


def speaker_page(db: Transaction, wish: SpeakerWish) -> SpeakerPage:
    """A page of speakers. Raises ValueError for a mark that no page gave."""
    limit = wish.limit
    found = speakers.lines(db, replace(wish, limit=limit + 1))
    after = speakers.mark_of(found[limit - 1]) if len(found) > limit else None
    return SpeakerPage(tuple(found[:limit]), after)


def topic_stand(topic: str, taken: Sequence[Taken], counts: Mapping[str, int]) -> TopicStand:
    """Where somebody stands who took these clear stances on a topic, oldest first."""
    stands = [Stand(one.stance, one.at, one.statement_id) for one in taken]
    turns = [Turn(before, after) for before, after in pairwise(stands) if before.stance != after.stance]
    since = turns[-1].after if turns else next(iter(stands), None)
    latest = stands[-1] if stands else None
    return TopicStand(topic, latest, since, counts, tuple(turns[: -_TURNS - 1 : -1]), len(turns))


def positions(
    db: Transaction, officials: Collection[str], as_of: datetime, topics: Collection[str] | None
) -> Positions:
    """Countries by topics; only these topics, where they are given."""
    found = [one for one in stances.of_countries(db, officials, as_of) if topics is None or one.topic in topics]
    said = {one.id: one for one in quoted.briefly(db, [one.statement_id for one in found])}
    return Positions(
        as_of=as_of,
        countries=_names(one.country for one in found),
        topics=_names(one.topic for one in found),
        cells=tuple(_position(one, said[one.statement_id]) for one in found),
    )


def _position(one: Standing, said: quoted.Quotation) -> Position:
    return Position(
        country=one.country,
        topic=one.topic,
        stance=one.stance,
        at=one.at,
        speaker=said.speaker,
        statement_id=one.statement_id,
        text=said.text,
        counts=one.counts,
    )


def _names(of: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(of)))


def history(
    db: Transaction, officials: Collection[str], cell: tuple[str, str], as_of: datetime, wish: StatementWish
) -> PositionHistory:
    """A page of what is behind a country's position on a topic. Raises ValueError for a mark that no page gave."""
    country, topic = cell
    below = None if wish.after is None else place_after(wish.after)
    places = stances.behind(db, officials, cell, as_of, wish.limit + 1, below)
    page = page_of(db, places, wish.limit)
    return PositionHistory(country, topic, as_of, page.statements, page.after)


def page_of(db: Transaction, places: Sequence[int], limit: int) -> StatementPage:
    """So many statements of those at these places, and the mark of what is left."""
    ids = [item_at(place) for place in places[:limit]]
    after = str(places[limit - 1]) if len(places) > limit else None
    return StatementPage(tuple(views.statement_views(db, ids)), after)


def movers(db: Transaction, since: datetime, limit: int) -> tuple[Mover, ...]:
    """Speakers who took another clear stance than their last one before, the latest first."""
    moved = stances.movers(db, since, limit)
    ids = sorted({one.statement_id for move in moved for one in (move.before, move.now)})
    said = {one.id: one for one in views.statement_views(db, ids)}
    return tuple(_mover(move, said) for move in moved)


def _mover(move: Moved, said: Mapping[int, views.StatementView]) -> Mover:
    before, now = said[move.before.statement_id], said[move.now.statement_id]
    return Mover(move.now.topic, now.speaker, move.before.stance, move.now.stance, before, now)
