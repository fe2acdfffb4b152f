"""`vigia sources`: how each source stands, why, since when, and what may replace a lost feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from frontends.cli.press import _source_rows
from pipeline import ingest
from pipeline.desk import Desk, SourceView
from pipeline.storage import entries, feeds
from pipeline.storage.store import Store
from pipeline.types import FeedAddress, FeedState, Source
from tests.flows import DIARIO, Bench, bench
from tests.test_ingest import FEED, feed, item, poll, rss


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


def shown(desk: Bench) -> SourceView:
    views = Desk(desk.flow.store, desk.clock, desk.flow.settings, desk.flow.sources).source_views()
    return next(view for view in views if view.slug == "diario")


def row(desk: Bench) -> tuple[str, ...]:
    return _source_rows(shown(desk))[0]


def remember(desk: Bench, **changes: object) -> None:
    with desk.flow.store.write() as db:
        feeds.save(db, replace(feed(desk), **changes))  # type: ignore[arg-type]


def test_entries_a_day_are_counted_without_the_first_poll_and_without_changes(desk: Bench) -> None:
    poll(desk, *(item(n) for n in range(10)))
    for day in range(4):
        desk.clock.forward(days=1)
        # a change of a known page is no new entry
        poll(desk, item(1, f"Changed {day} times", hours=day), *(item(100 + day * 2 + n) for n in range(2)))
    assert shown(desk).entries_per_day == 2.0
    assert row(desk)[4] == "2"
    desk.clock.forward(days=28)
    with desk.flow.store.read() as db:
        assert entries.per_day(db, desk.clock.now())["diario"] == 0.0


def test_a_refused_feed_degrades_its_source(desk: Bench) -> None:
    poll(desk, item(1))
    desk.web.says(FEED, "no", 403)
    ingest.poll_feed(desk.flow, feed(desk).id)
    view = shown(desk)
    assert (view.standing, view.standing_since) == ("degraded", desk.clock.now())
    assert "403" in (view.standing_reason or "")
    assert row(desk)[3] == "degraded since 2012-06-27 12:00"
    assert "403" in row(desk)[-1]


def test_a_lost_feed_is_shown_with_what_may_replace_it(desk: Bench) -> None:
    remember(desk, standing="lost", standing_reason="no feed there", proposed_url="http://diario.example/feed/")
    assert row(desk)[-1] == "no feed there; may be replaced by http://diario.example/feed/"


def test_a_retired_feed_does_not_speak_for_its_source(desk: Bench) -> None:
    remember(desk, standing="lost", state="retired")
    assert shown(desk).standing == "well"
    assert row(desk)[3] == "retired"


def test_a_stopped_host_is_shown_with_its_end_as_the_next_poll(desk: Bench) -> None:
    desk.web.says(FEED, "slow down", 429, retry_after="36000")
    ingest.poll_feed(desk.flow, feed(desk).id)
    remember(desk, next_due_at=desk.clock.now())
    assert shown(desk).stopped == {"diario.example": desk.clock.now() + timedelta(hours=10)}
    assert (row(desk)[3], row(desk)[6]) == ("host stopped", "2012-06-27 22:00")


def test_a_feed_that_is_well_says_so(desk: Bench) -> None:
    desk.web.says(FEED, rss(item(1)))
    ingest.poll_feed(desk.flow, feed(desk).id)
    state: FeedState = feed(desk)
    assert (row(desk)[3], row(desk)[-1]) == ("active", "")
    assert row(desk)[6] == f"{state.next_due_at:%Y-%m-%d %H:%M}"


# --- the file is ahead of the store -----------------------------------------------------------------------------------


def of_catalogue(desk: Bench, source: Source) -> list[tuple[str, ...]]:
    """The rows of `diario` where sources.toml says `source` by now."""
    (view,) = Desk(desk.flow.store, desk.clock, desk.flow.settings, {"diario": source}).source_views()
    return [line[2:4] for line in _source_rows(view)]


def test_a_source_switched_on_is_not_shown_as_disabled(desk: Bench) -> None:
    remember(desk, state="disabled")
    assert of_catalogue(desk, DIARIO) == [(FEED, "from the next start on")]
    off = replace(DIARIO, enabled=False, reason="asked us to")
    assert of_catalogue(desk, off) == [("", "disabled")]


def test_a_feed_written_down_anew_is_shown_and_the_old_one_only_when_all_are_asked_for(desk: Bench) -> None:
    new = replace(DIARIO, feeds=(FeedAddress("http://diario.example/nuevo"),))
    assert of_catalogue(desk, new) == [("http://diario.example/nuevo", "from the next start on")]
    (view,) = Desk(desk.flow.store, desk.clock, desk.flow.settings, {"diario": new}).source_views()
    assert [line[2:4] for line in _source_rows(view, former=True)][1:] == [(FEED, "not in sources.toml any more")]


def test_a_feed_that_was_followed_and_is_declared_there_now_is_one_feed(desk: Bench) -> None:
    remember(desk, url="http://diario.example/nuevo")
    new = replace(DIARIO, feeds=(FeedAddress("http://diario.example/nuevo"),))
    assert of_catalogue(desk, DIARIO) == of_catalogue(desk, new) == [("http://diario.example/nuevo", "active")]
