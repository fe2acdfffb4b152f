from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.statements import Lexicons, People, find_reports
from pipeline.types import Report, Where

CONFIG = Path(__file__).parents[2] / "config"
#: everybody here is invented
PEOPLE = """
[[person]]
slug = "ana-quiroz"
name = "Ana Quiroz"
aliases = ["Ana Quiroz Vela"]
country = "PE"
gender = "f"
roles = [
  { role = "president", en = "President of Peru", country = "PE", from = 2031-07-28, to = 2036-07-28 },
]

[[person]]
slug = "bruno-tavares"
name = "Bruno Tavares"
country = "PE"
gender = "m"
roles = [{ role = "president", country = "PE", from = 2026-07-28, to = 2031-07-28 }]

[[institution]]
slug = "agencia-andina-de-drogas"
name = "AADR"
aliases = ["Agencia Andina de Drogas"]
country = "PE"
kind = "agency"
"""

COUNTRIES = """
[[country]]
code = "PE"
name = { en = "Peru", es = "Perú", pt = "Peru" }
demonyms = { en = ["Peruvian"], es = ["peruano", "peruana"], pt = ["peruano", "peruana"] }
places = { any = ["Lima"] }
government = { any = ["Casa de Pizarro"] }

[[country]]
code = "GT"
name = { en = "Guatemala", es = "Guatemala", pt = "Guatemala" }
demonyms = { en = ["Guatemalan"], es = ["guatemalteco", "guatemalteca"], pt = ["guatemalteco", "guatemalteca"] }
"""

Topical = Callable[[str], tuple[str, ...]]


def legal(piece: str) -> tuple[str, ...]:
    """A stand-in for the topic automaton."""
    found = {"legalization": "legali", "enforcement-policy": ("mano dura", "linha dura", "tough laws", "war on drugs")}
    low = piece.lower()
    return tuple(
        topic
        for topic, cues in found.items()
        if any(cue in low for cue in ((cues,) if isinstance(cues, str) else cues))
    )


@pytest.fixture(scope="session")
def lexicons() -> Lexicons:
    return Lexicons.load(CONFIG)


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    folder = tmp_path_factory.mktemp("config")
    (folder / "people.toml").write_text(PEOPLE, "utf-8")
    (folder / "countries.toml").write_text(COUNTRIES, "utf-8")
    return People.load(folder)


@pytest.fixture(scope="session")
def find(lexicons: Lexicons, people: People) -> Callable[..., tuple[Report, ...]]:
    def reports(text: str, lang: str, title: str = "", said_at: datetime | None = datetime(2032, 1, 5, tzinfo=UTC)):
        def span_topics(where: Where, start: int, end: int) -> tuple[str, ...]:
            return legal((title if where == "title" else text)[start:end])

        return find_reports(
            title, text, lang, lexicons=lexicons, people=people, span_topics=span_topics, said_at=said_at
        )

    return reports
