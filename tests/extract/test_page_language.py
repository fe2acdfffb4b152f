"""Which language a text is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.extract import detect_language
from pipeline.extract.lexicon import read, shipped_folder

TEXTS = {
    "es": "La ministra dijo ayer que el plan empezará en mayo. También pidió a los alcaldes que colaboren.",
    "pt": "A ministra disse ontem que o plano vai começar em maio. Ela também pediu aos prefeitos que ajudem.",
    "en": "The minister said on Monday that the plan would start in May. She also asked mayors to help them.",
    "gl": "A ministra dixo onte que o plan comezará en maio. Tamén lles pediu aos alcaldes que axuden na súa terra.",
    "ca": "La ministra va dir ahir que el pla començarà al maig. També va demanar als alcaldes que ajudin amb això.",
    "fr": "La ministre a dit hier que le plan commencera en mai. Elle a aussi demandé leur aide aux maires.",
    "it": "La ministra ha detto ieri che il piano comincerà a maggio. Ha anche chiesto ai sindaci di aiutare.",
    "de": "Die Ministerin sagte gestern, dass der Plan im Mai beginnt. Sie bat auch die Bürgermeister zu helfen.",
    "ru": "Министр вчера сказала, что план начнётся в мае. Она просит мэров помочь ей в работе, которая не ждёт.",
    "ro": "Ministrul a spus ieri că planul va începe în luna mai și a cerut primarilor să ajute comisia. "
    "Primarul orașului a declarat că nu are bani pentru o astfel de lucrare.",
    "nl": "De minister zei gisteren dat het plan in mei begint. Zij vroeg ook de burgemeesters om te helpen.",
    "pl": "Minister powiedziała wczoraj, że plan rozpocznie się w maju. Poprosiła też burmistrzów o pomoc.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_two_sentences_are_enough(language: str) -> None:
    assert detect_language(TEXTS[language]) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿Quién dijo que no?", "es"),
        ("Não vai ter anistia, disse o deputado", "pt"),
        ("What the minister said", "en"),
        ("Legalización de la marihuana", "es"),
        ("Legalização da maconha", "pt"),
    ],
)
def test_a_headline_is_often_enough(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", " ", "123 456", "—", "🙂"])
def test_nothing_to_tell_by_is_none(text: str) -> None:
    assert detect_language(text) is None


def test_capitals_and_quoted_foreign_words_do_not_mislead() -> None:
    assert detect_language(TEXTS["es"].upper()) == "es"
    assert detect_language(TEXTS["es"] + " “Drugs, Inc.”, de National Watch, se estrena hoy.") == "es"


def test_a_lexicon_without_twelve_months_is_refused(tmp_path: Path) -> None:
    text = (shipped_folder() / "languages.toml").read_text("utf-8")
    (tmp_path / "languages.toml").write_text(text.replace('"enero ene", ', ""), "utf-8")
    with pytest.raises(ConfigError, match=r"months\.es: expected 12 months, got 11"):
        read(tmp_path)
