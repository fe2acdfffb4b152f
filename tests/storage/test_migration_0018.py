"""A store with alerts in it gains a place for rules; going back loses the rules, and nothing that they fired."""

from __future__ import annotations

from pathlib import Path

from pipeline.storage import migrate, rules
from pipeline.storage.store import Store
from tests.fakes import NOW
from tests.flows import analysis, bench, prose, report

_VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"
BEFORE = max(file.name[:4] for file in _VERSIONS.glob("0*.py") if file.name < "0018")


def test_alerts_stay_and_rules_can_be_kept(store: Store) -> None:
    at = bench(store)
    at.settle(analysis("http://diario.example/1", prose(1), report(prose(101, 12))))
    with store.write() as db:
        rules.save(db, "kept", {"query": "coca"}, "ana", NOW)
    migrate.downgrade(store.engine, BEFORE)
    migrate.upgrade(store.engine)
    with store.write() as db:
        assert (rules.version(db), rules.listing(db)) == (None, [])
        assert rules.fired(db, NOW) == {name: rules.Fired(NOW, 1) for name in ("said", "written")}
        rules.save(db, "kept", {"query": "coca"}, "ana", NOW)
        assert rules.version(db) == (1, NOW)
