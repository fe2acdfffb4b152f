"""The documentation says what the code does, its examples can be typed, and its links lead somewhere."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from typer.main import get_command

from frontends.cli.main import app
from pipeline.alerts.rules import _Rule
from pipeline.query import parse
from pipeline.settings import describe
from pipeline.storage.schema import metadata
from pipeline.types import FeedAddress, FeedKind, Outcome, Source
from tests.pages import ROOT, page, pages, project_files, relative, rows, section


@cache
def generator() -> ModuleType:
    """docs/generate.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- made from the code -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", ["settings", "columns", "commands", "exports"])
def test_what_is_made_from_the_code_is_up_to_date(block: str) -> None:
    text = page(f"docs/{block}.md")
    assert block in generator().blocks_of(text), f"docs/{block}.md has lost the marks of its generated block"
    assert generator().rewritten(text) == text, f"docs/{block}.md is out of date: run ./run docs"


def test_rewriting_keeps_what_is_written_by_hand() -> None:
    before = "By hand.\n<!-- generated: settings -->\nof yesterday\n<!-- end -->\nBy hand too.\n"
    after = generator().rewritten(before)
    assert after.startswith("By hand.\n")
    assert after.endswith("\nBy hand too.\n")
    assert "of yesterday" not in after
    assert "VIGIA_HOST_GAP" in after
    assert generator().rewritten(after) == after


def test_every_table_and_column_says_what_it_holds() -> None:
    silent = [table.name for table in metadata.tables.values() if not table.comment]
    silent += [str(column) for table in metadata.tables.values() for column in table.columns if not column.comment]
    assert silent == []


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", [row[0] for row in describe()])
def test_every_setting_is_documented(variable: str) -> None:
    default, unit_or_values, meaning = rows(page("docs/settings.md"))[variable]
    assert default, "run ./run docs"
    assert meaning, f"{variable} has no help in pipeline/settings.py"
    any_text = variable.endswith(("_SECRET", "_PASSWORD"))
    assert unit_or_values or any_text, f"{variable} has no unit in pipeline/settings.py"


def test_settings_that_pages_name_exist() -> None:
    settings = {row[0] for row in describe()}
    # any of them may be held by a file, and NAME stands for any
    held = {f"{one}_FILE" for one in {*settings, "VIGIA_NAME"}}
    others = re.findall(r"VIGIA_[A-Z_]+", page("run") + page("docker-compose.yml"))
    known = settings | held | set(others)
    for path in pages():
        named = set(re.findall(r"VIGIA_[A-Z_]*[A-Z]", path.read_text("utf-8")))
        assert named <= known, f"{relative(path)} names settings that are none: {sorted(named - known)}"


# --- commands ---------------------------------------------------------------------------------------------------------


def commands() -> dict[str, Any]:
    return dict(generator().commands())


def test_every_command_is_documented_with_an_example() -> None:
    text = page("docs/commands.md")
    examples = generator().EXAMPLES
    assert examples.keys() == commands().keys(), "docs/generate.py: EXAMPLES: one for each command"
    for path in commands():
        words = section(text, f"### vigia {path}")
        assert f"```sh\n{examples[path]}\n```" in words, "run ./run docs"
        assert examples[path].startswith(f"vigia {path}")


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{path}: {found.name}" for path, command in commands().items() for found in command.params if not found.help
    ]
    assert silent == []


