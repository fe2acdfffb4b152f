"""Reads one configuration file into its type; whatever does not fit is refused with file, key, expected and got."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from pipeline.errors import ConfigError

_T = TypeVar("_T")
_WHOLE = "the whole file"
#: how msgspec words a fault: what is wrong, and where
_FAULT = re.compile(r"(?P<said>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_EXPECTED = re.compile(r"Expected (.*?)(?:, got .*)?", re.DOTALL)
#: a path such as `.source[2].feeds[0].kind`; `[...]` is some key of a table
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")


def read_toml(file: Path, shape: type[_T]) -> _T:
    """Read `file` as a `shape` (a msgspec.Struct). Raises ConfigError."""
    return parse_toml(read_text(file), file, shape)


def read_text(file: Path) -> str:
    """The text of a configuration file. Raises ConfigError."""
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ConfigError(str(file), _WHOLE, "a readable file", error.strerror) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), _WHOLE, "TOML in UTF-8", str(error)) from None


def parse_toml(text: str, file: Path, shape: type[_T]) -> _T:
    """Read `text`, which stands or will stand in `file`, as a `shape`. Raises ConfigError."""
    return shaped(loads_toml(text, file), file, shape)


def shaped(written: Any, file: Path | str, shape: type[_T], place: str = "") -> _T:
    """What stands in `file` at `place` (the whole of it, or a table), as a `shape`. Raises ConfigError.

    What comes from no file has a name in place of it, for the error.
    """
    try:
        return msgspec.convert(written, shape)
    except msgspec.ValidationError as error:
        fault = _fault(file, written, shape, str(error))
        key = fault.key if not place else place if fault.key == _WHOLE else f"{place}.{fault.key}"
        raise ConfigError(fault.file, key, fault.expected, fault.got) from None


def loads_toml(text: str, file: Path) -> dict[str, Any]:
    """Tables and values of a text that stands in `file`. Raises ConfigError, which says where it is broken."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(str(file), _WHOLE, "TOML in UTF-8", str(error)) from None


def _fault(file: Path | str, written: Any, shape: type, words: str) -> ConfigError:
    fault = _FAULT.fullmatch(words)
    said, path = (fault["said"], fault["path"] or "") if fault else (words, "")
    stands, kind = _at(written, inspect.type_info(shape), path)
    if missing := _MISSING.fullmatch(said):
        return ConfigError(str(file), _key(path, missing[1]), "a value", "nothing")
    if unknown := _UNKNOWN.fullmatch(said):
        known = ", ".join(field.encode_name for field in kind.fields)
        return ConfigError(str(file), _key(path, unknown[1]), f"one of the keys {known}", unknown[1])
    if choices := _choices(kind):
        return ConfigError(str(file), _key(path), f"one of {', '.join(choices)}", stands)
    expected = _EXPECTED.fullmatch(said)
    return ConfigError(str(file), _key(path), expected[1] if expected else said, stands)


def _key(path: str, last: str = "") -> str:
    return f"{path}.{last}".strip(".") or _WHOLE


def _at(written: Any, kind: Any, path: str) -> tuple[Any, Any]:
    """Follow a path to what stands there and to what should; as far as it can be followed."""
    for name, place in _STEP.findall(path):
        if place == "...":
            break
        written = written[name] if name else written[int(place)]
        kind = _inside(kind, name)
    return written, kind


def _inside(kind: Any, name: str) -> Any:
    if isinstance(kind, inspect.StructType):
        return next((field.type for field in kind.fields if field.encode_name == name), None)
    return getattr(kind, "item_type", None)


def _choices(kind: Any) -> tuple[str, ...]:
    """The values of a choice, in the order of an alphabet or of their enum; nothing where any value would do."""
    if isinstance(kind, inspect.EnumType):
        return tuple(repr(member.value) for member in kind.cls)
    return tuple(sorted(map(repr, kind.values))) if isinstance(kind, inspect.LiteralType) else ()
