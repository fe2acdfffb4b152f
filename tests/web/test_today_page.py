"""The first page each morning: what was said, by whom, and did anyone move."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from sqlalchemy import update
from starlette.testclient import TestClient

from frontends.web.app import create_app
from frontends.web.office import Office
from frontends.web.pages.today import by_speaker, since_when
from frontends.web.problems import Problem
from pipeline.storage.schema import positions, statement_topics, statements
from pipeline.storage.views import SpeakerView, StatementView
from tests.engine import EVENING
from tests.fakes import ManualClock

NOW = datetime(2012, 6, 27, 14, tzinfo=UTC)


@pytest.fixture
def moved(office: Office) -> StatementView:
    """Masías was for legalization once, and is against it now."""
    now, *before = office.desk.statements("speaker:masias topic:legalization", None)
    with office.desk.store.write() as db:
        days_ago = update(statements).where(statements.c.id.in_([one.id for one in before]))
        db.execute(days_ago.values(first_seen_at=now.first_seen_at - timedelta(days=3)))
        for table in (statement_topics, positions):
            earlier = update(table).where(table.c.statement_id.in_([one.id for one in before]))
            db.execute(earlier.values(stance="for"))
    return now


def test_what_was_said_since_yesterday_stands_by_speaker(page: Page, office: Office) -> None:
    page.goto("/")
    heard = office.desk.today(EVENING + timedelta(hours=2) - timedelta(hours=24)).heard
    expect(page.locator("#said > h2 small")).to_have_text(str(heard))
    humala = page.locator(".voice-of-today", has_text="Ollanta Humala").first
    expect(humala.locator(".stance").first).to_be_visible()
    humala.locator(".said a").first.click()
    expect(page.locator(".by").first).to_contain_text("Ollanta Humala, president")


def test_alerts_of_the_day_are_there(page: Page, office: Office) -> None:
    page.goto("/")
    first = office.desk.alerts(1)[0]
    expect(page.locator("#alerts li a.plain").first).to_have_attribute("href", f"/alerts/{first.id}")


def test_who_moved_is_shown_with_both_quotations(page: Page, moved: StatementView) -> None:
    page.goto("/")
    mover = page.locator(".mover", has_text="Carmen Masías")
    before, now = mover.locator(".turned").all()
    expect(before.locator(".stance")).to_contain_text("for")
    expect(now.locator(".stance")).to_contain_text("against")
    expect(now.locator(".said")).to_contain_text(moved.text)


def test_a_quiet_day_leads_to_the_last_that_was_not(office: Office) -> None:
    later = ManualClock(datetime(2026, 11, 28, 9, tzinfo=UTC))
    app: FastAPI = create_app(replace(office, clock=later, desk=replace(office.desk, clock=later)))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        quiet = client.get("/").text
        assert "Nothing new was heard since then." in quiet
        assert 'href="/?since=2012-06-27"' in quiet
        assert "Ollanta Humala" in client.get("/?since=2012-06-27").text


def test_its_twins_hold_the_same(client: TestClient) -> None:
    told = client.get("/today.json").json()
    assert told["heard"] >= len(told["statements"]) > 0
    assert len(client.get("/today.csv").text.splitlines()) == 1 + len(told["statements"])


@pytest.mark.parametrize(
    ("written", "since"),
    [
        ("", NOW - timedelta(hours=24)),
        ("12h", NOW - timedelta(hours=12)),
        (" 7d ", NOW - timedelta(days=7)),
        ("2012-06-26", datetime(2012, 6, 26, tzinfo=UTC)),
        ("2012-06", datetime(2012, 6, 1, tzinfo=UTC)),
        ("2012-06-26T10:30-05:00", datetime(2012, 6, 26, 15, 30, tzinfo=UTC)),
    ],
)
def test_since_when(written: str, since: datetime) -> None:
    assert since_when(written, NOW) == since


@pytest.mark.parametrize("written", ["yesterday", "2012-13-01", "0d", "1e9d"])
def test_no_moment_at_all_is_refused(client: TestClient, written: str) -> None:
    with pytest.raises(Problem, match="expected a date"):
        since_when(written, NOW)
    assert client.get("/", params={"since": written}).status_code == 400


def said(number: int, speaker: str | None, topics: tuple[str, ...] = (), stance: str = "unclear") -> StatementView:
    who = SpeakerView(speaker, None, None, speaker)
    sides = dict.fromkeys(topics, stance)
    return StatementView(number, "x", "direct", who, topics, sides, (), None, 1.0, None, NOW, NOW, ())


def test_speakers_on_a_topic_come_first_and_what_takes_a_side_before_the_rest() -> None:
    voices = by_speaker(
        [said(1, "a"), said(2, "b", ("x",)), said(3, None, ("x",)), said(4, "b", ("x",), "for"), said(5, None, ("x",))]
    )
    assert [[one.id for one in voice.on_topic] for voice in voices] == [[4, 2], [3], [5], []]
