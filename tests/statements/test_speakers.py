"""Who is meant: within the article, then in config/people.toml by name, role, country and date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


def last(reports):
    speaker = reports[-1].speaker
    return speaker.name, speaker.role, speaker.country


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Marta Solano visited the valley. Solano said the plan works."),
        ("en", "Marta Solano visited the valley. “It works,” she said."),
        ("en", "“It works,” said Marta Solano. She added that money is short."),
        ("es", "Marta Solano visitó el valle. Solano dijo que el plan avanza."),
        ("es", "Marta Solano dijo que el plan avanza. “Falta dinero”, agregó."),
        ("pt", "Marta Solano visitou o vale. Segundo Solano, o plano avança."),
        ("pt", "Marta Solano disse que o plano avança. Ela acrescentou que falta dinheiro."),
    ],
)
def test_surnames_pronouns_and_missing_subjects_find_the_full_name(find, lang, text):
    assert find(text, lang)[-1].speaker.name == "Marta Solano"


@pytest.mark.parametrize(
    ("lang", "text", "role"),
    [
        ("en", "President Marta Solano said the plan works.", "president"),
        ("en", "Marta Solano, head of the agency, said the plan works.", "head"),
        ("en", "The minister, Marta Solano, said the plan works.", "minister"),
        ("en", "Health Minister Marta Solano said the plan works.", "minister"),
        ("en", "Marta Solano, a spokeswoman, came. Solano said the plan works.", "spokesperson"),
        ("es", "El ministro de Salud, Marta Solano, dijo que el plan avanza.", "minister"),
        ("es", "Marta Solano, jefa de la agencia, dijo que el plan avanza.", "head"),
        ("es", "El plan avanza, dijo la vocera Marta Solano.", "spokesperson"),
        ("pt", "O ministro da Saúde, Marta Solano, disse que o plano avança.", "minister"),
        ("pt", "Marta Solano, porta-voz da agência, disse que o plano avança.", "spokesperson"),
    ],
)
def test_the_role_beside_a_name_is_canonical(find, lang, text, role):
    assert last(find(text, lang))[:2] == ("Marta Solano", role)


def test_a_role_alone_goes_back_to_whoever_holds_it_in_the_article(find):
    text = "Marta Solano, minister of health, came to the valley. The minister said that the plan works."
    assert last(find(text, "en"))[:2] == ("Marta Solano", "minister")


def test_the_country_stands_beside_the_role(find):
    assert last(find("Peruvian Senator Marta Solano said the plan works.", "en")) == ("Marta Solano", "senator", "PE")
    assert last(find("El senador guatemalteco Marta Solano dijo que el plan avanza.", "es"))[2] == "GT"


def test_known_people_get_their_name_role_country_and_slug(find):
    [report] = find("Quiroz dijo que el plan avanza.", "es", title="Ana Quiroz Vela visita el valle")
    assert last([report]) == ("Ana Quiroz", "president", "PE")
    [report] = find("Ana Quiroz Vela dijo que el plan avanza.", "es")
    assert last([report]) == ("Ana Quiroz", "president", "PE")
    assert report.speaker.key == "ana-quiroz"


@pytest.mark.parametrize(("year", "name"), [(2027, "Bruno Tavares"), (2032, "Ana Quiroz")])
def test_the_president_of_a_country_depends_on_the_date(find, year, name):
    said_at = datetime(year, 6, 1, tzinfo=UTC)
    for lang, text in (
        ("en", "The president of Peru said that the plan works."),
        ("es", "El presidente peruano dijo que el plan avanza."),
        ("pt", "O presidente do Peru disse que o plano avança."),
    ):
        assert find(text, lang, said_at=said_at)[0].speaker.name == name


def test_without_a_date_two_holders_leave_the_office_unnamed(find):
    [report] = find("The president of Peru said that the plan works.", "en", said_at=None)
    assert (report.speaker.name, report.speaker.role, report.speaker.country) == (None, "president", "PE")
    assert report.speaker.key == "president-pe"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The government of Guatemala said the plan works."),
        ("en", "The Guatemalan government said the plan works."),
        ("en", "Guatemala said the plan works."),
        ("en", "Some governments, like that of Guatemala, have said the plan works."),
        ("es", "El Gobierno de Guatemala dijo que el plan avanza."),
        ("pt", "O governo da Guatemala disse que o plano avança."),
    ],
)
def test_governments_are_named_by_their_country(find, lang, text):
    [report] = find(text, lang)
    assert last([report]) == ("Government of Guatemala", "government", "GT")
    assert report.speaker.key == "government-gt"


def test_known_institutions_speak_under_their_own_name(find):
    [report] = find("La Agencia Andina de Drogas informó que el plan avanza.", "es")
    assert last([report]) == ("AADR", "agency", "PE")


def test_a_qualifying_name_is_not_the_speaker(find):
    [report] = find("A Solano spokesman, Pedro Rey, said the plan works.", "en")
    assert report.speaker.name == "Pedro Rey"
    [report] = find("Marta Solano came. Several Solano aides said the plan works.", "en")
    assert report.speaker.name is None


def test_the_mention_is_where_the_speaker_is_named(find):
    text = "«El plan avanza», dijo ayer la ministra Marta Solano en Lima."
    [report] = find(text, "es")
    start, end = report.speaker.mention
    assert text[start:end] == "la ministra Marta Solano"
    assert text[slice(*report.cue)] == "dijo"


@pytest.mark.parametrize(
    ("lang", "text", "name", "via"),
    [
        ("en", "Marta Solano urged farmers to plant cacao, reported the Valley Times.", "Marta Solano", "Valley Times"),
        ("en", "Marta Solano told Reuters that the plan works.", "Marta Solano", "Reuters"),
        ("en", "The plan works, according to the Associated Press.", "Associated Press", "Associated Press"),
        ("es", "El plan avanza, dijo Marta Solano a Efe.", "Marta Solano", "Efe"),
        ("es", "Marta Solano pidió una nueva ley, informó Radio Valle.", "Marta Solano", "Radio Valle"),
        ("pt", "Marta Solano disse à Lusa que o plano avança.", "Marta Solano", "Lusa"),
    ],
)
def test_whom_the_article_credits_is_its_via(find, lang, text, name, via):
    [report] = find(text, lang)
    assert (report.speaker.name, report.via) == (name, via)
