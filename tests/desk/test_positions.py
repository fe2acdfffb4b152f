"""Where countries and speakers stand, as of any day: what the pages of positions and speakers rest on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from deskpress import Say, days_ago
from sqlalchemy import select

from pipeline.correcting import correct
from pipeline.desk import Desk, Point, StatementWish
from pipeline.statements.corrections import Corrections
from pipeline.storage.schema import positions, speakers, statement_topics, statements
from pipeline.storage.store import Store
from pipeline.storage.words import place_of
from tests.fakes import NOW
from tests.flows import GACETA, Bench, analysis, prose, report

# --- countries --------------------------------------------------------------------------------------------------------


def test_a_countrys_position_is_the_latest_clear_stance_of_its_officials(desk: Desk, say: Say) -> None:
    say("Rosa Paz", "against", days_ago(30))
    latest = say("Luis Vera", "for", days_ago(3), role="president")
    say("Rosa Paz", "unclear", days_ago(1))
    found = desk.positions()
    assert (found.countries, found.topics) == (("PE",), ("legalization",))
    (cell,) = found.cells
    assert (cell.country, cell.topic, cell.stance, cell.statement_id) == ("PE", "legalization", "for", latest)
    assert (cell.at, cell.speaker.name, cell.speaker.role) == (days_ago(3), "Luis Vera", "president")
    assert cell.text == desk.statement(latest).text
    assert cell.counts == {"against": 1, "for": 1}


@pytest.mark.parametrize("role", ["senator", "expert", "former president", None])
def test_who_holds_no_office_of_the_executive_does_not_turn_a_country(desk: Desk, say: Say, role: str | None) -> None:
    say("Rosa Paz", "against", days_ago(30))
    say("Otro Nombre", "for", days_ago(3), role=role)
    (cell,) = desk.positions().cells
    assert (cell.stance, cell.counts) == ("against", {"against": 1})


def test_statements_of_nobodys_country_stand_in_no_cell(desk: Desk, say: Say) -> None:
    say("Una Enviada", "for", days_ago(3), country=None)
    assert desk.positions().cells == ()


def test_as_of_an_earlier_day_only_what_was_said_by_then_counts(desk: Desk, say: Say) -> None:
    first = say("Rosa Paz", "against", days_ago(500))
    say("Rosa Paz", "mixed", days_ago(100))
    say("Rosa Paz", "for", days_ago(10))
    (cell,) = desk.positions(days_ago(200)).cells
    assert (cell.stance, cell.statement_id, cell.at) == ("against", first, days_ago(500))
    (cell,) = desk.positions(days_ago(50)).cells
    assert (cell.stance, cell.counts) == ("mixed", {"against": 0, "mixed": 1})
    assert desk.positions(days_ago(501)).cells == ()
    # what was said at that very moment counts
    assert desk.positions(days_ago(500)).cells[0].statement_id == first


def test_topics_can_be_chosen(desk: Desk, say: Say) -> None:
    say("Rosa Paz", "for", days_ago(1))
    say("Rosa Paz", "for", days_ago(2), topic="eradication")
    say("Eva Ruiz", "against", days_ago(3), topic="eradication", country="MX")
    assert [(one.country, one.topic) for one in desk.positions().cells] == [
        ("MX", "eradication"),
        ("PE", "eradication"),
        ("PE", "legalization"),
    ]
    assert [(one.country, one.stance) for one in desk.positions(topics=["eradication"]).cells] == [
        ("MX", "against"),
        ("PE", "for"),
    ]


def test_behind_a_cell_stand_its_dated_statements_newest_first(desk: Desk, say: Say) -> None:
    said = [say("Rosa Paz", stance, days_ago(day)) for day, stance in ((9, "for"), (8, "against"), (7, "mixed"))]
    say("Rosa Paz", "unclear", days_ago(6))
    say("Otro Nombre", "for", days_ago(5), role="deputy")
    say("Rosa Paz", "for", days_ago(4), country="MX")
    found = desk.position("PE", "legalization")
    assert [one.id for one in found.statements] == said[::-1]
    assert found.after is None
    first = desk.position("PE", "legalization", wish=StatementWish(limit=2))
    rest = desk.position("PE", "legalization", wish=StatementWish(limit=2, after=first.after))
    assert [one.id for one in (*first.statements, *rest.statements)] == said[::-1]
    assert rest.after is None
    assert [one.id for one in desk.position("PE", "legalization", days_ago(8)).statements] == said[1::-1]
    with pytest.raises(ValueError, match="after: expected what the page before gave, got 'x'"):
        desk.position("PE", "legalization", wish=StatementWish(after="x"))


# --- speakers ---------------------------------------------------------------------------------------------------------


def test_a_speakers_page_tells_where_they_stand_and_when_they_turned(desk: Desk, say: Say) -> None:
    for day, stance in ((90, "against"), (60, "for"), (50, "unclear"), (40, "for"), (30, "mixed")):
        say("Rosa Paz", stance, days_ago(day))
    again = say("Rosa Paz", "mixed", days_ago(2))
    say("Rosa Paz", "unclear", days_ago(1), topic="eradication")
    found = desk.speaker("rosa-paz")
    assert (found.speaker.name, found.speaker.statements, found.speaker.last_seen_at) == ("Rosa Paz", 7, NOW)
    legalization, eradication = found.topics
    assert legalization.counts == {"against": 1, "for": 2, "mixed": 2, "unclear": 1}
    assert legalization.latest is not None
    assert legalization.since is not None
    assert (legalization.latest.statement_id, legalization.latest.at) == (again, days_ago(2))
    assert (legalization.since.stance, legalization.since.at) == ("mixed", days_ago(30))
    turns = [(one.before.stance, one.after.stance, one.after.at) for one in legalization.turns]
    assert turns == [("for", "mixed", days_ago(30)), ("against", "for", days_ago(60))]
    assert legalization.turned == 2
    assert (eradication.latest, eradication.since, eradication.turns) == (None, None, ())
    assert found.months[0] == Point(days_ago(90).date().replace(day=1), 1)
    assert sum(one.number for one in found.months) == 7


def test_an_unknown_speaker_is_said_to_be_unknown(desk: Desk) -> None:
    with pytest.raises(KeyError, match="speaker: expected a key in the store, got nadie"):
        desk.speaker("nadie")


def test_who_turned_since_yesterday_is_told_with_both_statements(desk: Desk, say: Say, press: Bench) -> None:
    before = say("Rosa Paz", "against", days_ago(40))
    say("Luis Vera", "for", days_ago(40))
    press.clock.forward(days=1)
    since = press.clock.now() - timedelta(hours=1)
    say("Rosa Paz", "for", since)
    # what she said a moment before is new as well: she moved from what was known
    now = say("Rosa Paz", "for", since + timedelta(minutes=1))
    say("Luis Vera", "for", since)
    say("Eva Ruiz", "for", since)
    (mover,) = desk.movers(since)
    assert (mover.topic, mover.speaker.name) == ("legalization", "Rosa Paz")
    assert (mover.before_stance, mover.before.id) == ("against", before)
    assert (mover.now_stance, mover.now.id) == ("for", now)
    assert desk.today(since).movers == (mover,)
    assert desk.movers(press.clock.now() + timedelta(hours=1)) == ()


def test_old_words_that_come_in_late_move_nobody(desk: Desk, say: Say, press: Bench) -> None:
    say("Rosa Paz", "against", days_ago(500))
    say("Rosa Paz", "against", days_ago(40))
    press.clock.forward(days=1)
    say("Rosa Paz", "for", days_ago(400))
    assert desk.movers(NOW + timedelta(hours=1)) == ()


# --- what they are made of --------------------------------------------------------------------------------------------


def kept(store: Store) -> list[tuple[object, ...]]:
    with store.read() as db:
        rows = db.execute(select(positions).order_by(positions.c.statement_id, positions.c.topic))
        return [tuple(row) for row in rows]


def made_anew(store: Store) -> list[tuple[object, ...]]:
    """What the table must hold, told from statements and their topics."""
    columns = (statements, statement_topics.c.topic, statement_topics.c.stance)
    query = select(*columns).join(statement_topics, statement_topics.c.statement_id == statements.c.id)
    found = []
    with store.read() as db:
        for row in db.execute(query.order_by(statements.c.id, statement_topics.c.topic)):
            place = place_of(row.published_at or row.first_seen_at, row.id)
            assert row.place == place
            if row.stance != "unclear":
                found.append((row.id, row.topic, row.stance, row.speaker_id, row.role, row.country, place))
    return found


def test_positions_follow_what_is_heard_again_merged_and_corrected(press: Bench, say: Say, store: Store) -> None:
    say("Rosa Paz", "for", days_ago(3))
    say("R Paz", "against", days_ago(2))
    assert kept(store) == made_anew(store) != []
    words = prose(1, 20)
    heard = report(words, "Rosa Paz", stance={"legalization": "unclear"})
    press.settle(analysis("http://diario.example/90", f"{words} {prose(90)}", heard))
    # heard again elsewhere: its side is clear now
    clear = report(words, "Rosa Paz", stance={"legalization": "mixed"})
    press.settle(analysis("http://gaceta.example/91", f"{words} {prose(91)}", clear), GACETA)
    assert kept(store) == made_anew(store)
    assert {row[2] for row in kept(store)} == {"for", "against", "mixed"}
    store.transact(lambda db: correct(db, Corrections({"r-paz": "rosa-paz"}, {})))
    assert kept(store) == made_anew(store)
    with store.read() as db:
        assert {row[3] for row in kept(store)} == set(db.execute(select(speakers.c.id)).scalars())
