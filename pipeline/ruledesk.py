"""The desk for alert rules: shows those of the file and of the store; makes, changes and removes those of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pipeline.alertrule import Importance, Newness
from pipeline.alerts.rules import FILE, rule_of
from pipeline.clock import Clock
from pipeline.errors import ConfigError, VigiaError
from pipeline.query import parse
from pipeline.rulebook import read_kept
from pipeline.storage import locks, restraint
from pipeline.storage import rules as kept_rules
from pipeline.storage.rules import Fired, KeptRule
from pipeline.storage.store import Store, Transaction
from pipeline.types import AlertRule

#: what `RuleView.alerts_lately` counts
LATELY = timedelta(days=30)
_MINE = "rules kept in the store"


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as people see it. What it means is empty where this program cannot read it: `fault` says why."""

    name: str
    #: where it stands: only rules of the store can be changed
    kept_in: Literal["file", "store"]
    #: the fields of a `[[rule]]`, as written
    written: Mapping[str, Any]
    query: str
    #: what it fires on, in a sentence
    explanation: str
    about: Literal["item", "statement"] | None
    new: Newness | None
    channels: tuple[str, ...]
    description: str
    importance: Importance | None
    enabled: bool
    #: why nobody asks it, or what of it does not work here; empty where all is well
    fault: str
    #: whether engines ask it
    asked: bool
    last_fired_at: datetime | None
    #: in the last 30 days
    alerts_lately: int
    muted_until: datetime | None
    #: empty for rules of the file, as all below
    made_by: str = ""
    made_at: datetime | None = None
    changed_by: str = ""
    changed_at: datetime | None = None


class ChangedMeanwhile(VigiaError):
    """A rule is not the one that somebody began to change: `by` changed it `at`, or, where `at` is None, it is gone."""

    def __init__(self, name: str, by: str, at: datetime | None) -> None:
        super().__init__(f"rule {name}: " + (f"{by} changed it at {at:%Y-%m-%d %H:%M:%S}" if at else "it is gone"))
        self.by, self.at = by, at


