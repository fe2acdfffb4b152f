"""Which countries a text is about."""

import re
from pathlib import Path

import pytest

from pipeline.topics import Topics
from pipeline.topics.files import read_countries

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.parametrize(
    ("title", "text", "codes"),
    [
        ("", "", ()),
        ("", "Nothing here", ()),
        ("", "El Perú", ("PE",)),
        ("", "the PERU meeting", ("PE",)),
        ("", "un diputado peruano", ("PE",)),
        ("", "a Peruvian deputy", ("PE",)),
        ("", "a peruvian deputy", ()),  # English writes its demonyms with a capital, and so does the file
        ("", "Dijo el Palacio de Pizarro", ("PE",)),
        ("", "a lima bean", ()),
        ("", "with chile and give us salt", ()),
        ("", "Give US aid", ("US",)),
        ("", "Us and the U.S. aid", ("US",)),
        ("", "us too", ()),
        ("", "Us too", ()),  # written in capitals only, met in capitals only
        ("", "the united states of mind", ()),
        ("", "He lives in New Mexico", ("US",)),
        ("", "New Mexico, and Mexico", ("MX", "US")),  # a country's name weighs more than a place
        ("Peru", "Mexico " * 2, ("MX", "PE")),
        ("Peru", "Mexico", ("PE", "MX")),
        ("Peru and Peru", "word " * 70 + "Mexico", ("PE", "MX")),
        ("Peru and Peru", "Peru " * 40 + "Mexico", ("PE",)),
        ("", "Santa Fe", ("AR", "US")),  # one name, two countries
        ("", "Santa Fe, Lima", ("PE", "AR", "US")),  # which says less of each
        ("", "la argentina y Argentina", ("AR",)),
    ],
)
def test_countries(topics, title, text, codes):
    assert topics.countries(title, text) == codes


@pytest.fixture(scope="module")
def shipped():
    return Topics.load(CONFIG)


#: those whose part in drug policy any reader of these pages meets
MATTERS = re.findall(
    "..",
    "ARBOBRCLCOCRCUDOECSVGTHTHNJMMXNIPAPYPEPRTTUYVEUSCABZGYSRBSBBPTESFRDENLBEITGBIECH"
    "ATCZPLSENODKFIGRALTRRUUAAFIRPKINCNJPTHMMLAVNPHIDMYSGKHKRKPAUNZMAGWCVAOMZNGZAGHKE"
    "EGSASYLBILAE",
)


@pytest.mark.parametrize("code", MATTERS)
def test_a_country_is_known_by_its_name_and_people_in_three_languages(code, shipped):
    country = next(file for file in read_countries(CONFIG) if file.code == code)
    for name in (country.name.en, country.name.es, country.name.pt):
        assert code in shipped.countries(f"{name[:1].upper()}{name[1:]}", "")
    for language in ("en", "es", "pt"):
        forms = getattr(country.demonyms, language)
        assert forms, f"{code}: no people in {language}"
        assert code in shipped.countries("", forms[0])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("El plan que DEVIDA presentó ayer", "PE"),
        ("La FELCN halló el laboratorio", "BO"),
        ("La Casa Rosada y la Sedronar discrepan", "AR"),
        ("Invima niega el permiso", "CO"),
        ("A Anvisa liberou o óleo; o Planalto calou", "BR"),
        ("O Infarmed autorizou mais duas empresas", "PT"),
        ("The Home Office refused the trial", "GB"),
        ("Gardaí searched the house", "IE"),
        ("The RCMP and Health Canada warned users", "CA"),
        ("DEA agents left the island", "US"),
        ("Police in Phnom Penh", "KH"),
        ("A polícia de Maputo", "MZ"),
    ],
)
def test_a_country_is_known_by_its_institutions_and_cities(text, code, shipped):
    assert shipped.countries("", text)[0] == code
