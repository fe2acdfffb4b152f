"""Commands about saved searches; `vigia search --save` keeps one, `vigia search @NAME` asks it again."""

from __future__ import annotations

from typing import Annotated

import typer

from frontends.cli.output import Json, console, moment, open_desk, say, table, write_json

searches_app = typer.Typer(help="Searches that were saved under a name.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(searches_app, name="searches")


@searches_app.callback()
def searches(context: typer.Context, json: Json = False) -> None:
    """List saved searches, and what each finds."""
    if context.invoked_subcommand is not None:
        return
    found = open_desk().saved()
    if json:
        write_json(found)
        return
    rows = ((one.name, one.query, one.explanation, moment(one.saved_at)) for one in found)
    console().print(table(None, "name", "query", "finds", "saved", rows=rows))


@searches_app.command("delete")
def searches_delete(name: Annotated[str, typer.Argument(metavar="NAME", help="As `vigia searches` shows it.")]) -> None:
    """Keep a saved search no longer."""
    if not open_desk().drop(name):
        say(f"vigia: searches delete: expected a saved search, as `vigia searches` lists them, got {name!r}")
        raise typer.Exit(1)