@dataclass(frozen=True, slots=True)
class RuleDesk:
    """Answers questions about the rules of one store and one file."""

    store: Store
    clock: Clock
    #: as they stand in the file
    declared: Sequence[Mapping[str, Any]]
    #: that rules may name
    channels: Collection[str]

    def rules(self, lang: str = "en") -> list[RuleView]:
        """All of them: those of the file in its order, then those of the store by name. `lang`: "en" or "es"."""
        with self.store.read() as db:
            kept, told = kept_rules.listing(db), _told(db, self.clock.now())
        found = read_kept(kept, self._names(), self.channels)
        declared = [_declared(written, self._meant(written), told, lang) for written in self.declared]
        return declared + [
            _kept(one, found.rules.get(one.name), found.faults.get(one.name, ""), told, lang) for one in kept
        ]

    def rule(self, name: str, lang: str = "en") -> RuleView:
        """One of them; of two of one name, the file's. Raises KeyError."""
        for one in self.rules(lang):
            if one.name == name:
                return one
        raise KeyError(f"rule: expected one that is there, got {name!r}")

    def readable(self) -> dict[str, AlertRule]:
        """What can be tried, by name: rules switched off too."""
        with self.store.read() as db:
            kept = kept_rules.listing(db)
        declared = {rule.name: rule for rule in map(self._meant, self.declared)}
        return {**declared, **read_kept(kept, self._names(), self.channels).rules}

    def check_rule(self, written: Mapping[str, Any]) -> AlertRule:
        """What a rule would mean, written with the fields of a `[[rule]]`; nothing is kept.

        Raises ConfigError (key, expected, got), and QueryError for a query that cannot be read.
        """
        rule = rule_of(written, self.channels)
        self._not_of_the_file(rule.name)
        return rule

    def save_rule(
        self, written: Mapping[str, Any], by: str, *, replace: bool = True, as_of: datetime | None = None
    ) -> AlertRule:
        """Keep a rule, in place of the one of its name unless that is refused.

        Raises as `check_rule`; and, with `as_of`, ChangedMeanwhile unless that one was changed last then.
        """
        rule = self.check_rule(written)
        row = {key: _as_text(value) for key, value in written.items() if value is not None}

        def step(db: Transaction) -> None:
            locks.hold(db, [f"kept rule {rule.name}"])
            by_whom, changed_at = kept_rules.last_change(db, rule.name) or ("", None)
            if not replace and changed_at is not None:
                raise ConfigError(_MINE, "name", "a name that no rule has", rule.name)
            if as_of is not None and changed_at != as_of:
                raise ChangedMeanwhile(rule.name, by_whom, changed_at)
            kept_rules.save(db, rule.name, row, by, self.clock.now())

        self.store.transact(step)
        return rule

    def switch_rule(self, name: str, by: str, *, on: bool) -> None:
        """Say whether a rule is asked. Raises KeyError; ConfigError for a rule of the file."""
        self._not_of_the_file(name)
        if not self.store.transact(lambda db: kept_rules.switch(db, name, by, self.clock.now(), on=on)):
            raise KeyError(f"rule: expected one that is kept in the store, got {name!r}")

    def drop_rule(self, name: str) -> None:
        """Keep a rule no longer; what it fired stays. Raises KeyError; ConfigError for a rule of the file.

        One that a rule of the file hides can be removed: the file's stays.
        """
        if not self.store.transact(lambda db: kept_rules.drop(db, name, self.clock.now())):
            self._not_of_the_file(name)
            raise KeyError(f"rule: expected one that is kept in the store, got {name!r}")

    def _names(self) -> frozenset[str]:
        return frozenset(written["name"] for written in self.declared)

    def _meant(self, written: Mapping[str, Any]) -> AlertRule:
        return rule_of(written, self.channels)

    def _not_of_the_file(self, name: str) -> None:
        if name in self._names():
            raise ConfigError(_MINE, "name", f"another one: a rule of {FILE} has it, and is changed there", name)


# --- what they look like ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """What became of rules lately, by name."""

    fired: Mapping[str, Fired]
    muted: Mapping[str, datetime]


def _told(db: Transaction, now: datetime) -> _Told:
    muted = {rule: until for rule, until in restraint.muted(db).items() if until > now}
    return _Told(kept_rules.fired(db, now - LATELY), muted)


def _declared(written: Mapping[str, Any], rule: AlertRule, told: _Told, lang: str) -> RuleView:
    return _view(rule.name, rule, told, lang, kept_in="file", written=written)


def _kept(kept: KeptRule, rule: AlertRule | None, fault: str, told: _Told, lang: str) -> RuleView:
    return _view(
        kept.name,
        rule,
        told,
        lang,
        kept_in="store",
        written=kept.written,
        fault=fault,
        made_by=kept.made_by,
        made_at=kept.made_at,
        changed_by=kept.changed_by,
        changed_at=kept.changed_at,
    )


def _view(name: str, rule: AlertRule | None, told: _Told, lang: str, *, fault: str = "", **kept: Any) -> RuleView:
    fired = told.fired.get(name)
    enabled = rule.enabled if rule else kept["written"].get("enabled") is not False
    return RuleView(
        name=name,
        query=rule.query if rule else str(kept["written"].get("query", "")),
        explanation=parse(rule.query).explain(lang) if rule else "",
        about=rule.about if rule else None,
        new=rule.new if rule else None,
        channels=rule.channels if rule else (),
        description=rule.description if rule else "",
        importance=rule.importance if rule else None,
        enabled=enabled,
        fault=fault,
        asked=rule is not None and enabled,
        last_fired_at=fired.last_at if fired else None,
        alerts_lately=fired.lately if fired else 0,
        muted_until=told.muted.get(name),
        **kept,
    )


def _as_text(value: Any) -> Any:
    """A date or time as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value
