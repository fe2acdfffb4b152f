"""What is new since somebody last looked; single statements, outlets and topics as their pages show them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deskpress import Say, days_ago
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.desk import Desk, SpeakerWish, StatementWish
from pipeline.errors import QueryError
from pipeline.health import SourceDay, Symptom
from pipeline.storage import days, symptoms
from pipeline.storage.store import Store
from tests.fakes import NOW
from tests.flows import GACETA, Bench, analysis, prose, report

# --- today ------------------------------------------------------------------------------------------------------------


def test_today_tells_what_officials_said_first_then_what_is_surest(desk: Desk, say: Say, press: Bench) -> None:
    say("Rosa Paz", "for", days_ago(1))
    press.clock.forward(days=1)
    since = press.clock.now()
    expert = say("Eva Ruiz", "for", since, role="expert", sure=0.95)
    doubtful = say("Luis Vera", "for", since, sure=0.6)
    sure = say("Ana Sol", "for", since, sure=0.9)
    archive = say("Old Words", "for", days_ago(100))
    found = desk.today(since)
    assert [one.id for one in found.statements] == [sure, doubtful, expert]
    assert archive not in {one.id for one in found.statements}
    assert (found.heard, found.since, found.until) == (3, since, press.clock.now())
    assert [one.id for one in desk.today(since, limit=1).statements] == [sure]
    assert desk.today(since, limit=1).heard == 3


def test_today_tells_alerts_fired_since_and_outlets_in_trouble(desk: Desk, say: Say, press: Bench) -> None:
    say("Rosa Paz", "for", NOW)
    press.clock.forward(hours=1)
    since = press.clock.now()
    say("Rosa Paz", "against", since)
    with press.flow.store.write() as db:
        symptoms.begin(db, Symptom("gaceta", "silent", since, "no news for 3 days", "warning"))
    found = desk.today(since)
    assert {one.fired_at for one in found.alerts} == {since}
    assert {one.rule for one in found.alerts} == {"said", "written"}
    assert [one.source for one in found.health.symptoms] == ["gaceta"]
    assert found.failing == ()


# --- one statement ----------------------------------------------------------------------------------------------------


def test_a_statement_shows_what_stands_around_the_words_in_each_report(desk: Desk, press: Bench) -> None:
    words = prose(1, 12)
    one, other = report(words), report(words)
    text = f"Ayer en Lima. {words}, dijo la ministra. {prose(2)}"
    start = text.index(words)
    press.settle(analysis("http://diario.example/1", text, replace(one, parts=((start, start + len(words)),))))
    ending = press.settle(analysis("http://gaceta.example/2", f"{words} {prose(3)}", other), GACETA)
    (found,) = desk.statements("")
    shown = desk.statement(found.id)
    first, second = shown.reports
    assert (first.source_name, first.lang, first.seen_at, first.outdated) == ("Diario", "es", NOW, False)
    assert first.before == "Ayer en Lima. "
    assert first.after.startswith(", dijo la ministra. ")
    assert 200 < len(first.after) <= 280
    assert text[start + len(words) :].startswith(f"{first.after} ")
    assert (second.item_id, second.source_name, second.before) == (ending.item_id, "Gaceta", "")
    # in lists it is left out
    assert {one.before + one.after for one in found.reports} == {""}


def test_an_unknown_statement_is_said_to_be_unknown(desk: Desk) -> None:
    with pytest.raises(KeyError, match="statement: expected an id in the store, got 7"):
        desk.statement(7)


# --- everything of a query, while more comes in -----------------------------------------------------------------------


@pytest.fixture
def told_again(desk: Desk, say: Say) -> list[int]:
    return [say("Rosa Paz", "for", days_ago(day)) for day in range(10)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 12)), max_size=5))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_comes_in_while_all_is_told_doubles_and_skips_nothing(
    desk: Desk, say: Say, told_again: list[int], arrivals: list[tuple[int, int]]
) -> None:
    """`arrivals`: after how many statements something new comes in, and how many days ago that was published."""
    told: list[int] = []
    for number, one in enumerate(desk.stream_statements("topic:legalization", batch=2)):
        told.append(one.id)
        for _, day in (arrival for arrival in arrivals if arrival[0] == number):
            say("Eva Ruiz", "for", days_ago(day))
    assert len(told) == len(set(told))
    assert [one for one in told if one in told_again] == told_again
    assert told == [one.id for one in desk.statements("topic:legalization", limit=None) if one.id in told]


def test_who_polls_sees_everything_once_however_old_it_is(desk: Desk, say: Say, press: Bench) -> None:
    first = [say("Rosa Paz", "for", days_ago(day)) for day in (0, 400, 3)]
    press.clock.forward(minutes=2)
    seen = desk.statements_seen("topic:legalization", limit=2)
    assert ([one.id for one in seen.statements], seen.more) == (first[:2], True)
    seen = desk.statements_seen("topic:legalization", seen.after, limit=2)
    assert ([one.id for one in seen.statements], seen.more) == (first[2:], False)
    late = say("Rosa Paz", "against", days_ago(800))
    press.clock.forward(minutes=2)
    seen = desk.statements_seen("topic:legalization", seen.after)
    assert ([one.id for one in seen.statements], seen.more) == ([late], False)
    again = desk.statements_seen("topic:legalization", seen.after)
    assert (again.statements, again.after, again.more) == ((), seen.after, False)
    items = desk.items_seen("topic:legalization")
    assert [one.published_at for one in items.items] == [days_ago(day) for day in (0, 400, 3, 800)]


def test_on_postgresql_what_may_not_be_committed_yet_is_held_back(desk: Desk, say: Say, press: Bench) -> None:
    say("Rosa Paz", "for", NOW)
    found = desk.statements_seen("")
    held_back = press.flow.store.engine.dialect.name == "postgresql"
    assert len(found.statements) == (0 if held_back else 1)
    press.clock.forward(minutes=2)
    assert len(desk.statements_seen("", found.after).statements) == (1 if held_back else 0)


@pytest.mark.parametrize("mark", ["", "x", "1", "1.x", "-1.2", "9" * 30 + ".1", "1.2.3", "١.1"])
def test_a_mark_that_no_page_gave_is_refused(desk: Desk, mark: str) -> None:
    with pytest.raises(ValueError, match="after: expected what the page before gave, got"):
        desk.items_seen("", mark)
    if mark != "1":
        with pytest.raises(ValueError, match="after: expected what the page before gave, got"):
            desk.statement_page("", StatementWish(after=mark))


def test_a_query_that_cannot_be_read_is_refused_at_its_character(desk: Desk) -> None:
    for ask in (desk.timeline, desk.facets, desk.statement_page, desk.items_seen, desk.explain):
        with pytest.raises(QueryError) as caught:
            ask("topic:")
        assert caught.value.position == 6
    assert desk.explain("topic:legalization", "es") == "Todo lo que trata del tema “legalization”."


# --- speakers, outlets, topics ----------------------------------------------------------------------------------------


def test_speakers_are_found_by_words_country_and_topic_page_by_page(desk: Desk, say: Say) -> None:
    for speaker, times in (("Rosa Paz", 3), ("Luis Paz", 1), ("Eva Ruiz", 1)):
        for _ in range(times):
            say(speaker, "for", NOW, country="MX" if speaker == "Eva Ruiz" else "PE")
    say("Luis Paz", "unclear", NOW, topic="eradication")
    assert [(one.key, one.statements) for one in desk.speakers()] == [("rosa-paz", 3), ("luis-paz", 2), ("eva-ruiz", 1)]

    def found(**wish: object) -> list[str]:
        return [one.key for one in desk.speaker_page(SpeakerWish(**wish)).speakers]  # type: ignore[arg-type]

    assert found(words=("paz",)) == ["rosa-paz", "luis-paz"]
    assert found(words=("minister", "luis")) == ["luis-paz"]
    assert found(country="MX") == ["eva-ruiz"]
    assert found(topic="eradication") == ["luis-paz"]
    first = desk.speaker_page(SpeakerWish(limit=2))
    rest = desk.speaker_page(SpeakerWish(limit=2, after=first.after))
    assert [one.key for one in (*first.speakers, *rest.speakers)] == ["rosa-paz", "luis-paz", "eva-ruiz"]
    assert rest.after is None
    with pytest.raises(ValueError, match="after: expected"):
        desk.speaker_page(SpeakerWish(after="rosa"))


def test_an_outlets_page_tells_its_days_symptoms_and_failures(desk: Desk, say: Say, store: Store) -> None:
    say("Rosa Paz", "for", NOW)
    with store.write() as db:
        days.add(db, SourceDay("diario", days_ago(2).date(), entries=7))
        days.add(db, SourceDay("diario", days_ago(70).date(), entries=9))
        symptoms.begin(db, Symptom("diario", "silent", days_ago(5), "no news", "warning"))
        symptoms.end(db, Symptom("diario", "silent", days_ago(5), "no news", "warning"), "news again", days_ago(4))
        symptoms.begin(db, Symptom("gaceta", "silent", days_ago(5), "no news", "warning"))
    found = desk.source("diario")
    assert (found.source.name, found.items, len(found.volume)) == ("Diario", 1, 60)
    assert {point.at: point.number for point in found.volume if point.number} == {days_ago(2).date(): 7}
    assert [(one.kind, one.ended_at, one.ending) for one in found.symptoms] == [("silent", days_ago(4), "news again")]
    assert [feed.url for feed in found.source.feeds] == ["http://diario.example/rss"]
    assert found.failures == ()
    with pytest.raises(KeyError, match="source: expected a slug of the catalogue, got nirgends"):
        desk.source("nirgends")


def test_topics_are_told_with_their_meaning_and_what_they_brought(desk: Desk, say: Say) -> None:
    say("Rosa Paz", "for", days_ago(2))
    say("Rosa Paz", "for", days_ago(50))
    found = {one.topic: one for one in desk.topic_views()}
    legalization = found["legalization"]
    assert (legalization.items, legalization.lately) == (2, 1)
    assert legalization.label["es"] == "Legalización"
    assert legalization.patterns["es"] > 10
    assert found["treatment"].items == 0
    assert "drug-policy" not in found


# --- over time --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "unit", "points"),
    [(0, "day", 1), (91, "day", 92), (92, "week", 14), (731, "week", 106), (732, "month", 25)],
)
def test_a_timeline_is_in_days_weeks_or_months_and_leaves_none_out(
    desk: Desk, say: Say, length: int, unit: str, points: int
) -> None:
    say("Rosa Paz", "for", days_ago(length))
    say("Rosa Paz", "against", NOW)
    found = desk.timeline("topic:legalization", "statement")
    assert (found.unit, len(found.points), found.total, found.complete) == (unit, points, 2, True)
    assert sum(one.number for one in found.points) == 2
    assert found.points[0].number > 0 < found.points[-1].number
    assert found.points[0].at <= days_ago(length).date()
    assert all(one.at < other.at for one, other in zip(found.points, found.points[1:], strict=False))


def test_a_timeline_of_nothing_has_no_points(desk: Desk) -> None:
    assert desk.timeline("nichts").points == ()


def test_a_facet_says_with_what_to_narrow_the_search(desk: Desk, say: Say) -> None:
    say("Rosa Paz", "for", NOW, role="deputy minister")
    say("Luis Vera", "against", NOW)
    found = desk.facets("", "statement")
    assert (found.looked_at, found.complete) == (2, True)
    for field, values in found.fields.items():
        for one in values:
            assert len(desk.statements(one.query)) == one.number, (field, one)
    assert {one.label for one in found.fields["speaker"]} == {"Rosa Paz", "Luis Vera"}
    assert [one.query for one in found.fields["source"]] == ["source:diario"]
    assert found.fields["source"][0].label == "Diario"
