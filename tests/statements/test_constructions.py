"""Each way of reporting speech, in three languages, with the edges of the words said drawn exactly."""

from __future__ import annotations

import pytest

# (language, text, [(kind, words said (parts joined by " | "), speaker's name or None)])
CASES = {
    # a quotation with its cue before, after and inside
    "en quote, S V": (
        "en",
        '"We will plant cacao," Ana Quiroz said on Monday.',
        [("direct", "We will plant cacao", "Ana Quiroz")],
    ),
    "en quote, V S": ("en", "“It works,” said Ana Quiroz.", [("direct", "It works", "Ana Quiroz")]),
    "en S V quote": ("en", 'Ana Quiroz said: "It works."', [("direct", "It works.", "Ana Quiroz")]),
    "en S V comma quote": ("en", 'Ana Quiroz replied, "It works."', [("direct", "It works.", "Ana Quiroz")]),
    "en broken by its cue": (
        "en",
        '"We will plant cacao," said Ana Quiroz. "Nobody should go hungry."',
        [("direct", "We will plant cacao | Nobody should go hungry.", "Ana Quiroz")],
    ),
    "en broken inside a sentence": (
        "en",
        '"We will," said Ana Quiroz, "plant cacao."',
        [("direct", "We will | plant cacao.", "Ana Quiroz")],
    ),
    "en question mark inside the marks stays": (
        "en",
        '"Who pays for it?" Ana Quiroz asked.',
        [("direct", "Who pays for it?", "Ana Quiroz")],
    ),
    "en two quotes with a cue each": (
        "en",
        '"It works," said Ana Quiroz. "It does not," said Leo Funes.',
        [("direct", "It works", "Ana Quiroz"), ("direct", "It does not", "Leo Funes")],
    ),
    "en over paragraphs": (
        "en",
        "Ana Quiroz said: “It works.\n“It will go on working.”",
        [("direct", "It works. | It will go on working.", "Ana Quiroz")],
    ),
    "en a quotation on its own goes on": (
        "en",
        "“It works,” Ana Quiroz said.\n“Come and see for yourselves.”",
        [("direct", "It works | Come and see for yourselves.", "Ana Quiroz")],
    ),
    "en announced by the line before": (
        "en",
        "Ana Quiroz was blunt:\n“The plan has no money at all.”",
        [("direct", "The plan has no money at all.", "Ana Quiroz")],
    ),
    "es quote, V S": (
        "es",
        "«No habrá más dinero», afirmó este lunes Ana Quiroz.",
        [("direct", "No habrá más dinero", "Ana Quiroz")],
    ),
    "es S V quote": ("es", "Ana Quiroz dijo: “Funciona”.", [("direct", "Funciona", "Ana Quiroz")]),
    "es que quote": (
        "es",
        'Ana Quiroz aseguró que "el plan funciona".',
        [("direct", "el plan funciona", "Ana Quiroz")],
    ),
    "es broken by its cue": (
        "es",
        '"No habrá dinero", explicó Ana Quiroz. "Nadie lo pidió."',
        [("direct", "No habrá dinero | Nadie lo pidió.", "Ana Quiroz")],
    ),
    "es raya": (
        "es",
        "—No habrá dinero —dijo Ana Quiroz—. Nadie lo pidió.",
        [("direct", "No habrá dinero | Nadie lo pidió.", "Ana Quiroz")],
    ),
    "es cue between dashes inside the marks": (
        "es",
        "“El plan —añadió Ana Quiroz— no tiene dinero”.",
        [("direct", "El plan | no tiene dinero", "Ana Quiroz")],
    ),
    "pt quote, V S": (
        "pt",
        "“Não haverá mais dinheiro”, afirmou nesta segunda-feira Ana Quiroz.",
        [("direct", "Não haverá mais dinheiro", "Ana Quiroz")],
    ),
    "pt S V quote": ("pt", "Ana Quiroz disse: “Funciona.”", [("direct", "Funciona.", "Ana Quiroz")]),
    "pt enclitic": ("pt", "«Funciona», disse-nos Ana Quiroz.", [("direct", "Funciona", "Ana Quiroz")]),
    # indirect speech
    "en said that": (
        "en",
        "Ana Quiroz said that the plan needs money.",
        [("indirect", "the plan needs money", "Ana Quiroz")],
    ),
    "en said without that": (
        "en",
        "Ana Quiroz said Monday the plan needs money.",
        [("indirect", "the plan needs money", "Ana Quiroz")],
    ),
    "en told somebody": (
        "en",
        "Ana Quiroz told reporters in Lima that the plan needs money.",
        [("indirect", "the plan needs money", "Ana Quiroz")],
    ),
    "en clause, S said": (
        "en",
        "The plan needs money, Ana Quiroz said on Monday.",
        [("indirect", "The plan needs money", "Ana Quiroz")],
    ),
    "en inside the clause": (
        "en",
        "The plan, Ana Quiroz said, would need more money.",
        [("indirect", "The plan | would need more money", "Ana Quiroz")],
    ),
    "en two verbs, two statements": (
        "en",
        "Ana Quiroz said the plan needs money and added that farmers are waiting.",
        [("indirect", "the plan needs money", "Ana Quiroz"), ("indirect", "farmers are waiting", "Ana Quiroz")],
    ),
    "en gerund": (
        "en",
        "Ana Quiroz praised the plan, adding that farmers are waiting.",
        [("indirect", "the plan", "Ana Quiroz"), ("indirect", "farmers are waiting", "Ana Quiroz")],
    ),
    "en a quoted fragment makes it mixed": (
        "en",
        'Ana Quiroz said the plan was "a shame" for the valley.',
        [("mixed", 'the plan was "a shame" for the valley', "Ana Quiroz")],
    ),
    "en whose marks are not outer": (
        "en",
        'Ana Quiroz said that "hard cash" alone would not do.',
        [("mixed", '"hard cash" alone would not do', "Ana Quiroz")],
    ),
    "en apposition between subject and verb": (
        "en",
        "Ana Quiroz, the president of Peru, said the plan needs money.",
        [("indirect", "the plan needs money", "Ana Quiroz")],
    ),
    "es dijo que": (
        "es",
        "Ana Quiroz dijo que el plan necesita dinero.",
        [("indirect", "el plan necesita dinero", "Ana Quiroz")],
    ),
    "es V S que": (
        "es",
        "Dijo ayer Ana Quiroz que el plan necesita dinero.",
        [("indirect", "el plan necesita dinero", "Ana Quiroz")],
    ),
    "es with an aside": (
        "es",
        "Ana Quiroz recordó, por su parte, que el plan necesita dinero.",
        [("indirect", "el plan necesita dinero", "Ana Quiroz")],
    ),
    "es clause, V S": (
        "es",
        "El plan necesita dinero, explicó ayer Ana Quiroz.",
        [("indirect", "El plan necesita dinero", "Ana Quiroz")],
    ),
    "es contrast with another cue": (
        "es",
        "Ana Quiroz dijo que el plan avanza, aunque reconoció que falta dinero.",
        [("indirect", "el plan avanza", "Ana Quiroz"), ("indirect", "falta dinero", "Ana Quiroz")],
    ),
    "es no subject": (
        "es",
        "Ana Quiroz dijo que el plan avanza. Añadió que falta dinero.",
        [("indirect", "el plan avanza", "Ana Quiroz"), ("indirect", "falta dinero", "Ana Quiroz")],
    ),
    "es mixed": (
        "es",
        'Ana Quiroz dijo que el plan es "una vergüenza" para el valle.',
        [("mixed", 'el plan es "una vergüenza" para el valle', "Ana Quiroz")],
    ),
    "pt disse que": (
        "pt",
        "Ana Quiroz disse que o plano precisa de dinheiro.",
        [("indirect", "o plano precisa de dinheiro", "Ana Quiroz")],
    ),
    "pt clause, V S": (
        "pt",
        "O plano precisa de dinheiro, afirmou ontem Ana Quiroz.",
        [("indirect", "O plano precisa de dinheiro", "Ana Quiroz")],
    ),
    "pt no subject": (
        "pt",
        "Ana Quiroz disse que o plano avança. Acrescentou que falta dinheiro.",
        [("indirect", "o plano avança", "Ana Quiroz"), ("indirect", "falta dinheiro", "Ana Quiroz")],
    ),
    # according to
    "en according to, first": (
        "en",
        "According to Ana Quiroz, the plan needs money.",
        [("indirect", "the plan needs money", "Ana Quiroz")],
    ),
    "en according to, last": (
        "en",
        "The plan needs money, according to Ana Quiroz.",
        [("indirect", "The plan needs money", "Ana Quiroz")],
    ),
    "es según, first": (
        "es",
        "Según Ana Quiroz, el plan necesita dinero.",
        [("indirect", "el plan necesita dinero", "Ana Quiroz")],
    ),
    "es según, inside": (
        "es",
        "El plan, según Ana Quiroz, necesita dinero.",
        [("indirect", "El plan | necesita dinero", "Ana Quiroz")],
    ),
    "es según informó": (
        "es",
        "El plan necesita dinero, según informó ayer Ana Quiroz.",
        [("indirect", "El plan necesita dinero", "Ana Quiroz")],
    ),
    "pt segundo, first": (
        "pt",
        "Segundo Ana Quiroz, o plano precisa de dinheiro.",
        [("indirect", "o plano precisa de dinheiro", "Ana Quiroz")],
    ),
    "pt de acordo com, last": (
        "pt",
        "O plano precisa de dinheiro, de acordo com Ana Quiroz.",
        [("indirect", "O plano precisa de dinheiro", "Ana Quiroz")],
    ),
    # acts of speech with an object
    "en called for": (
        "en",
        "Ana Quiroz called for a new law on hemp.",
        [("indirect", "a new law on hemp", "Ana Quiroz")],
    ),
    "en urged somebody to": (
        "en",
        "Ana Quiroz urged farmers to plant cacao.",
        [("indirect", "farmers to plant cacao", "Ana Quiroz")],
    ),
    "es pidió": ("es", "Ana Quiroz pidió una nueva ley.", [("indirect", "una nueva ley", "Ana Quiroz")]),
    "es rechazó": ("es", "Ana Quiroz rechazó la nueva ley.", [("indirect", "la nueva ley", "Ana Quiroz")]),
    "pt defendeu que": (
        "pt",
        "Ana Quiroz defendeu que a lei mude.",
        [("indirect", "a lei mude", "Ana Quiroz")],
    ),
    "pt criticou": ("pt", "Ana Quiroz criticou a nova lei.", [("indirect", "a nova lei", "Ana Quiroz")]),
    # no statements
    "en narrative": ("en", "Ana Quiroz visited the valley on Monday. Police burned 30 hectares.", []),
    "en scare quotes": ("en", 'The so-called "cacao kings" met in the valley.', []),
    "en declined to comment": ("en", "Ana Quiroz declined to comment.", []),
    "en what critics will say": ("en", "Critics will say that the plan is too dear.", []),
    "en a report is a noun": ("en", "The report reached the valley on Monday.", []),
    "en did not say": ("en", "Ana Quiroz did not say whether the plan goes on.", []),
    "es narrativa": ("es", "Ana Quiroz visitó el valle. La policía quemó 30 hectáreas.", []),
    "es segundo es ordinal": ("pt", "O segundo plano chegou ao vale na segunda-feira.", []),
}


