"""Engines follow rules that are kept in the store, without a restart and without asking it all the time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from pipeline.rulebook import EVERY, RuleBook
from pipeline.ruledesk import RuleDesk
from pipeline.storage import rules as kept_rules
from pipeline.storage.store import Store
from tests.flows import Bench, analysis, bench, prose, report

KEPT = {"name": "kept", "query": "topic:legalization", "channels": ["inbox"]}


@pytest.fixture
def at(store: Store) -> Bench:
    return bench(store)


@pytest.fixture
def desk(at: Bench) -> Iterator[RuleDesk]:
    """Where rules are changed: with connections of its own, as it would be in another process."""
    file = [{"name": "said", "query": "topic:legalization", "channels": ["inbox"]}]
    with closing(Store(at.flow.store.url)) as elsewhere:
        yield RuleDesk(elsewhere, at.clock, file, ("inbox",))


def settle(at: Bench, number: int) -> None:
    at.settle(analysis(f"http://diario.example/{number}", prose(number), report(prose(100 + number, 12))))


def test_a_rule_fires_on_what_comes_after_it_was_made_and_no_more_once_it_is_gone(at: Bench, desk: RuleDesk) -> None:
    settle(at, 1)
    desk.save_rule(KEPT, "ana")
    at.clock.forward(EVERY)
    settle(at, 2)
    assert [one.url for one in at.alerts("kept")] == ["http://diario.example/2"]
    desk.switch_rule("kept", "ana", on=False)
    at.clock.forward(EVERY)
    settle(at, 3)
    desk.switch_rule("kept", "ana", on=True)
    at.clock.forward(EVERY)
    settle(at, 4)
    desk.save_rule({**KEPT, "query": "topic:eradication"}, "ana")
    at.clock.forward(EVERY)
    settle(at, 5)
    desk.drop_rule("kept")
    at.clock.forward(EVERY)
    settle(at, 6)
    assert [one.url for one in at.alerts("kept")] == ["http://diario.example/4", "http://diario.example/2"]
    assert len(at.alerts("said")) == 6
    at.deliver()
    assert sum(one.rule == "kept" for one in at.inbox.messages) == 2


@pytest.fixture
def asked(store: Store) -> Iterator[list[str]]:
    """What is asked of the tables of rules."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.extend(name for name in ("rules_version", "alert_rules") if f"FROM {name}" in statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def test_the_store_is_asked_once_in_a_while_and_rules_are_read_only_when_they_changed(
    at: Bench, desk: RuleDesk, asked: list[str]
) -> None:
    book = RuleBook(at.clock, (), ("inbox",))
    with at.flow.store.read() as db:
        first = book.standing(db)
        at.clock.forward(EVERY - 0.1)
        assert book.standing(db) is first
        assert asked == ["rules_version"]
        at.clock.forward(0.1)
        assert book.standing(db) is first
    assert asked == ["rules_version"] * 2
    desk.save_rule(KEPT, "ana")
    at.clock.forward(EVERY)
    asked.clear()
    with at.flow.store.read() as db:
        assert book.standing(db) is not first
    assert asked == ["rules_version", "alert_rules"]


def test_a_rule_that_cannot_be_read_is_left_out_and_said_once(
    at: Bench, desk: RuleDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.save_rule(KEPT, "ana")
    with at.flow.store.write() as db:
        kept_rules.save(db, "of-tomorrow", {"query": "topic:legalization", "mood": "grave"}, "ben", at.clock.now())
        kept_rules.save(db, "unclosed", {**KEPT, "query": "(topic:legalization"}, "ben", at.clock.now())
        kept_rules.save(db, "no-table", {}, "ben", at.clock.now())
        db.execute(text("UPDATE alert_rules SET written = '[1]' WHERE name = 'no-table'"))
    with caplog.at_level(logging.WARNING, "vigia.rules"):
        for number in (1, 2):
            settle(at, number)
            desk.switch_rule("kept", "ana", on=True)
            at.clock.forward(EVERY)
    assert len(at.alerts("kept")) == 2
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert said[1].startswith("alert rule of-tomorrow: mood: expected one of the keys")
    shown = {one.name: one for one in desk.rules()}
    assert "mood: expected one of the keys" in shown["of-tomorrow"].fault
    assert (shown["of-tomorrow"].asked, shown["of-tomorrow"].query) == (False, "topic:legalization")
    assert shown["unclosed"].fault.startswith("query: at character 20: expected")
    assert "query: expected a value" in shown["no-table"].fault
    assert (shown["kept"].fault, shown["kept"].asked) == ("", True)


def test_a_channel_that_is_not_set_up_here_silences_no_other(
    at: Bench, desk: RuleDesk, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = replace(desk, channels=("inbox", "pager"))
    elsewhere.save_rule({**KEPT, "channels": ["pager", "inbox"]}, "ana")
    settle(at, 1)
    (alert,) = at.alerts("kept")
    assert [one.channel for one in alert.deliveries] == ["inbox"]
    assert "channels: expected any of inbox, got ['pager']" in caplog.text
    assert desk.rule("kept").asked
    assert desk.rule("kept").fault == "channels: expected any of inbox, got ['pager']"


def test_a_rule_of_the_file_wins_over_one_of_the_same_name(at: Bench, desk: RuleDesk) -> None:
    replace(desk, declared=()).save_rule({**KEPT, "name": "said", "query": "topic:eradication"}, "ana")
    settle(at, 1)
    assert len(at.alerts("said")) == 1
    of_the_file, hidden = (one for one in desk.rules() if one.name == "said")
    assert (of_the_file.kept_in, of_the_file.query, of_the_file.asked) == ("file", "topic:legalization", True)
    assert (hidden.kept_in, hidden.asked) == ("store", False)
    assert "a rule of alerts.toml has it" in hidden.fault
    desk.drop_rule("said")
    assert [one.kept_in for one in desk.rules() if one.name == "said"] == ["file"]
