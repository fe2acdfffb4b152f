"""Commands that move a whole store: export, db restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import Json, progress, say, size, write_json
from frontends.cli.upkeep import db_app

if TYPE_CHECKING:
    from pipeline.archive import Copied, Watch


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(export)


def export(
    file: Annotated[Path, typer.Argument(help="The archive to write; it is there when it is whole.")],
    everything: Annotated[bool, typer.Option("--all", help="All of the store; there is no other choice yet.")] = False,
    json: Json = False,
) -> None:
    """Write the whole store to one file, for another database or to keep; `vigia import` reads it."""
    from pipeline import archive, bootstrap
    from pipeline.clock import SystemClock

    if not everything:
        say("vigia: export: expected --all, got nothing that says what to export")
        raise typer.Exit(2)
    store = bootstrap.find_store(bootstrap.settings_from_environment())
    with closing(store), _readable(file), _watching(f"exporting {file}") as watch:
        copied = archive.write(store, file, SystemClock().now(), watch)
    _tell(json, file, copied, f"{file}: {copied.rows} rows, {size(file.stat().st_size)}")


@db_app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `vigia export --all` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the store holds now.")] = False,
    json: Json = False,
) -> None:
    """Fill an empty store from an archive, all of it or nothing; counts and sums are verified."""
    from pipeline import archive, bootstrap

    settings = bootstrap.settings_from_environment()
    with (
        closing(bootstrap.open_store(settings)) as store,
        store.alone(),
        _readable(file),
        _watching(f"restoring {file}") as watch,
    ):
        copied = archive.restore(store, file, watch, replace=replace)
        _tell(json, file, copied, f"{store.name}: {copied.rows} rows of {file}, counts and sums verified")


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        say(f"vigia: {error.filename or file}: {error.strerror}")
        raise typer.Exit(2) from None


@contextmanager
def _watching(words: str) -> Iterator[Watch]:
    with progress() as shown:
        bar = shown.add_task(words, total=None)

        def watch(table: str, done: int, total: int) -> None:
            shown.update(bar, description=f"{words}: {table}", completed=done, total=total or None)

        yield watch


def _tell(json: bool, file: Path, copied: Copied, words: str) -> None:
    if json:
        tables = {name: {"rows": each.rows, "sum": each.sum} for name, each in copied.tables.items()}
        write_json({"file": str(file), "schema": copied.schema, "rows": copied.rows, "tables": tables})
    else:
        say(words)
