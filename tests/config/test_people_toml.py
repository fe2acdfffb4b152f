"""config/people.toml names people unmistakably: no alias, office or date that could give somebody another's words."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from pipeline.text import fold

ROOT = Path(__file__).resolve().parents[2]
FILE = (ROOT / "config" / "people.toml").read_text("utf-8")
PEOPLE: list[dict[str, Any]] = tomllib.loads(FILE)["person"]
INSTITUTIONS: list[dict[str, Any]] = tomllib.loads(FILE)["institution"]
COUNTRIES = {c["code"] for c in tomllib.loads((ROOT / "config" / "countries.toml").read_text("utf-8"))["country"]}

#: the canonical roles, as the comment at the top of the file lists them
ROLES = set(re.findall(r"^#   ([a-z]+(?: [a-z]+)*)  +\S", FILE.split("# Roles:")[1].split("\n\n")[0], re.MULTILINE))
PORTFOLIOS = {"interior", "justice", "health", "defence", "foreign", "security", "social", "cabinet", "addictions"}
KINDS = set(
    re.findall(
        r"[a-z]+(?: [a-z]+)?", (ROOT / "docs" / "people.md").read_text("utf-8").split("is one of: ")[1].split(".")[0]
    )
)
BODIES = {name for body in INSTITUTIONS for name in (body["name"], *body["aliases"])}
COMMON = "Santos Morales Castillo Correa Lagos Temer Rubio Fox Vargas Cardoso Moro Radío Calzada Lewandowski Bielsa"
ACRONYMS = "DEVIDA DEA ONDCP UNODC ONUDD INCB JIFE OEA OAS CICAD WHO OMS OPS PNP"
EVER, NEVER = date.min, date.max
#: Nicaragua has had a president and a co-president since 2025
TWO_PRESIDENTS = {frozenset({"daniel-ortega", "rosario-murillo"})}


def names(entry: dict[str, Any]) -> set[str]:
    return {fold(name).text for name in (entry["name"], *entry["aliases"])}


def bounds(role: dict[str, Any]) -> tuple[date, date]:
    return role.get("from", EVER), role.get("to", NEVER)


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    (start, end), (begin, finish) = bounds(one), bounds(other)
    return start < finish and begin < end


def in_office(role: str, country: str, day: date) -> Iterator[str]:
    for person in PEOPLE:
        for held in person["roles"]:
            start, end = bounds(held)
            if held["role"] == role and held["country"] == country and start <= day <= end:
                yield person["name"]


def test_there_are_enough_people_and_institutions_each_once() -> None:
    assert len(PEOPLE) >= 180
    assert len({person["slug"] for person in PEOPLE}) == len(PEOPLE)
    assert len(INSTITUTIONS) >= 60
    assert len({body["slug"] for body in INSTITUTIONS}) == len(INSTITUTIONS)


def faults_of(person: dict[str, Any]) -> Iterator[str]:
    if set(person) != {"slug", "name", "aliases", "country", "gender", "roles"}:
        yield f"keys {sorted(person)}"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", person["slug"]):
        yield "slug"
    if not re.fullmatch(r"[A-Z]{2}", person["country"]):
        yield f"country {person['country']}"
    if person["gender"] not in {"m", "f"}:
        yield f"gender {person['gender']}"
    if not person["roles"]:
        yield "no roles"
    yield from (
        f"alias {alias!r}" for alias in person["aliases"] if alias != alias.strip() or not fold(alias).text.strip()
    )


def faults_in(role: dict[str, Any]) -> Iterator[str]:
    if not set(role) <= {"role", "portfolio", "institution", "en", "es", "pt", "country", "from", "to"}:
        yield f"keys {sorted(role)}"
    if role["role"] not in ROLES:
        yield f"role {role['role']}"
    if (role["role"] == "minister") != ("portfolio" in role) or role.get("portfolio", "interior") not in PORTFOLIOS:
        yield f"portfolio {role.get('portfolio')}"
    if role.get("institution", "DEVIDA") not in BODIES:
        yield f"institution {role['institution']}"
    if role["country"] and role["country"] not in COUNTRIES:
        yield f"country {role['country']}"
    if not all(role[language].strip() for language in ("en", "es", "pt")):
        yield "an office without words"
    if any(type(day) is not date for day in bounds(role)) or bounds(role)[0] >= bounds(role)[1]:
        yield f"from {role.get('from')} to {role.get('to')}"


def test_people_are_well_formed() -> None:
    assert [(person["slug"], fault) for person in PEOPLE for fault in faults_of(person)] == []


def test_roles_are_documented_dated_in_order_and_worded_in_three_languages() -> None:
    assert [(p["slug"], fault) for p in PEOPLE for role in p["roles"] for fault in faults_in(role)] == []


def test_no_alias_means_two_people_of_one_country_at_one_time() -> None:
    claims = defaultdict(list)
    for person in PEOPLE:
        for name in names(person):
            claims[name, person["country"]].append(person)
    taken = [
        (name, one["slug"], other["slug"])
        for (name, _), people in claims.items()
        for one, other in combinations(people, 2)
        if any(overlap(a, b) for a in one["roles"] for b in other["roles"])
    ]
    assert taken == []


def test_a_bare_name_means_one_person_only() -> None:
    claims = defaultdict(set)
    for person in PEOPLE:
        for name in names(person):
            claims[name].add(person["slug"])
    assert {name: slugs for name, slugs in claims.items() if len(name.split()) == 1 and len(slugs) > 1} == {}


@pytest.mark.parametrize("word", COMMON.split())
def test_common_surnames_and_words_are_no_aliases(word: str) -> None:
    assert [person["slug"] for person in PEOPLE if fold(word).text in names(person)] == []


def test_a_country_has_one_president_at_a_time() -> None:
    held = defaultdict(list)
    for person in PEOPLE:
        for role in person["roles"]:
            if role["role"] == "president":
                held[role["country"]].append((person["slug"], role))
    twice = [
        {one, other}
        for terms in held.values()
        for (one, first), (other, second) in combinations(terms, 2)
        if overlap(first, second) and frozenset({one, other}) not in TWO_PRESIDENTS
    ]
    assert twice == []


@pytest.mark.parametrize("office", ["vice president", "prime minister", "attorney general", "head of drug agency"])
def test_an_office_of_one_has_no_two_holders_for_longer_than_a_year_left_open_by_dates(office: str) -> None:
    held = defaultdict(list)
    for person in PEOPLE:
        for role in person["roles"]:
            if role["role"] == office and "from" in role and "to" in role:
                held[role["country"], role.get("institution")].append((person["slug"], *bounds(role)))
    twice = [
        (one[0], other[0])
        for terms in held.values()
        for one, other in combinations(terms, 2)
        if (min(one[2], other[2]) - max(one[1], other[1])).days > 366
    ]
    assert twice == []


@pytest.mark.parametrize(
    ("slug", "role"),
    [
        ("juan-manuel-santos", "president"),
        ("gustavo-petro", "president"),
        ("joe-biden", "president"),
        ("michelle-bachelet", "president"),
        ("hillary-clinton", "minister"),
        ("cesar-gaviria", "secretary general"),
        ("gil-kerlikowske", "head of drug agency"),
    ],
)
def test_the_best_known_office_comes_first(slug: str, role: str) -> None:
    assert next(person for person in PEOPLE if person["slug"] == slug)["roles"][0]["role"] == role


def test_nobody_is_president_and_former_president_at_once() -> None:
    both = [
        person["slug"]
        for person in PEOPLE
        for one, other in combinations(person["roles"], 2)
        if {one["role"], other["role"]} == {"president", "former president"}
        and one["country"] == other["country"]
        and overlap(one, other)
    ]
    assert both == []


LIMA = date(2012, 6, 25)


@pytest.mark.parametrize(
    ("role", "country", "day", "name"),
    [
        ("president", "PE", LIMA, "Ollanta Humala"),
        ("head of drug agency", "PE", LIMA, "Carmen Masías"),
        ("head of drug agency", "PE", date(2011, 12, 1), "Ricardo Soberón"),
        ("head of drug agency", "PE", date(2022, 3, 1), "Ricardo Soberón"),
        ("president", "GT", LIMA, "Otto Pérez Molina"),
        ("president", "MX", LIMA, "Felipe Calderón"),
        ("president", "CO", LIMA, "Juan Manuel Santos"),
        ("president", "UY", date(2013, 12, 10), "José Mujica"),
        ("president", "BR", date(2015, 1, 1), "Dilma Rousseff"),
        ("president", "BR", date(2024, 1, 1), "Luiz Inácio Lula da Silva"),
        ("head of drug agency", "US", LIMA, "Gil Kerlikowske"),
        ("head of drug agency", "US", date(2023, 1, 1), "Rahul Gupta"),
        ("executive director", "", LIMA, "Yury Fedotov"),
        ("board president", "", date(2013, 1, 1), "Raymond Yans"),
    ],
)
def test_an_office_finds_its_holder(role: str, country: str, day: date, name: str) -> None:
    holders = list(in_office(role, country, day))
    assert name in holders
    assert role != "president" or holders == [name]


@pytest.mark.parametrize(
    ("written", "slug"),
    [
        ("Masias", "carmen-masias"),
        ("Ricardo Soberon", "ricardo-soberon"),
        ("Humala", "ollanta-humala"),
        ("AMLO", "andres-manuel-lopez-obrador"),
        ("Lula", "lula"),
        ("PEÑA NIETO", "enrique-pena-nieto"),
    ],
)
def test_names_are_met_as_newspapers_write_them(written: str, slug: str) -> None:
    assert [person["slug"] for person in PEOPLE if fold(written).text in names(person)] == [slug]


def test_institutions_are_well_formed() -> None:
    wrong = [
        body["slug"]
        for body in INSTITUTIONS
        if set(body) != {"slug", "name", "aliases", "country", "kind"}
        or body["kind"] not in KINDS
        or (body["country"] and body["country"] not in COUNTRIES)
    ]
    assert wrong == []


def test_no_name_means_two_institutions_or_an_institution_and_a_person() -> None:
    claims = defaultdict(set)
    for entry in (*INSTITUTIONS, *PEOPLE):
        for name in names(entry):
            claims[name].add(entry["slug"])
    institutional = {name for body in INSTITUTIONS for name in names(body)}
    assert {name: claims[name] for name in institutional if len(claims[name]) > 1} == {}


@pytest.mark.parametrize("acronym", ACRONYMS.split())
def test_the_bodies_of_drug_news_are_known_by_their_acronyms(acronym: str) -> None:
    assert len([body for body in INSTITUTIONS if acronym in body["aliases"]]) == 1
