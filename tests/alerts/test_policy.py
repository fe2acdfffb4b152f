"""How often a rule is heard: what is told, what is held and until when, what is kept quiet and why."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts import limits
from pipeline.alerts.calendar import digest_due, quiet_until
from pipeline.alerts.policy import Decision, Hold, Remembered, after, decide
from pipeline.types import AlertRule

NOON = datetime(2012, 6, 26, 12, tzinfo=UTC)
ROSA = {"speaker": ("rosa",), "topic": ("legalization",)}


def rule(**limits_set: object) -> AlertRule:
    return AlertRule("one", "topic:legalization", **limits_set)  # type: ignore[arg-type]


def play(one: AlertRule, *minutes: float, facets=ROSA, past: Remembered | None = None) -> list[Decision]:
    """What becomes of the same thing at so many minutes after noon."""
    past, made = past or Remembered(), []
    for minute in minutes:
        made.append(decide(one, facets, past, NOON + timedelta(minutes=minute)))
        past = after(past, made[-1])
    return made


def fired(made: list[Decision]) -> list[bool]:
    return [decision.fires for decision in made]


def test_without_limits_everything_fires_at_once():
    assert play(rule(), 0, 0, 1) == [Decision()] * 3


def test_realert_keeps_the_same_key_quiet_for_its_window_and_says_until_when():
    made = play(rule(realert=3600), 0, 59, 60, 119)
    assert fired(made) == [True, False, True, False]
    assert made[1].reason == "told of rosa / legalization before, not again until 2012-06-26 13:00 UTC"


def test_another_speaker_or_topic_is_another_key():
    one, past = rule(realert=3600), Remembered()
    past = after(past, decide(one, ROSA, past, NOON))
    assert decide(one, {**ROSA, "speaker": ("juan",)}, past, NOON).fires
    assert decide(one, {**ROSA, "topic": ("treatment",)}, past, NOON).fires
    assert decide(one, {**ROSA, "topic": ("legalization", "treatment")}, past, NOON).fires
    assert not decide(
        rule(realert=3600, realert_key=("speaker",)),
        {**ROSA, "topic": ("x",)},
        Remembered({"rosa": past.silences["rosa / legalization"]}),
        NOON,
    ).fires


def test_exponential_realert_doubles_within_two_waits_and_decays_after():
    hour = rule(realert=3600, realert_max=4 * 3600)
    # told at 0 (quiet to 60), at 70 doubled (to 190), at 200 doubled (to 440), at 450 at the cap (to 690)
    made = play(hour, 0, 70, 189, 200, 439, 450, 689, 690)
    assert fired(made) == [True, True, False, True, False, True, False, True]
    waits = [one.silences["rosa / legalization"].doublings for one in made if one.fires]
    assert waits == [0, 1, 2, 2, 2]
    # long after, it begins anew
    late = play(hour, 0, 70, 200, 200 + 7 * 240)
    assert late[-1].silences["rosa / legalization"].doublings == 0


def test_exponential_realert_comes_down_step_by_step():
    hour = rule(realert=3600, realert_max=8 * 3600)
    made = play(hour, 0, 70, 200, 200 + 240 + 250)
    # four hours of quiet after the last silence take one doubling of four hours away, the rest is too short for another
    assert made[-1].silences["rosa / legalization"].doublings == 1


def test_a_silence_of_a_clock_that_ran_ahead_is_none():
    one = rule(realert=3600)
    ahead = after(Remembered(), decide(one, ROSA, Remembered(), NOON + timedelta(days=365)))
    assert decide(one, ROSA, ahead, NOON).fires


def test_muted_by_the_file_or_by_hand():
    muted = rule(mute_until=NOON + timedelta(minutes=5))
    assert fired(play(muted, 4, 5)) == [False, True]
    by_hand = Remembered(muted_until=NOON + timedelta(minutes=9))
    assert [one.reason for one in play(muted, 4, 8, past=by_hand)] == ["muted until 2012-06-26 12:09 UTC"] * 2


def test_what_is_muted_leaves_no_silence():
    made = play(rule(realert=3600, mute_until=NOON + timedelta(minutes=5)), 4, 6)
    assert fired(made) == [False, True]


def test_a_digest_gathers_from_its_first_alert_on():
    made = play(rule(digest=3600.0), 0, 59, 61)
    due = [NOON + timedelta(minutes=60)] * 2 + [NOON + timedelta(minutes=121)]
    assert [one.hold for one in made] == [Hold("digest", "", at) for at in due]


def test_digests_of_different_keys_are_apart():
    one = rule(digest=3600.0, digest_key=("country",))
    held = {country: decide(one, {"country": (country,)}, Remembered(), NOON).hold for country in ("PE", "CO")}
    assert {country: hold.key for country, hold in held.items()} == {"PE": "PE", "CO": "CO"}


def test_a_digest_by_cron_is_told_in_the_rules_own_zone():
    lima = rule(digest="0 7 * * 1-5", zone="America/Lima")
    # a Tuesday noon UTC is 7:00 in Lima exactly: the next one is tomorrow's
    assert digest_due(lima, NOON) == datetime(2012, 6, 27, 12, tzinfo=UTC)
    assert digest_due(lima, NOON - timedelta(seconds=1)) == NOON
    friday = datetime(2012, 6, 29, 18, tzinfo=UTC)
    assert digest_due(lima, friday) == datetime(2012, 7, 2, 12, tzinfo=UTC)


def test_quiet_hours_hold_until_they_end_past_midnight_too():
    night = rule(quiet_hours=(time(22), time(7)), zone="America/Lima")
    ends = datetime(2012, 6, 27, 12, tzinfo=UTC)
    assert quiet_until(night, datetime(2012, 6, 27, 2, 59, tzinfo=UTC)) is None
    assert quiet_until(night, datetime(2012, 6, 27, 3, tzinfo=UTC)) == ends
    assert quiet_until(night, datetime(2012, 6, 27, 11, 59, tzinfo=UTC)) == ends
    assert quiet_until(night, ends) is None
    made = decide(night, ROSA, Remembered(), datetime(2012, 6, 27, 3, tzinfo=UTC))
    assert made.hold == Hold("quiet", "", ends)
    important = rule(quiet_hours=(time(22), time(7)), zone="America/Lima", importance="high")
    assert decide(important, ROSA, Remembered(), datetime(2012, 6, 27, 3, tzinfo=UTC)).hold is None


def test_quiet_hours_end_by_the_wall_clock_when_summer_time_begins():
    madrid = rule(quiet_hours=(time(22), time(7)), zone="Europe/Madrid")
    assert quiet_until(madrid, datetime(2012, 3, 24, 22, tzinfo=UTC)) == datetime(2012, 3, 25, 5, tzinfo=UTC)


def test_a_digest_waits_for_the_end_of_quiet_hours():
    one = rule(digest=3600.0, quiet_hours=(time(12, 30), time(15)))
    assert decide(one, ROSA, Remembered(), NOON).hold == Hold("digest", "", NOON + timedelta(hours=3))


def test_more_than_so_many_an_hour_come_in_one_summary():
    made = play(rule(max_per_hour=2), 0, 10, 20, 59, 60)
    assert [one.hold and one.hold.kind for one in made] == [None, None, "summary", "summary", None]
    assert {one.hold.due_at for one in made if one.hold} == {NOON + timedelta(hours=1)}


@given(
    st.lists(st.integers(0, 5000), max_size=30).map(sorted),
    st.sampled_from([60.0, 3600.0]),
    st.sampled_from([0.0, 36000.0]),
)
def test_nothing_of_one_key_is_told_twice_within_realert(minutes, realert, longest):
    made = zip(minutes, play(rule(realert=realert, realert_max=longest), *minutes), strict=True)
    told = [minute for minute, decision in made if decision.fires]
    gaps = [(later - earlier) * 60 for earlier, later in pairwise(told)]
    assert all(gap >= realert for gap in gaps)
    assert bool(told) == bool(minutes)


@given(st.lists(st.integers(0, 300), max_size=60).map(sorted), st.integers(1, 5))
def test_no_hour_that_begins_with_an_alert_has_more_than_the_maximum(minutes, most):
    made = zip(minutes, play(rule(max_per_hour=most), *minutes), strict=True)
    told = [(minute, decision.hour) for minute, decision in made if decision.hold is None]
    assert all(hour.told <= most for _, hour in told)


# --- how the file writes them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "seconds"), [("", 0), ("30m", 1800), ("12h", 43200), ("7d", 604800), ("2w", 1209600)]
)
def test_spans(written, seconds):
    assert limits.span(written) == seconds


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (limits.span, ["12", "h", "0h", "1 h", "1y", "-1h", "123456h"]),
        (limits.hours, ["22-7", "24:00-07:00", "22:00", "22:00-22:00", "22:60-07:00"]),
        (limits.zone, ["Lima", "America/Nowhere", "../etc/passwd", "/etc/localtime"]),
        (limits.digest, ["daily", "0 7 * *", "61 7 * * *", "0 0 30 2 *", "* * * * * *"]),
        (lambda told: limits.until_moment(told, NOON), ["tomorrow", "12", "2012-13-01"]),
    ],
)
def test_what_is_no_such_thing_is_refused(read, wrong):
    for written in wrong:
        with pytest.raises(limits.LimitError):
            read(written)


def test_moments_are_of_the_rules_zone_where_they_say_none():
    assert limits.moment(date(2012, 7, 1), "America/Lima") == datetime(2012, 7, 1, 5, tzinfo=UTC)
    assert limits.moment(datetime(2012, 7, 1, 8, tzinfo=UTC), "America/Lima") == datetime(2012, 7, 1, 8, tzinfo=UTC)
    assert limits.until_moment("12h", NOON) == NOON + timedelta(hours=12)
    assert limits.until_moment("2012-07-01", NOON) == datetime(2012, 7, 1, tzinfo=UTC)
