"""Searches kept under a name; pages that follow each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import as_json, vigia, write_lines

SENTENCE = "La comisión que estudia la legalización de la marihuana oyó a las familias y a la ministra número {}. "


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five items, each about legalization and a word of its own, a day apart; the second says it most."""
    folder = tmp_path_factory.mktemp("saved")
    lines = [
        {
            "url": f"http://diario.example/{number}",
            "title": f"Legalización de la marihuana, parte {number}",
            "text": " ".join(f"w{number}x{place}" for place in range(150))
            + SENTENCE.format(number) * (9 * (number == 2) or 2),
            "published_at": f"2012-06-2{number}T10:00:00Z",
            "source": "diario",
            "lang": "es",
        }
        for number in range(1, 6)
    ]
    write_lines(folder / "lines.jsonl", lines)
    assert vigia("import", str(folder / "lines.jsonl"), home=folder).returncode == 0
    return folder


def titles(*arguments: str, home: Path) -> list[str]:
    return [item["title"][-1] for item in as_json(vigia("search", *arguments, "--json", home=home))]


def test_a_search_is_saved_listed_asked_again_and_dropped(home: Path) -> None:
    assert titles("published:2012-06-24..", "--save", "late-june", home=home) == ["5", "4"]
    (kept,) = as_json(vigia("searches", "--json", home=home))
    assert kept["name"] == "late-june"
    assert kept["query"] == "published:2012-06-24.."
    assert kept["explanation"] == "Everything that was published on or after 2012-06-24."
    assert titles("@late-june", home=home) == ["5", "4"]
    assert "published on or after 2012-06-24" in vigia("searches", home=home).stdout.replace("\n", " ")
    assert titles("published:2012-06-25", "--save", "late-june", home=home) == ["5"]
    assert titles("@late-june", home=home) == ["5"]
    assert vigia("searches", "delete", "late-june", home=home).returncode == 0
    assert as_json(vigia("searches", "--json", home=home)) == []
    assert vigia("searches", "delete", "late-june", home=home).returncode == 1


def test_a_name_that_is_none_and_a_query_that_is_none_are_not_saved(home: Path) -> None:
    refused = vigia("search", "coca", "--save", "Late June", home=home)
    assert refused.returncode == 2
    assert "a-z, 0-9 and -" in refused.stderr
    assert vigia("search", "coca (", "--save", "coca", home=home).returncode == 2
    assert as_json(vigia("searches", "--json", home=home)) == []


def test_an_unknown_name_is_told_those_there_are(home: Path) -> None:
    vigia("search", "coca", "--save", "coca", home=home)
    refused = vigia("search", "@cocoa", home=home)
    assert refused.returncode == 2
    assert "@coca" in refused.stderr
    vigia("searches", "delete", "coca", home=home)


@pytest.mark.parametrize(("sort", "order"), [("newest", "54321"), ("relevance", "25431")])
def test_pages_follow_each_other_to_the_end(home: Path, sort: str, order: str) -> None:
    found, mark = "", []
    for _ in range(3):
        done = vigia("search", "marihuana", "--sort", sort, "-n", "2", *mark, "--json", home=home)
        found += "".join(item["title"][-1] for item in json.loads(done.stdout))
        mark = done.stderr.removeprefix("more: ").split()
    assert found == order
    assert mark == []


def test_a_mark_that_no_page_gave_is_refused(home: Path) -> None:
    refused = vigia("search", "marihuana", "--after", "12;x", home=home)
    assert refused.returncode == 2
    assert "--after" in refused.stderr or "after:" in refused.stderr
