"""Constructions beyond verb and clause, and whom words go back to."""

from __future__ import annotations

import pytest

Q = "Ana Quiroz"
# what the case shows: (language, text, [(words said, speaker's name or None)])
SAID = {
    "en noun and infinitive": (
        "en",
        "Ana Quiroz's plea to reopen the clinics drew no answer from the treasury.",
        [("reopen the clinics", Q)],
    ),
    "en noun and clause, later in the sentence": (
        "en",
        "Ana Quiroz repeated her warning that the clinics would close.",
        [("the clinics would close", Q)],
    ),
    "es noun and infinitive": (
        "es",
        "La exhortación de Ana Quiroz a reabrir las clínicas no tuvo respuesta.",
        [("reabrir las clínicas", Q)],
    ),
    "es noun and clause": (
        "es",
        "La denuncia de la ministra Ana Quiroz de que faltan camas recorrió el país.",
        [("faltan camas", Q)],
    ),
    "pt noun and infinitive": (
        "pt",
        "O pedido da ministra Ana Quiroz para reabrir as clínicas dividiu o plenário.",
        [("reabrir as clínicas", Q)],
    ),
    "es a noun of saying without an owner": ("es", "La propuesta de ley llegó al Congreso.", []),
    "en a noun of saying without an owner": ("en", "The call to prayer woke the town.", []),
    "es view": (
        "es",
        "Para la senadora Ana Quiroz, la ley llega tarde y sin dinero.",
        [("la ley llega tarde y sin dinero", Q)],
    ),
    "pt view": (
        "pt",
        "Para o economista Davi Moura, o imposto não paga a conta.",
        [("o imposto não paga a conta", "Davi Moura")],
    ),
    "es no view of a purpose": ("es", "Para reabrir las clínicas, el Congreso votó más fondos.", []),
    "es no view of a day": ("es", "Para Navidad, las clínicas estarán abiertas otra vez.", []),
    "en an open mark ends before who says it": (
        "en",
        "“We will fund the clinics, promised Ana Quiroz. The hall was half empty.",
        [("We will fund the clinics", Q)],
    ),
    "en an opening mark that closes": (
        "en",
        "“It is not over,“ said Ana Quiroz. “It has only begun.”",
        [("It is not over | It has only begun.", Q)],
    ),
    "en a line set apart says it again": (
        "en",
        "“It is not over, and nobody in this valley thinks so,” said Ana Quiroz.\n“Nobody in this valley thinks so”",
        [("It is not over, and nobody in this valley thinks so", Q)],
    ),
    "es a closing mark resumes a paragraph": (
        "es",
        "Ana Quiroz dijo:\n«La ley es de todos. Nadie la compra.\n»Y nadie la va a vender.»",
        [("La ley es de todos. Nadie la compra. | Y nadie la va a vender.", Q)],
    ),
    "es the scene is not said": (
        "es",
        "Ana Quiroz tildó el plan de «papel mojado» en una entrevista.",
        [("el plan de «papel mojado»", Q)],
    ),
    "es the reporter goes on after a quotation": (
        "es",
        "Ana Quiroz recordó que «la ley no cambió» y mostró una copia a la sala.",
        [("la ley no cambió", Q)],
    ),
    "es according to, for one clause": (
        "es",
        "La clínica cerró en mayo y, según Ana Quiroz, no volverá a abrir.",
        [("no volverá a abrir", Q)],
    ),
    "es a relative of a name": (
        "es",
        "En la sala estaba la ministra Ana Quiroz, que pidió cerrar el debate.",
        [("cerrar el debate", Q)],
    ),
    "es a relative of a thing": ("es", "El plan, que rechazó el Senado, vuelve en marzo.", []),
    "es a quotation that is a subject": ("es", "El «plan de los ricos» continúa en el Senado.", []),
    "en a title in marks": (
        "en",
        "“Broken Valley” star Ana Quiroz said the film was hers.",
        [("the film was hers", Q)],
    ),
    "en a wish not to be named": (
        "en",
        "“It is over,” said an officer who asked not to be identified.",
        [("It is over", None)],
    ),
    "en nobody says nothing": ("en", "Nobody said that the clinics would close.", []),
    "en inverted with a colon": (
        "en",
        "Said Ana Quiroz: “The clinics stay open.”",
        [("The clinics stay open.", Q)],
    ),
    "en signed": (
        "en",
        "“The clinics will stay open all night.” — Ana Quiroz",
        [("The clinics will stay open all night.", Q)],
    ),
    "pt resumed after an apposition": (
        "pt",
        "“A lei fica”, disse a chefe da bancada, Ana Quiroz, “como foi votada em maio”.",
        [("A lei fica | como foi votada em maio", Q)],
    ),
    "es who says it stands at the end of a headline": (
        "es",
        "Perú: la guerra no se ganó, sostiene Ana Quiroz",
        [("la guerra no se ganó", Q)],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_was_said_and_by_whom(find, name):
    lang, text, expected = SAID[name]
    told = [
        (" | ".join(text[start:end] for start, end in report.parts), report.speaker.name) for report in find(text, lang)
    ]
    assert told == expected


# what the case shows: (language, text, name of the last speaker)
MEANT = {
    "en the sentence between is about another": (
        "en",
        "“It failed,” said Marta Solano. Pedro Vera shakes his head. “It did not,” he says.",
        "Pedro Vera",
    ),
    "es somebody is brought in": (
        "es",
        "Marta Solano dijo que el plan falló.\nEn la puerta esperaba el diputado Pedro Vera. «No falló», dijo.",
        "Pedro Vera",
    ),
    "pt the subject of the sentence before": (
        "pt",
        "Marta Solano disse que não.\nO ministro da Fazenda, Pedro Vera, chegou tarde. Garantiu que há dinheiro.",
        "Pedro Vera",
    ),
    "es who is only met stays out": (
        "es",
        "Marta Solano dijo que el plan falló, junto a Pedro Vera. Añadió que no hay dinero.",
        "Marta Solano",
    ),
    "es nobody is meant who is named in a quotation": (
        "es",
        "La ministra Marta Solano llegó tarde. «Vengo de Campo Alegre», explicó.",
        "Marta Solano",
    ),
    "en a rank": ("en", "Colonel Pedro Vera arrived at dawn. The colonel said the road was open.", "Pedro Vera"),
    "es a noun that is no office": (
        "es",
        "Habló la taxista Marta Solano. «Nadie sube», contó la taxista.",
        "Marta Solano",
    ),
    "es mandatario": (
        "es",
        "El presidente Pedro Vera recorrió el valle. «Volveremos», prometió el mandatario.",
        "Pedro Vera",
    ),
    "pt o chefe do órgão": (
        "pt",
        "A jurista Marta Solano assumiu a agência. A chefe do órgão disse que falta pessoal.",
        "Marta Solano",
    ),
    "en a spokesman speaks for the body": (
        "en",
        "A spokesman for the Ministry of Works said the road was open.",
        "Ministry of Works",
    ),
    "es un vocero habla por el organismo": ("es", "Un vocero de la AADR dijo que el plan avanza.", "AADR"),
    "es a place is no speaker": ("es", "En Campo Alegre llovía. Marta Solano dijo que el plan avanza.", "Marta Solano"),
}


@pytest.mark.parametrize("name", MEANT)
def test_who_is_meant(find, name):
    lang, text, expected = MEANT[name]
    assert find(text, lang)[-1].speaker.name == expected


@pytest.mark.parametrize(
    ("lang", "text", "via"),
    [
        ("en", "“The road is open,” minister Pedro Vera told the Northern Herald.", "Northern Herald"),
        ("es", "«El camino está abierto», dijo el ministro Pedro Vera al diario La Voz del Llano.", "La Voz del Llano"),
        ("pt", "Pedro Vera contou ao Jornal do Planalto que a estrada abriu.", "Jornal do Planalto"),
        ("es", "Pedro Vera dijo al Senado que el camino está abierto.", None),
    ],
)
def test_who_was_told_is_the_outlet_and_never_the_speaker(find, lang, text, via):
    report = find(text, lang)[-1]
    assert (report.speaker.name, report.via) == ("Pedro Vera", via)


def test_a_spokesperson_of_a_known_body_has_its_key(find):
    speaker = find("Un vocero de la AADR dijo que el plan avanza.", "es")[0].speaker
    assert (speaker.role, speaker.key) == ("spokesperson", "agencia-andina-de-drogas")
