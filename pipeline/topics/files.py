"""Reading config/topics/*.toml and config/countries.toml into frozen types. Raises ConfigError, never anything else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pipeline.errors import ConfigError
from pipeline.topics.patterns import Groups, Pattern, PatternError, parse_group, parse_pattern
from pipeline.types import PARENT_TOPIC

_WHERE = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_GOT = re.compile(r"Expected (?P<expected>.*), got (?P<got>.*)", re.DOTALL)
#: each list of patterns, as the file and as `Patterns` calls it
_LISTS = (("sure", "sure"), ("likely", "likely"), ("in_context", "in_context"), ("cues", "cues"), ("not", "never"))
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
#: the line of the vocabulary that is no stem's
_ALWAYS = "*"
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`")

T = TypeVar("T")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a configuration file; a key it does not know is an error."""


class Words(_Strict, frozen=True):
    """A text in each language of the project."""

    en: str
    es: str
    pt: str


class Patterns(_Strict, frozen=True, rename={"never": "not"}):
    """One topic's patterns in one language, as written."""

    #: enough alone
    sure: tuple[str, ...] = ()
    #: two make it
    likely: tuple[str, ...] = ()
    #: enough alone where the text is about drugs at all
    in_context: tuple[str, ...] = ()
    #: two make it, wherever they stand, where the text is about drugs at all
    cues: tuple[str, ...] = ()
    #: `not` in the file: an occurrence of another pattern that overlaps one of these does not count
    never: tuple[str, ...] = ()


class PatternsByLanguage(_Strict, frozen=True):
    """One topic's patterns."""

    en: Patterns = Patterns()
    es: Patterns = Patterns()
    pt: Patterns = Patterns()

    def items(self) -> tuple[tuple[str, Patterns], ...]:
        """Return (language, patterns) for every language."""
        return ("en", self.en), ("es", self.es), ("pt", self.pt)


class GroupsByLanguage(_Strict, frozen=True):
    """Words that patterns of all topics name together, such as `<drug>`; in the parent's file only."""

    en: dict[str, tuple[str, ...]] = {}
    es: dict[str, tuple[str, ...]] = {}
    pt: dict[str, tuple[str, ...]] = {}


class TopicFile(_Strict, frozen=True):
    """config/topics/SLUG.toml."""

    slug: str
    label: Words
    description: Words
    patterns: PatternsByLanguage
    threshold: float = 0.5
    groups: GroupsByLanguage = GroupsByLanguage()


class Names(_Strict, frozen=True):
    """Names by language; `any` where all languages write them alike."""

    any: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    es: tuple[str, ...] = ()
    pt: tuple[str, ...] = ()

    def all(self) -> tuple[str, ...]:
        """Return every language's names."""
        return (*self.any, *self.en, *self.es, *self.pt)


class CountryFile(_Strict, frozen=True):
    """One [[country]] of config/countries.toml. An entry written with a capital is met only with a capital."""

    code: str
    name: Words
    demonyms: Names = Names()
    places: Names = Names()
    government: Names = Names()


class AboutnessFile(_Strict, frozen=True):
    """config/aboutness.toml: what each trait of an article weighs, and what is added whatever they are."""

    topic: dict[str, Any]
    drugs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class VocabularyFile:
    """config/vocabulary.tsv: a column for each topic, a line for each stem."""

    topics: tuple[str, ...] = ()
    #: by column, what is added whatever the words are
    always: tuple[float, ...] = ()
    #: by stem
    rarity: dict[str, float] = field(default_factory=dict)
    #: by stem, then column
    weights: dict[str, tuple[float, ...]] = field(default_factory=dict)


class _CountriesFile(_Strict, frozen=True):
    country: tuple[CountryFile, ...]


def read_topics(folder: Path) -> tuple[TopicFile, ...]:
    """Read every topic of `folder`/topics, by slug, the parent first; patterns as written. Raises ConfigError."""
    paths = sorted((folder / "topics").glob("*.toml"), key=lambda path: (path.stem != PARENT_TOPIC, path.stem))
    if not paths or paths[0].stem != PARENT_TOPIC:
        raise ConfigError("topics", f"{PARENT_TOPIC}.toml", "a file: every topic implies this one", "none")
    return tuple(_topic(path) for path in paths)


def patterns_of(file: TopicFile, groups: Mapping[str, Groups]) -> Iterator[tuple[str, str, int, Pattern]]:
    """Read each pattern of a topic: its language, its list, its place in the list, and itself. Raises ConfigError."""
    for language, lists in file.patterns.items():
        seen: dict[Pattern, str] = {}
        for name, attribute in _LISTS:
            for index, text in enumerate(getattr(lists, attribute)):
                where = f"topics/{file.slug}.toml", f"patterns.{language}.{name}[{index}]"
                pattern = _pattern(*where, text, groups[language])
                if seen.setdefault(pattern, name) != name:
                    raise ConfigError(*where, f"a pattern that is not in `{seen[pattern]}` too", text)
                yield language, name, index, pattern


def groups_of(parent: TopicFile) -> dict[str, Groups]:
    """The groups of the parent's file, by language and name. Raises ConfigError."""
    return {language: _groups(language, getattr(parent.groups, language)) for language in ("en", "es", "pt")}


def _groups(language: str, written: dict[str, tuple[str, ...]]) -> Groups:
    read = {}
    for name, members in written.items():
        try:
            read[name] = parse_group(members)
        except PatternError as error:
            raise ConfigError(
                f"topics/{PARENT_TOPIC}.toml", f"groups.{language}.{name}", error.expected, error.got
            ) from None
    return read


