"""A rule gives the same result live, when it is tried on what is stored, and when every step is another process."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Literal

import pytest

from pipeline import bundling, trial
from pipeline.desk import Desk
from pipeline.storage import restraint
from pipeline.storage.store import Store
from pipeline.types import AlertRule
from tests.fakes import NOW
from tests.flows import DIARIO, GACETA, Bench, analysis, bench, prose, report

TOPIC = "topic:legalization"
RULES = tuple(
    AlertRule(name, query, channels=("inbox",), **more)
    for name, query, more in (
        ("plain", TOPIC, {}),
        ("realert", TOPIC, {"realert": 7200.0}),
        ("doubling", "topic:drug-policy", {"realert": 3600.0, "realert_max": 36_000.0, "realert_key": ("speaker",)}),
        ("position", TOPIC, {"new": "position"}),
        ("any-position", "lang:es", {"new": "position"}),
        ("change", TOPIC, {"new": "change"}),
        ("digest", TOPIC, {"digest": 5400.0, "digest_key": ("speaker",)}),
        ("daily", TOPIC, {"digest": "0 7 * * *", "zone": "America/Lima"}),
        ("night", TOPIC, {"quiet_hours": (time(8), time(15)), "zone": "America/Lima"}),
        ("few", "lang:es", {"max_per_hour": 1}),
        ("muted", TOPIC, {"mute_until": NOW + timedelta(hours=5)}),
        ("written", TOPIC, {"about": "item", "realert": 7200.0}),
        ("lately", "topic:legalization last:2d", {}),
        ("all", "lang:es", {"realert": 3600.0, "max_per_hour": 2, "quiet_hours": (time(16), time(17))}),
    )
)


@dataclass(frozen=True)
class Piece:
    """An article that comes in: so many minutes after the one before, with what its speakers say."""

    minutes: int
    said: tuple[tuple[str, int, str, str, float], ...]
    quiet: bool
    days_old: int


def press_of(seed: int, pieces: int = 16) -> list[Piece]:
    """Some days of an invented press."""
    rng = random.Random(seed)

    def said() -> tuple[str, int, str, str, float]:
        return (
            rng.choice(("Rosa Quintanilla", "Juan Mora")),
            rng.randrange(6),
            rng.choice(("legalization", "treatment")),
            rng.choice(("for", "against", "unclear")),
            rng.choice((0.9, 0.9, 0.9, 0.3)),
        )

    return [
        Piece(
            rng.choice((1, 10, 45, 60, 130, 600)),
            tuple({told[:2]: told for told in (said() for _ in range(rng.randint(1, 3)))}.values()),
            rng.random() < 0.15,
            rng.choice((0, 0, 0, 1, 5)),
        )
        for _ in range(pieces)
    ]


def words(speaker: str, which: int) -> str:
    """What is said differs by speaker and number, and always belongs to the same topic and side."""
    return " ".join(prose(1000 + which * 7 + len(speaker), 14).split())


def topic_of(told: tuple[str, int, str, str, float], known: dict[tuple[str, int], tuple[str, str]]) -> tuple[str, str]:
    # the same words are about the same thing, whoever reports them
    return known.setdefault((told[0], told[1]), (told[2], told[3]))


def play(press: Sequence[Piece], at: Bench, again: Callable[[Bench], Bench] = lambda at: at) -> Bench:
    known: dict[tuple[str, int], tuple[str, str]] = {}
    for number, one in enumerate(press):
        at.clock.forward(minutes=one.minutes)
        said = []
        for told in one.said:
            topic, side = topic_of(told, known)
            said.append(report(words(told[0], told[1]), told[0], told[4], topics=(topic,), stance={topic: side}))
        topics = tuple(dict.fromkeys(topic for told in said for topic in told.topics))
        read = analysis(f"http://diario.example/{number}", prose(number), *said, topics=topics, title=f"Title {number}")
        published = at.clock.now() - timedelta(days=one.days_old)
        read = dataclasses.replace(read, article=dataclasses.replace(read.article, published_at=published))
        at.settle(read, GACETA if number % 2 else DIARIO, quiet=one.quiet)
        bundling.tell_due(at.flow)
        at = again(at)
    return at


def live(at: Bench) -> dict[str, list[tuple[object, ...]]]:
    """What fired, by rule: when, on what, and until when it was held."""
    with at.flow.store.read() as db:
        return {
            rule.name: sorted(
                [("fired", alert.fired_at, alert.item_id, alert.statement_id) for alert in at.alerts(rule.name)]
                + [
                    ("kept", one.suppressed_at, one.item_id, one.statement_id, one.reason)
                    for one in restraint.suppressed(db, rule.name, NOW)
                ],
                key=str,
            )
            for rule in RULES
        }


def tried(at: Bench) -> dict[str, list[tuple[object, ...]]]:
    desk = Desk(at.flow.store, at.clock, at.flow.settings, at.flow.sources)
    found = {rule.name: desk.try_rule(rule, timedelta(days=365), live=True) for rule in RULES}
    # what was no news to anybody is not written down as it happens: a thousand reprints would be a thousand rows
    return {
        name: sorted(
            [("fired", one.at, one.item_id, one.statement_id) for one in trials if not one.suppressed]
            + [
                ("kept", one.at, one.item_id, one.statement_id, one.suppressed[0])
                for one in trials
                if one.suppressed
                and one.suppressed[0].startswith(("told of", "muted", "the speaker", "no stance", "it is on"))
            ],
            key=str,
        )
        for name, trials in ((name, backtest.trials) for name, backtest in found.items())
    }


FORGETFUL = [rule for rule in RULES if not (rule.realert or rule.max_per_hour or rule.digest)]


@pytest.mark.parametrize("live", [True, False])
def test_a_trial_of_less_of_the_past_is_the_end_of_a_longer_one(store: Store, live: bool) -> None:
    """What is older is not looked at again, and says nevertheless what had been heard before."""
    at = play(press_of(1, 24), bench(store, RULES))
    desk = Desk(at.flow.store, at.clock, at.flow.settings, at.flow.sources)
    cut = 0
    for rule in FORGETFUL:
        whole = desk.try_rule(rule, timedelta(days=365), live=live)
        for hours in (1, 9, 24, 60):
            end = desk.try_rule(rule, timedelta(hours=hours), live=live)
            assert end.trials == tuple(one for one in whole.trials if one.at >= end.since), (rule.name, hours)
            cut += end.looked_at < whole.looked_at and len(end.trials) > 0
    assert cut >= len(FORGETFUL)


@pytest.mark.parametrize("live", [True, False])
def test_what_a_change_of_an_old_text_brought_is_tried_too(store: Store, live: bool) -> None:
    at = bench(store)
    url = "http://diario.example/1"
    at.settle(analysis(url, prose(1), report(prose(101, 12))))
    at.clock.forward(hours=10)
    at.settle(analysis(url, prose(2), report(prose(102, 12))), version="v2")
    desk = Desk(at.flow.store, at.clock, at.flow.settings, at.flow.sources)
    tried = desk.try_rule(AlertRule("new-one", TOPIC, channels=("inbox",)), timedelta(hours=1), live=live)
    assert [one.statement_id for one in tried.trials if not one.suppressed] == [2]


@pytest.mark.parametrize("about", ["item", "statement"])
def test_where_there_is_too_much_the_newest_is_tried_and_the_rest_is_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch, about: Literal["item", "statement"]
) -> None:
    at = bench(store)
    for number in range(6):
        at.clock.forward(hours=1)
        at.settle(analysis(f"http://diario.example/{number}", prose(number), report(prose(100 + number, 12))))
    desk = Desk(at.flow.store, at.clock, at.flow.settings, at.flow.sources)
    rule = AlertRule("new-one", TOPIC, about=about, channels=("inbox",))
    whole = desk.try_rule(rule, timedelta(days=1), live=True)
    assert (whole.looked_at, whole.found, len(whole.trials)) == (6, 6, 6)
    monkeypatch.setattr(trial, "MOST", 4)
    some = desk.try_rule(rule, timedelta(days=1), live=True)
    assert (some.looked_at, some.found) == (4, 6)
    assert some.trials == whole.trials[2:]
    assert at.alerts("new-one") == []


def begun_anew(before: Bench) -> Bench:
    """Another process opens the same store: nothing is left of the first but what that one wrote."""
    before.flow.store.close()
    at = bench(Store(before.flow.store.address), RULES)
    at.clock.forward(seconds=(before.clock.now() - at.clock.now()).total_seconds())
    return at


@pytest.mark.parametrize("seed", range(4))
def test_live_tried_and_after_a_restart_are_the_same(store: Store, tmp_path: Path, seed: int) -> None:
    press = press_of(seed)
    at = play(press, bench(store, RULES))
    told = live(at)
    assert told == tried(at)
    other = Store(f"sqlite:///{tmp_path}/other.sqlite")
    other.upgrade()
    again = play(press, bench(other, RULES), begun_anew)
    assert told == live(again)
    again.flow.store.close()
    # else the test would say nothing
    assert {name for name, what in told.items() if any(one[0] == "fired" for one in what)} >= RULES_THAT_FIRE


RULES_THAT_FIRE = {"plain", "realert", "digest", "night", "few", "written", "all"}
