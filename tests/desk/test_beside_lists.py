"""What pages show beside items and statements: how texts begin, when something was last heard."""

from __future__ import annotations

from datetime import timedelta

from deskpress import Say, days_ago

from pipeline.desk import Desk
from tests.fakes import NOW


def test_texts_begin_as_they_are_stored(desk: Desk, say: Say) -> None:
    say("Rosa Quispe", "for", days_ago(1))
    (line,) = desk.search("")
    text = desk.item(line.id).text
    told = desk.texts([line.id, 999_999])
    assert told == {line.id: text[:20_000]}


def test_the_last_thing_heard_is_the_last_that_came_in(desk: Desk, say: Say) -> None:
    assert desk.last_heard() is None
    say("Rosa Quispe", "for", days_ago(1))
    number = say("Rosa Quispe", "against", days_ago(9))
    last = desk.last_heard()
    assert last is not None
    assert last >= desk.statement(number).first_seen_at
    assert desk.clock.now() - last < timedelta(days=1)


def test_an_item_has_the_alerts_that_it_fired_and_no_others(desk: Desk, say: Say) -> None:
    say("Rosa Paz", "for", NOW)
    say("Rosa Paz", "against", NOW)
    first, second = (desk.item(line.id) for line in desk.search(""))
    for item in (first, second):
        fired = desk.alerts_on(item)
        assert {one.rule for one in fired} == {"said", "written"}
        assert {one.item_id for one in fired} == {item.id}