def _topic(path: Path) -> TopicFile:
    file = f"topics/{path.name}"
    topic = _read(path, file, TopicFile)
    if topic.slug != path.stem:
        raise ConfigError(file, "slug", f"{path.stem!r}, as the file is named", topic.slug)
    if not 0 < topic.threshold < 1:
        raise ConfigError(file, "threshold", "a number between 0 and 1, both excluded", topic.threshold)
    if topic.groups != GroupsByLanguage() and topic.slug != PARENT_TOPIC:
        raise ConfigError(file, "groups", f"groups in {PARENT_TOPIC}.toml only, for all topics", "groups here")
    return topic


def _pattern(file: str, key: str, text: str, groups: Groups) -> Pattern:
    try:
        return parse_pattern(text, groups)
    except PatternError as error:
        raise ConfigError(file, key, error.expected, error.got) from None


def read_countries(folder: Path) -> tuple[CountryFile, ...]:
    """Read `folder`/countries.toml. Raises ConfigError."""
    file = "countries.toml"
    countries = _read(folder / file, file, _CountriesFile).country
    seen: set[str] = set()
    for index, country in enumerate(countries):
        if not re.fullmatch(r"[A-Z]{2}", country.code) or country.code in seen:
            raise ConfigError(file, f"country[{index}].code", "an ISO 3166-1 alpha-2 code, each once", country.code)
        seen.add(country.code)
    return countries


def read_aboutness(folder: Path, names: Mapping[str, Sequence[str]]) -> AboutnessFile | None:
    """Read `folder`/aboutness.toml, whose tables have these keys; None where there is none. Raises ConfigError."""
    file = "aboutness.toml"
    if not (folder / file).exists():
        return None
    read = _read(folder / file, file, AboutnessFile)
    for table, wanted in names.items():
        _check_weights(file, table, getattr(read, table), wanted)
    return read


def read_vocabulary(folder: Path) -> VocabularyFile:
    """Read `folder`/vocabulary.tsv; an empty one where there is neither it nor aboutness.toml. Raises ConfigError.

    Lines of `#` are remarks; the head is `stem rarity TOPIC...`; the line of `*` says what is added always.
    """
    file = "vocabulary.tsv"
    if not (folder / file).exists():
        if (folder / "aboutness.toml").exists():
            raise ConfigError(file, "file", "a file: aboutness.toml weighs what it says", "none")
        return VocabularyFile()
    topics, lines = _columns(folder / file, file)
    numbers: dict[str, tuple[float, ...]] = {}
    for number, (stem, *cells) in lines:
        if stem in numbers:
            raise ConfigError(file, stem, "each stem once", "another line")
        numbers[stem] = _numbers(file, number, cells, len(topics) + 1)
    if _ALWAYS not in numbers:
        raise ConfigError(file, _ALWAYS, "a line", "none")
    always = numbers.pop(_ALWAYS)[1:]
    rarity = {stem: line[0] for stem, line in numbers.items()}
    return VocabularyFile(topics, always, rarity, {stem: line[1:] for stem, line in numbers.items()})


def _columns(path: Path, file: str) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    """The topics of the head, and the numbered lines below it, cut at tabs."""
    try:
        written = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(file, "file", "UTF-8", str(error)) from None
    lines = [(number, line.split("\t")) for number, line in enumerate(written, 1) if not line.startswith("#")]
    if not lines or lines[0][1][:2] != ["stem", "rarity"]:
        raise ConfigError(file, "head", "stem, rarity and the topics", "\t".join(lines[0][1]) if lines else "nothing")
    return tuple(lines[0][1][2:]), lines[1:]


def _numbers(file: str, number: int, cells: Sequence[str], wanted: int) -> tuple[float, ...]:
    """The cells behind a stem."""
    try:
        read = tuple(map(float, cells))
    except ValueError:
        read = ()
    if len(read) != wanted or not all(map(isfinite, read)):
        raise ConfigError(file, f"line {number}", f"{wanted} numbers behind the stem", "\t".join(cells))
    return read


def _check_weights(file: str, table: str, written: Mapping[str, Any], wanted: Collection[str]) -> None:
    for name in (*wanted, *written):
        if name not in wanted:
            raise ConfigError(file, f"{table}.{name}", f"one of {', '.join(wanted)}", name)
        weight = written.get(name)
        if type(weight) not in (int, float) or not isfinite(weight or 0):
            raise ConfigError(file, f"{table}.{name}", "a number", "none" if weight is None else weight)


def _read(path: Path, file: str, kind: type[T]) -> T:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(file, "file", "a file", "none") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(file, "file", "valid TOML in UTF-8", str(error)) from None
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise _named(file, str(error), table) from None


def _named(file: str, message: str, table: dict[str, Any]) -> ConfigError:
    """Turn msgspec's sentence into file, key, expected and got."""
    split = _WHERE.fullmatch(message)
    what, path = (split["what"], (split["path"] or "$")) if split else (message, "$")
    at = path.removeprefix("$").removeprefix(".")
    if missing := _MISSING.fullmatch(what):
        return ConfigError(file, f"{at}.{missing['field']}".lstrip("."), "a value", "none")
    if unknown := _UNKNOWN.fullmatch(what):
        return ConfigError(file, f"{at}.{unknown['field']}".lstrip("."), "a known key", unknown["field"])
    if wrong := _GOT.fullmatch(what):
        return ConfigError(file, at, wrong["expected"].strip("`"), wrong["got"].strip("`"))
    return ConfigError(file, at, what, table if at == "" else at)
