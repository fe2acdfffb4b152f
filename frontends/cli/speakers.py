"""Commands about the speakers: list, merge, rename, apply; corrections are kept in config/speakers.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import Json, Limit, console, moment, open_desk, say, table, write_json
from frontends.cli.press import refuse

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.desk import Desk

speakers_app = typer.Typer(
    help="Who speaks: list and search, merge two that are one, rename.", invoke_without_command=True
)

Key = Annotated[str, typer.Argument(metavar="KEY", help="A speaker, as the list shows them.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(speakers_app, name="speakers")


def _open() -> tuple[Desk, Path]:
    from pipeline.bootstrap import configuration, desks

    settings = configuration.settings_from_environment()
    return desks.open_desk(settings), configuration.writable_folder(settings)


@speakers_app.callback()
def speakers(
    context: typer.Context,
    find: Annotated[str, typer.Option("--find", help="Words of the name, the role or the key.")] = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List the speakers with how many statements each made, most first."""
    if context.invoked_subcommand is not None:
        return
    found = open_desk().speakers(find, limit)
    if json:
        write_json(found)
        return
    rows = (
        (who.key, who.name or "", who.role or "", who.country or "", who.statements, moment(who.last_seen_at))
        for who in found
    )
    columns = ("key", "name", "role", "country", "statements", "last heard")
    console().print(table(None, *columns, rows=rows, right=(4,), whole=(0,)))


@speakers_app.command()
def merge(
    one: Annotated[str, typer.Argument(metavar="A", help="Key of the speaker that goes.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Key of the speaker that stays.")],
    json: Json = False,
) -> None:
    """Make speaker A one with B, now and in all articles to come: B has what A said, with all reports and alerts."""
    from pipeline.statements import corrections

    desk, folder = _open()
    text, file = corrections.load_text(folder), folder / corrections.FILE
    known = corrections.parse_corrections(text, file)
    name = desk.speaker_name(known.keys.get(other, other)) or desk.speaker_name(one)
    if one == other:
        raise refuse("speakers merge: expected two keys, got the same twice")
    if name is None and one not in known.keys:
        raise refuse(f"speakers merge: expected speakers that `vigia speakers` lists, got {one} and {other}")
    changed = corrections.with_merge(text, one, other, name or other, file)
    _write_and_apply(desk, folder, changed, json=json)


@speakers_app.command()
def rename(
    key: Key,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What they are called from now on.")],
    json: Json = False,
) -> None:
    """Call a speaker by another name, now and in all articles to come; the key stays."""
    from pipeline.statements import corrections

    if not name.strip():
        raise refuse("speakers rename: expected a name, got nothing")
    desk, folder = _open()
    text, file = corrections.load_text(folder), folder / corrections.FILE
    if desk.speaker_name(key) is None and key not in corrections.parse_corrections(text, file).names:
        raise refuse(f"speakers rename: expected a speaker that `vigia speakers` lists, got {key}")
    _write_and_apply(desk, folder, corrections.with_rename(text, key, name.strip(), file), json=json)


@speakers_app.command()
def apply(json: Json = False) -> None:
    """Bring what is stored in line with speakers.toml, after an edit by hand; done again, it changes nothing."""
    from pipeline.statements import corrections

    desk, folder = _open()
    _write_and_apply(desk, folder, corrections.load_text(folder), json=json)


def _write_and_apply(desk: Desk, folder: Path, text: str, *, json: bool) -> None:
    from pipeline.correcting import correct_store
    from pipeline.statements import corrections

    file = folder / corrections.FILE
    if text != corrections.load_text(folder):
        corrections.save(folder, text)
    done = correct_store(desk.store, corrections.parse_corrections(text, file))
    if json:
        write_json({"file": str(file), "done": done})
        return
    say(
        f"{file}: {done.speakers} speakers merged, {done.moved} statements moved ({done.folded} known already), "
        f"{done.renamed} renamed; a running `vigia run` goes by it when started anew"
    )
