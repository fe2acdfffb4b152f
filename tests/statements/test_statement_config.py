"""The lexicons and people files: what is in them is found, what is wrong with them is said."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.statements import Lexicons, People

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_every_verb_of_the_lexicons_is_a_cue_in_all_its_forms(lexicons, lang):
    lexicon = lexicons.get(lang)
    assert len(lexicon.cues) > 500
    for name, group in lexicon.file.groups.items():
        for entry in group.verbs:
            stem = entry.split(" ")[0].split("|")[0]
            assert any(spelling.startswith(stem) for spelling in lexicon.cues), (name, entry)


@pytest.mark.parametrize(
    ("lang", "forms"),
    [
        ("en", ["says", "said", "saying", "denied", "admitted", "wrote", "called"]),
        ("es", ["dijo", "dicen", "diciendo", "advirtió", "advierte", "advertía", "pide", "pidió", "negó", "niega"]),
        ("pt", ["disse", "diz", "dizem", "afirmou", "pede", "pediu", "propôs", "garante", "escreveu"]),
    ],
)
def test_forms_people_write(lexicons, lang, forms):
    assert [form for form in forms if form not in lexicons.get(lang).cues] == []


def broken(tmp_path: Path, old: str, new: str) -> Path:
    shutil.copytree(CONFIG / "lexicon", tmp_path / "lexicon")
    path = tmp_path / "lexicon" / "es.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"afirm|ar"', '"afirm|arr"', "groups.say.verbs"),
        ('"afirm|ar"', '"afirmar"', "groups.say.verbs"),
        ('language = "es"', 'language = "pt"', "language"),
        ("[groups.utter]", "[groups.utter]\nloud = true", "groups"),
        ("null_subject = true", 'null_subject = "yes"', "grammar.null_subject"),
        ("[grammar]", "[grammar", "(file)"),
    ],
)
def test_a_wrong_lexicon_is_refused_with_file_and_key(tmp_path, old, new, key):
    with pytest.raises(ConfigError, match=re.escape("es.toml")) as refused:
        Lexicons.load(broken(tmp_path, old, new))
    assert key in refused.value.key


def test_a_folder_without_lexicons_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="at least one language"):
        Lexicons.load(tmp_path)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ('[[person]]\nslug = "a"\n', "name"),
        ('[[person]]\nslug = "a"\nname = "A B"\n[[person]]\nslug = "a"\nname = "C D"\n', "each slug once"),
        ('[[person]]\nslug = "a"\nname = "A B"\nroles = [{role = "mayor", from = "soon"}]\n', "date"),
        ("[[person]\n", "valid TOML"),
    ],
)
def test_wrong_people_are_refused(tmp_path, people, expected):
    (tmp_path / "people.toml").write_text(people, "utf-8")
    (tmp_path / "countries.toml").write_text("country = []\n", "utf-8")
    with pytest.raises(ConfigError, match=expected) as refused:
        People.load(tmp_path)
    assert refused.value.file == "people.toml"


def test_the_shipped_people_load():
    people = People.load(CONFIG)
    assert people.by_name("Ollanta Humala Tasso").slug == "ollanta-humala"
    assert people.places["peru"] == "PE"
