"""Rewrites the parts of the documentation that are made from the code: `./run docs`, or `python docs/generate.py`.

A generated block stands between `<!-- generated: NAME -->` and `<!-- end -->`; what is outside is written by hand and
stays. A tool for developers, no part of the program; tests/test_docs.py fails when a block is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer
from sqlalchemy import Column, Table

from frontends.cli.main import app
from pipeline.exporting.kinds import KINDS, Kind
from pipeline.settings import PREFIX, Settings, describe
from pipeline.storage.schema import Instant, metadata

DOCS = Path(__file__).parent
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)

#: one example for each command: words that can be typed; tests/test_docs.py has the program itself read them
EXAMPLES = {
    "demo": "vigia demo --fresh",
    "run": "vigia run",
    "serve": "vigia serve --address 127.0.0.1:8080 --processes 2",
    "users add": "vigia users add ana --role editor",
    "users list": "vigia users list --json",
    "users password": "vigia users password ana",
    "users role": "vigia users role leo editor",
    "users disable": "vigia users disable leo",
    "users enable": "vigia users enable leo",
    "users remove": "vigia users remove leo",
    "users token add": "vigia users token add ana nightly --scope read --scope export --days 365",
    "users token list": "vigia users token list --user ana",
    "users token remove": "vigia users token remove ana nightly",
    "poll": "vigia poll --source infobae",
    "import": "vigia import archive.jsonl --json",
    "reprocess": "vigia reprocess --since 30d --only topics",
    "tidy": "vigia tidy --dry-run",
    "export": "vigia export 'topic:legalization last:1y' --about statements --format csv --output statements.csv",
    "retry": "vigia retry 17 23",
    "worker": "vigia worker --queues process --concurrency 4",
    "beat": "vigia beat",
    "backfill": "vigia backfill rpp --since 2012-01-01 --until 2012-06-30",
    "search": "vigia search 'topic:legalization country:PE last:30d' --sort relevance --save peru-legal",
    "searches": "vigia searches --json",
    "searches delete": "vigia searches delete peru-crops",
    "show": "vigia show 12 --revisions",
    "statements": "vigia statements 'role:president stance:legalization=against' --json",
    "sources": "vigia sources --all",
    "sources add": "vigia sources add https://elpuente.example --country PE",
    "sources check": "vigia sources check rpp",
    "sources import": "vigia sources import feeds.opml --country PE --language es",
    "sources export": "vigia sources export vigia.opml",
    "sources enable": "vigia sources enable wola",
    "sources disable": "vigia sources disable rpp --reason 'its terms changed: ask the publisher'",
    "sources move": "vigia sources move rpp https://rpp.pe/rss https://rpp.pe/feed/rss",
    "sources init": "vigia sources init ~/vigia-config",
    "status": "vigia status --json",
    "failures": "vigia failures --source infobae",
    "speakers": "vigia speakers --find rowe",
    "speakers merge": "vigia speakers merge carla-rowe-us carla-rowe",
    "speakers rename": 'vigia speakers rename carla-rowe "Carla M. Rowe"',
    "speakers apply": "vigia speakers apply",
    "extract": "vigia extract page.html --url https://elpuente.example/politica/marihuana --json",
    "analyze": "vigia analyze article.txt --title 'Ministra rechaza legalizar la marihuana' --lang es",
    "doctor": "vigia doctor --no-network",
    "alerts": "vigia alerts --rule peru-crops -n 10",
    "alerts test": "vigia alerts test officials-on-legalization --since 30d",
    "alerts rules": "vigia alerts rules",
    "alerts add": "vigia alerts add peru-legal 'country:PE topic:legalization' --channel file --realert 12h",
    "alerts remove": "vigia alerts remove peru-legal",
    "alerts enable": "vigia alerts enable peru-legal",
    "alerts disable": "vigia alerts disable peru-legal",
    "alerts explain": "vigia alerts explain 12",
    "alerts mute": "vigia alerts mute peru-crops --until 7d",
    "alerts retry": "vigia alerts retry 31 32",
    "alerts send-test": "vigia alerts send-test file",
    "topics": "vigia topics --json",
    "topics explain": "vigia topics explain article.txt --title 'Ministra rechaza legalizar la marihuana'",
    "db upgrade": "vigia db upgrade",
    "db downgrade": "vigia db downgrade 0008 --yes",
    "db restore": "vigia db restore vigia.archive",
    "db check": "vigia db check",
    "db vacuum": "vigia db vacuum",
}


def main() -> None:
    """Rewrite every page of docs/ that holds generated blocks, and name those that changed."""
    for page in sorted(DOCS.rglob("*.md")):
        written = page.read_text("utf-8")
        wanted = rewritten(written)
        if wanted != written:
            page.write_text(wanted, "utf-8")
            sys.stdout.write(f"{page.relative_to(DOCS.parent)} rewritten\n")


def rewritten(text: str) -> str:
    """`text` with each generated block as the code says now. Raises KeyError for a block of an unknown name."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found['name']]()}\n{found[4]}", text)


