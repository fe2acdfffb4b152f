"""Articles for tests of exports, some of them by people who mean harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.fakes import NOW
from tests.flows import DIARIO, Bench, analysis, prose, report

FORMULA = '=HYPERLINK("http://evil.example";"ver")'


def publish(press: Bench, number: int, title: str = "", words: str = "") -> int:
    """An article with a statement, published so many hours ago; returns the item's id."""
    said = words or prose(10_000 + number, 12)
    found = analysis(
        f"http://{DIARIO.slug}.example/{number}",
        f"{said} {prose(number)}",
        report(said, f"Speaker {number}"),
        title=title or f"Title {number}",
    )
    at = NOW - timedelta(hours=number)
    ending = press.settle(replace(found, article=replace(found.article, published_at=at)), DIARIO)
    assert ending.item_id is not None
    return ending.item_id
