"""Who is known: config/people.toml and config/countries.toml, looked up by name, and by role and date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import msgspec

from pipeline.errors import ConfigError
from pipeline.statements.corrections import Corrections
from pipeline.statements.lexicon import read_toml
from pipeline.text import words
from pipeline.topics.files import CountryFile, read_countries


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}):
    """An office and when it was held. `role` is canonical ("president"); en, es, pt say it in words."""

    role: str
    portfolio: str | None = None
    institution: str | None = None
    en: str | None = None
    es: str | None = None
    pt: str | None = None
    country: str | None = None
    since: date | None = None
    until: date | None = None


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[person]]."""

    slug: str
    name: str
    aliases: list[str] = []
    country: str | None = None
    gender: str | None = None
    roles: list[Role] = []
    notes: str | None = None


class Institution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[institution]]; `kind` is its canonical role ("agency", "ministry")."""

    slug: str
    name: str
    aliases: list[str] = []
    country: str | None = None
    kind: str | None = None
    notes: str | None = None


class _PeopleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: list[Person] = []
    institution: list[Institution] = []


#: offices that one person of a country holds at a time
_HELD_BY_ONE = frozenset(("president", "vice president", "prime minister", "attorney general", "inspector general"))
#: held by one person for each portfolio
_BY_PORTFOLIO = frozenset(("minister",))
#: held by one person for each institution
_HEADS = frozenset(
    (
        "head of drug agency", "administrator", "director", "secretary general", "executive secretary",
        "executive director", "director general", "board president", "high commissioner", "police chief",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Term:
    """One office of one person."""

    person: Person
    role: Role


def _covers(role: Role, day: date) -> bool:
    """Was the office held on that day? An open end counts as held."""
    return (role.since is None or role.since <= day) and (role.until is None or day <= role.until)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody in config/people.toml under one of their names; an alias all in capitals is met only in capitals."""

    entry: Person | Institution
    in_capitals: bool


@dataclass(frozen=True)
class People:
    """Look-up tables. Names are folded words joined by one space."""

    named: Mapping[str, Known]
    #: last word of a known person's name, or an alias of one word -> the people it may be
    surnamed: Mapping[str, tuple[Person, ...]]
    #: (role, country) of offices that one person holds at a time, ministers' by portfolio
    terms: Mapping[tuple[str, str], tuple[_Term, ...]]
    #: slug of an institution -> who headed it
    heads: Mapping[str, tuple[_Term, ...]]
    #: folded name, demonym, place or seat of government -> country code
    places: Mapping[str, str]
    #: the same, only what stands for a government: "casa rosada"
    seats: Mapping[str, str]
    country_names: Mapping[str, str]
    longest_place: int
    #: config/speakers.toml: who is who after all
    corrections: Corrections = field(default_factory=Corrections)

    @classmethod
    def load(cls, folder: Path) -> People:
        """Read people.toml, countries.toml and, where there is one, speakers.toml of a folder.

        Raises ConfigError naming file and key.
        """
        known = build(read_toml(folder / "people.toml", _PeopleFile), read_countries(folder))
        return replace(known, corrections=Corrections.load(folder))

    def by_name(self, written: str) -> Person | Institution | None:
        """Whoever has exactly this name or alias, accents aside; never a word in small letters ("la senda")."""
        known = self.named.get(" ".join(words(written)))
        if known is None or written.islower() or (known.in_capitals and not written.isupper()):
            return None
        return known.entry

    def holder(
        self, role: str, country: str, at: datetime | date | None, *, portfolio: str | None = None
    ) -> Person | None:
        """Who held an office on a day; the only one who ever did when no day is given.

        Only offices that one person holds at a time are told this way: of a country's prosecutors a few are listed
        among many, and a minister needs the portfolio.
        """
        if role in _BY_PORTFOLIO and portfolio is None:
            return None
        terms = self.terms.get((role, country), ())
        return self._holder([term for term in terms if portfolio is None or term.role.portfolio == portfolio], at)

    def head(self, institution: Institution, at: datetime | date | None) -> Person | None:
        """Who headed an institution on a day."""
        return self._holder(self.heads.get(institution.slug, ()), at)

    def _holder(self, terms: Iterable[_Term], at: datetime | date | None) -> Person | None:
        if at is None:
            held = tuple(terms)
        else:
            day = at.date() if isinstance(at, datetime) else at
            held = tuple(term for term in terms if _covers(term.role, day))
        slugs = {term.person.slug for term in held}
        return held[0].person if len(slugs) == 1 else None

    def role_of(self, person: Person, at: datetime | date | None) -> Role | None:
        """The office a person held on a day; else the last one begun before it; else the first listed."""
        if not person.roles:
            return None
        if at is None:
            return person.roles[0]
        day = at.date() if isinstance(at, datetime) else at
        held = [role for role in person.roles if _covers(role, day)]
        begun = [role for role in person.roles if role.since is not None and role.since <= day]
        return (held or begun or person.roles)[-1 if not held and begun else 0]


