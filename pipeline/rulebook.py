"""The rules that an engine asks: those of config/alerts.toml, and those of the store as they change.

What is decided from them stands in firing.py.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.alerts.rules import Rules, channel_fault, rule_of
from pipeline.clock import Clock
from pipeline.errors import ConfigError, QueryError
from pipeline.storage import rules as kept_rules
from pipeline.storage.rules import KeptRule
from pipeline.storage.store import Transaction
from pipeline.types import AlertRule

log = logging.getLogger("vigia.rules")

#: seconds in which the store is asked at most once whether its rules changed
EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the kept rules mean to this process."""

    #: by name; one whose channels are not all set up here is asked all the same, as others may reach them
    rules: Mapping[str, AlertRule]
    #: by name, what is wrong with it; what is not in `rules` is asked nothing
    faults: Mapping[str, str]


def read_kept(kept: Iterable[KeptRule], declared: Collection[str], channels: Collection[str]) -> Reading:
    """Read rules that are kept in a store; those in `declared` stand in the file, which wins."""
    rules: dict[str, AlertRule] = {}
    faults: dict[str, str] = {}
    for one in kept:
        if one.name in declared:
            faults[one.name] = "name: a rule of alerts.toml has it, which is asked in place of this one"
            continue
        try:
            rules[one.name] = rule = _read(one, channels)
        except ConfigError as error:
            faults[one.name] = f"{error.key}: expected {error.expected}, got {error.got!r}"
            continue
        except QueryError as error:
            faults[one.name] = f"query: at character {error.position + 1}: expected {error.expected}, got {error.got}"
            continue
        if fault := channel_fault(rule, channels):
            faults[one.name] = fault
    return Reading(rules, faults)


def _read(kept: KeptRule, channels: Collection[str]) -> AlertRule:
    named = kept.written.get("channels", ())
    theirs = [name for name in named if isinstance(name, str)] if isinstance(named, list | tuple) else []
    return rule_of({**kept.written, "name": kept.name}, {*channels, *theirs})


class RuleBook:
    """The rules that stand now. Thread-safe.

    Nobody tells it of changes: it asks the store, in the transaction of whoever wants to know, at most once in EVERY.
    """

    def __init__(self, clock: Clock, declared: Sequence[AlertRule], channels: Collection[str]) -> None:
        self._clock, self._declared, self._channels = clock, tuple(declared), frozenset(channels)
        self._names = frozenset(rule.name for rule in declared)
        self._rules = Rules(self._declared)
        self._version: kept_rules.Version = None
        #: by the clock that is never put back; None: nobody has asked yet
        self._ask_at: float | None = None
        self._asking = threading.Lock()
        self._said: frozenset[tuple[str, str]] = frozenset()

    def standing(self, db: Transaction) -> Rules:
        """The rules as of now, or as of at most EVERY seconds ago."""
        # whoever comes while another asks goes on with what is known, once anything is
        if self._is_time() and self._asking.acquire(blocking=self._ask_at is None):
            try:
                if self._is_time():
                    self._follow(db)
            finally:
                self._asking.release()
        return self._rules

    def _is_time(self) -> bool:
        return self._ask_at is None or self._clock.monotonic() >= self._ask_at

    def _follow(self, db: Transaction) -> None:
        version = kept_rules.version(db)
        if version != self._version:
            found = read_kept(kept_rules.listing(db), self._names, self._channels)
            self._rules = Rules((*self._declared, *found.rules.values()))
            self._version = version
            self._say(found.faults)
        self._ask_at = self._clock.monotonic() + EVERY

    def _say(self, faults: Mapping[str, str]) -> None:
        """Say of each fault once that it is there."""
        for name, fault in faults.items():
            if (name, fault) not in self._said:
                log.warning("alert rule %s: %s", name, fault)
        self._said = frozenset(faults.items())
