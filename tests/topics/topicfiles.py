"""A small configuration, written for the tests."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.topics import Topics
from pipeline.topics.aboutness import DrugTraits, TopicTraits

PARENT = """
    sure = ["drug policy", "cocaine", "war on drugs"]
    likely = ["drugs"]
    not = ["drug prices", "prescription drugs"]
"""
LEGALIZATION = """
    sure = ["legaliz* ~3 cannabis"]
    likely = ["cannabis market*", "regulat*"]
    in_context = ["legaliz*"]
    not = ["legaliz* of abortion"]
"""
TREATMENT = """
    sure = ["drug rehabilitation"]
    likely = ["rehab*", "addict*"]
"""
COUNTRIES = """
    [[country]]
    code = "PE"
    name = { en = "Peru", es = "Perú", pt = "Peru" }
    demonyms = { en = ["Peruvian"], es = ["peruano", "peruana"], pt = ["peruano", "peruana"] }
    places = { any = ["Lima", "Cusco"] }
    government = { es = ["Palacio de Pizarro"] }

    [[country]]
    code = "MX"
    name = { en = "Mexico", es = "México", pt = "México" }
    demonyms = { en = ["Mexican"] }

    [[country]]
    code = "US"
    name = { en = "United States", es = "Estados Unidos", pt = "Estados Unidos" }
    demonyms = { en = ["American"], es = ["estadounidense"] }
    places = { any = ["New Mexico", "Santa Fe"], en = ["US", "U.S."] }
    government = { en = ["White House"] }

    [[country]]
    code = "CL"
    name = { en = "Chile", es = "Chile", pt = "Chile" }

    [[country]]
    code = "AR"
    name = { en = "Argentina", es = "Argentina", pt = "Argentina" }
    demonyms = { es = ["argentino", "argentina"] }
    places = { any = ["Santa Fe"] }
"""


#: weights for a few traits; the others weigh nothing
ABOUTNESS = {
    "topic": {"always": -1.5, "strength": 1.0, "words": 1.0, "words_beside": 1.0},
    "drugs": {"always": -1.0, "density": 2.0, "words": 1.0},
}
#: what a few stems speak for
VOCABULARY = {
    "bill": {"legalization": 3.0, "treatment": -1.0},
    "nurse": {"treatment": 3.0, "legalization": -2.0},
    "goalk": {"drug-policy": -9.0},
}
SPOKEN_OF = ("drug-policy", "legalization", "treatment")


def vocabulary_file(weights: dict[str, dict[str, float]], always: float = 0.0) -> str:
    lines = [("stem", "rarity", *SPOKEN_OF), ("*", "0", *(str(always) for _ in SPOKEN_OF))]
    lines += [(stem, "1", *(str(of.get(topic, 0.0)) for topic in SPOKEN_OF)) for stem, of in weights.items()]
    return "".join("\t".join(line) + "\n" for line in lines)


def aboutness_file(weights: dict[str, dict[str, float]]) -> str:
    names = {"topic": TopicTraits._fields, "drugs": DrugTraits._fields}
    tables = (
        f"[{table}]\n" + "".join(f"{name} = {weights[table].get(name, 0.0)}\n" for name in ("always", *fields))
        for table, fields in names.items()
    )
    return "\n".join(tables)


def topic_file(slug: str, patterns: str, *, lang: str = "en", threshold: float | None = None) -> str:
    words = '{ en = "x", es = "x", pt = "x" }'
    first = f'slug = "{slug}"\n' + (f"threshold = {threshold}\n" if threshold is not None else "")
    return f"{first}label = {words}\ndescription = {words}\n[patterns.{lang}]\n{dedent(patterns)}"


def write(folder: Path, files: dict[str, str]) -> Path:
    (folder / "topics").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def change(folder: Path, old: str, new: str, file: str = "topics/legalization.toml") -> None:
    """Write another thing in a file of the folder."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def refusal(folder: Path) -> tuple[str, str, str, Any]:
    """How the folder is refused: the file, the key, what was expected and what there was."""
    with pytest.raises(ConfigError) as refused:
        Topics.load(folder)
    error = refused.value
    return error.file, error.key, error.expected, error.got
