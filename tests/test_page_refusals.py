"""What looks like a page and is none, through the steps: fetched, read, ended with its outcome and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import ingest
from pipeline.analysis import Analyst
from pipeline.bootstrap import engine
from pipeline.settings import Settings
from pipeline.storage import entries
from pipeline.storage.store import Store
from pipeline.types import Outcome, Request, Response, Work
from tests.fetch.conftest import Host
from tests.flows import CONFIG, Bench, bench

NOTA = "http://diario.example/politica/nota-2012"


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


@pytest.fixture
def host() -> Iterator[Host]:
    opened = Host()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def analyst() -> Analyst:
    return Analyst.load(CONFIG, Settings())


def processed(desk: Bench, analyst: Analyst, final_url: str, body: str) -> Work:
    """The entry after its page was fetched and read."""
    desk.web.answers[NOTA] = Response(
        NOTA, final_url, 200, {"content-type": "text/html"}, body.encode(), desk.clock.now(), 0.1
    )
    entry_id = desk.announce(NOTA)
    assert ingest.fetch_entry(desk.flow, entry_id) is None
    ending = ingest.process_page(desk.flow, entry_id, analyst)
    assert ending is not None
    with desk.flow.store.read() as db:
        work = entries.load(db, entry_id)
    assert work.outcome == ending.outcome
    assert NOTA in ending.detail
    return work


MISSING = "<html><title>Página no encontrada | Diario</title><h1>Diario</h1><p>Drogas, coca y otras notas.</p></html>"
HOME = "<html><title>Diario</title><p>Legalizar la marihuana divide al Congreso. La coca y las drogas.</p></html>"
WALL = "<html><title>Diario</title><div class='consent-wall'><p>Acepte para leer sobre drogas.</p></div></html>"


@pytest.mark.parametrize("keep", ["on_topic", "all"])
@pytest.mark.parametrize(
    ("final_url", "body", "outcome"),
    [
        (NOTA, MISSING, Outcome.GONE),
        ("http://diario.example/", HOME, Outcome.GONE),
        ("http://diario.example/", "<html><title>Diario</title><p>El tiempo y el tráfico.</p></html>", Outcome.GONE),
        ("http://diario.example/politica/", HOME, Outcome.GONE),
        (NOTA, WALL, Outcome.BLOCKED),
        ("https://consent.google.com/ml?continue=1", HOME, Outcome.BLOCKED),
    ],
)
def test_it_ends_as_what_it_is_whether_it_touches_a_topic_or_not(
    desk: Bench, analyst: Analyst, keep: str, final_url: str, body: str, outcome: Outcome
) -> None:
    desk.flow = replace(desk.flow, settings=replace(desk.flow.settings, keep=keep))  # type: ignore[arg-type]
    assert processed(desk, analyst, final_url, body).outcome == outcome


def test_the_wired_fetcher_tells_the_gate_that_the_engine_waits_at(host: Host, tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/vigia.sqlite", host_gap=5.0)
    wiring = engine.wire(settings, addresses={"diario.example": host.address})
    assert wiring.flow.gate.wait("gaceta.example") == 0
    wiring.fetcher.get(Request("http://diario.example/nota"))
    assert 0 < wiring.flow.gate.wait("diario.example") <= 5.0
    wiring.close()
