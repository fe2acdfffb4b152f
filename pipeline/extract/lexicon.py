"""What the page reader knows of languages, from config/languages.toml: function words, months, bylines, furniture.

Always the file this code came with: reading a page is not something that one newsroom does otherwise than another, so a
folder of one's own (VIGIA_CONFIG) need not have it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from pipeline.errors import ConfigError
from pipeline.tomlfile import read_toml


class Byline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words around the names of authors; each in lower case."""

    lead: tuple[str, ...]
    role: tuple[str, ...]
    #: what opens the part of a byline that names people who did not write it
    other: tuple[str, ...]
    particle: tuple[str, ...]
    nobody: tuple[str, ...]
    agency: tuple[str, ...]
    #: parts of the addresses of authors' own pages
    path: tuple[str, ...]


class Furniture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines of the page that are not the article's, by how they can be told."""

    alone: tuple[str, ...]
    opens: tuple[str, ...]
    labels: tuple[str, ...]
    ends: tuple[str, ...]
    classes: tuple[str, ...]


class _Months(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    es: tuple[str, ...]
    en: tuple[str, ...]
    pt: tuple[str, ...]


class _Dates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    day_first: tuple[str, ...]


class Lexicon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, as it stands."""

    function_words: dict[str, str]
    spelling: dict[str, str]
    months: _Months
    #: countries in which English dates in figures have the day first
    dates: _Dates
    #: hours from UTC by zone name
    zones: dict[str, float]
    byline: Byline
    furniture: Furniture

    def month_numbers(self) -> dict[str, int]:
        """Month names and short forms of all languages, to 1..12."""
        languages = (self.months.es, self.months.en, self.months.pt)
        return {
            name: number for months in languages for number, names in enumerate(months, 1) for name in names.split()
        }


def shipped_folder() -> Path:
    """The configuration this code came with: inside an installed package, or at the top of the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_config"
    return installed if installed.is_dir() else package.parent / "config"


def read(folder: Path) -> Lexicon:
    """Read a folder's languages.toml. Raises ConfigError."""
    file = folder / "languages.toml"
    lexicon = read_toml(file, Lexicon)
    for language in ("es", "en", "pt"):
        months = getattr(lexicon.months, language)
        if len(months) != 12:
            raise ConfigError(str(file), f"months.{language}", "12 months", len(months))
    return lexicon


@lru_cache(maxsize=1)
def shipped() -> Lexicon:
    """The shipped lexicon, read once per process. Raises ConfigError."""
    return read(shipped_folder())
