"""The Lima meeting as the newsroom's three outlets tell it: who said what, and what the reporters say themselves.

samples/newsroom/expected.toml holds what must come out; the words go through the same Analyst that reads pages.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from pipeline.analysis import Analyst
from pipeline.settings import Settings
from pipeline.types import Analysis, Article, Report
from samples.newsroom.press import FOLDER, load_press

CONFIG = Path(__file__).parents[2] / "config"
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
SAID = [row for row in EXPECTED["statement"] if not row.get("optional")]
STORIES = sorted({row["story"] for row in SAID})


@cache
def analyst() -> Analyst:
    return Analyst.load(CONFIG, Settings())


@cache
def told(story: str) -> Analysis:
    article = load_press().stories[story]
    text = "\n".join(paragraph.removeprefix("## ") for paragraph in article.text)
    url = f"http://press.example/{story}"
    return analyst().analyze(Article(url, url, article.title, text, published_at=article.at))


def holding(story: str, row: dict[str, object]) -> list[Report]:
    """The reports that hold all the words of an expected statement."""
    words = [word.casefold() for word in row["words"]]
    reports = [report for report in told(story).reports if report.where == row.get("where", "text")]
    return [report for report in reports if all(word in report.text.casefold() for word in words)]


def named(row: dict[str, object]) -> str:
    return f"{row['story']}: {row['words'][0][:40]}"


@pytest.mark.parametrize("row", SAID, ids=named)
def test_who_said_it_and_how(row):
    [report] = holding(row["story"], row)
    assert report.kind == row["kind"]
    assert (report.speaker.role or "", report.speaker.country or "") == (row["role"], row["country"])
    if row["speaker"]:
        assert report.speaker.name == row["speaker"]
    else:
        assert report.speaker.key == f"{row['role']}-{row['country'].lower()}"


@pytest.mark.parametrize("row", [row for row in SAID if "via" in row], ids=named)
def test_the_newspaper_is_its_via(row):
    [report] = holding(row["story"], row)
    assert report.via == row["via"]


@pytest.mark.parametrize("row", [row for row in SAID if "stance" in row], ids=named)
def test_what_it_stands_for(row):
    [report] = holding(row["story"], row)
    assert {topic: report.stance.get(topic) for topic in row["stance"]} == row["stance"]


@pytest.mark.parametrize("row", EXPECTED["not_said"], ids=lambda row: f"{row['story']}: {row['words']}")
def test_what_the_reporter_tells_is_in_no_statement(row):
    assert [report.text for report in told(row["story"]).reports if row["words"] in report.text] == []


@pytest.mark.parametrize("story", STORIES)
def test_nobody_else_speaks(story):
    speakers = {report.speaker.name for report in told(story).reports}
    assert speakers <= {"Ollanta Humala", "Carmen Masías", "Government of Guatemala", "Associated Press"}
