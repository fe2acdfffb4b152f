"""Every text of the interface is there in every language, and no language has one that nothing shows."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from frontends.web.languages import Interface, Languages
from frontends.web.shown import HERE
from pipeline.errors import ConfigError

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(folder for folder in (ROOT / "config" / "interface").iterdir() if folder.is_dir())
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
#: not silent: a template that cannot be read is no template without texts
OPTIONS = {
    "templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}

Key = tuple[str | None, str]


def shown() -> Iterator[Key]:
    for _, _, message, _, context in extract_from_dir(HERE, METHODS, OPTIONS, KEYWORDS):
        yield context, message if isinstance(message, str) else message[0]
    yield from (("role", role) for role in roles())
    for folder in ("pipeline", "frontends"):
        for _, _, template, _, _ in extract_from_dir(ROOT / folder, [("**.py", "python")], {}, {"worded": None}):
            yield "sentence", template


def roles() -> set[str]:
    """What statements can be said to have been made as: canonical words of the configuration, shown by a filter."""
    config = ROOT / "config"
    told = {role for file in (config / "lexicon").glob("*.toml") for role in tomllib.loads(file.read_text())["roles"]}
    people = tomllib.loads((config / "people.toml").read_text())
    return told | {office["role"] for person in people["person"] for office in person["roles"]}


def told(folder: Path) -> dict[Key, tuple[str, ...]]:
    found: dict[Key, tuple[str, ...]] = {}
    for file in sorted(folder.glob("*.po")):
        for message in read_po(BytesIO(file.read_bytes())):
            if message.id:
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                key = (message.context, message.id if isinstance(message.id, str) else message.id[0])
                assert found.setdefault(key, texts) == texts, f"{file.name}: {key} is told in two ways"
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_text_is_there(folder: Path) -> None:
    missing = set(shown()) - {key for key, texts in told(folder).items() if all(texts)}
    assert not missing


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_text_is_left_over(folder: Path) -> None:
    assert not told(folder).keys() - set(shown())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_filled_in_is_the_same(folder: Path) -> None:
    for (_, message), texts in told(folder).items():
        for text in texts:
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", message))
            assert set(re.findall(r"%\(\w+\)s", text)) <= set(re.findall(r"%\(\w+\)s", message)) | {
                "%(num)s",
                "%(number)s",
            }


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("es-PE,es;q=0.9,en;q=0.5", "es"),
        ("de, en;q=0.7", "en"),
        ("", "en"),
        ("pt;q=0.9,es;q=0.8", "es"),
        ("x;q=,", "en"),
    ],
)
def test_the_best_language_is_chosen(accepted: str, code: str) -> None:
    assert Languages.load(ROOT / "config").preferred(accepted).code == code


def test_a_folder_that_is_no_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "interface" / "klingonish").mkdir(parents=True)
    with pytest.raises(ConfigError, match="a language of CLDR"):
        Languages.load(tmp_path)


# --- sentences of the pipeline ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spanish() -> Interface:
    found = Languages.load(ROOT / "config").named("es")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("stored", "said_in_spanish"),
    [
        ("the first report of this statement", "es la primera vez que se publica esta declaración"),
        (
            "3 of 12 new titles are garbled; expected 1%, as before",
            "3 de 12 títulos nuevos llegan ilegibles; se esperaba 1%, como antes",
        ),
        (
            "a change from against to for on legalization since 2012-06-27 12:02 UTC",
            "un cambio de «en contra» a «a favor» sobre legalization desde 2012-06-27 12:02 UTC",
        ),
        # what a server said stays as it said it, and what is no sentence of ours as it is
        (
            "expected 10%, as in the week before; last: HTTP 500",
            "se esperaba 10%, como en la semana anterior; last: HTTP 500",
        ),
        ("a fox jumps; a dog sleeps", "a fox jumps; a dog sleeps"),
    ],
)
def test_a_sentence_of_the_store_is_said_in_the_readers_language(
    spanish: Interface, stored: str, said_in_spanish: str
) -> None:
    assert spanish.say(stored) == said_in_spanish


def test_no_sentence_has_the_shape_of_another(spanish: Interface) -> None:
    """Else a stored one would be told as the other."""
    for template in spanish.sentences:
        example = re.sub(r"\{\w+\}", "7", template)
        assert [one for one, looks in spanish.sentences.items() if looks.fullmatch(example)] == [template]
