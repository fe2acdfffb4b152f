"""Alert rules: read and checked at start, then asked of every new item and statement which of them it meets.

Not here: whether what meets a rule is news (novelty.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipeline.errors import ConfigError, QueryError
from pipeline.query import Node, Query, Record, parse
from pipeline.query.ast import Everything
from pipeline.query.index import Index
from pipeline.query.match import matches
from pipeline.types import AlertRule

FILE = "alerts.toml"
#: what a rule's name is made of; it names the rule in the store and on the command line
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
#: kinds of novelty to come, refused by name until they are there
_LATER = ("position", "change")
#: what msgspec says of a value of the wrong shape, before it says where
_FAULT = re.compile(
    r"Expected (?P<expected>.*), got .*|Object missing required field `(?P<missing>.*)`"
    r"|Object contains unknown field `(?P<unknown>.*)`|Invalid enum value .*"
)


class _Rule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A `[[rule]]` as written; docs/alerts.md explains the fields."""

    name: str
    query: str
    about: Literal["item", "statement"] = "statement"
    new: str = "statement"
    channels: tuple[str, ...] = ("terminal",)
    description: str = ""
    enabled: bool = True


class _Health(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`[health]` as written: where notices about sources go."""

    channels: tuple[str, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    rule: tuple[_Rule, ...] = ()
    health: _Health = _Health()


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

    def why(self, rule: AlertRule, lang: str = "en") -> str:
        """Tell in a sentence what the rule fires on."""
        return self._queries[rule.name].explain(lang)

    def _candidates(self, record: Record) -> list[tuple[AlertRule, Node]]:
        asked = self._about[record.kind]
        return [asked[place] for place in self._index[record.kind].candidates(record)]


def _read(file: Path, known_channels: Collection[str]) -> _File:
    try:
        written = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return _File()
    except OSError as error:
        raise ConfigError(str(file), "the whole file", "a readable file", error.strerror) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), "the whole file", "TOML in UTF-8", str(error)) from None
    read = _shaped(file, written)
    for key, expected, got in _channel_faults(read.health.channels, known_channels):
        raise ConfigError(str(file), f"health: {key}", expected, got)
    return read


def _shaped(file: Path, written: dict[str, Any]) -> _File:
    try:
        return msgspec.convert(written, _File)
    except msgspec.ValidationError as error:
        raise _misshapen(file, written, str(error)) from None


def _misshapen(file: Path, written: dict[str, Any], said: str) -> ConfigError:
    expected, _, where = said.partition(" - at `$")
    path = where.removesuffix("`")
    if fault := _FAULT.fullmatch(expected):
        missing, unknown = fault["missing"], fault["unknown"]
        path += f".{missing or unknown}" if missing or unknown else ""
        # the one choice in the file is `about`
        other = fault["expected"] or "'item' or 'statement'"
        expected = "a value" if missing else "no key of this name" if unknown else other
    return ConfigError(str(file), path.lstrip(".") or "the whole file", expected, _at(written, path))


def _at(written: Any, path: str) -> Any:
    """Follow a path such as `.rule[2].about` to what stands there; None when nothing does."""
    for key, index in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        written = written.get(key) if key else written[int(index)]
    return written


def _faults(rule: _Rule, known_channels: Collection[str], taken: Collection[str]) -> Iterator[tuple[str, str, object]]:
    """Yield what the rule cannot mean, as (key, expected, got)."""
    if not _NAME.fullmatch(rule.name):
        yield "name", "1 to 80 of a-z, 0-9 and -, the first no -", rule.name
    if rule.name in taken:
        yield "name", "a name that no rule above has", rule.name
    if rule.new != "statement":
        later = " ('position' and 'change' are not supported by this version)" if rule.new in _LATER else ""
        yield "new", f"'statement'{later}", rule.new
    if not rule.channels:
        yield "channels", f"one or more of {', '.join(sorted(known_channels))}", rule.channels
    yield from _channel_faults(rule.channels, known_channels)
    yield from _query_faults(rule.query)


def _channel_faults(channels: Collection[str], known_channels: Collection[str]) -> Iterator[tuple[str, str, object]]:
    for channel in channels:
        if channel not in known_channels:
            hint = " ('webhook' needs VIGIA_WEBHOOK_URL)" if channel == "webhook" else ""
            yield "channels", f"any of {', '.join(sorted(known_channels))}{hint}", channel


def _query_faults(query: str) -> Iterator[tuple[str, str, object]]:
    try:
        # a search may be empty; a rule that fires on everything is a slip
        if isinstance(parse(query).root, Everything):
            yield "query", "a condition", query
    except QueryError as error:
        yield "query", f"{error.expected} at character {error.position + 1}", f"{error.got} in {query}"


def _meant(rule: _Rule) -> AlertRule:
    return AlertRule(rule.name, rule.query.strip(), rule.about, rule.channels, rule.description, rule.enabled)
