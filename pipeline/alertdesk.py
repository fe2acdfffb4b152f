"""The desk for alerts: why one fired, which messages died, which rules are muted. Changes what mute and retry say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.clock import Clock
from pipeline.storage import accounts, restraint
from pipeline.storage.accounts import AlertAccount as AlertAccount
from pipeline.storage.restraint import DeadLetter as DeadLetter
from pipeline.storage.store import Store


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """Answers questions about the alerts of one store."""

    store: Store
    clock: Clock

    def explain(self, alert_id: int) -> AlertAccount:
        """Why an alert fired and what became of it. Raises KeyError for an unknown id."""
        with self.store.read() as db:
            return accounts.account(db, alert_id)

    def dead(self, limit: int = 50) -> list[DeadLetter]:
        """Messages that were given up, newest first."""
        with self.store.read() as db:
            return restraint.dead_letters(db, limit)

    def revive(self, delivery_ids: Sequence[int] | None = None) -> int:
        """Let dead messages be tried again, those given or all; returns how many."""
        with self.store.write() as db:
            return restraint.revive(db, delivery_ids, self.clock.now())

    def mute(self, rule: str, until: datetime | None) -> None:
        """Keep a rule quiet until then; None lets it speak again."""
        with self.store.write() as db:
            restraint.mute(db, rule, until, self.clock.now())

    def muted(self) -> dict[str, datetime]:
        """Rules that are muted now, and until when."""
        now = self.clock.now()
        with self.store.read() as db:
            return {rule: until for rule, until in restraint.muted(db).items() if until > now}
