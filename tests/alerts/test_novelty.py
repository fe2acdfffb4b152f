"""What keeps an item or statement quiet, and that it says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.alerts.novelty import Hearing, judge, subject_of
from pipeline.settings import Settings

NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)
SETTINGS = Settings(alert_max_age=172_800.0, memory_window=365.0, alert_min_confidence=0.5)
NEWS = Hearing(quiet=False, first_seen_at=NOW, published_at=NOW - timedelta(hours=2), confidence=0.9)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({}, id="fresh, never heard"),
        pytest.param({"confidence": None}, id="an item"),
        pytest.param({"published_at": ago(hours=48)}, id="just young enough"),
        pytest.param({"published_at": ago(hours=-20)}, id="dated ahead"),
        pytest.param({"published_at": None}, id="no date, seen now"),
        pytest.param({"first_seen_at": ago(days=9)}, id="the publisher's date counts, not ours"),
        pytest.param({"confidence": 0.5}, id="just sure enough"),
        pytest.param({"heard_at": ago(days=365, seconds=1)}, id="forgotten meanwhile"),
        pytest.param({"heard_at": ago(hours=1), "heard_confidence": 0.49}, id="only doubtful reports before"),
    ],
)
def test_news_alerts(known):
    novelty = judge(replace(NEWS, **known), NOW, SETTINGS)
    assert novelty.alerts
    assert novelty.reasons == ()


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"quiet": True}, "came with a first poll, back-fill or import"),
        ({"published_at": ago(hours=48, seconds=1)}, "published 2012-06-24 11:59 UTC, more than 48 hours ago"),
        (
            {"published_at": None, "first_seen_at": ago(days=3)},
            "first seen 2012-06-23 12:00 UTC, more than 48 hours ago",
        ),
        ({"heard_at": ago(days=365)}, "heard before, last 2011-06-27 12:00 UTC, within the 365 days of memory"),
        ({"heard_at": NOW}, "heard before, last 2012-06-26 12:00 UTC, within the 365 days of memory"),
        ({"confidence": 0.49}, "confidence 0.49 is below 0.50"),
    ],
)
def test_the_rest_stays_quiet_and_says_why(known, why):
    novelty = judge(replace(NEWS, **known), NOW, SETTINGS)
    assert not novelty.alerts
    assert novelty.reasons == (why,)


def test_every_reason_is_listed():
    known = {"quiet": True, "published_at": ago(days=9), "heard_at": ago(days=8), "confidence": 0.1}
    assert len(judge(replace(NEWS, **known), NOW, SETTINGS).reasons) == 4


def subject(**known: object) -> str:
    return subject_of(3, 7, replace(NEWS, **known), NOW, SETTINGS)


def test_a_rule_meets_one_statement_under_one_subject_until_it_is_forgotten():
    assert subject() == subject(heard_at=ago(days=1)) == "statement 7"
    # the doubtful report raised no alert, so the good one is still the first
    assert subject(heard_at=ago(days=500), heard_confidence=0.2) == "statement 7"
    again = subject(heard_at=ago(days=400))
    assert again == subject(heard_at=ago(days=400)) != "statement 7"
    assert subject(heard_at=ago(days=800)) != again


def test_an_item_is_its_own_subject():
    assert subject_of(3, None, NEWS, NOW, SETTINGS) == "item 3"
