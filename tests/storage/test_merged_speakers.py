"""Two speakers who are one become one in the store, with every report and alert; doing it again changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from pipeline import ingest
from pipeline.correcting import Corrected, correct
from pipeline.desk import Desk
from pipeline.statements.corrections import Corrections
from pipeline.storage import speakers
from pipeline.storage.schema import alerts, reports, statement_bands, statements
from pipeline.storage.store import Store
from tests.flows import GACETA, Bench, analysis, bench, prose, report

WORDS = "La legalización sería una derrota para las familias de este país y no la vamos a firmar"
SHORTER = "La legalización sería una derrota para las familias de este país"
OTHER = "El plan de erradicación se presentará en marzo ante la comisión del Congreso"
ONE, SAME = "rosa-quintanilla", "r-quintanilla"
MERGED = Corrections({SAME: ONE}, {ONE: "Rosa Quintanilla"})


@pytest.fixture
def desk(store: Store) -> Bench:
    made = bench(store)
    made.settle(analysis("http://diario.example/1", f"«{WORDS}», dijo. {prose(1)}", report(WORDS)))
    there = [report(SHORTER, "R. Quintanilla"), report(OTHER, "R. Quintanilla")]
    there = [replace(one, speaker=replace(one.speaker, key=SAME)) for one in there]
    made.settle(analysis("http://gaceta.example/2", f"«{SHORTER}», dijo. {prose(2)}", *there), GACETA)
    return made


def said(store: Store) -> list[tuple[str, str, int]]:
    """(speaker, words, how many reports) of everything stored."""
    with store.read() as db:
        lines = {line.key: speakers.find(db, line.key) for line in speakers.lines(db)}
        return sorted(
            (key, one.text, len(db.execute(select(reports.c.id).where(reports.c.statement_id == one.id)).all()))
            for key, row in lines.items()
            if row is not None
            for one in speakers.words_of(db, row)
        )


def test_what_one_said_is_the_others_with_all_reports(desk: Bench, store: Store) -> None:
    assert len(said(store)) == 3
    done = store.transact(lambda db: correct(db, MERGED))
    assert done == Corrected(speakers=1, moved=2, folded=1, renamed=0)
    assert said(store) == [(ONE, OTHER, 1), (ONE, WORDS, 2)]


def test_alerts_are_kept_and_lead_to_the_statement_that_stays(desk: Bench, store: Store) -> None:
    with store.read() as db:
        fired = len(db.execute(select(alerts.c.id)).all())
    store.transact(lambda db: correct(db, MERGED))
    with store.read() as db:
        there = set(db.execute(select(statements.c.id)).scalars())
        assert len(db.execute(select(alerts.c.id)).all()) == fired > 0
        assert set(db.execute(select(alerts.c.statement_id)).scalars()) - {None} <= there


def test_done_again_it_changes_nothing(desk: Bench, store: Store) -> None:
    store.transact(lambda db: correct(db, MERGED))
    before = said(store)
    assert store.transact(lambda db: correct(db, MERGED)) == Corrected(0, 0, 0, 0)
    assert said(store) == before


def test_a_merged_statement_is_known_when_it_is_reported_again(desk: Bench, store: Store) -> None:
    store.transact(lambda db: correct(db, MERGED))
    again = report(OTHER, "Rosa Quintanilla")
    entry_id = desk.announce("http://diario.example/9")
    ingest.settle(desk.flow, entry_id, analysis("http://diario.example/9", f"«{OTHER}». {prose(7)}", again))
    assert (ONE, OTHER, 2) in said(store)


def test_a_speaker_may_be_merged_into_one_that_is_not_there_yet(desk: Bench, store: Store) -> None:
    store.transact(lambda db: correct(db, Corrections({SAME: "rosa-q"}, {"rosa-q": "Rosa Q."})))
    assert {key for key, _, _ in said(store)} == {ONE, "rosa-q"}
    with store.read() as db:
        assert speakers.name_of(db, "rosa-q") == "Rosa Q."
        keys = set(db.execute(select(statement_bands.c.statement_id)).scalars())
        assert keys == set(db.execute(select(statements.c.id)).scalars())


def test_renamed_speakers_keep_their_key(desk: Bench, store: Store) -> None:
    done = store.transact(lambda db: correct(db, Corrections({}, {ONE: "Rosa M. Quintanilla"})))
    assert done.renamed == 1
    with store.read() as db:
        assert speakers.name_of(db, ONE) == "Rosa M. Quintanilla"


def test_speakers_are_listed_and_found_by_their_words(desk: Bench, store: Store) -> None:
    shown = Desk(store, desk.flow.clock, desk.flow.settings, {})
    assert [(who.key, who.statements) for who in shown.speakers()] == [(SAME, 2), (ONE, 1)]
    assert [who.key for who in shown.speakers("quintanilla ROSA")] == [ONE]
    assert shown.speakers("nadie") == []


def test_a_body_stays_what_it_is_when_somebody_speaks_for_it(desk: Bench, store: Store) -> None:
    said = [report(OTHER, "AADR"), report(WORDS, "AADR")]
    roles = ("agency", "spokesperson")
    said = [replace(one, speaker=replace(one.speaker, role=role)) for one, role in zip(said, roles, strict=True)]
    for number, one in enumerate(said):
        desk.settle(analysis(f"http://diario.example/b{number}", f"«{one.text}». {prose(20 + number)}", one))
    with store.read() as db:
        assert {line.role for line in speakers.lines(db) if line.key == "aadr"} == {"agency"}
