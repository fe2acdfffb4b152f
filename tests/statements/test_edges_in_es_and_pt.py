"""Where the words said begin and end in Spanish and Portuguese press, and what only looks like speech."""

from __future__ import annotations

import pytest

Q = "Ana Quiroz"
# (language, text, [(kind, words said, speaker's name or None)])
CASES = {
    "es an answer takes a clause": (
        "es",
        "Ana Quiroz respondió que el plan sigue.",
        [("indirect", "el plan sigue", Q)],
    ),
    "pt an answer takes a clause": (
        "pt",
        "Ana Quiroz respondeu que o plano segue.",
        [("indirect", "o plano segue", Q)],
    ),
    "es an act of speech takes a clause": (
        "es",
        "Ana Quiroz celebró que el plan siga en pie.",
        [("indirect", "el plan siga en pie", Q)],
    ),
    "es an infinitive after a verb of saying": (
        "es",
        "Ana Quiroz aseguró desconocer el acuerdo.",
        [("indirect", "desconocer el acuerdo", Q)],
    ),
    "pt a denied infinitive": ("pt", "Ana Quiroz afirma não ter dinheiro.", [("indirect", "não ter dinheiro", Q)]),
    "es the words go on after según": (
        "es",
        "El acuerdo, según Ana Quiroz, no impide que la ley cambie.",
        [("indirect", "El acuerdo | no impide que la ley cambie", Q)],
    ),
    "pt the words go on at a preposition": (
        "pt",
        "Trata-se, segundo Ana Quiroz, de um plano sem dinheiro.",
        [("indirect", "Trata-se | de um plano sem dinheiro", Q)],
    ),
    "es a relative clause at the end is the speaker's": (
        "es",
        "Ana Quiroz dijo que el cacao irá al valle, donde habrá una escuela.",
        [("indirect", "el cacao irá al valle, donde habrá una escuela", Q)],
    ),
    "es the next one speaks after mientras que": (
        "es",
        "Ana Quiroz sostuvo que el plan avanza, mientras que Leo Funes dijo que fracasó.",
        [("indirect", "el plan avanza", Q), ("indirect", "fracasó", "Leo Funes")],
    ),
    "es pero que goes on": (
        "es",
        "Ana Quiroz explicó que el plan avanza, pero que Leo Funes pide más dinero.",
        [
            ("indirect", "el plan avanza, pero que Leo Funes pide más dinero", Q),
            ("indirect", "más dinero", "Leo Funes"),
        ],
    ),
    "pt what is not said ends the words": (
        "pt",
        "Ana Quiroz afirmou que muda o plano, mas não adiantou a data.",
        [("indirect", "muda o plano", Q)],
    ),
    "es a consequence ends the words": (
        "es",
        "Ana Quiroz dijo que la ley es clara, por lo que rechazó el pacto.",
        [("indirect", "la ley es clara", Q), ("indirect", "el pacto", Q)],
    ),
    "es a quotation with its own cue is another statement": (
        "es",
        "Ana Quiroz dijo que la ley protege al valle, lo cual, añadió, «nadie puede negar».",
        [("indirect", "la ley protege al valle", Q), ("direct", "nadie puede negar", Q)],
    ),
    "es a closing cue adds nothing": (
        "es",
        "Sobre el valle, Ana Quiroz aseguró que la ley avanza, apostilló.",
        [("indirect", "la ley avanza", Q)],
    ),
    "pt a fronted clause ends where the sentence begins": (
        "pt",
        "Apesar de ter anunciado que o plano segue, o governo cortou o dinheiro do vale.",
        [("indirect", "o plano segue", None)],
    ),
    "es what he did say is that": (
        "es",
        "Lo que Ana Quiroz dijo es que el plan no basta.",
        [("indirect", "el plan no basta", Q)],
    ),
    "es told somebody, with a preposition before que": (
        "es",
        "Ana Quiroz advirtió a sus antiguos socios de que el plan fracasa.",
        [("indirect", "el plan fracasa", Q)],
    ),
    "es a headline's verb before the hearer": (
        "es",
        "Ana Quiroz pide al Congreso que apruebe la ley.",
        [("indirect", "apruebe la ley", Q)],
    ),
    "es a body without a name speaks after its words": (
        "es",
        "La cosecha cayó este año en todo el valle, informó hoy la compañía.",
        [("indirect", "La cosecha cayó este año en todo el valle", None)],
    ),
    "es a quotation in the speaker's name is not hers": (
        "es",
        "«El valle espera», dijo la autora de «Cacao».",
        [("direct", "El valle espera", None)],
    ),
    # no statements
    "es que after a noun is a relative": ("es", "Ana Quiroz reparó en las pocas casas que quedaban en pie.", []),
    "pt que after a noun is a relative": ("pt", "Ana Quiroz insistiu num estímulo forte que atenue a crise.", []),
    "es que after an article is a relative": (
        "es",
        "Ana Quiroz comentó, como otras veces, un horario similar al que tienen las escuelas.",
        [],
    ),
    "es nobody estimates": ("es", "En 2032 se calcula que habrá más cacao en el valle.", []),
    "es an act by nobody who could be named": ("es", "Los participantes rechazaron esa posibilidad.", []),
    "es told of him after a name": ("es", "Llegó el alcalde, Leo Funes, quien denunció al club por el estadio.", []),
}


@pytest.mark.parametrize("name", CASES)
def test_draws_the_edges(find, name):
    lang, text, expected = CASES[name]
    found = [
        (report.kind, " | ".join(text[start:end] for start, end in report.parts), report.speaker.name)
        for report in find(text, lang)
    ]
    assert found == expected
