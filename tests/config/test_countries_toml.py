"""config/countries.toml covers the region and holds no name that mostly means something else."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.text import fold

ROOT = Path(__file__).resolve().parents[2]
COUNTRIES: list[dict[str, Any]] = tomllib.loads((ROOT / "config" / "countries.toml").read_text("utf-8"))["country"]
CODES = [country["code"] for country in COUNTRIES]
LANGUAGES = ("en", "es", "pt")
AMERICAS = "AG AR BB BO BR BS BZ CA CL CO CR CU DM DO EC GD GT GY HN HT JM KN LC MX NI PA PE PY SR SV TT US UY VC VE"
OTHERS = "ES PT NL GB FR DE IT CH RU CN AF IN TH PH MM MA AU NZ AT BE"
MOSTLY_ELSE = (
    "Georgia|Granada|Santiago|Córdoba|San José|Victoria|Rosario|La Paz|American|Miraflores|Guerrero|Salvador|Trinidad|"
    "Vienna|Geneva|Brussels|Indian|Guadalajara|Cartagena|Rio|Santos|Limón|Colón|Meta|Bajan"
)


def written(country: dict[str, Any]) -> Iterator[str]:
    yield from country["name"].values()
    for lists in (country["demonyms"], country.get("places", {}), country.get("government", {})):
        for forms in lists.values():
            yield from forms


def meant_by(form: str) -> list[str]:
    return [c["code"] for c in COUNTRIES if fold(form).text in {fold(known).text for known in written(c)}]


def test_codes_are_iso_each_once_and_cover_the_americas_and_the_drug_news() -> None:
    assert len(set(CODES)) == len(CODES)
    assert all(re.fullmatch(r"[A-Z]{2}", code) for code in CODES)
    assert set(AMERICAS.split() + OTHERS.split()) <= set(CODES)


@pytest.mark.parametrize("country", COUNTRIES, ids=CODES)
def test_country_is_named_in_three_languages(country: dict[str, Any]) -> None:
    assert set(country) <= {"code", "name", "demonyms", "places", "government"}
    assert set(country["name"]) == set(LANGUAGES)
    assert all(name == name.strip() != "" for name in country["name"].values())
    assert set(country["demonyms"]) == set(LANGUAGES)
    assert all(country["demonyms"].values())
    for lists in (country.get("places", {}), country.get("government", {})):
        assert set(lists) <= {"any", *LANGUAGES}
    assert all(fold(form).text.strip() for form in written(country))


def test_no_form_means_two_countries() -> None:
    meant = defaultdict(set)
    for country in COUNTRIES:
        for form in written(country):
            meant[fold(form).text].add(country["code"])
    assert {form: codes for form, codes in meant.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("peruanas", "PE"),
        ("Peruvian", "PE"),
        ("VRAEM", "PE"),
        ("Chapare", "BO"),
        ("Catatumbo", "CO"),
        ("Sinaloa", "MX"),
        ("Casa de Pizarro", "PE"),
        ("Casa de Nariño", "CO"),
        ("Los Pinos", "MX"),
        ("Casa Rosada", "AR"),
        ("Planalto", "BR"),
        ("White House", "US"),
        ("Casa Blanca", "US"),
        ("Casa Branca", "US"),
        ("EE.UU.", "US"),
        ("EUA", "US"),
        ("estadunidenses", "US"),
        ("Guatemalan", "GT"),
        ("salvadorenhos", "SV"),
    ],
)
def test_a_form_finds_its_country(form: str, code: str) -> None:
    assert meant_by(form) == [code]


@pytest.mark.parametrize("form", MOSTLY_ELSE.split("|"))
def test_what_mostly_means_something_else_is_left_out(form: str) -> None:
    assert meant_by(form) == []


def test_short_forms_are_in_capitals_so_that_the_pronoun_is_not_the_country() -> None:
    states = next(country for country in COUNTRIES if country["code"] == "US")
    assert "US" in set(written(states))
    assert "us" not in set(written(states))
