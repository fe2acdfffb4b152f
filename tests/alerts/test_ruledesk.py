"""Rules are made, changed, switched and removed by hand; what cannot be one is refused, the file's are left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.alertdesk import AlertDesk
from pipeline.errors import ConfigError, QueryError
from pipeline.ruledesk import ChangedMeanwhile, RuleDesk
from pipeline.storage import rules as kept_rules
from pipeline.storage.store import Store
from pipeline.types import AlertRule
from tests.fakes import NOW
from tests.flows import analysis, bench, prose, report

FILE = [{"name": "of-the-file", "query": "topic:legalization", "mute_until": datetime(2012, 7, 1, tzinfo=UTC)}]
KEPT = {"name": "kept", "query": " topic:legalization ", "channels": ["inbox", "file"], "realert": "12h"}


@pytest.fixture
def desk(store: Store) -> RuleDesk:
    return RuleDesk(store, bench(store).clock, FILE, ("inbox", "file", "terminal"))


def version(desk: RuleDesk) -> kept_rules.Version:
    with desk.store.read() as db:
        return kept_rules.version(db)


def test_a_rule_is_shown_as_it_was_written_with_who_and_when(desk: RuleDesk) -> None:
    made = desk.save_rule({**KEPT, "mute_until": date(2012, 7, 1)}, "ana")
    assert made == AlertRule(
        "kept",
        "topic:legalization",
        channels=("inbox", "file"),
        realert=43_200.0,
        mute_until=datetime(2012, 7, 1, tzinfo=UTC),
    )
    desk.clock.forward(hours=1)  # type: ignore[attr-defined]
    desk.save_rule({**KEPT, "about": "item", "mute_until": "2012-07-01"}, "ben")
    of_the_file, kept = desk.rules()
    assert (of_the_file.name, of_the_file.kept_in, of_the_file.written) == ("of-the-file", "file", FILE[0])
    assert (of_the_file.made_by, of_the_file.changed_at) == ("", None)
    assert kept.written == {**KEPT, "about": "item", "mute_until": "2012-07-01"}
    assert (kept.query, kept.about, kept.channels) == ("topic:legalization", "item", ("inbox", "file"))
    assert (kept.made_by, kept.made_at, kept.changed_by) == ("ana", NOW, "ben")
    assert kept.changed_at == NOW + timedelta(hours=1)
    assert kept.explanation == "Everything that is on the topic “legalization”."
    assert desk.rules("es")[1].explanation.startswith("Todo lo que")
    assert desk.rule("kept") == kept
    with pytest.raises(KeyError, match="got 'other'"):
        desk.rule("other")


def test_what_a_rule_fired_is_counted_and_mutes_are_shown(desk: RuleDesk) -> None:
    at = bench(desk.store, [AlertRule("kept", "topic:legalization", channels=("inbox",))])
    desk.save_rule(KEPT, "ana")
    assert (desk.rule("kept").last_fired_at, desk.rule("kept").alerts_lately) == (None, 0)
    at.settle(analysis("http://diario.example/1", prose(1), report(prose(101, 12))))
    AlertDesk(desk.store, at.clock).mute("kept", NOW + timedelta(days=1))
    shown = desk.rule("kept")
    assert (shown.last_fired_at, shown.alerts_lately) == (NOW, 1)
    assert shown.muted_until == NOW + timedelta(days=1)
    desk.clock.forward(days=31)  # type: ignore[attr-defined]
    assert (desk.rule("kept").alerts_lately, desk.rule("kept").muted_until) == (0, None)


@pytest.mark.parametrize(
    ("changes", "key", "expected"),
    [
        ({"name": "Of Ours"}, "name", "1 to 80 of a-z"),
        ({"name": 7}, "name", "`str`"),
        ({"query": ""}, "query", "a condition"),
        ({"query": "coca\0"}, "query", "text without control characters"),
        ({"description": "\ud800"}, "description", "text without control characters"),
        ({"description": "x" * 2001}, "description", "at most 2000 characters"),
        ({"channels": []}, "channels", "one or more of file, inbox, terminal"),
        ({"channels": ["pager"]}, "channels", "any of file, inbox, terminal"),
        ({"channels": ["file", "file"]}, "channels", "each channel once"),
        ({"about": "speaker"}, "about", "one of 'item', 'statement'"),
        ({"about": "item", "new": "change"}, "new", "'statement' for a rule about items"),
        ({"realert": "often"}, "realert", "a span like 30m"),
        ({"mute_until": "soon"}, "mute_until", "a date or time like 2012-07-01"),
        ({"max_per_hour": "3"}, "max_per_hour", "`int`"),
        ({"mood": "grave"}, "mood", "one of the keys name, query"),
        ({"name": "of-the-file"}, "name", "another one: a rule of alerts.toml has it"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_with_key_expected_and_got(
    desk: RuleDesk, changes: dict[str, object], key: str, expected: str
) -> None:
    for refused in (desk.check_rule, lambda written: desk.save_rule(written, "ana")):
        with pytest.raises(ConfigError) as caught:
            refused({**KEPT, **changes})
        assert caught.value.key == key
        assert caught.value.expected.startswith(expected)
    assert [one.name for one in desk.rules()] == ["of-the-file"]
    assert version(desk) is None


def test_a_query_is_refused_at_its_character(desk: RuleDesk) -> None:
    with pytest.raises(QueryError) as caught:
        desk.check_rule({**KEPT, "query": "topic:legalization colour:red"})
    assert caught.value.position == 19


def test_who_began_before_another_changed_it_does_not_undo_that(desk: RuleDesk) -> None:
    desk.save_rule(KEPT, "ana")
    began = desk.rule("kept").changed_at
    desk.clock.forward(60)
    desk.save_rule({**KEPT, "query": "coca"}, "ben", as_of=began)
    with pytest.raises(ChangedMeanwhile) as change:
        desk.save_rule({**KEPT, "query": "amapola"}, "ana", as_of=began)
    assert (change.value.by, change.value.at) == ("ben", desk.rule("kept").changed_at)
    assert desk.rule("kept").query == "coca"
    desk.save_rule({**KEPT, "query": "amapola"}, "ana", as_of=change.value.at)
    assert desk.rule("kept").query == "amapola"
    desk.drop_rule("kept")
    with pytest.raises(ChangedMeanwhile, match="it is gone"):
        desk.save_rule(KEPT, "ana", as_of=began)


def test_names_are_unique(desk: RuleDesk) -> None:
    desk.save_rule(KEPT, "ana", replace=False)
    with pytest.raises(ConfigError, match="name: expected a name that no rule has, got 'kept'"):
        desk.save_rule({**KEPT, "query": "coca"}, "ben", replace=False)
    assert desk.rule("kept").query == "topic:legalization"


def test_rules_of_the_file_are_changed_in_the_file(desk: RuleDesk) -> None:
    for change in (lambda: desk.drop_rule("of-the-file"), lambda: desk.switch_rule("of-the-file", "ana", on=False)):
        with pytest.raises(ConfigError, match=r"a rule of alerts\.toml has it"):
            change()
    for change in (lambda: desk.drop_rule("none"), lambda: desk.switch_rule("none", "ana", on=False)):
        with pytest.raises(KeyError, match="kept in the store, got 'none'"):
            change()
    assert version(desk) is None


def test_a_rule_is_switched_off_and_on_and_every_change_is_noticed(desk: RuleDesk) -> None:
    seen = [version(desk)]
    desk.save_rule(KEPT, "ana")
    seen.append(version(desk))
    desk.switch_rule("kept", "ben", on=False)
    seen.append(version(desk))
    shown = desk.rule("kept")
    assert (shown.enabled, shown.asked, shown.changed_by) == (False, False, "ben")
    assert shown.written == {**KEPT, "enabled": False}
    desk.switch_rule("kept", "ben", on=True)
    seen.append(version(desk))
    assert desk.rule("kept").asked
    desk.drop_rule("kept")
    seen.append(version(desk))
    assert len(set(seen)) == 5
    assert [one.name for one in desk.rules()] == ["of-the-file"]


def test_a_rule_that_gets_a_name_again_is_not_kept_quiet_by_what_the_former_left(desk: RuleDesk) -> None:
    at = bench(desk.store, [AlertRule("kept", "topic:legalization", channels=("inbox",), realert=86_400.0)])
    desk.save_rule(KEPT, "ana")
    at.settle(analysis("http://diario.example/1", prose(1), report(prose(101, 12))))
    AlertDesk(desk.store, at.clock).mute("kept", NOW + timedelta(days=1))
    desk.drop_rule("kept")
    desk.save_rule(KEPT, "ana")
    at.settle(analysis("http://diario.example/2", prose(2), report(prose(102, 12))))
    assert len(at.alerts("kept")) == 2


def test_what_can_be_tried_is_every_rule_that_can_be_read(desk: RuleDesk) -> None:
    desk.save_rule({**KEPT, "enabled": False}, "ana")
    with desk.store.write() as db:
        kept_rules.save(db, "unclosed", {"query": "("}, "ana", NOW)
    assert list(desk.readable()) == ["of-the-file", "kept"]