def blocks_of(text: str) -> list[str]:
    """The names of the generated blocks in `text`."""
    return [found["name"] for found in _BLOCK.finditer(text)]


# --- settings ---------------------------------------------------------------------------------------------------------


def settings_block() -> str:
    """Every setting, in order of declaration."""
    hints = get_type_hints(Settings)
    rows = (
        (f"`{variable}`", _default(default), unit or _values(hints[variable.removeprefix(PREFIX).lower()]), help_)
        for variable, default, unit, help_ in describe()
    )
    return _table(("variable", "default", "unit or values", "meaning"), rows)


def _default(default: str) -> str:
    if default in ("True", "False"):
        return f"`{default.lower()}`"
    return f"`{default.removesuffix('.0')}`" if default else "empty"


def _values(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    return "`true`, `false`" if kind is bool else ""


# --- columns ----------------------------------------------------------------------------------------------------------


def columns_block() -> str:
    """Every table with its columns, in order of declaration."""
    return "\n".join(_table_section(table) for table in metadata.tables.values())


def _table_section(table: Table) -> str:
    rows = ((f"`{column.name}`", _type(column), _keys(column), column.comment or "") for column in table.columns)
    unique = "".join(f"Unique together: {names}.\n\n" for names in _unique_together(table))
    head = f"## {table.name}\n\n{table.comment}\n\n{unique}"
    return head + _table(("column", "type", "key", "meaning"), rows)


def _type(column: Column[Any]) -> str:
    kind = "time" if isinstance(column.type, Instant) else str(column.type).lower()
    return kind if not column.nullable else f"{kind}, may be null"


def _keys(column: Column[Any]) -> str:
    words = ["primary"] if column.primary_key else []
    words += ["unique"] if column.unique else []
    words += [f"→ `{key.target_fullname}`" for key in column.foreign_keys]
    return ", ".join(words)


def _unique_together(table: Table) -> list[str]:
    sets = [[column.name for column in found.columns] for found in _unique_sets(table)]
    return sorted(" and ".join(f"`{name}`" for name in names) for names in sets if len(names) > 1)


def _unique_sets(table: Table) -> Iterator[Any]:
    yield from (found for found in table.constraints if type(found).__name__ == "UniqueConstraint")


# --- exports ----------------------------------------------------------------------------------------------------------

#: what a cell of a kind is, in CSV
_HOLDS = {
    "text": "text",
    "word": "text",
    "whole": "whole number",
    "share": "number from 0 to 1",
    "truth": "`true` or `false`",
    "time": "time, ISO 8601 in UTC",
    "slugs": "list, a space between two",
    "names": "list, `, ` between two",
    "stances": "list of topic=stance, a space between two",
}


def exports_block() -> str:
    """Every kind of export with its columns, in their order."""
    return "\n".join(_export_section(name, kind) for name, kind in KINDS.items())


def _export_section(name: str, kind: Kind) -> str:
    rows = ((f"`{column.name}`", _HOLDS[column.holds], column.meaning) for column in kind.columns)
    return f"### {name}\n\n{kind.meaning}\n\n" + _table(("column", "in CSV", "meaning"), rows)


# --- commands ---------------------------------------------------------------------------------------------------------


def commands_block() -> str:
    """Every command that can be typed, in the order of `vigia --help`."""
    return "\n".join(_command_section(path, command) for path, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its words after `vigia`; a group that does nothing by itself is left out."""
    yield from _under((), typer.main.get_command(app))


def _under(path: tuple[str, ...], group: Any) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        here = (*path, name)
        below = hasattr(command, "commands")
        if not below or command.invoke_without_command:
            yield " ".join(here), command
        if below:
            yield from _under(here, command)


def _command_section(path: str, command: Any) -> str:
    context = command.context_class(command, info_name=path)
    records = [found.get_help_record(context) for found in command.get_params(context) if found.name != "help"]
    rows = ((f"`{written}`", help_) for written, help_ in records)
    head = f"### vigia {path}\n\n{_told(command)}\n\n```sh\n{_example(path)}\n```\n\n"
    return head + (_table(("argument or option", "meaning"), rows) if records else "No arguments, no options.\n")


def _example(path: str) -> str:
    if path not in EXAMPLES:
        raise KeyError(f"EXAMPLES: expected an example of `vigia {path}`, got none")
    return EXAMPLES[path]


def _told(command: Any) -> str:
    """What a command says it does; of a group that can be typed alone, what it does then."""
    words = command.callback.__doc__ if hasattr(command, "commands") else command.help
    return _escaped(" ".join((words or command.help).split()))


# --- Markdown ---------------------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return _escaped(" ".join(text.split())).replace("|", "\\|")


def _escaped(text: str) -> str:
    """Outside of code, `<` would begin a tag."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if piece.startswith("`") else piece.replace("<", "&lt;") for piece in pieces)


BLOCKS: dict[str, Callable[[], str]] = {
    "settings": settings_block,
    "columns": columns_block,
    "commands": commands_block,
    "exports": exports_block,
}


if __name__ == "__main__":
    main()
