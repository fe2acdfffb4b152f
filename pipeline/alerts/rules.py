"""Alert rules: read and checked, then asked of every new item and statement which of them it meets.

Not here: whether what meets a rule is news (novelty.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipeline.alertrule import Facet, Importance, Newness
from pipeline.alerts import limits
from pipeline.errors import ConfigError, QueryError
from pipeline.query import Node, Query, Record, parse
from pipeline.query.ast import Everything
from pipeline.query.index import Index
from pipeline.query.match import matches
from pipeline.tomlfile import loads_toml, read_text, read_toml, shaped
from pipeline.types import AlertRule

FILE = "alerts.toml"
#: what a rule's name is made of; it names the rule in the store and on the command line
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
#: characters of a description
_LONGEST = 2_000


class _Rule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A `[[rule]]` as written; docs/alerts.md explains the fields."""

    name: str
    query: str
    about: Literal["item", "statement"] = "statement"
    new: Newness = "statement"
    channels: tuple[str, ...] = ("terminal",)
    description: str = ""
    enabled: bool = True
    realert: str = ""
    realert_key: tuple[Facet, ...] = ("speaker", "topic")
    realert_max: str = ""
    digest: str = ""
    digest_key: tuple[Facet, ...] = ()
    #: a date or time of TOML's own; checked below, as no type of msgspec's is either
    mute_until: Any = None
    quiet_hours: str = ""
    zone: str = "UTC"
    max_per_hour: int = 0
    importance: Importance = "normal"