def typed(text: str) -> Iterator[list[str]]:
    """Every call of the program in the code blocks of a page, as words."""
    for block in re.findall(r"^```(?:sh|console|bash)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            while words and re.match(r"\w+=", words[0]):
                words = words[1:]
            if words[:2] == ["./run", "vigia"]:
                words = words[1:]
            if words[:1] == ["vigia"]:
                yield list(takewhile(lambda word: word not in ("|", "<", ">", ">>", "&&", ";"), words[1:]))


CALLS = [
    pytest.param(call, id=f"{relative(path)}: {' '.join(call)}")
    for path in pages()
    for call in typed(path.read_text("utf-8"))
]


@pytest.mark.parametrize("call", CALLS)
def test_calls_in_the_pages_can_be_typed(call: list[str]) -> None:
    """The program itself reads the words, queries included; nothing is run."""
    if call in (["--help"], ["-h"], ["--version"]):
        return
    command: Any = get_command(app)
    words, parent = call, None
    while True:
        context = command.make_context("vigia", list(words), parent=parent)
        left = [*getattr(context, "_protected_args", []), *context.args]
        if not hasattr(command, "commands") or not left:
            break
        _, command, words = command.resolve_command(context, left)
        parent = context
    parse(context.params.get("query") or "")


def test_example_rules_exist() -> None:
    rules = {rule["name"] for rule in tomllib.loads(page("config/alerts.toml"))["rule"]}
    for path in pages():
        for call in typed(path.read_text("utf-8")):
            if call[:2] == ["alerts", "test"]:
                assert call[2] in rules, f"{relative(path)}: no rule {call[2]!r} in config/alerts.toml"


def test_run_tells_of_its_own_commands() -> None:
    script = page("run")
    known = {name.strip() for line in re.findall(r"^  ([a-z |-]+)\)", script, re.MULTILINE) for name in line.split("|")}
    told = set(re.findall(r"^\./run ([a-z]+)", script, re.MULTILINE))
    assert known - {"-h", "--help"} == told
    for path in pages():
        named = set(re.findall(r"\./run ([a-z]+)", path.read_text("utf-8")))
        assert named <= told, f"{relative(path)} names commands of ./run that are none: {sorted(named - told)}"


# --- what config/ may hold --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "topics").glob("*.toml")), ids=lambda path: path.stem)
def test_every_topic_is_documented(path: Path) -> None:
    slug = tomllib.loads(path.read_text("utf-8"))["slug"]
    assert f"`{slug}`" in page("docs/topics.md"), f"docs/topics.md does not tell what {slug} is"


def test_every_field_of_an_alert_rule_is_documented_with_its_default() -> None:
    told = rows(section(page("docs/alerts.md"), "## A rule"))
    assert told.keys() - {"field", "---"} == set(_Rule.__struct_fields__)
    for field in msgspec.structs.fields(_Rule):
        default = "required" if field.required else f"`{msgspec.json.encode(field.default).decode()}`"
        assert told[field.name][0] == default, f"docs/alerts.md: default of {field.name}"


def test_every_field_of_a_source_is_documented() -> None:
    text = section(page("docs/sources.md"), "## The fields")
    told = rows(text)
    assert {field.name for field in dataclasses.fields(Source)} <= told.keys()
    assert {kind.value for kind in FeedKind} <= told.keys()
    for field in dataclasses.fields(FeedAddress):
        assert f"{field.name} = " in told["feeds"][1], f"docs/sources.md: feeds: {field.name}"


def test_every_outcome_is_in_the_glossary() -> None:
    told = rows(section(page("docs/glossary.md"), "## Outcomes"))
    assert told.keys() - {"word", "---"} == {outcome.value for outcome in Outcome}
    assert all(meaning[0] for meaning in told.values())


# --- README and links -------------------------------------------------------------------------------------------------


def test_the_readme_shows_the_two_commands() -> None:
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", page("README.md"), re.DOTALL | re.MULTILINE))
    lines = [line.partition("#")[0].strip() for line in blocks.splitlines()]
    assert "./run demo" in lines
    assert "./run test" in lines


def without_code(text: str) -> str:
    text = re.sub(r"^( *)(```|~~~).*?^\1\2", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text: str) -> set[str]:
    """The names that headings get on the usual code hosts."""
    headings = re.findall(
        r"^#+ +(.*?) *$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", pages(), ids=relative)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(<?([^)\s>]+)", without_code(path.read_text("utf-8"))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        aim = (path.parent / name).resolve() if name else path
        assert aim.is_relative_to(ROOT.resolve()), f"{relative(path)}: {target} leads out of the project"
        assert aim.exists(), f"{relative(path)}: {target} leads nowhere"
        if anchor and aim.suffix == ".md":
            assert anchor in anchors(aim.read_text("utf-8")), f"{relative(path)}: {target}: no such heading"


def test_pages_named_in_code_and_configuration_exist() -> None:
    named = {
        (name, relative(path))
        for path in project_files()
        if path.suffix in (".py", ".toml", ".md") or path.name == "run"
        for name in re.findall(r"\bdocs/[\w/-]+\.md\b", path.read_text("utf-8"))
    }
    missing = sorted((name, where) for name, where in named if not (ROOT / name).is_file())
    assert missing == []
