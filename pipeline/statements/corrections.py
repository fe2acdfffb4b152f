"""Corrections to who is who: config/speakers.toml says which speakers are one, and what a speaker is called.

They are applied where a speaker is resolved (`Corrections.corrected`) and to what is stored (pipeline/correcting.py).
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pipeline.errors import ConfigError
from pipeline.tomlfile import parse_toml, read_text
from pipeline.types import Speaker

FILE = "speakers.toml"


class Merge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """One [[merge]]: the speaker with key `source` is the one with key `into`, who is called `name`."""

    source: str
    into: str
    name: str


class Rename(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[rename]]."""

    key: str
    name: str


class _SpeakersFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    merge: list[Merge] = []
    rename: list[Rename] = []


@dataclass(frozen=True, slots=True)
class Corrections:
    """Look-up tables: key -> the key that stands for it in the end, and key -> name."""

    keys: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Corrections:
        """Read folder/speakers.toml; no such file means no corrections. Raises ConfigError."""
        file = folder / FILE
        return parse_corrections(read_text(file), file) if file.exists() else cls()

    def corrected(self, who: Speaker) -> Speaker:
        """The speaker as corrected; most are as they were."""
        key = self.keys.get(who.key or "", who.key)
        name = self.names.get(key or "", who.name)
        return who if (key, name) == (who.key, who.name) else dataclasses.replace(who, key=key, name=name)


def parse_corrections(text: str, file: Path) -> Corrections:
    """Corrections from a text that stands, or will stand, in `file`. Raises ConfigError, also for a circle."""
    written = parse_toml(text, file, _SpeakersFile)
    direct: dict[str, str] = {}
    for number, merge in enumerate(written.merge):
        if merge.source in direct:
            raise ConfigError(str(file), f"merge[{number}].from", "a key that is merged once", merge.source)
        direct[merge.source] = merge.into
    keys = {source: _end(source, direct, file) for source in direct}
    names = {_end(merge.into, direct, file): merge.name for merge in written.merge}
    # the speaker that a chain ends in is called what the last merge into it said, unless a rename says otherwise
    names |= {merge.into: merge.name for merge in written.merge if merge.into not in direct}
    names |= {_end(rename.key, direct, file): rename.name for rename in written.rename}
    return Corrections(keys, names)


def _end(key: str, direct: Mapping[str, str], file: Path) -> str:
    seen = {key}
    while key in direct:
        key = direct[key]
        if key in seen:
            raise ConfigError(str(file), "merge", "merges that lead to one speaker", f"a circle over {key}")
        seen.add(key)
    return key


def with_merge(text: str, source: str, into: str, name: str, file: Path) -> str:
    """The file's text with one more merge; unchanged where it says so already. Raises ConfigError."""
    known = parse_corrections(text, file)
    if known.keys.get(source) == known.keys.get(into, into):
        return text
    return _with_table(text, "merge", {"from": source, "into": into, "name": name})


def with_rename(text: str, key: str, name: str, file: Path) -> str:
    """The file's text with a speaker called `name`, in place of an earlier rename. Raises ConfigError."""
    import tomlkit

    parse_corrections(text, file)
    document = tomlkit.parse(text)
    for table in document.get("rename", ()):
        if table.get("key") == key:
            table["name"] = name
            return tomlkit.dumps(document)
    return _with_table(text, "rename", {"key": key, "name": name})


def _with_table(text: str, kind: str, values: Mapping[str, str]) -> str:
    import tomlkit

    lines = "".join(f"{key} = {tomlkit.item(value).as_string()}\n" for key, value in values.items())
    return f"{text.rstrip()}\n\n[[{kind}]]\n{lines}".lstrip()


def save(folder: Path, text: str) -> None:
    """Replace speakers.toml in `folder` by `text`, whole or not at all. Raises ConfigError for what cannot be read."""
    file = (folder / FILE).resolve()
    parse_corrections(text, file)
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        fresh = Path(name)
        fresh.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        fresh.replace(file)
    except OSError as error:
        raise ConfigError(str(file), "the whole file", "a file that can be written", error.strerror) from None


def load_text(folder: Path) -> str:
    """The text of speakers.toml in `folder`; empty where there is none. Raises ConfigError."""
    file = folder / FILE
    return read_text(file) if file.exists() else ""