class _Health(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`[health]` as written: where notices about sources go."""

    channels: tuple[str, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    rule: tuple[_Rule, ...] = ()
    health: _Health = _Health()
    #: read by channels.py
    channel: tuple[dict[str, Any], ...] = ()


def load_rules(folder: Path, known_channels: Collection[str]) -> tuple[AlertRule, ...]:
    """Read alerts.toml in `folder`, in its order, disabled rules included; a missing file means no rules.

    Raises ConfigError (file, key, expected, got) for anything that a rule cannot mean, a query's character included.
    """
    file = folder / FILE
    rules = _read(file, known_channels).rule
    for position, rule in enumerate(rules):
        for key, expected, got in _faults(rule, known_channels, {earlier.name for earlier in rules[:position]}):
            raise ConfigError(str(file), f"rule[{position}] ({rule.name}): {key}", expected, got)
    return tuple(_meant(rule) for rule in rules)


def load_written(folder: Path, known_channels: Collection[str]) -> tuple[dict[str, Any], ...]:
    """The same rules as they stand in the file: a table's fields for each. Raises ConfigError as `load_rules` does."""
    load_rules(folder, known_channels)
    file = folder / FILE
    return tuple(loads_toml(read_text(file), file).get("rule", ())) if file.exists() else ()


def rule_of(written: Mapping[str, Any], known_channels: Collection[str]) -> AlertRule:
    """What a rule means that stands in no file: the fields of a `[[rule]]`, with `mute_until` as text (ISO 8601).

    Raises ConfigError (key, expected, got), and QueryError for a query that cannot be read.
    """
    where = f"alert rule {written.get('name', '')!s}".strip()
    rule = shaped({**written, "mute_until": _moment(written.get("mute_until"), where)}, where, _Rule)
    for key, expected, got in _faults(rule, known_channels, ()):
        if key == "query":
            # says by itself what is wrong at which character
            parse(rule.query)
        raise ConfigError(where, key, expected, got)
    return _meant(rule)


def channel_fault(rule: AlertRule, known_channels: Collection[str]) -> str:
    """What is wrong with a rule's channels where some are not set up; empty where all are."""
    missing = [channel for channel in rule.channels if channel not in known_channels]
    return f"channels: expected any of {', '.join(sorted(known_channels))}, got {missing}" if missing else ""


def load_notice_channels(folder: Path, known_channels: Collection[str]) -> tuple[str, ...]:
    """Read where notices about sources go, from `[health]` of alerts.toml in `folder`; nowhere where it is missing.

    Raises ConfigError for a channel that is not there.
    """
    return _read(folder / FILE, known_channels).health.channels


class Rules:
    """The rules that are switched on, with their queries read once.

    Raises QueryError for a rule whose query cannot be read, which `load_rules` has ruled out.
    """

    def __init__(self, rules: Iterable[AlertRule]) -> None:
        self._queries: dict[str, Query] = {}
        self._about: dict[str, list[tuple[AlertRule, Node]]] = {"item": [], "statement": []}
        for rule in rules:
            self._queries[rule.name] = query = parse(rule.query)
            if rule.enabled:
                self._about[rule.about].append((rule, query.root))
        self._index = {about: Index(query for _, query in asked) for about, asked in self._about.items()}

    def fired_by(self, record: Record, now: datetime) -> tuple[AlertRule, ...]:
        """Say which rules this item or statement meets, in the order of the file.

        Few are asked: what else the record cannot meet is known from an index. benchmarks/rules_speed.py measures it.
        """
        return tuple(rule for rule, query in self._candidates(record) if matches(query, record, now))

    def query(self, rule: AlertRule) -> Query:
        """The rule's query, read."""
        return self._queries[rule.name]

    def _candidates(self, record: Record) -> list[tuple[AlertRule, Node]]:
        asked = self._about[record.kind]
        return [asked[place] for place in self._index[record.kind].candidates(record)]


def _read(file: Path, known_channels: Collection[str]) -> _File:
    if not file.exists():
        return _File()
    read = read_toml(file, _File)
    for key, expected, got in _channel_faults(read.health.channels, known_channels):
        raise ConfigError(str(file), f"health: {key}", expected, got)
    return read


def _faults(rule: _Rule, known_channels: Collection[str], taken: Collection[str]) -> Iterator[tuple[str, str, object]]:
    """Yield what the rule cannot mean, as (key, expected, got)."""
    if not _NAME.fullmatch(rule.name):
        yield "name", "1 to 80 of a-z, 0-9 and -, the first no -", rule.name
    if rule.name in taken:
        yield "name", "a name that no rule above has", rule.name
    if rule.new != "statement" and rule.about == "item":
        yield "new", "'statement' for a rule about items: it is speakers who take positions", rule.new
    if not rule.channels:
        yield "channels", f"one or more of {', '.join(sorted(known_channels))}", rule.channels
    if len(set(rule.channels)) < len(rule.channels):
        yield "channels", "each channel once", rule.channels
    yield from _channel_faults(rule.channels, known_channels)
    yield from _text_faults(rule)
    yield from _query_faults(rule.query)
    yield from _limit_faults(rule)


def _channel_faults(channels: Collection[str], known_channels: Collection[str]) -> Iterator[tuple[str, str, object]]:
    for channel in channels:
        if channel not in known_channels:
            hint = " ('webhook' needs VIGIA_WEBHOOK_URL)" if channel == "webhook" else " (a [[channel]] makes more)"
            yield "channels", f"any of {', '.join(sorted(known_channels))}{hint}", channel


def _text_faults(rule: _Rule) -> Iterator[tuple[str, str, object]]:
    for key in ("query", "description"):
        text: str = getattr(rule, key)
        odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t"), None)
        if odd is not None:
            yield key, "text without control characters", odd
    if len(rule.description) > _LONGEST:
        yield "description", f"at most {_LONGEST} characters", len(rule.description)


def _query_faults(query: str) -> Iterator[tuple[str, str, object]]:
    try:
        # a search may be empty; a rule that fires on everything is a slip
        if isinstance(parse(query).root, Everything):
            yield "query", "a condition", query
    except QueryError as error:
        yield "query", f"{error.expected} at character {error.position + 1}", f"{error.got} in {query}"


def _limit_faults(rule: _Rule) -> Iterator[tuple[str, str, object]]:
    for key, read in _READ.items():
        try:
            read(getattr(rule, key))
        except limits.LimitError as error:
            yield key, str(error), getattr(rule, key)
            return
    if not limits.is_moment(rule.mute_until):
        yield "mute_until", "a date or time without quotes, like 2012-07-01", rule.mute_until
    if rule.max_per_hour < 0:
        yield "max_per_hour", "a number, 0 for no limit", rule.max_per_hour
    if rule.realert_max and limits.span(rule.realert_max) < max(limits.span(rule.realert), 1):
        yield "realert_max", f"a span no shorter than realert, which is {rule.realert or 'not set'}", rule.realert_max
    if rule.realert and not rule.realert_key:
        yield "realert_key", "one or more facets, or no `realert`", rule.realert_key


#: how a rule's values are read that are written as text
_READ: dict[str, Callable[[str], object]] = {
    "realert": limits.span,
    "realert_max": limits.span,
    "digest": limits.digest,
    "quiet_hours": limits.hours,
    "zone": limits.zone,
}


def _moment(written: object, where: str) -> object:
    """What is written as text, as TOML has it: a time. Whatever else it is stays."""
    if not isinstance(written, str):
        return written
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise ConfigError(where, "mute_until", "a date or time like 2012-07-01", written) from None


def _meant(rule: _Rule) -> AlertRule:
    return AlertRule(
        name=rule.name,
        query=rule.query.strip(),
        about=rule.about,
        channels=rule.channels,
        description=rule.description,
        enabled=rule.enabled,
        new=rule.new,
        realert=limits.span(rule.realert),
        realert_key=rule.realert_key,
        realert_max=limits.span(rule.realert_max),
        digest=limits.digest(rule.digest),
        digest_key=rule.digest_key,
        mute_until=limits.moment(rule.mute_until, rule.zone),
        quiet_hours=limits.hours(rule.quiet_hours),
        zone=rule.zone,
        max_per_hour=rule.max_per_hour,
        importance=rule.importance,
    )
