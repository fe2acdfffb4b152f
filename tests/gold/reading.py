"""The gold as it stands in its files, and what the shipped program makes of a text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.analysis import Analyst
from pipeline.settings import Settings
from pipeline.types import Analysis, Article

FOLDER = Path(__file__).parent
CONFIG = FOLDER.parents[1] / "config"
LANGUAGES = ("en", "es", "pt")
#: all but the parent, which every one of them implies
TOPICS = {path.stem for path in (CONFIG / "topics").glob("*.toml")} - {"drug-policy"}

#: one line of a gold file
Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    """The lines of a file in this folder, such as "topics/dev.jsonl"."""
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


def analyzed(row: Row) -> Analysis:
    """What `vigia analyze` finds in a gold text, with the configuration that is shipped."""
    return _analyst().analyze(Article("", "", row.get("title", ""), row["text"], lang=row["lang"]))


@cache
def _analyst() -> Analyst:
    return Analyst.load(CONFIG, Settings())


def by_language(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for lang in LANGUAGES:
        yield lang, [row for row in rows if row["lang"] == lang]
