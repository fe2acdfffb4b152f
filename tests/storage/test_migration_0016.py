"""A store with statements in it gains places and positions as the flow would have kept them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from pipeline.storage import migrate
from pipeline.storage.schema import positions, statements
from pipeline.storage.store import Store
from tests.flows import analysis, bench, prose, report

_VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"
BEFORE = max(file.name[:4] for file in _VERSIONS.glob("0*.py") if file.name < "0016")


def kept(store: Store) -> tuple[list[object], list[object]]:
    with store.read() as db:
        places = db.execute(select(statements.c.id, statements.c.place).order_by(statements.c.id))
        stands = db.execute(select(positions).order_by(positions.c.statement_id, positions.c.topic))
        return [tuple(row) for row in places], [tuple(row) for row in stands]


def test_statements_of_old_are_placed_and_their_clear_stances_kept(store: Store) -> None:
    desk = bench(store)
    for number, stance in enumerate(("for", "unclear", "mixed")):
        # half a second to the next: places know whole seconds
        desk.clock.forward(seconds=0.9999)
        words = prose(100 + number, 12)
        told = report(words, topics=("legalization", "eradication"), stance={"legalization": stance})
        found = analysis(f"http://diario.example/{number}", f"{words} {prose(number)}", told)
        if number:
            object.__setattr__(found.article, "published_at", None)
        desk.settle(found)
    before = kept(store)
    assert [row[2] for row in before[1]] == ["for", "mixed"]
    migrate.downgrade(store.engine, BEFORE)
    migrate.upgrade(store.engine)
    assert kept(store) == before
