"""Alerts are told by what they tell: a statement once for all its rules, and what was said again alike beside it."""

from datetime import UTC, datetime

from frontends.web.bulletins import bulletins
from pipeline.storage.views import AlertView, SpeakerView, StatementView

NOW = datetime(2012, 6, 27, 12, tzinfo=UTC)


def alert(number: int, rule: str, statement: int | None, item: int = 1) -> AlertView:
    return AlertView(
        number, f"key-{number}", rule, "a title", "a body", "https://a.example/1", NOW, item, statement, ()
    )


def said(number: int, speaker: str | None, **sides: str) -> StatementView:
    who = SpeakerView(speaker, None, None, speaker)
    return StatementView(number, "x", "direct", who, tuple(sides), sides, (), None, 1.0, None, NOW, NOW, ())


def told(alerts: list[AlertView], *statements: StatementView) -> list[tuple[list[int], list[int], tuple[str, ...]]]:
    made = bulletins(alerts, {one.id: one for one in statements})
    return [([one.id for one in each.alerts], [one.id for one in each.said], each.rules) for each in made]


def test_a_statement_on_which_two_rules_fired_is_told_once() -> None:
    fired = [alert(3, "one", 7), alert(2, "two", 7)]
    assert told(fired, said(7, "a", legalization="for")) == [([3, 2], [7], ("one", "two"))]


def test_the_same_sides_of_one_speaker_are_told_together() -> None:
    fired = [alert(3, "one", 7), alert(2, "one", 8), alert(1, "one", 9)]
    statements = (
        said(7, "a", legalization="for"),
        said(8, "a", legalization="for"),
        said(9, "a", legalization="against"),
    )
    assert told(fired, *statements) == [([3, 2], [7, 8], ("one",)), ([1], [9], ("one",))]


def test_speakers_are_not_mixed_up_and_nobody_is_told_from_nobody() -> None:
    fired = [alert(4, "one", 7), alert(3, "one", 8), alert(2, "one", 9), alert(1, "one", 10)]
    speakers = {7: "a", 8: "b", 9: None, 10: None}
    statements = [said(number, speaker, legalization="for") for number, speaker in speakers.items()]
    assert [each[0] for each in told(fired, *statements)] == [[4], [3], [2], [1]]


def test_what_takes_no_side_is_told_statement_by_statement() -> None:
    fired = [alert(2, "one", 7), alert(1, "one", 8)]
    assert [each[1] for each in told(fired, said(7, "a", strategy="unclear"), said(8, "a", strategy="unclear"))] == [
        [7],
        [8],
    ]


def test_alerts_on_one_item_are_told_once() -> None:
    assert told([alert(2, "one", None), alert(1, "two", None), alert(0, "two", None, item=5)]) == [
        ([2, 1], [], ("one", "two")),
        ([0], [], ("two",)),
    ]


def test_a_statement_that_is_gone_leaves_its_item() -> None:
    assert told([alert(1, "one", 7)]) == [([1], [], ("one",))]
