"""What tables and lines look like: for people, at eighty columns."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from frontends.cli.alerting import _delivery
from frontends.cli.output import table, without
from frontends.cli.report import _sides
from pipeline.storage.views import DeliveryView, SpeakerView, StatementView


def shown(made: object, width: int = 80) -> str:
    out = StringIO()
    Console(file=out, width=width).print(made)
    return out.getvalue()


def test_a_column_of_nothing_takes_no_room() -> None:
    said = shown(table(None, "speaker", "via", "items", rows=[("Ana Prado", "", 0), ("Juan Ríos", "", 2)]))
    assert "via" not in said
    assert "items" in said
    assert "via" in shown(table(None, "speaker", "via", rows=[("Ana Prado", ""), ("Juan Ríos", "Cablesur")]))
    assert "via" in shown(table(None, "speaker", "via", rows=[]))


def test_a_side_is_never_broken_inside_its_words() -> None:
    at = datetime(2012, 6, 27, tzinfo=UTC)
    said = StatementView(
        id=1,
        text="No",
        kind="direct",
        speaker=SpeakerView("Ana Prado", "ministra", "PE", None),
        topics=("legalization",),
        stance={"legalization": "for", "marijuana": "unclear", "alternative-development": "against"},
        via=(),
        lang="es",
        confidence=1.0,
        published_at=at,
        first_seen_at=at,
        last_seen_at=at,
        reports=(),
    )
    rows = [
        (
            "Ana Prado, ministra de Gobierno",
            "Rechazó ayer la legalización de la marihuana " * 3,
            _sides(said),
            "Cablesur",
        )
    ]
    words = shown(table(None, "speaker", "said", "stance", "via", rows=rows, whole=(2,)), width=60).split()
    assert {"legalization:", "for", "alternative-development:", "against"} <= set(words)


def test_a_reason_does_not_repeat_the_address_beside_it() -> None:
    url = "http://diario.example/1"
    assert without(f"{url}: 404", url) == "404"
    assert without(f"after 2 attempts: {url}: 500", url) == "after 2 attempts: 500"


def test_why_a_delivery_is_dead_is_shown() -> None:
    at = datetime(2012, 6, 27, tzinfo=UTC)
    assert _delivery(DeliveryView("webhook", "dead", 12, None, "answered 404")) == "webhook: dead, answered 404"
    assert _delivery(DeliveryView("terminal", "sent", 1, at, "stream closed")) == "terminal: sent"
