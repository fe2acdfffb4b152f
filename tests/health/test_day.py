"""What one step adds to a source's day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.health import SourceDay, of_ending, of_page, of_poll
from pipeline.types import Entry, FeedDocument, FeedKind, Outcome
from tests.fakes import NOW

NOON = 1 << 12


def entry(hours: float | None = 0.0, title: str = "Un título") -> Entry:
    return Entry("http://diario.example/1", title, claimed_at=None if hours is None else NOW + timedelta(hours=hours))


def poll(*news: Entry, trouble: str | None = None, mended: bool = False) -> SourceDay:
    document = FeedDocument(FeedKind.RSS, news, trouble=trouble, mended=mended)
    return of_poll("diario", NOW, answered=True, document=document, news=news)


def test_a_poll_that_fails() -> None:
    added = of_poll("diario", NOW, answered=False, document=None, news=[])
    assert added == SourceDay("diario", NOW.date(), hours_asked=NOON, polls=1, polls_failed=1)


def test_a_poll_that_finds_the_feed_unchanged() -> None:
    added = of_poll("diario", NOW, answered=True, document=None, news=[])
    assert added == SourceDay("diario", NOW.date(), hours_asked=NOON, hours_answered=NOON, polls=1)


def test_a_poll_that_brings_news() -> None:
    added = poll(entry(-1), entry(-2))
    assert (added.hours_news, added.reads, added.reads_mended, added.entries) == (NOON, 1, 0, 2)


def test_a_body_that_had_to_be_mended() -> None:
    assert poll(trouble="says iso-8859-1, is utf-8", mended=True).reads_mended == 1


def test_a_child_sitemap_that_cannot_be_read_is_no_mended_body() -> None:
    assert poll(trouble="child sitemap could not be read: timed out").reads_mended == 0


@pytest.mark.parametrize(
    ("hours", "undated", "ahead", "stale"),
    [
        (None, 1, 0, 0),
        (1.9, 0, 0, 0),
        (2.1, 0, 1, 0),
        (-29 * 24, 0, 0, 0),
        (-31 * 24, 0, 0, 1),
    ],
)
def test_dates_that_are_odd(hours: float | None, undated: int, ahead: int, stale: int) -> None:
    added = poll(entry(hours))
    assert (added.undated, added.ahead, added.stale) == (undated, ahead, stale)


@pytest.mark.parametrize(
    ("hours", "number"),
    [((-1, -1, -1), 3), ((-1, -1), 0), ((-1, -1, -2), 0), ((-12, -12, -12), 0), ((None, -1, -1, -1), 3)],
)
def test_entries_that_claim_one_moment(hours: tuple[float | None, ...], number: int) -> None:
    """Midnight is no moment: it stands for a day."""
    assert poll(*map(entry, hours)).one_moment == number


@pytest.mark.parametrize(
    ("title", "garbled"),
    [
        ("El ministro de Educación", 0),
        ("SÃO PAULO", 0),
        ("EducaciÃ³n", 1),
        ("Espa�a", 1),
        ("â€œNoâ€\u009d, dijo", 1),
    ],
)
def test_titles_whose_characters_were_lost(title: str, garbled: int) -> None:
    assert poll(entry(title=title)).garbled == garbled


def test_a_page() -> None:
    assert of_page("diario", NOW) == SourceDay("diario", NOW.date(), pages=1)


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        (Outcome.STORED, "items"),
        (Outcome.BLOCKED, "pages_refused"),
        (Outcome.DISALLOWED, "pages_refused"),
        (Outcome.GONE, "pages_failed"),
        (Outcome.QUARANTINED, "pages_failed"),
        (Outcome.TOO_SHORT, "pages_empty"),
        (Outcome.NOT_ARTICLE, "pages_empty"),
        (Outcome.OFF_TOPIC, None),
        (Outcome.REPRINT, None),
    ],
)
def test_an_end(outcome: Outcome, counted: str | None) -> None:
    assert of_ending("diario", NOW, outcome) == SourceDay("diario", NOW.date(), **({counted: 1} if counted else {}))
