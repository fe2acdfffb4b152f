"""The JSON that docs/commands.md shows is the JSON that the commands write."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontends.cli import imports, press, texts, topics
from frontends.cli.report import Story, story_json
from frontends.cli.upkeep import Finding
from pipeline.alertdesk import AlertAccount, DeadLetter
from pipeline.analysis import explain
from pipeline.backfill import Step
from pipeline.desk import SavedView, SourceView, Status, Trial
from pipeline.drypoll import Checked
from pipeline.importing import Imported, Line
from pipeline.prospect import Proposal
from pipeline.reprocess import Reprocessed
from pipeline.ruledesk import RuleView
from pipeline.runner import Event
from pipeline.sources.adoption import Adopted
from pipeline.storage.entries import Failure
from pipeline.storage.views import AlertView, ItemLine, ItemView, StatementView
from pipeline.topics import Topic, Topics
from pipeline.types import Analysis, Article, Ending, Outcome, Report, TopicMatch
from tests.pages import page, section

CONFIG = Path(__file__).parent.parent / "config"
#: what a command hands to `write_json`, by heading of the page
WRITTEN: dict[str, Any] = {
    "search --json": list[ItemLine],
    "searches --json": list[SavedView],
    "show --json": ItemView,
    "statements --json": list[StatementView],
    "alerts --json": list[AlertView],
    "alerts --dead --json": list[DeadLetter],
    "alerts test --json": list[Trial],
    "alerts rules --json": list[RuleView],
    "alerts explain --json": AlertAccount,
    "sources --json": list[SourceView],
    "sources check --json": list[Checked],
    "backfill --json": Step,
    "reprocess --json": Reprocessed,
    "status --json": Status,
    "failures --json": list[Failure],
    "run --json, poll --json": Event,
    "doctor --json": list[Finding],
}


def shown(heading: str) -> list[Any]:
    """The JSON under a heading of the page, in order."""
    text = section(page("docs/commands.md"), f"### {heading}")
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def written(value: Any) -> Any:
    """What a reader of the command's output gets."""
    return json.loads(msgspec.json.encode(value))


@pytest.mark.parametrize("heading", WRITTEN)
def test_the_page_shows_what_a_command_writes(heading: str) -> None:
    """What is shown can be read into the type that is written, and comes out of it the same: no field more or less."""
    answers = shown(heading)
    assert answers
    for answer in answers:
        assert written(msgspec.convert(answer, WRITTEN[heading])) == answer


def test_extract_and_analyze() -> None:
    _, extracted = shown("extract --jsonl")
    _, analyzed = shown("analyze --jsonl")
    article = msgspec.convert(extracted, Article)
    analysis = Analysis(
        article=article,
        lang=analyzed["lang"],
        topics=tuple(msgspec.convert(_with_where(match), TopicMatch) for match in analyzed["topics"]),
        countries=tuple(analyzed["countries"]),
        reports=tuple(msgspec.convert(_with_where(said), Report) for said in analyzed["statements"]),
        fingerprint=None,
    )
    assert written({"id": "a1", **texts._article_json(article)}) == extracted
    assert written({"id": "a1", **texts._analysis_json(analysis)}) == analyzed


def _with_where(value: Any) -> Any:
    """JSON says `in`, which Python cannot have as a field's name."""
    if isinstance(value, dict):
        return {("where" if key == "in" else key): _with_where(inner) for key, inner in value.items()}
    return [_with_where(inner) for inner in value] if isinstance(value, list) else value


def test_spans_of_the_example_point_at_what_they_say() -> None:
    article, analyzed = shown("analyze --jsonl")
    said, match = analyzed["statements"][0], analyzed["topics"][0]
    words = article[said["in"]]
    assert " ".join(words[slice(*part)] for part in said["parts"]) == said["text"]
    assert words[slice(*said["speaker"]["mention"])] == said["speaker"]["name"]
    assert words[slice(*said["cue"])] == "dijo"
    assert article[match["evidence"][0]["in"]][slice(*match["evidence"][0]["span"])] == "legalizar"


def test_topics() -> None:
    ((answer,),) = shown("topics --json")
    topic = msgspec.convert({"slug": answer["topic"], "threshold": 0.5, **answer}, Topic)
    assert written(topics.topic_json(topic, answer["items"])) == answer


def test_topics_explain() -> None:
    """The example is what the program says of that headline, but for the parent, which would double its length."""
    (answer,) = shown("topics explain --json")
    found = explain(Topics.load(CONFIG), Article("", "", answer["title"], "", lang="es"))
    said = written({"from": "text", **topics.explained_json(found)})
    assert [one["topic"] for one in said["topics"]] == ["drug-policy", "legalization"]
    assert {**said, "topics": said["topics"][1:]} == answer


def test_import(capsys: pytest.CaptureFixture[str]) -> None:
    line, answer = shown("import --json")
    assert written(msgspec.convert(line, Line)) == line
    imports._tell(Imported(1, line["url"], Ending(Outcome.STORED, "", 12)), Counter(), json=True)
    assert json.loads(capsys.readouterr().out) == answer


def test_a_proposal() -> None:
    (answer,) = shown("sources add --json")
    proposal = msgspec.convert({name: value for name, value in answer.items() if name != "written"}, Proposal)
    assert written({**press._proposal_json(proposal), "written": None}) == answer


def test_an_import_of_a_list() -> None:
    (answer,) = shown("sources import --json")
    adopted = msgspec.convert({"sources": answer["added"], "skipped": answer["skipped"]}, Adopted)
    assert written({"added": adopted.sources, "skipped": adopted.skipped, "trouble": ""}) == answer


def test_the_demo_names_its_parts() -> None:
    parts = {field.name: None for field in dataclasses.fields(Story)}
    named = set(re.findall(r"`(\w+)`", section(page("docs/commands.md"), "### demo --json")))
    assert story_json(Story(**{**parts, "seconds": 1.0})).keys() == named - {"status", "search"}  # type: ignore[arg-type]
