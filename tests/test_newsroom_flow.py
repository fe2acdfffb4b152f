"""The whole flow on the newsroom, in both editions: every story ends as samples/newsroom/expected.toml says."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pipeline.sources import UrlKeys
from pipeline.storage.store import Store
from samples.newsroom.press import FOLDER, load_press
from samples.newsroom.server import Newsroom
from tests.engine import EVENING, MORNING

ROOT = Path(__file__).parent.parent
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
STORIES = {story["id"]: story for story in EXPECTED["story"]}
LIMA = sorted({said["story"] for said in EXPECTED["statement"]})
KEPT = ("stored", "reprint")


@dataclass(frozen=True)
class Run:
    """What the store held after each edition: by story id, the outcomes of its entries and the item."""

    first: dict[str, list[str]]
    second: dict[str, list[str]]
    items: dict[str, int]
    folder: Path
    url: str

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return ask(self.url, query)


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    store = Store(url)
    with store.read() as db:
        rows = [tuple(row) for row in db.execute(text(query))]
    store.close()
    return rows


def play(folder: Path, press: Newsroom, hour: Any, url: str) -> None:
    command = [sys.executable, "-m", "tests.engine", str(folder), str(press.address[1]), hour.isoformat(), url]
    assert subprocess.run(command, cwd=ROOT, timeout=100).returncode == 0


def outcomes(url: str, stories: dict[str, str]) -> dict[str, list[str]]:
    ended: dict[str, list[str]] = {}
    for url_key, outcome in ask(url, "SELECT url_key, outcome FROM entries ORDER BY id"):
        ended.setdefault(stories[url_key], []).append(outcome)
    return ended


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("newsroom")
    return both_editions(folder, f"sqlite:///{folder}/vigia.sqlite")


def both_editions(folder: Path, url: str) -> Run:
    keys, press = UrlKeys.load(ROOT / "config"), load_press()
    stories = {keys.key(press.link_of(story)): story.id for story in press.stories.values()}
    with Newsroom() as served:
        play(folder, served, MORNING, url)
        first = outcomes(url, stories)
        served.edition = 2
        play(folder, served, EVENING, url)
        assert list(served.errors) == []
    rows = ask(url, "SELECT url_key, item_id FROM entries WHERE item_id IS NOT NULL")
    return Run(first, outcomes(url, stories), {stories[key]: item for key, item in rows}, folder, url)


def allowed(story: dict[str, Any], outcome: str) -> tuple[str, ...]:
    return KEPT if story.get("either") or (outcome in KEPT and is_original_of_either(story["id"])) else (outcome,)


def is_original_of_either(story_id: str) -> bool:
    return any(story.get("either") and story.get("folds_into") == story_id for story in STORIES.values())


@pytest.mark.parametrize("story_id", STORIES)
def test_every_story_ends_as_expected(run: Run, story_id: str) -> None:
    story = STORIES[story_id]
    if "first" in story:
        assert run.first[story_id][-1] in allowed(story, story["first"])
    else:
        assert story_id not in run.first
    assert run.second[story_id][-1] in allowed(story, story["second"])


@pytest.mark.parametrize("story_id", [story_id for story_id, story in STORIES.items() if "folds_into" in story])
def test_copies_fold_into_their_original(run: Run, story_id: str) -> None:
    assert run.items[story_id] == run.items[STORIES[story_id]["folds_into"]]


def test_what_is_no_copy_is_an_item_of_its_own(run: Run) -> None:
    originals = [story_id for story_id in run.items if "folds_into" not in STORIES[story_id]]
    assert len({run.items[story_id] for story_id in originals}) == len(originals)


@pytest.mark.parametrize("story_id", [story_id for story_id, story in STORIES.items() if story.get("topics")])
def test_items_have_their_topics(run: Run, story_id: str) -> None:
    rows = run.ask(f"SELECT topic FROM item_topics WHERE item_id = {run.items[story_id]}")
    topics, missed, perhaps = (set(STORIES[story_id].get(key, ())) for key in ("topics", "missed", "perhaps"))
    found = topics & {topic for (topic,) in rows}
    assert topics - missed - perhaps <= found <= topics - missed


def test_nothing_is_left_to_do(run: Run) -> None:
    assert run.ask("SELECT url FROM entries WHERE outcome IS NULL") == []
    assert run.ask("SELECT id FROM deliveries WHERE state != 'sent'") == []


def test_the_lima_meeting_is_told(run: Run) -> None:
    """Who spoke, for or against what, and whom the press credits."""
    rows = run.ask(
        "SELECT speakers.name, statements.role, statements.country, topic, stance FROM statements"
        " JOIN speakers ON speakers.id = speaker_id JOIN statement_topics ON statement_id = statements.id"
    )
    told = set(rows)
    assert ("Ollanta Humala", "president", "PE", "enforcement-policy", "against") in told
    assert ("Ollanta Humala", "president", "PE", "treatment", "for") in told
    assert ("Ollanta Humala", "president", "PE", "alternative-development", "for") in told
    assert ("Carmen Masías", "head of drug agency", "PE", "legalization", "against") in told
    assert ("Government of Guatemala", "government", "GT", "legalization", "for") in told
    assert ("Government of Guatemala", "government", "GT", "enforcement-policy", "against") in told
    credited = {via for (via,) in run.ask("SELECT DISTINCT via FROM reports WHERE via IS NOT NULL")}
    assert any("Rep" in via for via in credited)
    assert any(via in ("AP", "Associated Press", "The Associated Press") for via in credited)


def test_alerts_are_for_news_and_told_once(run: Run) -> None:
    fired = run.ask("SELECT rule, statement_id FROM alerts")
    assert len(fired) == len(set(fired)) > 0
    lines = [json.loads(line) for line in (run.folder / "alerts.jsonl").read_text("utf-8").splitlines()]
    assert len({line["id"] for line in lines}) == len(lines)
    assert sum(line["event"] == "alert" for line in lines) == len(fired)
    quiet = run.ask(
        "SELECT alerts.id FROM alerts JOIN entries ON entries.item_id = alerts.item_id"
        " GROUP BY alerts.id HAVING min(entries.quiet) = 1"
    )
    assert quiet == [], "the first poll of a feed stores without alerting"


def test_copies_report_no_statement_twice(run: Run) -> None:
    rows = run.ask('SELECT statement_id, item_id, "where", parts, appearance_id FROM reports WHERE revision_id IS NULL')
    assert len(rows) == len(set(rows))


@pytest.mark.timeout(300)
def test_on_postgresql_it_is_the_same_story(run: Run, postgres_url: str, tmp_path: Path) -> None:
    there = both_editions(tmp_path, postgres_url)
    assert together(there) == together(run)
    assert {story_id: sorted(told) for story_id, told in there.first.items()} == {
        story_id: sorted(told) for story_id, told in run.first.items()
    }
    for asked in SAME:
        assert sorted(map(str, there.ask(asked))) == sorted(map(str, run.ask(asked))), asked


def together(one: Run) -> set[frozenset[str]]:
    """The stories that are one item."""
    return {frozenset(name for name, held in one.items.items() if held == item) for item in one.items.values()}


#: whatever the order of arrival; which of several reports came first is anybody's chance
SAME = (
    "SELECT count(*) FROM items",
    "SELECT url_key FROM appearances",
    "SELECT count(*) FROM revisions",
    "SELECT speakers.key, topic, stance FROM statements JOIN speakers ON speakers.id = speaker_id"
    " JOIN statement_topics ON statement_id = statements.id",
    "SELECT speakers.key, count(*) FROM reports JOIN statements ON statements.id = statement_id"
    " JOIN speakers ON speakers.id = speaker_id GROUP BY speakers.key",
    "SELECT rule, count(*) FROM alerts GROUP BY rule",
    "SELECT channel, state, count(*) FROM deliveries GROUP BY channel, state",
    "SELECT outcome, count(*) FROM entries GROUP BY outcome",
)


@pytest.mark.timeout(200)
def test_the_demo_tells_it_all_and_adds_nothing_the_second_time(tmp_path: Path) -> None:
    def demo(*more: str) -> subprocess.CompletedProcess[str]:
        vigia = Path(sys.executable).with_name("vigia")
        command = [vigia, "demo", "--folder", str(tmp_path), *more]
        return subprocess.run(command, capture_output=True, text=True, timeout=90)

    first = demo()
    assert first.returncode == 0, first.stderr
    for words in ("Items by topic", "Items by country", "Ollanta Humala", "Copies folded", "Alerts", "quarantined"):
        assert words in first.stdout
    assert "\x1b" not in first.stdout
    second = demo("--json")
    assert second.returncode == 0, second.stderr
    story = json.loads(second.stdout)
    assert set(story["added"].values()) == {0}
    assert story["totals"]["waiting"] == {}