@pytest.mark.parametrize("name", CASES)
def test_says_who_said_what(find, name):
    lang, text, expected = CASES[name]
    found = [
        (report.kind, " | ".join(text[start:end] for start, end in report.parts), report.speaker.name)
        for report in find(text, lang)
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("lang", "title", "words", "name"),
    [
        ("en", "Ana Quiroz: cacao pays better than coca", "cacao pays better than coca", "Ana Quiroz"),
        ("es", "Ana Quiroz: “El cacao paga mejor que la coca”", "El cacao paga mejor que la coca", "Ana Quiroz"),
        ("es", "“El cacao paga mejor”: Ana Quiroz", "El cacao paga mejor", "Ana Quiroz"),
        ("pt", "Cacau paga melhor, diz Ana Quiroz", "Cacau paga melhor", "Ana Quiroz"),
    ],
)
def test_headlines_with_a_speech_cue_count(find, lang, title, words, name):
    [report] = find("", lang, title=title)
    assert (report.where, report.text, report.speaker.name) == ("title", words, name)


@pytest.mark.parametrize("title", ["Video: cacao harvest in the valley", "Football: cacao cup in the valley"])
def test_a_label_before_a_colon_is_nobody(find, title):
    assert find("The valley harvested cacao.", "en", title=title) == ()


def test_order_is_title_first_then_by_position(find):
    title = "Ana Quiroz: cacao pays"
    text = 'Leo Funes said that coca pays. "It does not," said Ana Quiroz.'
    assert [report.speaker.name for report in find(text, "en", title=title)] == [
        "Ana Quiroz",
        "Leo Funes",
        "Ana Quiroz",
    ]


def test_an_unsupported_language_has_no_reports(find):
    assert find("„Es geht“, sagte Ana Quiroz.", "de") == ()


def test_regional_tags_of_a_language_are_read(find):
    assert find("Ana Quiroz disse que o plano avança.", "pt-BR")
