"""A store with alerts in it gains what holds alerts back; going back tells what was gathered, and loses none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from pipeline.storage import alerts, migrate, restraint
from pipeline.storage.store import Store
from tests.flows import analysis, bench, prose, report

_VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"
BEFORE = max(file.name[:4] for file in _VERSIONS.glob("0*.py") if file.name < "0015")
NOON = datetime(2012, 6, 27, 12, tzinfo=UTC)


def with_alerts(store: Store, number: int) -> None:
    at = bench(store)
    for one in range(number):
        at.settle(analysis(f"http://diario.example/{one}", prose(one), report(prose(100 + one, 12))))


def test_alerts_of_old_are_kept_and_have_no_grounds(store: Store) -> None:
    with_alerts(store, 1)
    migrate.downgrade(store.engine, BEFORE)
    migrate.upgrade(store.engine)
    with store.read() as db:
        rows = db.execute(text("SELECT rule, grounds FROM alerts ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [("said", None), ("written", None)]
        assert set(alerts.next_of_each(db, NOON)) == {"inbox"}


def test_going_back_tells_one_by_one_what_was_gathered(store: Store) -> None:
    with_alerts(store, 2)
    with store.write() as db:
        db.execute(text("DELETE FROM deliveries"))
        for alert_id in (1, 3):
            restraint.hold(db, alert_id, "said", "digest", "", NOON + timedelta(days=1), ["inbox", "file"])
        restraint.mute(db, "said", NOON, NOON)
    migrate.downgrade(store.engine, BEFORE)
    with store.read() as db:
        rows = db.execute(text("SELECT alert_id, channel, state FROM deliveries ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(a, c, "waiting") for a in (1, 3) for c in ("inbox", "file")]
