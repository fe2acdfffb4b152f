"""`vigia topics`: what is watched, and why a text has a topic or lacks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frontends.cli.topics import explained_json
from pipeline.analysis import explain
from pipeline.topics import Topics
from pipeline.types import Article
from tests.cli.test_commands import LINES, TEXT, as_json, vigia
from tests.fetch.conftest import Host, answer

CONFIG = Path(__file__).parents[2] / "config"
HEADLINE = "Quintanilla rechaza la legalización de la marihuana"
TRAPPED = "El Congreso debate la legalización del aborto."
PAGE = f"""<!DOCTYPE html><html lang="es"><head><title>{HEADLINE}</title></head><body>
<article><h1>{HEADLINE}</h1><p>{TEXT}</p><p>{TEXT[:400]}</p></article></body></html>"""


@pytest.fixture
def host() -> Iterator[Host]:
    opened = Host()
    yield opened
    opened.close()


def accounts(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {account["topic"]: account for account in found["topics"]}


def test_the_list_counts_patterns_by_language(tmp_path: Path) -> None:
    listed = as_json(vigia("topics", "--json", home=tmp_path))
    assert len(listed) == 22
    for topic in listed:
        assert topic.keys() == {"topic", "label", "description", "patterns", "items"}
        assert topic["patterns"].keys() == {"en", "es", "pt"}
        assert min(topic["patterns"].values()) > 0
    shown = vigia("topics", home=tmp_path).stdout
    (line,) = [line for line in shown.splitlines() if "legalization" in line]
    numbers = next(topic["patterns"] for topic in listed if topic["topic"] == "legalization")
    assert line.split()[1:5] == ["0", *(str(numbers[language]) for language in ("en", "es", "pt"))]


def test_an_article_that_is_not_asked_says_why() -> None:
    text = "El alcalde pidió regular el precio de los alquileres. " * 20 + "Llamó a regular también el mercado."
    found = explain(Topics.load(CONFIG), Article("", "", "El alcalde y los alquileres", text, lang="es"))
    told = explained_json(found)["topics"]
    assert told
    assert {topic["why_not"] for topic in told} == {"no drug is named, and the words do not speak of drugs"}
    assert not any(topic["applies"] for topic in told)


def test_a_text_on_stdin_is_explained(tmp_path: Path) -> None:
    found = as_json(vigia("topics", "explain", "-", "--title", HEADLINE, "--json", home=tmp_path, stdin=TEXT))
    assert (found["from"], found["url"], found["title"], found["lang"]) == ("text", None, HEADLINE, "es")
    legalization = accounts(found)["legalization"]
    assert legalization["applies"]
    assert legalization["score"] >= legalization["threshold"]
    assert legalization["sum"] >= legalization["needed"]
    assert legalization["why_not"] == ""
    best = max(legalization["patterns"], key=lambda pattern: pattern["adds"])
    assert best.keys() == {"pattern", "list", "weight", "adds", "why_not", "evidence"}
    assert best["why_not"] == ""
    assert best["evidence"][0]["place"] == "headline"
    for pattern in legalization["patterns"]:
        for piece in pattern["evidence"]:
            field = HEADLINE if piece["in"] == "title" else TEXT
            assert field[slice(*piece["span"])] == piece["words"]


def test_why_not_names_the_trap(tmp_path: Path) -> None:
    found = as_json(vigia("topics", "explain", "-", "--lang", "es", "--json", home=tmp_path, stdin=TRAPPED))
    legalization = accounts(found)["legalization"]
    assert not legalization["applies"]
    why = [pattern["why_not"] for pattern in legalization["patterns"]]
    assert set(why) == {"struck by legaliz* ~2 aborto", "strikes what it overlaps"}
    shown = vigia("topics", "explain", "-", "--lang", "es", home=tmp_path, stdin=TRAPPED)
    assert "legalization does not apply: 0 of 1 needed" in shown.stdout
    assert "headline: legalización del aborto" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_a_text_with_no_pattern_is_said_to_have_none(tmp_path: Path) -> None:
    done = vigia("topics", "explain", "-", "--lang", "es", home=tmp_path, stdin="Llovió en la costa.")
    assert done.returncode == 0
    assert "no topic applies, and none nearly" in done.stderr


def test_a_file_is_a_text_or_a_page(tmp_path: Path) -> None:
    text, page = tmp_path / "nota.txt", tmp_path / "nota.html"
    text.write_text(TEXT, "utf-8")
    page.write_text(PAGE, "utf-8")
    assert as_json(vigia("topics", "explain", str(text), "--json", home=tmp_path))["from"] == "text"
    found = as_json(vigia("topics", "explain", str(page), "--json", home=tmp_path))
    assert (found["from"], found["title"]) == ("page", HEADLINE)
    assert accounts(found)["legalization"]["applies"]
    missing = vigia("topics", "explain", str(tmp_path / "none.txt"), home=tmp_path)
    assert missing.returncode == 2
    assert "none.txt" in missing.stderr


def test_an_address_of_the_store_is_read_there(tmp_path: Path) -> None:
    lines = tmp_path / "archive.jsonl"
    lines.write_text("\n".join(map(json.dumps, LINES[:2])), "utf-8")
    vigia("import", str(lines), home=tmp_path)
    for line in LINES[:2]:
        # the second is a copy, read as the item it was folded into
        found = as_json(vigia("topics", "explain", str(line["url"]), "--json", home=tmp_path))
        assert (found["from"], found["title"]) == ("store", LINES[0]["title"])
        assert accounts(found)["legalization"]["applies"]


def test_any_other_address_is_fetched_behind_the_guard(tmp_path: Path, host: Host) -> None:
    local, port = host.address
    url = f"http://{local}:{port}/nota"
    host.says[local, "/nota"] = answer(200, PAGE.encode(), content_type="text/html; charset=utf-8")
    refused = vigia("topics", "explain", url, home=tmp_path)
    assert refused.returncode == 1
    assert "expected a public address" in refused.stderr
    assert host.asked == []
    let = {"VIGIA_ALLOW_ADDRESSES": "127.0.0.0/8", "VIGIA_HOST_GAP": "0"}
    found = as_json(vigia("topics", "explain", url, "--json", home=tmp_path, **let))
    assert (found["from"], found["title"]) == ("web", HEADLINE)
    assert accounts(found)["legalization"]["applies"]
    gone = vigia("topics", "explain", f"{url}/otra", home=tmp_path, **let)
    assert gone.returncode == 1
    assert "404" in gone.stderr
