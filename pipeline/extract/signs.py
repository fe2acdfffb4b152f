"""What tells a refusal from an article, from config/pages.toml; always the file this code came with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from pipeline.errors import ConfigError
from pipeline.extract.lexicon import shipped_folder
from pipeline.text import words
from pipeline.tomlfile import read_toml


class _Missing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    es: tuple[str, ...]
    pt: tuple[str, ...]
    en: tuple[str, ...]


class _Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hosts: tuple[str, ...]
    marks: tuple[str, ...]


class _Paywall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    marks: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    missing: _Missing
    consent: _Consent
    paywall: _Paywall


@dataclass(frozen=True, slots=True)
class Signs:
    """The file, ready for use."""

    #: folded titles of pages that say there is nothing
    missing: frozenset[str]
    consent_hosts: tuple[str, ...]
    consent_marks: tuple[str, ...]
    #: classes and ids, in lower case
    paywall_marks: frozenset[str]


def read(folder: Path) -> Signs:
    """Read a folder's pages.toml. Raises ConfigError."""
    file = folder / "pages.toml"
    said = read_toml(file, _File)
    phrases = {"es": said.missing.es, "pt": said.missing.pt, "en": said.missing.en}
    for lang, listed in phrases.items():
        for place, phrase in enumerate(listed):
            if not words(phrase):
                raise ConfigError(str(file), f"missing.{lang}[{place}]", "a phrase of one word or more", phrase)
    for key, marks in (
        ("consent.hosts", said.consent.hosts),
        ("consent.marks", said.consent.marks),
        ("paywall.marks", said.paywall.marks),
    ):
        for place, mark in enumerate(marks):
            if not mark or mark != mark.lower() or any(map(str.isspace, mark)):
                raise ConfigError(str(file), f"{key}[{place}]", "one word in lower case", mark)
    missing = frozenset(" ".join(words(phrase)) for listed in phrases.values() for phrase in listed)
    return Signs(missing, said.consent.hosts, said.consent.marks, frozenset(said.paywall.marks))


@lru_cache(maxsize=1)
def shipped() -> Signs:
    """The shipped signs, read once per process. Raises ConfigError."""
    return read(shipped_folder())
