"""What a rule makes of articles as they come in: stored, held, told together, kept quiet, on a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from pipeline import bundling, dispatch
from pipeline.alertdesk import AlertDesk
from pipeline.errors import DeliveryRefused
from pipeline.storage import merging, restraint
from pipeline.storage.store import Store
from pipeline.types import AlertRule
from tests.fakes import NOW
from tests.flows import GACETA, Bench, analysis, bench, prose, report

TOPIC = "topic:legalization"


def rule(name: str = "one", query: str = TOPIC, **more: object) -> AlertRule:
    return AlertRule(name, query, channels=("inbox",), **more)  # type: ignore[arg-type]


def comes(at: Bench, number: int, *said: object, minutes: float = 0, **more: object) -> int:
    """An article comes in after so many minutes; gives its item."""
    at.clock.forward(minutes=minutes)
    read = analysis(f"http://diario.example/{number}", prose(number), *said, title=f"Title {number}", **more)  # type: ignore[arg-type]
    read = replace(read, article=replace(read.article, published_at=at.clock.now()))
    ending = at.settle(read)
    assert ending.item_id is not None
    return ending.item_id


def says(number: int, speaker: str = "Rosa Quintanilla", topic: str = "legalization", side: str = "against") -> object:
    return report(prose(500 + number, 14), speaker, topics=(topic,), stance={topic: side})


def told(at: Bench, minutes: float = 0) -> list[str]:
    """What the inbox has got by then: events and titles."""
    at.clock.forward(minutes=minutes)
    bundling.tell_due(at.flow)
    at.deliver()
    return [message.event for message in at.inbox.messages]


def suppressed(at: Bench, name: str = "one") -> list[str]:
    with at.flow.store.read() as db:
        return [one.reason for one in restraint.suppressed(db, name, NOW)]


def test_realert_keeps_a_speaker_quiet_and_says_so(store: Store) -> None:
    at = bench(store, [rule(realert=7200.0)])
    comes(at, 1, says(1))
    comes(at, 2, says(2), minutes=119)
    comes(at, 3, says(3, "Juan Mora"))
    comes(at, 4, says(4), minutes=1)
    assert told(at) == ["alert"] * 3
    assert suppressed(at) == ["told of rosa-quintanilla / legalization before, not again until 2012-06-27 14:00 UTC"]


def test_a_position_is_a_speakers_first_word_on_a_topic_that_the_rule_names(store: Store) -> None:
    at = bench(store, [rule(new="position"), rule("any", "lang:es", new="position")])
    comes(at, 1, says(1))
    comes(at, 2, says(2, topic="treatment"), topics=("treatment",))
    comes(at, 3, says(3))
    comes(at, 4, says(4, "Juan Mora"))
    assert [one.statement_id for one in reversed(at.alerts("one"))] == [1, 4]
    assert [one.statement_id for one in reversed(at.alerts("any"))] == [1, 2, 4]
    assert suppressed(at) == ["the speaker spoke before on legalization (statement 1)"]


def test_what_a_back_fill_brought_was_said_before(store: Store) -> None:
    at = bench(store, [rule(new="position")])
    at.settle(analysis("http://diario.example/old", prose(9), says(9)), quiet=True)
    comes(at, 1, says(1))
    assert at.alerts("one") == []


def test_a_change_is_a_clear_stance_unlike_the_last_clear_one(store: Store) -> None:
    at = bench(store, [rule(new="change")])
    for number, side in enumerate(("against", "against", "unclear", "for", "for", "mixed")):
        comes(at, number, says(number, side=side), minutes=1)
    changes = [AlertDesk(store, at.clock).explain(one.id).new for one in reversed(at.alerts("one"))]
    assert changes == [
        "a change from against to for on legalization since 2012-06-27 12:02 UTC",
        "a change from for to mixed on legalization since 2012-06-27 12:05 UTC",
    ]


def test_a_late_report_of_old_words_does_not_count_as_the_last_stance(store: Store) -> None:
    at = bench(store, [rule(new="change")])
    comes(at, 1, says(1, side="for"))
    old = analysis("http://diario.example/old", prose(9), says(9, side="against"))
    old = replace(old, article=replace(old.article, published_at=NOW - timedelta(days=20)))
    at.settle(old, quiet=True)
    comes(at, 2, says(2, side="for"), minutes=1)
    assert at.alerts("one") == []


def test_a_speaker_whom_nobody_names_has_no_position(store: Store) -> None:
    at = bench(store, [rule(new="position")])
    nobody = says(1)
    comes(at, 1, replace(nobody, speaker=replace(nobody.speaker, name=None, key=None)))  # type: ignore[type-var,attr-defined]
    assert suppressed(at) == ["nobody is named who could have a position"]


def test_a_digest_tells_of_all_in_one_message_when_it_is_due(store: Store) -> None:
    at = bench(store, [rule(digest=3600.0)])
    for number in (1, 2, 3):
        comes(at, number, says(number), minutes=1)
    assert told(at, minutes=57) == []
    assert told(at, minutes=1) == ["digest"]
    (message,) = at.inbox.messages
    assert message.title == "3 alerts of one"
    assert [one["url"] for one in message.fields["alerts"]] == [f"http://diario.example/{n}" for n in (1, 2, 3)]  # type: ignore[attr-defined]
    assert told(at, minutes=600) == ["digest"], "it is told again"


def test_a_digest_of_one_is_that_alert(store: Store) -> None:
    at = bench(store, [rule(digest=3600.0)])
    comes(at, 1, says(1))
    assert told(at, minutes=60) == ["alert"]
    assert told(at, minutes=60) == ["alert"]


def test_digests_have_keys(store: Store) -> None:
    at = bench(store, [rule(digest=3600.0, digest_key=("speaker",))])
    for number, who in enumerate(("Rosa Quintanilla", "Rosa Quintanilla", "Juan Mora", "Juan Mora")):
        comes(at, number, says(number, who))
    assert told(at, minutes=60) == ["digest", "digest"]
    assert {message.title for message in at.inbox.messages} == {
        "2 alerts of one (rosa-quintanilla)",
        "2 alerts of one (juan-mora)",
    }


def test_what_fires_in_quiet_hours_is_told_at_their_end(store: Store) -> None:
    night = {"quiet_hours": (time(7), time(9)), "zone": "America/Lima"}
    at = bench(store, [rule(**night), rule("urgent", importance="high", **night)])
    comes(at, 1, says(1))
    comes(at, 2, says(2))
    assert [message.rule for message in at.inbox.messages if told(at)] == []
    assert told(at, minutes=119) == ["alert", "alert"]
    assert {message.rule for message in at.inbox.messages} == {"urgent"}
    assert told(at, minutes=1) == ["alert", "alert", "digest"]


def test_what_is_too_much_for_an_hour_comes_in_one_summary(store: Store) -> None:
    at = bench(store, [rule(max_per_hour=2)])
    for number in range(5):
        comes(at, number, says(number))
    assert told(at) == ["alert", "alert"]
    assert told(at, minutes=60) == ["alert", "alert", "digest"]
    assert at.inbox.messages[-1].fields["kind"] == "summary"
    assert at.inbox.messages[-1].fields["total"] == 3


def test_a_rule_that_somebody_mutes_is_quiet_until_then_or_until_he_thinks_better(store: Store) -> None:
    at = bench(store, [rule()])
    desk = AlertDesk(store, at.clock)
    desk.mute("one", NOW + timedelta(hours=1))
    assert desk.muted() == {"one": NOW + timedelta(hours=1)}
    comes(at, 1, says(1))
    assert suppressed(at) == ["muted until 2012-06-27 13:00 UTC"]
    desk.mute("one", None)
    comes(at, 2, says(2))
    assert told(at) == ["alert"]


def test_explain_says_what_was_met_what_was_new_and_what_came_after(store: Store) -> None:
    at = bench(store, [rule(query="topic:legalization (role:minister OR role:president) -lang:pt", realert=7200.0)])
    comes(at, 1, says(1))
    comes(at, 2, says(2), minutes=5)
    at.clock.forward(minutes=5)
    other = analysis("http://gaceta.example/1", prose(77), says(1), title="Otra nota")
    at.settle(other, GACETA)
    told(at)
    found = AlertDesk(store, at.clock).explain(1)
    assert found.met == (
        "Everything that is on the topic “legalization”.",
        "Everything that has a speaker in the role “minister”.",
    )
    assert found.new == "the first report of this statement"
    assert found.keys == ("rosa-quintanilla / legalization",)
    assert [(one.channel, one.state) for one in found.deliveries] == [("inbox", "sent")]
    assert [(one.title, one.reason) for one in found.after] == [
        ("Title 2", "told of rosa-quintanilla / legalization before, not again until 2012-06-27 14:00 UTC"),
        ("Otra nota", "the same statement again, in gaceta"),
    ]
    with pytest.raises(KeyError, match="alert: expected an id in the store, got 99"):
        AlertDesk(store, at.clock).explain(99)


def test_explain_shows_the_delivery_of_the_digest_it_was_told_in(store: Store) -> None:
    at = bench(store, [rule(digest=3600.0)])
    comes(at, 1, says(1))
    comes(at, 2, says(2))
    desk = AlertDesk(store, at.clock)
    assert (desk.explain(1).held, desk.explain(1).deliveries) == ("digest", ())
    told(at, minutes=60)
    assert [(one.channel, one.state) for one in desk.explain(1).deliveries] == [("inbox", "sent")]


def test_dead_messages_are_listed_and_revived(store: Store) -> None:
    at = bench(store, [rule()])
    at.inbox.failure = DeliveryRefused("inbox: expected 2xx, got 404")
    comes(at, 1, says(1))
    comes(at, 2, says(2))
    told(at)
    desk = AlertDesk(store, at.clock)
    dead = desk.dead()
    assert [(one.rule, one.channel, one.error, one.alert_id) for one in dead] == [
        ("one", "inbox", "inbox: expected 2xx, got 404", 2),
        ("one", "inbox", "inbox: expected 2xx, got 404", 1),
    ]
    at.inbox.failure = None
    assert desk.revive([dead[0].delivery_id, 999]) == 1
    assert told(at) == ["alert"]
    assert desk.revive() == 1
    assert told(at) == ["alert", "alert"]
    assert desk.dead() == []


def test_suppressions_follow_an_item_that_is_merged_into_another(store: Store) -> None:
    at = bench(store, [rule(realert=7200.0)])
    kept = comes(at, 1, says(1))
    gone = comes(at, 2, says(2))
    with store.write() as db:
        merging.merge(db, kept, gone)
        assert [one.item_id for one in restraint.suppressed(db, "one", NOW)] == [kept]


def test_workers_and_the_engine_tell_what_is_due(store: Store) -> None:
    at = bench(store, [rule(digest=3600.0)])
    comes(at, 1, says(1))
    comes(at, 2, says(2))
    assert dispatch.due_deliveries(at.flow) == []
    at.clock.forward(minutes=60)
    (delivery,) = dispatch.due_deliveries(at.flow)
    dispatch.deliver(at.flow, delivery, "task")
    assert [message.event for message in at.inbox.messages] == ["digest"]