def build(file: _PeopleFile, countries: Iterable[CountryFile]) -> People:
    """Make the tables. Raises ConfigError where a slug or a name stands twice."""
    countries = tuple(countries)
    named: dict[str, Known] = {}
    surnamed: dict[str, list[Person]] = {}
    terms: dict[tuple[str, str], list[_Term]] = {}
    heads: dict[str, list[_Term]] = {}
    slugs: set[str] = set()
    entries: tuple[Person | Institution, ...] = (*file.institution, *file.person)
    for entry in entries:
        if entry.slug in slugs:
            raise ConfigError("people.toml", "slug", "each slug once", entry.slug)
        slugs.add(entry.slug)
        for name in (entry.name, *entry.aliases):
            named[" ".join(words(name))] = Known(entry, name.isupper())
    for person in file.person:
        for surname in _surnames(person):
            surnamed.setdefault(surname, []).append(person)
        for role in person.roles:
            country = country_of(role, person)
            if country and role.role in _HELD_BY_ONE | _BY_PORTFOLIO:
                terms.setdefault((role.role, country), []).append(_Term(person, role))
            body = named.get(" ".join(words(role.institution or "")))
            if body is not None and role.role in _HEADS:
                heads.setdefault(body.entry.slug, []).append(_Term(person, role))
    places, seats = _places(countries)
    return People(
        named=named,
        surnamed={surname: tuple(group) for surname, group in surnamed.items()},
        terms={key: tuple(group) for key, group in terms.items()},
        heads={slug: tuple(group) for slug, group in heads.items()},
        places=places,
        seats=seats,
        country_names={country.code: country.name.en for country in countries},
        longest_place=max((place.count(" ") + 1 for place in places), default=1),
    )


def _surnames(person: Person) -> set[str]:
    """The last word of the name, and aliases of one word: the last word of a longer alias is a maternal surname."""
    aliases = [words(alias) for alias in person.aliases]
    return {name[-1] for name in (words(person.name), *(alias for alias in aliases if len(alias) == 1)) if name}


def country_of(role: Role, person: Person) -> str | None:
    """The country a person speaks for in an office; None for international ones, whose country is empty."""
    return (person.country if role.country is None else role.country) or None


def _places(countries: tuple[CountryFile, ...]) -> tuple[dict[str, str], dict[str, str]]:
    places: dict[str, str] = {}
    seats: dict[str, str] = {}
    for country in countries:
        for name in (*country.places.all(), *country.demonyms.all()):
            places.setdefault(" ".join(words(name)), country.code)
    for country in countries:
        for name in (country.name.en, country.name.es, country.name.pt):
            places[" ".join(words(name))] = country.code
        for name in country.government.all():
            seats[" ".join(words(name))] = places[" ".join(words(name))] = country.code
    return places, seats
