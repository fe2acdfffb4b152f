"""A whole store that is moved: db restore, and what `vigia export --all` says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import Json, progress, say, write_json
from frontends.cli.upkeep import db_app

if TYPE_CHECKING:
    from pipeline.archive import Copied, Watch


@db_app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `vigia export --all` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the store holds now.")] = False,
    json: Json = False,
) -> None:
    """Fill an empty store from an archive, all of it or nothing; counts and sums are verified."""
    from pipeline import archive
    from pipeline.bootstrap import configuration, desks

    settings = configuration.settings_from_environment()
    with (
        closing(desks.open_store(settings)) as store,
        store.alone(),
        readable(file),
        watching(f"restoring {file}") as watch,
    ):
        copied = archive.restore(store, file, watch, replace=replace)
        tell(json, file, copied, f"{store.name}: {copied.rows} rows of {file}, counts and sums verified")


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Files that cannot be opened are said, with status 2."""
    try:
        yield
    except OSError as error:
        say(f"vigia: {error.filename or file}: {error.strerror}")
        raise typer.Exit(2) from None


@contextmanager
def watching(words: str) -> Iterator[Watch]:
    """A bar that follows the tables."""
    with progress() as shown:
        bar = shown.add_task(words, total=None)

        def watch(table: str, done: int, total: int) -> None:
            shown.update(bar, description=f"{words}: {table}", completed=done, total=total or None)

        yield watch


def tell(json: bool, file: Path, copied: Copied, words: str) -> None:
    """Say what was copied, as JSON or in words."""
    if json:
        tables = {name: {"rows": each.rows, "sum": each.sum} for name, each in copied.tables.items()}
        write_json({"file": str(file), "schema": copied.schema, "rows": copied.rows, "tables": tables})
    else:
        say(words)
